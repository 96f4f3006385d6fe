# 131_database_sessions.pl
# Who logged in to PostgreSQL 18 with a token is who calls, for the session; and sessions end with their tokens.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use BearerSession;
use DatabaseLogin;
use ShimTest qw(wait_for);
use PostgreSQL::Test::Cluster;
use Test::More;
use Time::HiRes qw(usleep);

my $login = DatabaseLogin->new(75, conf => "max_prepared_transactions = 5\nreserved_connections = 8\nmax_connections = 120\n");
my $node = $login->node;
my $client = $login->client;
my $token = $login->token(subject => '42', scope => 'db read');
my $other = $login->token(subject => '43', scope => 'db');
my $who = 'SELECT oauth_subject()';

sub mine { return $login->session(token => $token, @_) }

# ---- policies, without another call ----

$login->sql(q{
	CREATE TABLE public.photo (title text, owner text); ALTER TABLE photo ENABLE ROW LEVEL SECURITY;
	INSERT INTO photo VALUES ('Mountains', '42'), ('Sea', '43');
	CREATE POLICY own ON photo USING (owner = oauth_subject()); GRANT SELECT ON photo TO alice, bob;
	CREATE ROLE app; CREATE SCHEMA app AUTHORIZATION app; GRANT bob TO alice});
my $alice = mine();
is($alice->query('SELECT title FROM photo'), 'Mountains', 'a policy on oauth_subject() holds in the session');
is($alice->query("BEGIN; SET ROLE bob; $who; SELECT title FROM photo; ROLLBACK; RESET ROLE"), "42\nMountains", 'SET ROLE changes nothing about it');
is($alice->query("SET oauth.validator_superuser = on"), 'ERROR 55P02', 'nor does SQL change what the validator goes by');
$alice->query('DISCARD ALL');
is($alice->query($who), '42', 'nor does DISCARD ALL');

# ---- oauth_authenticate() is above it ----

is($alice->query("BEGIN; SELECT oauth_authenticate('Bearer $other'); $who; COMMIT; $who"), "t\n43\n42", 'a token in the transaction counts more, until its end');
is($alice->query("BEGIN; SELECT oauth_authenticate('Bearer nothing'); $who; COMMIT; $who"), "f\n\n42", 'one that is not good is nobody, and not the login');
is($alice->query("BEGIN; SAVEPOINT s; SELECT oauth_authenticate('Bearer $other'); $who; ROLLBACK TO s; $who; COMMIT"), "t\n43\n42", 'ROLLBACK TO SAVEPOINT goes back to the login');
is($alice->query("BEGIN; SAVEPOINT s; SELECT oauth_authenticate('Bearer $other'); RELEASE s; $who; COMMIT"), "t\n43", 'RELEASE keeps what was set');
is($alice->query("BEGIN; $who; SAVEPOINT s; SELECT 1/0"), 'ERROR 22012', 'an error in a savepoint');
is($alice->query("ROLLBACK TO s; $who; COMMIT"), '42', 'does not end it');
is($alice->query("BEGIN; $who; CREATE TEMP TABLE x (); DROP TABLE x; PREPARE TRANSACTION 'p'"), 'ERROR 0A000', 'a transaction that cannot be prepared');
is($alice->query("$who"), '42', 'leaves the login');
is($alice->query("BEGIN; $who; PREPARE TRANSACTION 'p'"), '42', 'one that is prepared');
is($alice->query($who), '42', 'does, too');
is($alice->query("COMMIT PREPARED 'p'"), '', 'and can be committed there');
is($alice->query("DO \$\$ BEGIN COMMIT; PERFORM 1; COMMIT; IF oauth_subject() <> '42' THEN RAISE 'no'; END IF; END \$\$"), '', 'and one that commits within');

# ---- parallel workers do not know, as ever ----

