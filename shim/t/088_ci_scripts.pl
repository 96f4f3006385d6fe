# 088_ci_scripts.pl
# The scripts of .ci/ that decide something, on a small tree made for them: make lint is content with it, and each of its
# rules is broken once; what .ci/rules, .ci/failures, .ci/floors, .ci/packages and .ci/check do.  A rule that no change here breaks
# fails this test: one that cannot fail is of no use.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(slurp);
use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use File::Path qw(make_path);
use File::Temp;
use Test::More;

my $top = abs_path("$FindBin::RealBin/../..");
my $tree = File::Temp->newdir();
my $spdx = 'SPDX-License-Identifier: PostgreSQL';
local $ENV{PACKAGES} = 'no';

sub write_file
{
	my ($name, $text) = @_;
	make_path(dirname("$tree/$name"));
	open my $file, '>:raw', "$tree/$name" or die "$name: $!";
	print $file $text;
	close $file or die "$name: $!";
	return;
}

# Output and success of a line in the tree.
sub run_line
{
	my ($line) = @_;
	my $output = qx(cd $tree && exec 2>&1 </dev/null; $line);
	return ($output, $? == 0);
}

# ---- the tree ----

# C in the layout of make format.
sub c_file
{
	my ($name, $rest) = @_;
	return "/*\n * " . basename($name) . "\n *\t\tA file of a small tree.\n *\n * $spdx\n */\n$rest";
}

sub function
{
	my ($name, $body) = @_;
	return "int\n$name(int i)\n{\n$body}\n";
}

my %files = (
	'Makefile' => "# Makefile - nothing\n# $spdx\n",
	'README.md' => "# A tree\n\n## The source\n\n| `extension/text/` | words |\n\n## Paths\n\n`/login` and ![rooms](docs/architecture.svg)\n",
	'CHANGELOG.md' => "# Changelog\n",
	'docs/README.md' => "# Guides\n\n[guide](guide.md)\n[rules](security.md)\n[trouble](troubleshooting.md)\n[modules](conformance.md)\n[musts](requirements.md)\n",
	'docs/guide.md' => "# Guide\n\n```sql\nSELECT 1;\n```\n",
	'docs/security.md' => "# Rules\n\n| R | rule | test |\n|---|---|---|\n| R1 | words | `shim/t/001_words.pl` |\n| R2 | more words | cannot be tested |\n",
	'docs/conformance.md' => "# Conformance\n\n| `a-word` | words | `shim/t/001_words.pl`: a-word | passes |\n| `a-verb` | verbs | | not built |\n",
	'docs/requirements.md' => "# Requirements\n\n## RFC 1\n\n| section | what | test |\n|---|---|---|\n| 2.1 | a word | `shim/t/001_words.pl` |\n| 3 | a verb | not built |\n",
	'docs/troubleshooting.md' => "# Trouble\n\n| says | means |\n|---|---|\n| `no such word` | look again |\n",
	'extension/oauth.h' => c_file('oauth.h', "extern int\toauth_words(int i);\n"),
	'extension/text/words.c' => c_file('words.c', "#include \"oauth.h\"\n\nconst char *const oauth_message = \"no such word\";\n\n"
		  . function('oauth_words', "\treturn i;\n")),
	'extension/store/row.c' => c_file('row.c', "#include \"oauth.h\"\n\n" . function('oauth_row', "\treturn oauth_words(i);\n")),
	'extension/tables.sql' => "-- tables.sql\n-- $spdx\n-- Words.\nCREATE TABLE oauth.word (word text);\nCOMMENT ON TABLE oauth.word IS 'Words';\n",
	(map { ("extension/$_.sql" => "-- $_.sql\n-- $spdx\n") } qw(views functions checks privileges)),
	'oauth.control' => "default_version = '0.2'\n",
	'extension/oauth--0.1--0.2.sql' => "-- oauth--0.1--0.2.sql\n-- $spdx\nSELECT \@extschema\@._oauth_revoke_default_privileges();\n",
	'sql/words.sql' => "-- words.sql\n-- $spdx\nSELECT 1;\n",
	'expected/words.out' => "SELECT 1;\n",
	'sql/isolation/specs/race.spec' => "session s\nstep a { SELECT 1; }\n",
	'sql/isolation/expected/race.out' => "step a\n",
	'shim/t/001_words.pl' => "# 001_words.pl\n# Words: a-word.  R1.  RFC 1, section 2.1.\n# $spdx\nuse strict;\nuse warnings;\n",
	'shim/shim.h' => c_file('shim.h', "extern int\tshim_text(int i);\n"),
);
$files{'extension/oauth--0.2.sql'} = join '', map { $files{"extension/$_.sql"} } qw(tables views functions checks privileges);
$files{"shim/" . basename($_)} = c_file(basename($_), '') for glob "$top/shim/*.c";
$files{'shim/text.c'} .= "#include \"shim.h\"\n\n" . function('shim_text', "\treturn i;\n");
$files{'shim/routes.c'} .= "static const ShimRoute routes[] = {\n\t{\"/login\", \"login\"},\n};\n";
write_file($_, $files{$_}) for sort keys %files;
make_path("$tree/.ci");
system('cp', map({ "$top/.ci/$_" } qw(lint rules floors indent failures packages server.sh Source.pm typedefs.list)), "$tree/.ci") == 0 or die 'cp';
system('cp', "$top/.shellcheckrc", "$top/.perlcriticrc", "$tree") == 0 or die 'cp';

