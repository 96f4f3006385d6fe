#!/usr/bin/perl
# 040_guessing.pl: a hundred guesses at once over HTTP, and word of what ended.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(header json post_bytes);

my $t = ShimTest->new(extension => 1, conf => "oauth.bcrypt_cost = 6\noauth.failed_attempts = 7");
my ($id, $secret) = split /\|/, $t->sql(q{SELECT client_id, client_secret FROM oauth_register_client('guess',
	grant_types => '{password,client_credentials,refresh_token}')});
my $alice = $t->sql(q{SELECT oauth_create_user('alice', 'wonderland')});
my $auth = "client_id=$id&client_secret=$secret";
my $login = "$auth&grant_type=password&username=alice&password";
$t->start('--trusted-proxy=127.0.0.0/8');

# Statuses and how often each came.
sub statuses
{
	my %n;
	$n{ $_->{status} }++ for @_;
	return join ', ', map { "$_: $n{$_}" } sort keys %n;
}

# Seven are free; then the next is looked at after a second, two, four: a slow machine comes so far.
my @answers = $t->together(map { post_bytes('/oauth2/token', "$login=wrong") } 1 .. 60);
my @more = $t->together(map { post_bytes('/oauth2/token', "$login=wrong") } 1 .. 100);
my ($looked_at, $too_soon) = split /\|/, $t->sql(<<'END');
SELECT count(*), count(*) FILTER (WHERE n > 7 AND occurred_at - before < interval '0.5 s' * 2 ^ (n - 8)) FROM (
	SELECT row_number() OVER (ORDER BY handle) AS n, occurred_at, lag(occurred_at) OVER (ORDER BY handle) AS before
	FROM oauth.event WHERE event = 'login' AND outcome = 'invalid_grant') e
END
cmp_ok($looked_at, '>=', 7, 'R213: of 60 wrong passwords at once as many are looked at as are free');
is($too_soon, 0, '... and no more, but for one after a second, and one after two');
is(scalar(grep { $_->{status} == 400 } @answers, @more), $looked_at, '... of 100 more likewise: the audit log has those that were looked at');
is(scalar(grep { $_->{status} !~ /400|429/ } @answers), 0, 'the others are told when to come back');
is(scalar(grep { $_->{status} !~ /400|429|503/ } @more), 0, '... or find no room in the lane');
my ($refused) = grep { $_->{status} == 429 } @answers;
cmp_ok(header($refused, 'Retry-After'), '>=', 1, 'in seconds');
is(json($refused)->{error}, 'temporarily_unavailable', 'in the form that clients read');
is($t->post('/oauth2/token', "$login=wonderland", 'X-Forwarded-For' => '192.0.2.44')->{status}, 200,
	'R112: the owner logs in from elsewhere meanwhile');

# Many networks of one site, as a proxy tells them: they are one guesser.
$t->sql(q{SELECT oauth_create_user('carol', 'carousel')});
my $carol = "$auth&grant_type=password&username=carol&password";
$t->post('/oauth2/token', "$carol=wrong", 'X-Forwarded-For' => sprintf('2001:db8:7:%x::1', $_ % 13)) for 1 .. 117;
is($t->post('/oauth2/token', "$carol=carousel", 'X-Forwarded-For' => '198.51.100.5')->{status}, 200,
	'R213: 117 guesses from 13 networks of one site keep nobody out elsewhere');

