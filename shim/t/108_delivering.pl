#!/usr/bin/perl
# 108_delivering.pl: messages that the database has for other servers: sent once they are committed, again where that failed,
# by whichever shim is there, one at a time to each client (OpenID Connect Back-Channel Logout 1.0).
# Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use MIME::Base64 qw(decode_base64url);
use Test::More;
use Time::HiRes qw(time usleep);
use lib $FindBin::Bin;
use ShimTest qw(wait_for);
use WebServer qw(own_address);

my $t = ShimTest->new(extension => 1);
my ($allowed, $private) = map { own_address($_) } 1 .. 2;
my $web = WebServer->new(dir => $t->dir);
$web->certificate('good', 'ca', "IP:$allowed,IP:$private");
$web->listen($_, 8443, tls => 'good') for $allowed, $private;
my $base = "https://$allowed:8443";
my @network = ('--fetch-ca=' . $web->authority, "--fetch-allow=$allowed");

# A logout writes a row for each client; here the name of a client says to which URL.
$t->sql(<<'END');
ALTER DATABASE postgres SET oauth.issuer = 'https://auth.example';
CREATE FUNCTION public.tell(name text, url text, sid text DEFAULT 's', told boolean DEFAULT true) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	client text;
BEGIN
	SELECT client_id INTO client FROM oauth.client WHERE client_name = name;
	IF client IS NULL THEN
		SELECT client_id INTO client FROM oauth_register_client(name, redirect_uris => '{https://app.example/cb}');
	END IF;
	INSERT INTO oauth.delivery (handle, kind, client_id, url, subject, sid, due_at)
		VALUES ((extract(epoch FROM clock_timestamp() - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint << 11,
			'backchannel_logout', client, url, 'alice', sid, clock_timestamp());
	IF told THEN
		NOTIFY oauth_delivery;
	END IF;
END $$;
END
$t->start(@network);

sub message { my ($name, $path, $sid) = @_; $t->sql("SELECT public.tell('$name', '$base$path', '" . ($sid // 's') . "')"); return }
sub state_of { return $t->sql("SELECT state FROM oauth.delivery_overview WHERE client_name = '$_[0]' ORDER BY handle") }
sub becomes { my ($name, $state) = @_; return wait_for(sub { state_of($name) eq $state }) }
sub due { $t->sql("UPDATE oauth.delivery SET due_at = clock_timestamp() WHERE delivered_at IS NULL AND failed_at IS NULL; NOTIFY oauth_delivery"); return }

sub claims
{
	my ($request) = @_;
	my ($token) = $request->{body} =~ /\Alogout_token=([-_.A-Za-z0-9]+)\z/;

	return { token => $token, %{ decode_json(decode_base64url((split /\./, $token)[1])) } };
}

# ---- one message ----
my $begun = time;
message('one', '/receive/200?one');
ok(becomes('one', 'delivered'), 'a message is delivered');
cmp_ok(time - $begun, '<', 15, 'soon, though the key that signs it was made first');
my ($one) = $web->requests('/receive/200?one');
is($one->{method}, 'POST', 'with POST');
# Back-Channel Logout 1.0, section 2.5: "The POST body uses the application/x-www-form-urlencoded encoding and must include a
# logout_token parameter containing a Logout Token"
is($one->{fields}{'content-type'}, 'application/x-www-form-urlencoded', 'as a form');
my $claims = claims($one);
is($t->sql("SELECT valid FROM oauth_verify_jwt('$claims->{token}', oauth_jwks(), '{RS256}', 'logout+jwt')"), 't', 'the token is signed by the provider');
is("$claims->{iss} $claims->{sub} $claims->{sid}", 'https://auth.example alice s', 'and tells who was logged out');
cmp_ok(abs($claims->{iat} - $one->{began}), '<', 5, 'at the moment it was sent');

$t->sql("BEGIN; SELECT public.tell('back', '$base/receive/200?back'); ROLLBACK");
$t->sql("SELECT public.tell('quiet', '$base/receive/204?quiet', told => false)");
ok(becomes('quiet', 'delivered'), 'one that nobody told of is found; 204 is as good as 200');

# ---- answers ----
message('bad', '/receive/400?bad');
ok(becomes('bad', 'failed'), '400 is a failure (section 2.8)');
is($t->sql("SELECT attempts, status, problem FROM oauth.delivery_overview WHERE client_name = 'bad'"), '1|400|the answer had status 400', 'and the receiver has decided');
message('busy', '/receive/503?busy');
ok(wait_for(sub { $t->sql("SELECT status FROM oauth.delivery_overview WHERE client_name = 'busy'") eq '503' }), 'another status is noted');
is(state_of('busy'), 'waiting', 'and sent again later');
is($t->sql("SELECT next_attempt_at - created_at BETWEEN '5 s' AND '20 s' FROM oauth.delivery_overview WHERE client_name = 'busy'"), 't', 'a few seconds');
due();
ok(wait_for(sub { $web->requests('/receive/503?busy') == 2 }), 'when it is time');
my @busy = map { claims($_) } $web->requests('/receive/503?busy');
is($busy[1]{jti}, $busy[0]{jti}, 'as the same message');
ok(wait_for(sub { $t->sql("SELECT next_attempt_at - now() > '5 s' FROM oauth.delivery_overview WHERE client_name = 'busy'") eq 't' }), 'then it waits longer');
$t->sql("UPDATE oauth.delivery SET handle = handle - ((3600 * 1000000::bigint) << 11) WHERE url LIKE '%busy'");
due();
ok(becomes('busy', 'failed'), 'after an hour it has failed');

message('away', "/to/$base/receive/200?redirected");
$t->sql("SELECT public.tell('inside', 'https://$private:8443/receive/200?inside')");
message('chatty', '/chatty/x');
ok(becomes('chatty', 'delivered'), 'what an answer says beside its status is not read');
ok(wait_for(sub { $t->sql("SELECT status FROM oauth.delivery_overview WHERE client_name = 'away'") eq '302' }), 'a redirect is noted');
due();
ok(wait_for(sub { $t->sql("SELECT problem FROM oauth.delivery_overview WHERE client_name = 'inside'") eq 'the address is not public' }), 'an address that is not public is not sent to');
is(scalar $web->requests('/receive/200?redirected'), 0, 'and not followed');
is(scalar(grep { $_->{connected} eq $private } $web->connections), 0, 'nobody was connected to who may not be');
ok(wait_for(sub { $t->metric('oauth_shim_deliveries_waiting') >= 2 }), 'those that wait are counted');
like($t->get('/metrics')->{body}, qr/^oauth_shim_delivery_oldest_seconds \d+$/m, 'and the age of the oldest');
is($t->metric('oauth_shim_deliveries_total{outcome="rejected"}'), 1, 'outcomes are counted: rejected');
cmp_ok($t->metric("oauth_shim_deliveries_total{outcome=\"$_\"}"), '>', 0, "outcomes are counted: $_") for qw(delivered failed forbidden);
$t->sql('DELETE FROM oauth.delivery');

# ---- a slow receiver holds up itself alone ----
$web->forget;
$t->start(@network);
message('slow', "/late/2?$_", $_) for 1 .. 3;
ok(wait_for(sub { state_of('slow') =~ /being sent/ }), 'a slow receiver is being sent to');
message('quick', '/receive/200?quick');
ok(becomes('quick', 'delivered'), 'meanwhile another one');
unlike(state_of('slow'), qr/delivered\ndelivered/, 'gets its message at once');
ok(becomes('slow', "delivered\ndelivered\ndelivered"), 'the slow one gets all of its messages');
my @slow = sort { $a->{began} <=> $b->{began} } grep { $_->{path} =~ /late/ } $web->requests;
is(scalar @slow, 3, 'each once');
is(scalar(grep { $slow[$_]{began} < $slow[ $_ - 1 ]{ended} } 1 .. 2), 0, 'one after the other, though there are two shims');

# ---- many ----
$web->forget;
$t->sql("SELECT public.tell('many' || i, '$base/receive/200?many' || i) FROM generate_series(1, 40) i");
ok(wait_for(sub { $t->sql("SELECT count(*) FROM oauth.delivery_overview WHERE client_name LIKE 'many%' AND state = 'delivered'") == 40 }, 60), 'forty messages to forty clients are delivered');
my %many;
$many{ $_->{path} }++ for grep { $_->{path} =~ /many/ } $web->requests;
is(scalar keys %many, 40, 'all of them');
my %attempts = split /[|\n]/, $t->sql("SELECT substr(url, " . (length($base) + 1) . "), attempts FROM oauth.delivery WHERE url LIKE '%many%'");
is(scalar(grep { $many{$_} > $attempts{$_} } keys %many), 0, 'and no two shims send the same');

# ---- a shim that dies ----
is($t->stop, 0, 'one of the two shims ends');
$t->sql('DELETE FROM oauth.delivery');
message('dying', '/late/3?dying');
ok(becomes('dying', 'being sent'), 'a shim is sending a message');
kill('KILL', $t->pid);
waitpid($t->pid, 0);
pop @{ $t->{shims} };
$begun = time;
$t->start(@network);
ok(becomes('dying', 'delivered'), 'when it has died, another one sends it');
cmp_ok(time - $begun, '<', 20, 'before its time is over');
my @dying = map { claims($_) } $web->requests('/late/3?dying');
cmp_ok(scalar @dying, '>=', 1, 'it has arrived');
is(scalar(grep { $_->{jti} ne $dying[0]{jti} } @dying), 0, 'as the same message each time');

# ---- clients that are registered with addresses at a host of others ----
$web->forget;
$t->sql("SELECT public.tell('stranger' || i, '$base/late/1?stranger' || i, told => false) FROM generate_series(1, 8) i; UPDATE oauth.client SET registration_token_hash = sha256('x') WHERE client_name LIKE 'stranger%'; NOTIFY oauth_delivery");
ok(wait_for(sub { $t->sql("SELECT count(*) FROM oauth.delivery_overview WHERE client_name LIKE 'stranger%' AND state = 'held back'") > 0 }), 'those of strangers are held back');
message('ours', '/receive/200?ours');
ok(becomes('ours', 'delivered'), 'the host is sent that of another client meanwhile');
cmp_ok($t->sql("SELECT count(*) FROM oauth.delivery_overview WHERE client_name LIKE 'stranger%' AND state <> 'delivered'"), '>', 0, '... while they wait');
ok(wait_for(sub { $t->sql("SELECT count(*) FROM oauth.delivery_overview WHERE client_name LIKE 'stranger%' AND state = 'delivered'") == 8 }, 60), 'all of them arrive');
my @strange = grep { $_->{path} =~ /stranger/ } $web->requests;
my @at_once = map { my $one = $_; scalar grep { $_->{began} <= $one->{began} && $_->{ended} > $one->{began} } @strange } @strange;
is(scalar(grep { $_ > 2 } @at_once), 0, 'two at a time');

# ---- the end of a shim ----
message('last', '/late/2?last');
ok(becomes('last', 'being sent'), 'a message is being sent');
is($t->stop, 0, 'when the shim is told to stop');
is(state_of('last'), 'delivered', 'it is delivered before');

# ---- switched off, and a connection that is lost ----
$t->start('--fetch=off');
message('off', '/receive/200?off');
usleep(2_500_000);
is(state_of('off'), 'waiting', 'with --fetch=off nothing is sent');
$t->start(@network);
ok(becomes('off', 'delivered'), 'until there is a shim that does');
$t->sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'oauth_shim' AND query LIKE '%deliver%'");
message('lost', '/receive/200?lost');
ok(becomes('lost', 'delivered'), 'a connection that was lost is opened again');
is($t->get('/readyz')->{status}, 200, 'readiness does not depend on it');
is(scalar $web->requests('/receive/200?back'), 0, 'what was rolled back was never sent');

$t->finish;
done_testing();