# What the linker sees of the rooms: built anew where a change is in C.
sub build
{
	my ($output, $done) = run_line('for c in extension/*/*.c; do gcc -Iextension -fPIC -c $c -o ${c%.c}.o || exit; done; '
		  . 'gcc -shared -o oauth.so extension/*/*.o');
	return $done || diag($output);
}
build() or die 'the tree cannot be built';
write_file('docs/architecture.svg', (run_line('.ci/floors --svg'))[0]);

# ---- make lint ----

my $has_indent = !system 'command -v pg_bsd_indent >/dev/null';

# [whether it went well, what failed, all rules] of a lint of these checks.
sub lint
{
	my @checks = @_;
	my ($output, $done) = run_line(".ci/lint @checks");
	my @rules = map { s/^\S+ has PostgreSQL's layout/a file has PostgreSQL's layout/r } $output =~ /^(?:not )?ok \d+ - (.*)$/mg;
	return ($done, [ $output =~ /^not ok \d+ - (.*)$/mg ], \@rules, $output);
}
my @all_but_layout = qw(banned functions columns files sql tests rules conformance requirements documents readme floors symbols scripts merged);
my ($done, $failed, $rules, $output) = lint($has_indent ? () : @all_but_layout);
ok($done, 'make lint is content with a small tree') or diag($output);

my $long = join '', map { "\ti++;\n" } 1 .. 58;
my $c = $files{'extension/text/words.c'};
my $sh = "#!/bin/sh\n# .ci/word - a word.\n# $spdx\n\n";