is($alice->query("SET debug_parallel_query = on; $who; RESET debug_parallel_query"), '42', 'it is found by the leader where queries are parallel');
$login->sql('CREATE FUNCTION public.wrong() RETURNS text LANGUAGE sql PARALLEL SAFE AS $$ SELECT oauth_subject() $$; GRANT EXECUTE ON FUNCTION wrong TO PUBLIC');
$login->sql('CREATE TABLE public.many AS SELECT g FROM generate_series(1, 200000) g; GRANT SELECT ON many TO alice');
is($alice->query('SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET debug_parallel_query = on;
	SELECT count(wrong()) FROM many'), 'ERROR 25000', 'a worker raises an error, and does not say nobody');
$alice->query('DISCARD ALL');

# ---- hidden from functions that do not act for the caller ----

$login->sql(q{
	CREATE TABLE app.account (id text, name text, password text, active boolean); ALTER TABLE app.account OWNER TO app;
	INSERT INTO app.account VALUES ('u1', 'ann', NULL, true);
	CREATE VIEW app.person AS SELECT id, name, password, active AND oauth_subject() IS NULL AS active FROM app.account; ALTER VIEW app.person OWNER TO app;
	SELECT oauth_use_users('app.person', id => 'id', username => 'name', password => 'password', active => 'active', scheme => 'bcrypt')});
my $hers = $login->token(subject => 'u1', scope => 'db');
my $ann = $login->session(token => $hers);
is($ann->query($who), 'u1', 'a view of the users is asked with the login hidden, as who may read the tables');
is($ann->query("$who; SELECT count(*) FROM app.account"), 'ERROR 42501', 'which the session is no longer afterwards');
$login->sql(q{UPDATE app.account SET active = false WHERE id = 'u1'});
is($ann->query($who), '', 'a user whom the application disables is nobody from the next transaction on');
$login->sql(q{UPDATE app.account SET active = true WHERE id = 'u1'; DELETE FROM app.account});
is($ann->query($who), '', 'or who is gone');
$login->sql('SELECT oauth_use_builtin_users()');

# ---- the token is asked about once a transaction ----

my $short = $login->session(token => my $gone = $login->token(subject => '44', scope => 'db'));
is($short->query("BEGIN; $who"), '44', 'in a transaction');
$login->sql("SELECT oauth_revoke_token('$gone')");
is($short->query("$who; COMMIT"), '44', 'the answer stays');
is($short->query("$who, oauth_client(), oauth_scope(), oauth_has_scope('db')"), '|||f', 'after it, a revoked token is nobody\'s');
my $own = $login->sql("SELECT oauth_create_user('carol', 'through the looking-glass')");
my $carol = $login->session(token => $login->token(subject => $own, scope => 'db'));
is($carol->query($who), $own, 'a user of this database');
$login->sql("SELECT oauth_disable_user('carol')");
is($carol->query($who), '', 'is nobody when disabled');
$login->sql("SELECT oauth_enable_user('carol')");
is($carol->query($who), '', 'and stays nobody: disabling a user revoked what she had');
my ($tool) = $login->sql("SELECT client_id FROM oauth_register_client('A tool', scope => 'db', grant_types => '{client_credentials}')");
my $tools = $login->session(token => $login->token(client => $tool, subject => '46', scope => 'db'));
is($tools->query($who), '46', 'a client');
$login->sql("SELECT oauth_disable_client('$tool')");
is($tools->query($who), '', 'that is disabled: everybody is nobody');
is($login->sql("SELECT state FROM oauth.database_session WHERE subject = '46'"), 'ended', 'which the list says');
$tools->hang_up;
$carol->hang_up;
ok(wait_for(sub { $login->sql("SELECT count(*) FROM oauth.database_session WHERE subject IN ('$own', '46')") eq '0' }), 'both hang up');
my $late = $login->session(token => $login->token(subject => '45', scope => 'db'));
is($late->query($who), '45', 'a token that lives');
$login->sql("UPDATE oauth.access_token SET expires_at = now() - interval '1 s' WHERE handle = (SELECT max(handle) FROM oauth.access_token)");
is($late->query($who), '', 'and has expired');

# ---- where another database is logged in to ----

$login->sql('CREATE DATABASE second');
$node->safe_psql('second', 'CREATE EXTENSION oauth CASCADE');
my $elsewhere = mine(dbname => 'second');
is($elsewhere->query("$who"), '', 'another database lets in, and does not know who it is');
is($elsewhere->query("SELECT count(*) FROM oauth.database_session"), 'ERROR 42501', 'and shows nothing');

# ---- the list ----

is($login->sql('SELECT subject, role, state, client_name, count(*) FROM oauth.database_session GROUP BY 1, 2, 3, 4 ORDER BY 1'),
	join("\n", '42|alice|living|psql|2', '44|alice|ended|psql|1', '45|alice|expired|psql|1', 'u1|alice|living|psql|1'), 'each session is in the list');
is($login->sql(q{SELECT count(*) FROM oauth.database_session d JOIN pg_stat_activity a USING (pid, backend_start)}), '5', 'as pg_stat_activity has it');
is($node->safe_psql('second', 'SELECT count(*) FROM oauth.database_session'), '0', 'in the database that knows the tokens only');
$short->hang_up;
ok(wait_for(sub { $login->sql(q{SELECT count(*) FROM oauth.database_session WHERE subject = '44'}) eq '0' }), 'it leaves the list with its connection');

# ---- ending them by hand ----

is($login->sql("SELECT oauth_terminate_sessions(subject => '42', client_id => 'another')"), '0', 'of another client');
is($login->sql("SELECT oauth_terminate_sessions(subject => '45')"), '1', 'of a subject');
is($late->query($who), 'ERROR 57P01', 'the session ends');
is($alice->query($who), '42', 'and no other');
is($login->sql("SELECT oauth_terminate_sessions(client_id => '$client')"), '3', 'of a client');
is($elsewhere->query('SELECT 1'), 'ERROR 57P01', 'also where another database was logged in to');
is($login->sql(q{SELECT detail FROM oauth.event WHERE event = 'logout' ORDER BY handle DESC LIMIT 1}), 'sessions of PostgreSQL, by SQL', 'which is noted');

# ---- with the token, where the setting says so ----

$alice = mine();
my $kept = $login->session(token => $other);
$login->sql("SELECT oauth_revoke_subject('42')");
is($alice->query('SELECT 1'), '1', 'without oauth.terminate_sessions, a revocation ends no session');
$login->sql('ALTER DATABASE postgres SET oauth.terminate_sessions = on');

sub ends
{
	my ($name, $subject, $sql) = @_;
	my $string = $login->token(subject => $subject, scope => 'db');
	my $session = $login->session(token => $string);

	die "$name: " . $session->refused if $session->refused;
	$login->sql("BEGIN; " . $sql =~ s/TOKEN/$string/r . '; ROLLBACK');
	is($session->query('SELECT 1'), '1', "$name: what is rolled back ends nothing");
	$login->sql('BEGIN; SAVEPOINT s; ' . $sql =~ s/TOKEN/$string/r . '; ROLLBACK TO s; COMMIT');
	is($session->query('SELECT 1'), '1', "$name: nor to a savepoint");
	$login->sql('BEGIN; SAVEPOINT s; ' . $sql =~ s/TOKEN/$string/r . '; RELEASE s; COMMIT');
	is($session->query('SELECT 1'), 'ERROR 57P01', "$name: it ends the session");
	return;
}
ends('revoking a token', '50', "SELECT oauth_revoke_token('TOKEN')");
ends('revoking a subject', '51', "SELECT oauth_revoke_subject('51')");
my $user = $login->sql("SELECT oauth_create_user('alice', 'wonderland')");
ends('disabling a user', $user, "SELECT oauth_disable_user('alice')");
$login->sql("SELECT oauth_enable_user('alice')");
ends('changing a password', $user, "SELECT oauth_set_password('alice', 'looking-glass')");
ends('deleting a user', $user, "SELECT oauth_delete_user('alice')");
is($kept->query($who), '43', 'and of all this a session of somebody else notices nothing');
my $last = $login->session(token => $login->token(subject => '60', scope => 'db'));
$login->sql("SELECT oauth_disable_client('$client')");
is($last->query('SELECT 1'), 'ERROR 57P01', 'disabling a client');
is($kept->query('SELECT 1'), 'ERROR 57P01', 'ends all of its sessions');
$login->sql("SELECT oauth_enable_client('$client')");

# ---- logins and revocations at the same time ----

my @tokens = map { $login->token(subject => "r$_", scope => 'db') } 0 .. 29;
my @sessions;
my $revoker = $node->background_psql('postgres');
for my $n (0 .. $#tokens)
{
	push @sessions, $login->session(token => $tokens[$n], wait => 0);
	usleep(1000 * $n);
	$revoker->query_safe("SELECT oauth_revoke_token('$tokens[$n]')");
}
$_->wait_for_login for @sessions;
my @open = grep { !$_->refused } @sessions;
my @survived = grep { ($_->query('SELECT pg_sleep(0.01)')) !~ /ERROR|closed/ } @open;
is(scalar(@survived), 0, 'no session outlives a revocation that raced with its login: ' . (@sessions - @open) . ' were refused, ' . @open . ' ended');
$revoker->quit;

# ---- many at once: reserved connections are there for those who answer ----

my $shared = $login->token(subject => '70', scope => 'db');
my @crowd = map { $login->session(token => $shared, wait => 0) } 1 .. 64;
$_->wait_for_login for @crowd;
is(scalar(grep({ !$_->refused } @crowd)), 64, '64 log in at the same time') or diag($login->log);
is($login->sql('SELECT count(*) FROM oauth.database_session'), '64', 'and are all in the list');

# ---- where all other connections are taken, the one that answers has its own ----

# The server counts places when somebody has logged in, and may still count the session that answered.
sub fill
{
	my $full;

	do
	{
		wait_for(sub { $login->sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'oauth_validator'") eq '0' });
		$full = $login->session(token => $shared);
		push @crowd, $full unless $full->refused;
	} until $full->refused || @crowd > 200;
	return $full->refused;
}
like(fill(), qr/\A53300/, 'as long as there is a place, people log in: when all are taken, the server itself says so');
unlike($login->log, qr/cannot be asked/, 'and who answers has a place each time');
(pop @crowd)->hang_up for 1, 2;
$login->sql('REVOKE pg_use_reserved_connections FROM oauth_validator');
like(fill(), qr/\A28000/, 'without pg_use_reserved_connections the last place is no use');
like($login->log, qr/refused: the database that knows the tokens cannot be asked: .*reserved/, 'and the log says what is missing');
$login->sql('GRANT pg_use_reserved_connections TO oauth_validator');

# ---- a crash ends all, and leaves nothing ----

$node->append_conf('postgresql.conf', 'restart_after_crash = on');
$node->reload;
my $victim = $login->sql('SELECT pid FROM oauth.database_session LIMIT 1');
kill KILL => $victim;
ok(wait_for(sub { ($node->psql('postgres', 'SELECT 1'))[0] == 0 && $login->sql('SELECT count(*) FROM oauth.database_session') eq '0' }), 'after a crash the list is empty');
is($login->session(token => $shared)->refused, undef, 'and logins go on');

$login->finish;
done_testing();
