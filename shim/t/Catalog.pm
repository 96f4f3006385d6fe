# Catalog.pm
# All that a server's catalog says of the extension, so that two databases can be compared.
#
#     is(catalog_difference($node, 'fresh', $node, 'upgraded'), '', 'the catalog is that of a new installation');
#
# SPDX-License-Identifier: PostgreSQL
package Catalog;

use strict;
use warnings;

use Exporter 'import';

our @EXPORT_OK = qw(catalog_difference);

# A line each; columns by name, for those that were added later are the last. That the owner has all rights may be written down
# or be the default.
my $catalog = <<'SQL';
WITH member AS (
	SELECT d.classid, d.objid FROM pg_extension e JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
		AND d.deptype = 'e' WHERE e.extname = 'oauth'
), relation AS (
	SELECT c.* FROM member m JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
), line (line) AS (
	SELECT 'member ' || pg_describe_object(classid, objid, 0) || ': ' || coalesce(obj_description(objid, classid::regclass::name), '') FROM member
	UNION ALL SELECT concat_ws(' ', 'relation', oid::regclass, relkind, relreplident, array(SELECT unnest(reloptions) ORDER BY 1), coalesce(relacl, acldefault('r', relowner)))
		FROM relation
	UNION ALL SELECT concat_ws(' ', 'column', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated,
		a.attcollation::regcollation, a.attstattarget, a.attstorage, a.attacl, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum))
		FROM relation c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
	UNION ALL SELECT concat_ws(' ', 'constraint', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid), k.convalidated)
		FROM pg_constraint k WHERE k.connamespace = 'oauth'::regnamespace
	UNION ALL SELECT concat_ws(' ', 'index', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisprimary) FROM pg_index i JOIN relation c ON c.oid = i.indrelid
	UNION ALL SELECT concat_ws(' ', 'view', c.oid::regclass, pg_get_viewdef(c.oid)) FROM relation c WHERE c.relkind = 'v'
	UNION ALL SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(t.oid), t.tgenabled, obj_description(t.oid, 'pg_trigger'))
		FROM pg_trigger t JOIN relation c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
	UNION ALL SELECT concat_ws(' ', 'function', p.oid::regprocedure, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), p.provolatile,
		p.proparallel, p.prosecdef, p.proisstrict, p.procost, p.prorows, p.proconfig, p.prosrc, p.proacl)
		FROM member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
	UNION ALL SELECT concat_ws(' ', 'initial privileges', pg_describe_object(i.classoid, i.objoid, 0), i.initprivs)
		FROM pg_init_privs i JOIN member m ON m.classid = i.classoid AND m.objid = i.objoid
		WHERE NOT EXISTS (SELECT FROM relation WHERE oid = i.objoid AND i.initprivs = acldefault('r', relowner))
	UNION ALL SELECT concat_ws(' ', 'dumped', c.t::regclass, c.condition) FROM pg_extension e, unnest(e.extconfig, e.extcondition) c (t, condition)
		WHERE e.extname = 'oauth'
	UNION ALL SELECT concat_ws(' ', 'version', extversion) FROM pg_extension WHERE extname = 'oauth'
)
SELECT regexp_replace(line, '\s+', ' ', 'g') FROM line ORDER BY 1
SQL

# After pg_upgrade an expression was read again from what a server wrote of it: with other parentheses and blanks, and names of columns
# that have none.
sub _as_read_again
{
	return map { /^(?:view|constraint) / ? tr/()//dr =~ s/ AS (?:text|timestamptz)\b//gr =~ tr/ //sr : $_ } @_;
}

# What stands in the catalog of one database only. upgraded: the second one went through pg_upgrade.
sub catalog_difference
{
	my ($one, $database, $other, $second, %args) = @_;
	my @sides = map { [ split /\n/, $_->[0]->safe_psql($_->[1], $catalog) ] } [ $one, $database ], [ $other, $second ];
	@$_ = _as_read_again(@$_) for $args{upgraded} ? @sides : ();
	my %lines = map { $_ => 1 } @{ $sides[0] };
	my @added;
	delete $lines{$_} or push @added, "+ $_" for @{ $sides[1] };
	return join "\n", map({"- $_"} sort keys %lines), sort @added;
}

1;
