# 076_build.pl
# What the extension is built for: minor versions of PostgreSQL, flags of distributions, and what .ci/packages installs.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(slurp);
use Cwd qw(abs_path);
use File::Temp;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = abs_path("$FindBin::RealBin/../..");
my $dir = File::Temp->newdir();
chomp(my $bindir = `pg_config --bindir`);
delete local @ENV{qw(MAKEFLAGS MAKELEVEL COPT CFLAGS CPPFLAGS WERROR)};
local $ENV{PG_CONFIG} = "$bindir/pg_config";

sub spew
{
	my ($name, $text) = @_;
	open my $file, '>', $name or die "$name: $!";
	print $file $text;
	close $file;
	chmod 0755, $name;
	return;
}

sub run_line
{
	my ($command) = @_;
	my $output = qx(exec 2>&1 </dev/null; $command);
	return ($? == 0, $output);
}

# ---- versions ----

mkdir "$dir/source";
system("cp -R '$top/Makefile' '$top/oauth.control' '$top/extension' '$top/.ci' '$dir/source'") == 0 or die 'cp';
system("find '$dir/source' -name '*.[od]' -delete") == 0 or die 'find';
chomp(my $headers = `pg_config --includedir-server`);
system("cp -rs '$headers' '$dir/include' && rm '$dir/include/pg_config.h'") == 0 or die 'cp';

# The flags of `make WERROR=1`, up to the preprocessor: the headers are those of one version, and say that they are another's.
sub build_for
{
	my ($version) = @_;
	spew("$dir/include/pg_config.h", "#include \"$headers/pg_config.h\"\n#undef PG_VERSION_NUM\n#define PG_VERSION_NUM $version\n");
	return run_line("make -s -B -C $dir/source WERROR=1 PACKAGES=no COPT=-E PG_INC=$dir/include includedir_server=$dir/include extension/oauth.o");
}

for my $version (150020, 150021, 160016, 160020, 170012, 180007, 180010, 190000)
{
	my ($done, $output) = build_for($version);
	ok($done, "$version is built for") or diag($output);
	unlike($output, qr/warning/, "$version: without a warning");
}
for my $version (140020, 150019, 160000, 160015, 170000, 170011, 180000, 180005)
{
	my ($done, $output) = build_for($version);
	ok(!$done, "$version is refused");
	like($output, qr/error.*PostgreSQL 15\.20, 16\.16, 17\.12 or 18\.7, or a newer minor of these, is required/, "$version: with what is needed");
}
{
	my ($done, $output) = build_for(180006);
	ok($done, '180006, which some systems have as their newest, is built for, also with WERROR=1') or diag($output);
	my $warnings = () = $output =~ /warning:.*PostgreSQL 18\.6 has holes/g;
	is($warnings, 1, '180006: with one warning');
}

# oauth_check() asks the same macro about the server that runs.
spew("$dir/versions.c", <<'C');
#include <stdio.h>
#define PG_VERSION_NUM 150020
#include "version.h"
int main(void)
{
	int versions[] = {150019, 150020, 160015, 160016, 170011, 170012, 180006, 180007};
	for (int i = 0; i < 8; i++)
		printf("%d ", OAUTH_HAS_HOLES(versions[i]));
	return 0;
}
C
my ($done, $output) = run_line("cc -I$top/extension -o $dir/versions $dir/versions.c && $dir/versions");
is($output, '1 0 1 0 1 0 1 0 ', 'oauth_check() says high of each version before the fixes, also of one that is tolerated');
like(slurp("$top/extension/admin/check.c"), qr/OAUTH_HAS_HOLES\(version\)/, 'by the same list');

# ---- the validator, which asks over libpq, is there from PostgreSQL 18 on ----

my ($major) = `pg_config --version` =~ /^PostgreSQL (\d+)/;
chomp(my $library = `pg_config --pkglibdir`);
like((run_line("readelf -d '$library/oauth.so'"))[1], qr/NEEDED.*libcrypto/, 'the library says what it is linked with');
is((run_line("readelf -d '$library/oauth.so'"))[1] =~ /NEEDED.*libpq/ ? 1 : 0, $major >= 18 ? 1 : 0, $major >= 18 ? '... also with libpq' : '... not with libpq');
is((run_line("readelf -Ws --dyn-syms '$library/oauth.so'"))[1] =~ /_PG_oauth_validator_module_init/ ? 1 : 0, $major >= 18 ? 1 : 0, '... and is a validator of logins' . ($major >= 18 ? '' : ' only there'));

# ---- flags of distributions ----