# Many addresses: a person who logged in before goes on, in that browser, also from an address that nobody has seen.
$t->sql('TRUNCATE oauth.throttle, oauth.known_address');
my %from = ('X-Forwarded-For' => '198.51.100.6', 'X-Forwarded-Proto' => 'https');
my $form = $t->get('/login', %from);
my ($browser) = header($form, 'Set-Cookie') =~ /(__Host-oauth_browser=\w+)/;
my ($form_token) = $form->{body} =~ /name="token" value="([^"]+)"/;
my $in = $t->post('/login', "token=$form_token&username=carol&password=carousel", %from, Cookie => $browser);
my ($known) = map { /^Set-Cookie: (__Host-oauth_known=[^;]+); Path=\/; HttpOnly; SameSite=Lax; Secure/i ? $1 : () } @{ $in->{headers} };
ok($known, 'a login leaves a cookie');
$t->post('/oauth2/token', "$carol=wrong", 'X-Forwarded-For' => "203.0.113.$_") for 1 .. 90;
$t->sql("UPDATE oauth.throttle SET last_at = clock_timestamp() + interval '30 s'");		# so that no wait is over before the next line
sub page_login
{
	my ($address, @more) = @_;
	my @cookies = (Cookie => join '; ', $browser, @more);
	return $t->post('/login', "token=$form_token&username=carol&password=carousel", %from, 'X-Forwarded-For' => $address, @cookies)->{status};
}
is(page_login('198.51.100.7'), 429, 'after 90 guesses from 90 addresses an address that nobody has seen waits');
is(page_login('198.51.100.7', $known), 303, 'R213: but not the browser that has logged in before');
is(page_login('198.51.100.6'), 303, 'nor the address');

# Client secrets, also where the lane only reads.
is(statuses(map { $t->post('/oauth2/introspect', "client_id=$id&client_secret=wrong&token=x") } 1 .. 9), '401: 7, 429: 2',
	'R158: wrong client secrets at introspection are counted');
is($t->post('/oauth2/introspect', "$auth&token=x")->{status}, 200, 'and the right one is taken');

# The peer that the proxy names is the one that is counted and noted.
$t->post('/oauth2/token', "$auth&grant_type=client_credentials", 'X-Forwarded-For' => '198.51.100.77');
is($t->sql(q{SELECT host(peer) FROM oauth.event WHERE event = 'issue' ORDER BY handle DESC LIMIT 1}), '198.51.100.77',
	'an event names the address that a trusted proxy forwards');
# The audit log has the id of the request that the answer has: of each in a batch its own, failed or not.
{
	my $given = join '-', 'audit', $$;
	my @answers = $t->together(map { post_bytes('/oauth2/token', "$auth&grant_type=client_credentials", 'X-Request-Id' => "$given-$_") } 1 .. 8);
	is_deeply([ map { header($_, 'X-Request-Id') } @answers ], [ map { "$given-$_" } 1 .. 8 ], 'each answer has the id of its request');
	is($t->sql("SELECT count(DISTINCT request_id) FROM oauth.event WHERE request_id LIKE '$given-%' AND event = 'issue'"), 8, 'and the audit log has it');
	is($t->sql("SELECT count(*) FROM oauth.recent_event WHERE request_id LIKE '$given-%'"), 8, 'also the view with names');
	my $refused = $t->post('/oauth2/token', "${auth}x&grant_type=client_credentials", 'X-Forwarded-For' => '192.0.2.45');
	is($t->sql(q{SELECT count(*) FROM oauth.event WHERE outcome = 'invalid_client' AND request_id = '} . header($refused, 'X-Request-Id') . q{'}), 1, 'what was refused has the one that was made');
}

# LISTEN oauth_revoked
sub told
{
	my ($statement) = @_;
	return join ' ', $t->sql("LISTEN oauth_revoked; $statement") =~ /"oauth_revoked" with payload "([^"]*)"/g;
}
my $token = json($t->post('/oauth2/token', "$auth&grant_type=client_credentials"))->{access_token};
my $digest = $t->sql("SELECT encode(sha256('$token'), 'hex')");
is(told("SELECT oauth_revoke_token('$token')"), $digest, 'who listens is told the digest of a token that ended');
is(told("SELECT oauth_revoke_token('$token')"), '', 'once');
my $pair = json($t->post('/oauth2/token', "$login=wonderland", 'X-Forwarded-For' => '192.0.2.44'));
is(told("SELECT oauth_revoke_token('$pair->{refresh_token}')"), $t->sql("SELECT encode(sha256('$pair->{access_token}'), 'hex')"),
	'of a refresh token, the access tokens of its grant');
is(told("BEGIN; SELECT oauth_disable_user('alice'); ROLLBACK"), '', 'what is rolled back is not told');
is(told("SELECT oauth_disable_user('alice')"), '*', 'of a user, that everything may have changed');
is(told("SET oauth.notify_revocation = off; SELECT oauth_disable_client('$id')"), '', 'nothing where the setting is off');

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
