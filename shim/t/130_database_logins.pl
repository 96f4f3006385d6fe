# 130_database_logins.pl
# People log in to PostgreSQL 18 with a token of this provider, through a socket and over TLS; who may not is refused, and the
# server's log says why.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use BearerSession;
use DatabaseLogin;
use ShimTest qw(json slurp wait_for);
use Test::More;
use Time::HiRes qw(time);

my $login = DatabaseLogin->new(190, tls => 1);
my $node = $login->node;

# ---- who logs in ----

my $token = $login->token(subject => '42', scope => 'db read');
my $alice = $login->session(token => $token);
is($alice->refused, undef, 'a token with the scope of the line logs in') or diag($login->log);
is($alice->query('SELECT oauth_subject(), oauth_client(), oauth_scope(), oauth_has_scope(\'db\'), oauth_has_scope(\'write\')'),
	'42|' . $login->client . '|db read|t|f', 'and the session is that of its holder');
is($alice->query('SELECT system_user, current_user'), 'oauth:42|alice', 'whom the server knows by the subject');
unlike($login->log, qr/\Q$token\E/, 'the log does not have the token');

# ---- however much is logged, the token is not: the database is asked with a digest ----

$login->configure(log_min_messages => 'debug5', log_statement => 'all', log_duration => 'on', log_min_duration_statement => '0',
	log_min_error_statement => 'debug5', log_parameter_max_length => '-1', log_error_verbosity => 'verbose');
is($login->session(token => $token)->refused, undef, 'a login where all is logged');
like($login->log, qr/oauth\.validate_login/, 'the log has the question');
unlike($login->log, qr/\Q${\ substr($token, 20)}\E/, 'and not the token');
$login->session(token => my $unknown = $token =~ s/.{6}$/AAAAAA/r);
unlike($login->log, qr/\Q${\ substr($unknown, 20)}\E/, 'nor one that is refused');
$login->configure;

# ---- who does not: the client learns nothing, the log says why ----

sub refused
{
	my ($why, $name, %args) = @_;
	my $session = $login->session(token => $token, %args);
	my $user = $args{user} // 'alice';
	my $log = $login->log;

	like($session->refused, qr/\A28000 OAuth bearer authentication failed for user "$user"\z/, "$name is refused, in the server's words");
	like($log, qr/LOG:  login with a token as role "$user" refused: $why/, "and the log says why: $name");
	unlike($log, qr/oat_|invalid_token/, 'without the token');
	return;
}

my $all = 'people /^(.*)$ all';