# A check of .ci/lint, what a rule of it says, and the files that break it.
my @breaks = (
	$has_indent ? [ layout => 'make format', 'extension/text/words.c' => $c =~ s/\treturn/  return/r ] : (),
	[ banned => 'no banned call', 'shim/text.c' => $files{'shim/text.c'} . "\n" . function('shim_word', "\treturn system(\"word\") + i;\n") ],
	[ banned => 'SPI only', 'extension/text/words.c' => $c . "\n" . function('oauth_run', "\treturn SPI_connect() + i;\n") ],
	[ banned => 'no malloc', 'extension/text/words.c' => $c . "\n" . function('oauth_get', "\treturn malloc(i) != NULL;\n") ],
	[ functions => 'no function is longer', 'extension/text/words.c' => $c . "\n" . function('oauth_long', "$long\treturn i;\n") ],
	[ columns => 'no line of C', 'extension/text/words.c' => $c . '/* ' . 'x' x 95 . " */\n" ],
	[ columns => 'no line of C', 'extension/text/words.c' => "$c\t/* " . 'x' x 91 . " */\n" ],
	[ files => 'opens with its name', 'extension/text/words.c' => $c =~ s/words\.c/word.c/r ],
	[ files => 'SPDX', 'sql/words.sql' => "-- words.sql\n" ],
	[ files => 'left to do', 'extension/text/words.c' => $c . '/* ' . 'TO' . "DO: more */\n" ],
	[ files => 'drawer', 'extension/text/util.c' => c_file('util.c', '') ],
	[ files => 'every noun is named', 'extension/text/words.c' => $c . '/* a word that is ' . "none */\n" ],
	[ files => 'white space', 'extension/text/words.c' => "$c \n" ],
	[ sql => 'COMMENT', 'extension/views.sql' => "-- views.sql\n-- $spdx\nCREATE VIEW oauth.words AS SELECT 1;\n" ],
	[ sql => 'COMMENT', 'extension/functions.sql' => "-- functions.sql\n-- $spdx\nCREATE FUNCTION oauth.word() RETURNS text AS 'x' LANGUAGE C;\n" ],
	[ sql => 'what its parts make', 'extension/tables.sql' => $files{'extension/tables.sql'} =~ s/Words/More words/gr ],
	[ sql => 'upgrade script', 'extension/oauth--0.1--0.2.sql' => "SELECT 1;\n" ],
	[ tests => 'expected/NAME.out', 'sql/more.sql' => "-- more.sql\n-- $spdx\n" ],
	[ tests => 'isolation', 'sql/isolation/specs/more.spec' => "session s\n" ],
	[ rules => 'named by the tests', 'docs/security.md' => $files{'docs/security.md'} =~ s/R1/R3/r ],
	[ rules => 'named by the tests', 'docs/security.md' => $files{'docs/security.md'} =~ s/cannot be tested//r ],
	[ rules => 'one row', 'docs/security.md' => $files{'docs/security.md'} . "| R2 | twice | cannot be tested |\n" ],
	[ conformance => 'names its module', 'docs/conformance.md' => "| `a-word` | words | `shim/t/001_words.pl`: a-word-more | passes |\n" ],
	[ conformance => 'names its module', 'docs/conformance.md' => "| `a-word` | words | `shim/t/002_words.pl`: a-word | passes |\n" ],
	[ conformance => 'names its module', 'docs/conformance.md' => "| `a-word` | words | | passes |\n" ],
	[ requirements => 'cites the section', 'docs/requirements.md' => "## RFC 1\n\n| 2 | a word | `shim/t/001_words.pl` |\n" ],
	[ requirements => 'cites the section', 'docs/requirements.md' => "## RFC 1\n\n| 2.1 | a word | `shim/t/001_words.pl`, `sql/nowhere.sql` |\n" ],
	[ documents => 'known language', 'docs/guide.md' => "# Guide\n\n```cobol\nSTOP RUN.\n```\n" ],
	[ documents => 'where .ci/try-docs finds them', 'docs/reference/words.md' => "# Words\n\n```sql\nSELECT 1;\n```\n" ],
	[ documents => 'quotes messages', 'docs/troubleshooting.md' => $files{'docs/troubleshooting.md'} =~ s/no such word/no such message/r ],
	[ documents => 'lists every guide', 'docs/more.md' => "# More\n" ],
	[ documents => 'leads somewhere', 'docs/guide.md' => "# Guide\n\n[away](nowhere.md)\n" ],
	[ documents => 'leads somewhere', 'docs/guide.md' => "# Guide\n\n[away](README.md#nowhere)\n" ],
	[ readme => 'tour', 'README.md' => $files{'README.md'} =~ s{extension/text/}{extension/nowhere/}r ],
	[ readme => 'every endpoint', 'README.md' => $files{'README.md'} =~ s{/login}{/logout}r ],
	[ readme => '250 lines', 'README.md' => $files{'README.md'} . "\n" x 250 ],
	[ floors => 'architecture.svg', 'docs/architecture.svg' => "<svg/>\n" ],
	[ floors => 'no room of extension/', 'extension/text/words.c' => $c . "\nextern int oauth_row(int i);\n\n" . function('oauth_up', "\treturn oauth_row(i);\n") ],
	[ floors => 'no room of extension/', 'extension/text/words.c' => $c =~ s{#include "oauth.h"}{#include "oauth.h"\n#include "store/store.h"}r,
		'extension/store/store.h' => c_file('store.h', '') ],
	[ floors => 'no room of extension/', 'extension/cellar/wine.c' => c_file('wine.c', function('oauth_wine', "\treturn i;\n")) ],
	[ floors => 'no file of shim/', 'shim/main.c' => $files{'shim/main.c'} . function('shim_main', "\treturn i;\n"),
		'shim/text.c' => $files{'shim/text.c'} =~ s/return i/return shim_main(i)/r ],
	[ floors => 'no file of shim/', 'shim/attic.c' => c_file('attic.c', '') ],
	[ symbols => 'our prefix', 'extension/text/words.c' => $c . "\n" . function('stray', "\treturn i;\n") ],
	[ scripts => 'shellcheck', '.ci/word' => $sh . "echo \$1\n" ],
	[ scripts => 'perlcritic', 'shim/t/001_words.pl' => $files{'shim/t/001_words.pl'} =~ s/use strict;\n/my \$word = 1;\n/r ],
	[ merged => 'merge', 'docs/guide.md' => "# Guide\n\n" . '<' x 7 . " ours\n" ],
);
my %broken;
for (@breaks)
{
	my ($check, $rule, %change) = @$_;
	my $is_code = $check =~ /^(?:floors|symbols)$/;
	write_file($_, $change{$_}) for keys %change;
	build() if $is_code;
	my ($went_well, $names) = lint($check);
	my @found = grep { /\Q$rule\E/ } @$names;
	ok(!$went_well && @found, "make lint finds what breaks: $rule (" . join(', ', sort keys %change) . ')');
	$broken{ s/^\S+ has PostgreSQL's layout/a file has PostgreSQL's layout/r } = 1 for @found;

	for my $name (keys %change)
	{
		defined $files{$name} ? write_file($name, $files{$name}) : $name =~ /\.svg$/ ? () : unlink "$tree/$name", "$tree/" . $name =~ s/\.c$/.o/r;
	}
	write_file('docs/architecture.svg', (run_line('.ci/floors --svg'))[0]) if $change{'docs/architecture.svg'};
	rmdir "$tree/extension/cellar";
	build() if $is_code;
}
my %seen;
is_deeply([ grep { !$broken{$_} && !$seen{$_}++ } @$rules ], [], 'every rule of make lint has been broken once');
like((lint('nothing'))[3], qr/there is no check nothing/, 'a check that is not there is an error');
($done, undef, undef, $output) = lint('columns');
ok($done, 'a line of 100 columns, with a tab or without, is none too long') or diag($output);
write_file('extension/text/words.c', $c . '/* ' . 'x' x 94 . " */\n\t/* " . "\xc3\xa9" x 90 . " */\n");
($done, undef, undef, $output) = lint('columns');
ok($done, 'columns are characters, not bytes') or diag($output);
write_file('extension/text/words.c', $c . "\n" . function('oauth_long', $long =~ s/\ti\+\+;\n//r . "\treturn i;\n"));
($done, undef, undef, $output) = lint('functions');
ok($done, 'a function of 60 lines is none too long') or diag($output);
write_file('extension/text/words.c', $c);

# ---- make format: the tests of each rule ----

write_file('shim/t/002_more.pl', "# 002_more.pl\n# R1 again.\n# $spdx\n");
run_line('.ci/rules');
like(slurp("$tree/docs/security.md"), qr{^\| R1 \| words \| `shim/t/001_words\.pl`, `shim/t/002_more\.pl` \|$}m, 'a rule gets the tests that name it');
like(slurp("$tree/docs/security.md"), qr/^\| R2 \| more words \| cannot be tested \|$/m, 'a reason stays');

# ---- what failed ----

write_file('log', <<'LOG');
shim/t/001_words.pl ..
ok 1 - a word
not ok 2 - another word
#   Failed test 'another word'
#          got: 'a'
# Subtest: inside
    ok 1 - well
    not ok 2 - deep
    #   Failed test 'deep'
    1..2
not ok 3 - inside
# Looks like you failed 2 tests of 3.
Dubious, test returned 2
shim/t/002_more.pl ..
ok 1 - more
test words ... FAILED
LOG
($output) = run_line('.ci/failures log');
is($output, <<'END', 'the failures of a log, each with what was said of it');
shim/t/001_words.pl: not ok 2 - another word
    #   Failed test 'another word'
    #          got: 'a'
shim/t/001_words.pl: not ok 2 - deep
    #   Failed test 'deep'
shim/t/001_words.pl: Dubious, test returned 2
shim/t/002_more.pl: test words ... FAILED
END
write_file('log', "ok 1 - a word\n");
like((run_line('.ci/failures log'))[0], qr/nothing in it says what failed/, 'a log without failures has none');

# ---- packages ----

# A system of two commands: what is installed is a list, and apt-get adds to it.
write_file('bin/dpkg-query', "#!/bin/sh\nfor package; do :; done\ngrep -qx \"\$package\" $tree/installed && echo installed 99\n");
write_file('bin/apt-get', "#!/bin/sh\necho \"\$@\" >>$tree/asked\nfor word; do case \$word in -* | install | update) ;; *) case \"\$*\" in *-s*) ;; *) echo \"\$word\" >>$tree/installed ;; esac ;; esac; done\n");
write_file("bin/$_", "#!/bin/sh\nexec \"\$@\"\n") for qw(sudo);
write_file('bin/apt-cache', "#!/bin/sh\nexit 0\n");
chmod 0755, glob "$tree/bin/*";

sub packages
{
	my ($environment, @installed) = @_;
	write_file('installed', join '', map { "$_\n" } @installed);
	unlink "$tree/asked";
	my ($said, $went_well) = run_line("PATH=$tree/bin:\$PATH $environment .ci/packages lint");
	return ($went_well, $said, -f "$tree/asked" ? slurp("$tree/asked") : '');
}
my ($went_well, $said, $asked) = packages('PACKAGES=yes', map { "postgresql-$_" } 15 .. 20);
ok($went_well, 'the packages that are missing are installed') or diag($said);
like($said, qr/^Installing Debian packages: .*\bshellcheck\b/, 'which it says');
my @needed = split ' ', $said =~ /packages:(.*)/ ? $1 : '';
($went_well, $said, $asked) = packages('PACKAGES=yes', @needed, map { "postgresql-$_" } 15 .. 20);
ok($went_well && $said eq '' && $asked eq '', 'where nothing is missing nothing is asked, and nothing said') or diag($said, $asked);
($went_well, $said, $asked) = packages('PACKAGES=yes', grep({ $_ ne 'shellcheck' } @needed), map { "postgresql-$_" } 15 .. 20);
like($said, qr/^Installing Debian packages: shellcheck$/m, 'one that is missing is installed alone');
unlike($asked, qr/\bperl\b/, 'and apt hears of no other');
($went_well, $said, $asked) = packages('PACKAGES=no');
ok($went_well && $said eq '' && $asked eq '', 'PACKAGES=no installs nothing');

# ---- check ----

# Where nothing is to be built: a file that calls the rest off, and more of them than are run at once.
write_file('oauth.control', "default_version = '0.9'\n");
write_file('bin/make', "#!/bin/sh\n");
chmod 0755, "$tree/bin/make";
write_file('shim/t/001_words.pl', "use Test::More;\nBAIL_OUT('no server');\n");
write_file($_, "use Test::More tests => 1;\nok(1);\n") for 'shim/t/002_more.pl', map { "shim/t/0${_}_fine.pl" } 10 .. 25;
system('cp', "$top/.ci/check", "$tree/.ci") == 0 or die 'cp';
unlink "$tree/log";
make_path("$tree/var");
($said) = run_line("PATH=$tree/bin:\$PATH TMPDIR=$tree/var .ci/check tap");
like($said, qr/^tap: 17 passed, 1 failed /m, 'a test that calls the rest off fails alone') or diag($said);

done_testing();