for (
	[ 'a level of its own among the preprocessor flags', q(CPPFLAGS='-D_FORTIFY_SOURCE=3 -D_GNU_SOURCE') ],
	[ 'among the compiler flags', q(CFLAGS='-O2 -D_FORTIFY_SOURCE=3 -Wmissing-prototypes') ],
	[ 'by COPT', q(COPT='-O2 -D_FORTIFY_SOURCE=3') ],
	[ 'unset and set', q(CPPFLAGS='-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=1 -D_GNU_SOURCE') ],
	[ 'as Fedora writes it', q(CFLAGS='-O2 -Wp,-U_FORTIFY_SOURCE -Wp,-D_FORTIFY_SOURCE=3 -Wmissing-prototypes') ],
	[ 'none', q(CPPFLAGS='-D_GNU_SOURCE') ])
{
	my ($name, $flags) = @$_;
	($done, $output) = run_line("make -s -B -C $dir/source WERROR=1 PACKAGES=no $flags extension/fault.o");
	ok($done, "_FORTIFY_SOURCE $name: it builds with WERROR=1") or diag($output);
	my ($command) = grep { /-c/ } split /\n/, (run_line("make -n -B -C $dir/source WERROR=1 PACKAGES=no $flags extension/fault.o"))[1];
	like($command, qr/-D_FORTIFY_SOURCE=[123]/, "_FORTIFY_SOURCE $name: and has one");
}

# ---- .ci/packages: what it does where a server is too old ----

mkdir "$dir/bin";
spew("$dir/bin/pg_config", "#!/bin/sh\necho /usr/lib/postgresql/\$FAKE_MAJOR/bin\n");
spew("$dir/bin/sudo", "#!/bin/sh\nexec \"\$@\"\n");
spew("$dir/bin/npm", "#!/bin/sh\n");
spew("$dir/bin/dpkg-query", <<'SH');
#!/bin/sh
for last; do :; done
case $last in postgresql-[0-9]*) echo "installed $(cat "$FAKE/installed")" ;; *) echo "installed 1.0" ;; esac
SH
spew("$dir/bin/apt-cache", "#!/bin/sh\necho \"  Candidate: \$(cat \"\$FAKE/candidate\")\"\n");
spew("$dir/bin/apt-get", <<'SH');
#!/bin/sh
echo "$*" >>"$FAKE/log"
case "$*" in *' -s '* | '-s '*) exit 0 ;; *' install '*) cp "$FAKE/candidate" "$FAKE/installed" ;; *indextargets*) echo http://127.0.0.1:9/debian ;; esac
SH

# What .ci/packages does, what it says, and which server is there then.
sub packages
{
	my ($major, $installed, $candidate) = @_;
	local %ENV = (%ENV, PATH => "$dir/bin:$ENV{PATH}", FAKE => "$dir", FAKE_MAJOR => $major, PG_CONFIG => "$dir/bin/pg_config", PACKAGES => 'yes');
	spew("$dir/installed", "$installed\n");
	spew("$dir/candidate", "$candidate\n");
	spew("$dir/log", '');
	# as root, apt-get is run without sudo, but from the same PATH
	my ($done, $output) = run_line("$top/.ci/packages build");
	return ($done, $output, slurp("$dir/log"), slurp("$dir/installed") =~ s/\s+\z//r);
}

SKIP:
{
	skip 'no dpkg here', 11 unless -x '/usr/bin/dpkg';
	my ($done, $said, $log, $now) = packages(18, '18.6-1', '18.6-1');
	ok($done, '18.6 where there is no newer one will do') or diag($said);
	is($log, '', 'nothing is fetched for it at each make');
	($done, $said, $log, $now) = packages(18, '18.6-1', '18.7-0+deb14u1');
	is($now, '18.7-0+deb14u1', '18.6 is replaced where there is a newer one');
	ok($done, 'and then all is well');
	($done, $said, $log, $now) = packages(18, '18.5-1', '18.6-1');
	ok($done, '18.5 is replaced by 18.6 where that is all there is') or diag($said);
	like($said, qr/18\.6-1 has holes.*install 18\.7 as soon as/, 'with a note');
	($done, $said) = packages(18, '18.5-1', '18.5-1');
	ok(!$done, 'with 18.5 and no newer one there is no build');
	like($said, qr/PostgreSQL 18\.7 or newer is needed, this system offers 18\.5-1/, 'and it says why');
	($done, $said) = packages(16, '16.15-1', '16.15-1');
	ok(!$done, 'nor with 16.15');
	like($said, qr/PostgreSQL 16\.16 or newer is needed/, 'and it says why');
	($done, $said, $log) = packages(16, '16.16-1', '16.16-1');
	ok($done && $log eq '', '16.16 will do') or diag($said);
}

done_testing();
