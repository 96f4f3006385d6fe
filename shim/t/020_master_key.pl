# 020_master_key.pl
# The file of the master keys: made once, never again, refused when it is unsafe or another one, rotated.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(slurp);
use POSIX qw(mkfifo);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $t = ShimTest->new(extension => 1);
my $node = $t->node;
my $file = $node->data_dir . '/oauth.key';
my $register = "SELECT client_id FROM oauth_register_client('signs', grant_types => '{oauth1}')";

sub spew
{
	my ($content, $mode) = @_;

	unlink $file;
	open(my $fh, '>', $file) or die "$file: $!";
	print $fh $content;
	close $fh or die "$file: $!";
	chmod $mode // 0600, $file or die "$file: $!";
	return;
}

sub new_key { return join('', map { sprintf '%02x', int rand 256 } 1 .. 32) . "\n" }

# A statement in a session of its own, which has read no file yet.
sub fails
{
	my ($sql, $message, $hint, $name) = @_;
	my ($rc, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n$sql");

	isnt($rc, 0, "$name: an error");
	like($err, qr/ERROR:  (F0000|XX001): $message/, "$name: the message says what is wrong");
	like($err, qr/HINT:  $hint/, "$name: the hint says what to do");
	unlike($err, qr/[0-9a-f]{64}/, "$name: no key in the message");
	return;
}

# ---- made at its first use, and once ----

my $client = $t->sql("SELECT client_id FROM oauth_register_client('plain', grant_types => '{refresh_token}')");
my $token = $t->sql("SELECT access_token FROM oauth_issue_token('$client', 'somebody', refresh => true)");
ok(!-e $file, 'what needs no key makes no file');
$t->sql($register);
ok(-f $file, 'the first secret that is sealed makes the file');
is((stat $file)[2] & 07777, 0600, 'which only the server can read');
my $key = slurp($file);
like($key, qr/\A[0-9a-f]{64}\n\z/, 'with one key');
is_deeply([ glob "$file?*" ], [], 'and leaves no temporary file');
$t->sql($register);
is(slurp($file), $key, 'the next one uses the same key');
is($t->sql('SELECT count(*) FROM oauth.master_key'), 1, 'of which the database knows one fingerprint');
unlike($t->sql('SELECT key_id FROM oauth.master_key'), qr/\Q@{[ substr $key, 0, 16 ]}\E/, 'which is no part of the key');

$node->safe_psql('postgres', 'CREATE DATABASE another');
$node->safe_psql('another', "CREATE EXTENSION oauth CASCADE; $register");
is(slurp($file), $key, 'another database of the server adopts the key of the file');

# ---- never again ----

unlink $file;
fails($register, 'missing master key file "oauth.key"', 'Restore it from its backup', 'a file that is gone');
fails('SELECT oauth_rotate_master_key()', 'missing master key file', 'Restore it', 'rotating without the file');
ok(!-e $file, 'no new key is made');
is($t->sql("SELECT active FROM oauth_verify_token('$token')"), 't', 'tokens verify without it');
isnt($t->sql("SELECT access_token FROM oauth_issue_token('$client', 'somebody')"), '', 'and are issued');

my $foreign = new_key();
spew($foreign);
fails($register, 'the key that this database was sealed with is not in master key file', 'Restore the file that belongs',
	'another key');
fails('SELECT oauth_rotate_master_key()', 'the key that this database was sealed with is not in', 'Restore', 'rotating another key');
is(slurp($file), $foreign, 'a file with another key stays as it is');

# ---- refused: what is no list of keys, or what others can read ----

my $rest = substr $key, 1;
for (
	[ 'an empty file', '' ],
	[ 'a key without its end of line', substr($key, 0, 64) ],
	[ 'a short line', $rest ],
	[ 'a long line', "0$key" ],
	[ 'something else', "x$rest" ],
	[ 'a second line that is no key', "$key# comment\n" ],
	[ 'more keys than a file can hold', $key x 65 ],
	[ 'NUL bytes', "\0" x 65 ])
{
	my ($name, $content) = @$_;
	spew($content);
	fails($register, 'malformed master key file', 'It has one key a line, each of 64 hexadecimal digits', $name);
}
for my $mode (0644, 0604, 0660, 0640, 0601, 0610)
{
	spew($key, $mode);
	fails($register, 'unsafe permissions of master key file', 'It must be a regular file',
		sprintf('permissions %04o of the server\'s own file', $mode));
}
spew($key, 0000);
fails($register, 'could not open master key file', 'The operating system user', 'a file that cannot be read');
unlink $file;
mkdir $file;
fails($register, 'unsafe permissions of master key file', 'It must be a regular file', 'a directory');
rmdir $file;
mkfifo($file, 0600) or die "mkfifo: $!";
fails($register, 'unsafe permissions of master key file', 'It must be a regular file', 'a pipe, which nobody waits for');
spew($key);
isnt($t->sql($register), '', 'with its own file back, it goes on');

# ---- rotation ----

my $sealed = $t->sql('SELECT count(*) FROM oauth.client WHERE secret_sealed IS NOT NULL');
my $session = $node->background_psql('postgres');
$session->query_safe($register);
my $before = $t->sql('SELECT key_id FROM oauth.master_key WHERE retired_at IS NULL');
is($t->sql('SELECT oauth_rotate_master_key()'), $sealed + 1, 'a rotation opens every secret and seals it anew');
like(slurp($file), qr/\A\Q$key\E[0-9a-f]{64}\n\z/, 'appends a key to the file');
is((stat $file)[2] & 07777, 0600, 'which keeps its permissions');
my $current = $t->sql('SELECT key_id FROM oauth.master_key WHERE retired_at IS NULL');
isnt($current, $before, 'makes it the current one');
is($t->sql("SELECT count(*) FROM oauth.client WHERE substr(secret_sealed, 1, 8) <> '$current'"), 0, 'and leaves nothing under the old one');
$session->query_safe($register);
is($t->sql("SELECT count(*) FROM oauth.client WHERE substr(secret_sealed, 1, 8) = '$current'"), $sealed + 2,
	'a session of before takes up the new key');
$session->quit;

my $two = slurp($file);
is($t->sql("BEGIN; SELECT oauth_rotate_master_key() > 0; ROLLBACK; SELECT key_id FROM oauth.master_key WHERE retired_at IS NULL"),
	"t\n$current", 'a rotation that is rolled back changes nothing in the database');
is(length slurp($file), 3 * 65, 'its key stays in the file, unused');
spew(substr($two, 65));
is($t->sql('SELECT oauth_rotate_master_key()'), $sealed + 2, 'keys of before the last rotation can be taken out of the file');

my $newest = substr(slurp($file), -65);
spew($newest . $key x 63);
fails('SELECT oauth_rotate_master_key()', 'no room for one more key', 'Remove lines at its beginning', 'a full file');
is(length slurp($file), 64 * 65, 'a full file is not written to');
isnt($t->sql($register), '', 'and can still be used');
spew($newest, 0400);
fails('SELECT oauth_rotate_master_key()', 'could not write master key file', 'The server must be able to append', 'a read-only file');
spew($newest);

# ---- what was changed by hand does not open ----

my $change = 'BEGIN; UPDATE oauth.client SET secret_sealed = %s WHERE secret_sealed IS NOT NULL; SELECT oauth_rotate_master_key();';
fails(sprintf($change, 'set_byte(secret_sealed, 30, get_byte(secret_sealed, 30) # 1)'), 'a sealed secret does not open',
	'The row was changed by hand', 'a changed value');
fails(sprintf($change, '(SELECT secret_sealed FROM oauth.client WHERE secret_sealed IS NOT NULL LIMIT 1)'), 'a sealed secret does not open', 'The row was changed',
	'a value of another client');
fails(sprintf($change, 'substr(secret_sealed, 1, 20)'), 'a sealed secret does not open', 'The row was changed', 'a short value');
fails(sprintf($change, q{''::bytea}), 'a sealed secret does not open', 'The row was changed', 'an empty value');
is($t->sql('SELECT oauth_rotate_master_key() > 0'), 't', 'and as they were, they do');

# ---- another place ----

$node->safe_psql('another', 'DELETE FROM oauth.client; DELETE FROM oauth.master_key');
$node->append_conf('postgresql.conf', "oauth.master_key_file = '$file.nowhere/key'");
$node->restart;
my ($rc, $out, $err) = $node->psql('another', $register);
like($err, qr/could not create master key file .*HINT:  Set oauth.master_key_file to a place the server can write to/s,
	'a place that does not exist is an error with a hint');
mkdir "$file.nowhere";
is($node->safe_psql('another', "SELECT count(*) FROM ($register) r"), 1, 'and is taken when it does');
like(slurp("$file.nowhere/key"), qr/\A[0-9a-f]{64}\n\z/, 'with a key of its own');

$t->finish;
done_testing();