sub refuses_who_may_not
{
	refused('the string is not an access token of this provider', 'garbage', token => 'garbage');
	refused('the string is not an access token of this provider', 'a refresh token', token => $token =~ s/^oat/ort/r);
	refused('the string is not an access token of this provider', 'a token that is too long', token => $token x 100);
	refused('the token is unknown, expired or revoked', 'an invented token', token => $token =~ s/.{6}$/AAAAAA/r);
	refused('the token of subject "42" does not have scope "db"', 'a token without the scope', token => $login->token(subject => '42', scope => 'read'));
	refused(q{the token belongs to client ".*" itself, and to no person}, 'a token of a client itself', token => $login->token(scope => 'db'));
	refused('the token is for another resource: https://other\.example/', 'a token for another resource',
		token => $login->token(subject => '42', scope => 'db', resource => 'https://other.example/'));
	$login->sql("UPDATE oauth.access_token SET cnf = 'jkt:' || repeat('A', 43) WHERE handle = (SELECT max(handle) FROM oauth.access_token)")
		if my $bound = $login->token(subject => '42', scope => 'db');
	refused('the token is bound to a key', 'a token that is bound to a key', token => $bound);
	my $expired = $login->token(subject => '42', scope => 'db');
	$login->sql("UPDATE oauth.access_token SET expires_at = now() - interval '1 s' WHERE handle = (SELECT max(handle) FROM oauth.access_token)");
	refused('the token is unknown, expired or revoked', 'an expired token', token => $expired);

	my $bob = $login->session(user => 'bob', token => $token);
	like($bob->refused, qr/\A28000/, 'who has no map to the role is refused');
	like($login->log, qr/no match in usermap "people" for user "bob" authenticated as "42"/, 'by the server, which says so');
	is($login->session(user => 'bob', token => $login->token(subject => '43', scope => 'db'))->refused, undef, 'who has one is not');

	# ---- superusers ----

	$login->configure(map => $all);
	refused('the role is a superuser', 'a map that leads to a superuser', user => 'chief');
	refused('the role is a member of "chief", and so as good as a superuser', 'or to somebody who can become one', user => 'deputy');
	refused('the role is a member of "pg_write_server_files", and so as good as a superuser', 'or who writes files of the server', user => 'writer');
	$login->configure(map => $all, 'oauth.validator_superuser' => 'on');
	is($login->session(user => 'chief', token => $token)->refused, undef, 'unless the operator says so');

	# ---- the line of pg_hba.conf ----

	$login->configure(line => 'scope="" map=people');
	refused('the line of pg_hba.conf has no scope', 'a line without scope');
	$login->configure(line => 'scope="openid read" map=people');
	refused('the scope "openid read" of the line of pg_hba.conf is not a dedicated one', 'a line with a scope that every token has',
		token => $login->token(subject => '42', scope => 'openid read'));
	$login->configure(line => 'scope="db read" map=people');
	is($login->session(token => $token)->refused, undef, 'a second scope can be asked for as well');
	refused('the token of subject "42" does not have scope "db read"', 'and then must be there', token => $login->token(subject => '42', scope => 'db'));
	$login->configure(line => 'scope="db" delegate_ident_mapping=1');
	refused('the line of pg_hba.conf says delegate_ident_mapping=1', 'delegation');
	refused('the line of pg_hba.conf says delegate_ident_mapping=1', 'as a superuser too', user => 'chief');
	$login->configure(line => 'scope="db" delegate_ident_mapping=1', 'oauth.validator_delegation' => 'on');
	is($login->session(user => 'bob', token => $token)->refused, undef, 'where it is allowed, any role of the line will do');
	refused('the role is a superuser', 'but for a superuser', user => 'chief');
	$login->configure;
	return;
}
refuses_who_may_not();

# ---- names instead of subjects ----

my $subject = $login->sql("SELECT oauth_create_user('alice', 'wonderland')");
my $hers = $login->token(subject => $subject, scope => 'db');
$login->configure(line => 'scope="db"', 'oauth.validator_identity' => 'username');
$alice = $login->session(token => $hers);
is($alice->refused, undef, 'a user whose name is the role needs no map');
is($alice->query('SELECT system_user, oauth_subject()'), "oauth:alice|$subject", 'and is the subject in policies');
refused('subject "42" has no username', 'a subject without name');

# ---- the database that is asked ----

my $where = 'host=' . $node->host . ' port=' . $node->port;
for (
	[ '', 'no database is named that knows the tokens', 'no setting' ],
	[ 'dbname', 'oauth\.validator_conninfo cannot be read: .*dbname', 'a setting that cannot be read' ],
	[ 'host=db.example.com dbname=postgres', 'oauth\.validator_conninfo names a host that has to be looked up: give hostaddr', 'a name of a host' ],
	[ 'host=/nowhere,db.example.com dbname=postgres', 'oauth\.validator_conninfo names a host that has to be looked up: give hostaddr', 'a name behind a directory' ],
	[ "host=db.example.com hostaddr=127.0.0.1 port=1 dbname=postgres", 'the database that knows the tokens cannot be asked: ', 'one with an address, where nobody listens' ],
	[ "$where dbname=nowhere user=oauth_validator", 'the database that knows the tokens cannot be asked: .*database "nowhere" does not exist', 'a database that is not there' ],
	[ "$where dbname=template1 user=oauth_validator", 'the database that knows the tokens cannot be asked: .*(schema|function)', 'a database without the extension' ],
	[ "$where dbname=postgres user=oauth_shim", undef, 'a role that may ask' ],
	[ "$where dbname=postgres user=alice", 'the database that knows the tokens cannot be asked: ', 'a connection that would need a token itself' ],
	[ 'host=/nowhere dbname=postgres', 'the database that knows the tokens cannot be asked: .*/nowhere', 'a server that is not there' ])
{
	my ($conninfo, $why, $name) = @$_;
	$login->configure('oauth.validator_conninfo' => $conninfo);
	$why ? refused($why, $name) : is($login->session(token => $token)->refused, undef, $name);
}

