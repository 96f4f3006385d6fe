#!/usr/bin/perl
# 048_monitoring.pl: what docs/monitoring asks for is there, for a role that may ask for nothing else.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use Cwd qw(abs_path);
use CPAN::Meta::YAML;
use File::Basename qw(dirname);
use FindBin;
use JSON::PP;
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(slurp);

my $files = abs_path("$FindBin::Bin/../../docs/monitoring");
my $t = ShimTest->new(extension => 1);
$t->start;
$t->get('/auth') for 1 .. 3;

sub yaml
{
	my ($name) = @_;
	my $document = eval { CPAN::Meta::YAML->read_string(slurp("$files/$name"))->[0] };
	ok($document, "$name is YAML") or diag($@);
	return $document;
}

# The names that a page of metrics has, with those that make up a histogram or a summary.
my %there = map { /\A(\w+)[ {]/ ? ($1 => 1) : () } split /\n/, $t->get('/metrics')->{body};

# What postgres_exporter would make of each query: the name of the query, and of the column.
$t->sql('CREATE ROLE oauth_monitor LOGIN; GRANT EXECUTE ON FUNCTION oauth_status, oauth_check TO oauth_monitor');
my $queries = yaml('queries.yml');
for my $name (sort keys %$queries)
{
	my $query = $queries->{$name}{query} =~ s/\s+/ /gr;
	my @rows = split /\n/, $t->sql("SET ROLE oauth_monitor; SELECT to_json(q) FROM ($query) q");
	cmp_ok(scalar @rows, '>', 0, "$name answers a role that may ask how it is");
	my %columns = map { %$_ } map { decode_json($_) } @rows;
	my %described = map { %$_ } @{ $queries->{$name}{metrics} };
	is_deeply([ sort keys %columns ], [ sort keys %described ], "$name describes its columns");
	for my $column (grep { $described{$_}{usage} ne 'LABEL' } keys %described)
	{
		$there{"${name}_$column"} = 1;
		like($columns{$column} // 0, qr/\A-?[0-9.]+\z/, "$name, $column is a number");
	}
}
is($t->{node}->psql('postgres', 'SET ROLE oauth_monitor; SELECT FROM oauth.client'), 3, 'and nothing else');

sub missing
{
	return grep { !$there{$_} } map { /\b(oauth_(?:shim|status|check|database)_\w+)/g } @_;
}

my $alerts = yaml('alerts.yml');
my @rules = map { @{ $_->{rules} } } @{ $alerts->{groups} };
cmp_ok(scalar @rules, '>', 10, 'there are alerts');
is_deeply([ missing(map { $_->{expr} } @rules) ], [], 'which ask for what there is');
is_deeply([ grep { !$_->{labels}{severity} || !$_->{annotations}{summary} } @rules ], [], 'and say how grave it is, and what');
my $guide = slurp("$files/README.md");
is_deeply([ grep { $guide !~ /`$_`/ } map { $_->{alert} } @rules ], [], 'the guide says what to do about each');

my $dashboard = eval { decode_json(slurp("$files/grafana.json")) };
ok($dashboard, 'the dashboard is JSON') or diag($@);
my @asked = map { $_->{expr} } map { @{ $_->{targets} // [] } } @{ $dashboard->{panels} };
cmp_ok(scalar @asked, '>', 20, 'which shows something');
is_deeply([ missing(@asked, map { $_->{query}{query} // () } grep { ref $_->{query} } @{ $dashboard->{templating}{list} }) ], [],
	'that there is');
my %ids = map { $_->{id} => 1 } @{ $dashboard->{panels} };
is(scalar keys %ids, scalar @{ $dashboard->{panels} }, 'each panel has a number of its own');

my $jobs = join ' ', map { $_->{job_name} } @{ yaml('prometheus.yml')->{scrape_configs} };
is($jobs, 'oauth-shim oauth-database', 'Prometheus asks the shim and the database');
my ($job) = slurp("$files/alerts.yml") =~ /up\{job="([^"]+)"\}/;
like($jobs, qr/\b\Q$job\E\b/, 'under the name that the alert has');

# Every metric of the shim is shown, or alerted on.
my $shown = join "\n", @asked, map { $_->{expr} } @rules;
is_deeply([ grep { my $base = s/_(?:bucket|sum|count)\z//r; $shown !~ /\b$base/ } sort keys %there ], [], 'nothing is measured for nobody');

$t->finish;
done_testing();