# ---- waiting has an end ----

use IO::Socket::INET;
my $silent = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5) or die;
$login->configure('oauth.validator_conninfo' => 'host=127.0.0.1 port=' . $silent->sockport . ' dbname=postgres user=x sslmode=disable gssencmode=disable',
	'oauth.validator_timeout' => '300ms');
my $begun = time;
refused('the database that knows the tokens did not answer within oauth\.validator_timeout', 'a server that says nothing');
cmp_ok(time - $begun, '<', 8, 'and that is known after oauth.validator_timeout');
$login->configure('oauth.validator_conninfo' => 'host=127.0.0.1 port=' . $silent->sockport . ' dbname=postgres user=x sslmode=disable gssencmode=disable',
	'oauth.validator_timeout' => '600s');
my $waiting = $login->session(token => $token, wait => 0);
my $pid;
ok(wait_for(sub { $pid = $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE wait_event = 'OAuthValidator'") }), 'a waiting login is seen as such');
$node->safe_psql('postgres', "SELECT pg_terminate_backend($pid)");
$waiting->wait_for_login;
like($waiting->refused, qr/57P01|closed/, 'pg_terminate_backend() ends it');
$login->configure('oauth.validator_conninfo' => 'host=127.0.0.1 port=' . $silent->sockport . ' dbname=postgres user=x sslmode=disable gssencmode=disable',
	'oauth.validator_timeout' => '600s', authentication_timeout => '1s');
$begun = time;
$waiting = $login->session(token => $token);
like($waiting->refused, qr/57P01|57014|closed/, 'so does authentication_timeout');
cmp_ok(time - $begun, '<', 20, 'in its time');

# what is locked: the session that answers does not stay either
$login->configure('oauth.validator_timeout' => '300ms', authentication_timeout => '60s');
my $holder = $node->background_psql('postgres');
$holder->query_safe('BEGIN; LOCK TABLE oauth.access_token IN ACCESS EXCLUSIVE MODE');
refused('the database that knows the tokens (did not answer|cannot be asked)', 'a locked table');
ok(wait_for(sub { $node->safe_psql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE usename = 'oauth_validator'") eq '0' }),
	'and the session that was to answer is gone soon');
$holder->query_safe('ROLLBACK');
$holder->quit;

# ---- the form is looked at before anybody is asked ----

$login->configure('oauth.validator_conninfo' => 'host=/nowhere dbname=postgres');
refused('the string is not an access token of this provider', 'garbage, where nobody can be asked', token => 'oat_garbage');

# ---- oauth_check() names all that before anybody tries ----

sub findings
{
	my ($what) = @_;
	return $login->sql("SELECT severity || ': ' || subject || ': ' || finding FROM oauth_check() WHERE subject ~ 'pg_hba|pg_ident|validator|reserved' ORDER BY 1");
}
is(findings(), "medium: reserved_connections: none: where all connections are taken, nobody logs in with a token", 'it misses reserved connections');
$login->configure(map => $all, line => 'scope="openid"', 'oauth.validator_conninfo' => '');
like(findings(), qr/high: pg_hba\.conf, line 2: scope "openid" is not for this alone: nobody is let in/, 'it finds a scope that is not for this');
like(findings(), qr/high: oauth\.validator_conninfo: not set/, 'that nobody can be asked');
unlike(findings(), qr/pg_ident/, 'and no map that no such line uses');
$login->configure(map => $all);
my $me = getpwuid($<);
like(findings(), qr/medium: pg_ident\.conf, line 1: map people can lead to chief, a superuser: refused\nmedium: pg_ident\.conf, line 1: map people can lead to deputy, as good as a superuser: refused\n.*lead to $me, a/,
	'a map that leads to superusers');
$login->configure(map => 'people /^(.*)$ \1', 'oauth.validator_superuser' => 'on');
like(findings(), qr/high: pg_ident\.conf, line 1: map people can lead to chief, a superuser$/m, 'or can, by its name, and the token would be let in');
$login->configure(map => 'people 43 +between');
like(findings(), qr/pg_ident\.conf, line 1: map people can lead to deputy, as good as a superuser: refused/, 'or by a group');
unlike(findings(), qr/chief/, 'of which a superuser is no member');
$login->configure(map => 'people 43 bob');
unlike(findings(), qr/pg_ident/, 'and not one that names ordinary roles');
$login->configure(line => 'scope="db" delegate_ident_mapping=1', 'oauth.validator_delegation' => 'on');
like(findings(), qr/high: pg_hba\.conf, line 2: delegate_ident_mapping=1: every token with the scope logs in as any role of the line/, 'delegation');
$login->configure(line => 'scope="db" delegate_ident_mapping=1');
like(findings(), qr/medium: pg_hba\.conf, line 2: delegate_ident_mapping=1: nobody is let in/, 'which is not on');
$login->configure(line => 'scope="db"', 'oauth.validator_identity' => 'username');
like(findings(), qr/medium: pg_hba\.conf, line 2: no map: a person with the name of a role logs in as that role/, 'names without a map');
$login->configure(line => qq{scope="db" map=people validator=oauth\nhost all all 127.0.0.1/32 oauth issuer="http://x" scope="db"});
like(findings(), qr/high: pg_hba\.conf, line 3: tokens cross the network readable/, 'a line without TLS');

# ---- and a machine that is asked without a look at its certificate ----

for (
	[ 1, 'host=db.example.com hostaddr=192.0.2.7 dbname=app' ],
	[ 1, q{user=oauth_validator host = '192.0.2.7' sslmode=require} ],
	[ 1, 'host=/var/run/postgresql,192.0.2.7 dbname=app' ],
	[ 1, 'postgresql://oauth_validator@192.0.2.7:5432/app?sslmode=prefer' ],
	[ 0, 'host=db.example.com hostaddr=192.0.2.7 dbname=app sslmode=verify-full' ],
	[ 0, 'hostaddr=192.0.2.7 host=db.example.com sslrootcert=system dbname=app' ],
	[ 0, 'postgresql://oauth_validator@192.0.2.7/app?sslmode=verify-full' ],
	[ 0, 'host=db.example.com hostaddr=127.0.0.1 dbname=app' ],
	[ 0, q{host='/var/run/postgresql' dbname=app} ],
	[ 0, 'host=::1 dbname=app' ],
	[ 0, 'dbname=app' ])
{
	my ($is_found, $conninfo) = @$_;
	$login->configure('oauth.validator_conninfo' => $conninfo);
	is(findings() =~ /high: oauth\.validator_conninfo: another machine is believed/ ? 1 : 0, $is_found, "$conninfo is " . ($is_found ? 'found' : 'not found'));
}

# ---- discovery: RFC 7628, section 3.2.2 ----

$login->configure;
my $asks = $login->session(auth => '');
my $challenge = json({ body => $asks->challenge });
is($challenge->{'openid-configuration'}, 'http://localhost:8000/.well-known/openid-configuration', 'who has no token is told where to get one');
is($challenge->{scope}, 'db', 'and for which scope');
is($login->session(token => $token)->refused, undef, 'and all of this has broken nothing');

# ---- over TLS: the line of the guide, hostssl ----

$login->over_tls;
$login->configure;
$alice = $login->session(token => $token);
is($alice->refused, undef, 'a token logs in over TLS') or diag($login->log);
is($alice->query('SELECT ssl, oauth_subject(), system_user FROM pg_stat_ssl WHERE pid = pg_backend_pid()'), 't|42|oauth:42', 'and the session is that of its holder');
refuses_who_may_not();
like($login->session(token => $token, tls => undef)->refused, qr/\A28000 no pg_hba\.conf entry for host "\[local\]"/, 'the socket has no line, and nobody is asked there for a token');

# a client of libpq's, with a hook that gives the token
my $dir = $login->t->dir;
my ($include, $libdir) = map { chomp(my $path = `pg_config --$_`); $path } qw(includedir libdir);
is(system('gcc', "-I$include", "$FindBin::RealBin/clients/database_login.c", '-o', "$dir/database_login", "-L$libdir", "-Wl,-rpath,$libdir", '-lpq'), 0,
	'a program that has a token, with libpq');
my $who = 'SELECT ssl || version || oauth_subject() FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
my %server = (host => 'db.example.com', hostaddr => '127.0.0.1', port => $node->port, dbname => 'postgres', user => 'alice', sslmode => 'verify-full',
	sslrootcert => $login->authority, oauth_issuer => 'https://id.example.com', oauth_client_id => $login->client);

# What the program says with these instead; unless it is asked, nobody learns its token.
sub program_says
{
	my ($name, $what, %instead) = @_;
	my $its = delete $instead{token} // $token;
	my $is_asked = delete $instead{is_asked} // 0;
	my $at = length slurp($node->logfile);
	my %to = (%server, %instead);
	my @command = ("$dir/database_login", join(' ', map { "$_=$to{$_}" } sort keys %to), $who);
	local $ENV{TOKEN} = $its;
	my $said = readpipe(join(' ', map { "'$_'" } @command) . ' 2>&1');

	like($said, $what, "a program of libpq's: $name");
	is($said =~ /the token is asked for/ ? 1 : 0, $is_asked, $is_asked ? '... and gives its token' : '... and keeps its token');
	unlike(substr(slurp($node->logfile), $at), qr/login with a token as role/, '... which the server has not seen') unless $is_asked;
	return;
}
program_says('a server that names an issuer in the clear', qr/must use HTTPS/, oauth_issuer => 'http://localhost:8000');
$login->configure(issuer => 'https://id.example.com');
program_says('a server that is who it says', qr/^trueTLSv1\.\d42$/m, is_asked => 1);
program_says('the same without a word in the clear', qr/^trueTLSv1\.\d42$/m, is_asked => 1, sslnegotiation => 'direct');
program_says('one that demands this method', qr/^trueTLSv1\.\d42$/m, is_asked => 1, require_auth => 'oauth');
program_says('a token that is not good', qr/OAuth bearer authentication failed for user "alice"/, is_asked => 1, token => $unknown);
program_says('another server than it wants', qr/certificate for "db\.example\.com".* does not match host name "other\.example\.com"/, host => 'other.example.com');
program_says('a server whom nobody that it trusts knows', qr/certificate verify failed/, sslrootcert => "$dir/stranger.pem");
program_says('a connection in the clear', qr/no pg_hba\.conf entry for host "127\.0\.0\.1", user "alice", database "postgres", no encryption/, sslmode => 'disable');
program_says('a server that asks for the token of another issuer', qr/issuer/, oauth_issuer => 'https://other.example.com');
program_says('one that demands a password', qr/requirement "scram-sha-256" failed: .*OAUTH|"scram-sha-256" failed/, require_auth => 'scram-sha-256');

# ---- and so is the database asked ----

my $trusts = $login->authority;
for (
	[ "host=db.example.com sslrootcert=$trusts sslcert=$dir/oauth_validator.pem sslkey=$dir/oauth_validator.key", undef, 'over TLS, with a certificate of its own' ],
	[ "host=localhost sslrootcert=$trusts sslcert=$dir/oauth_validator.pem sslkey=$dir/oauth_validator.key", 'does not match host name "localhost"', 'at another server than it wants' ],
	[ "host=db.example.com sslrootcert=$dir/stranger.pem sslcert=$dir/oauth_validator.pem sslkey=$dir/oauth_validator.key", 'certificate verify failed', 'at a server whom nobody knows' ],
	[ "host=db.example.com sslrootcert=$trusts sslcertmode=disable", 'requires a valid client certificate', 'without the certificate' ])
{
	my ($conninfo, $why, $name) = @$_;
	$login->configure(before => 'hostssl postgres oauth_validator 127.0.0.1/32 cert',
		'oauth.validator_conninfo' => "$conninfo hostaddr=127.0.0.1 port=" . $node->port . ' dbname=postgres user=oauth_validator sslmode=verify-full');
	$why ? refused("the database that knows the tokens cannot be asked: .*$why", "who asks $name") : is($login->session(token => $token)->refused, undef, "the database is asked $name");
}

$login->finish;
done_testing();
