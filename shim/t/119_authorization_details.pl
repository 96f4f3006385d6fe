#!/usr/bin/perl
# 119_authorization_details.pl: rich authorization requests (RFC 9396) over HTTP, with the consent page in Debian's Chromium: what a
# client asks for is shown whole and harmless, and a proxy and the application's functions learn what was granted.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Test::More;
use lib $FindBin::Bin;
use BrowserTest qw(browser_tests);
use ShimTest qw(skip_tests without_npm);

my $t = ShimTest->new(extension => 1, conf => 'oauth.bcrypt_cost = 4');
my $port = PostgreSQL::Test::Cluster::get_free_port();
$t->sql(q{SELECT oauth_create_user('alice', 'wonderland');
	CREATE ROLE bank;
	CREATE SCHEMA bank AUTHORIZATION bank;
	SET ROLE bank;
	CREATE FUNCTION bank.payment(details jsonb, client_id text, subject text) RETURNS jsonb LANGUAGE sql STABLE AS $$
		SELECT CASE WHEN (details ->> 'amount')::numeric <= 1000 THEN details END $$;
	CREATE FUNCTION bank.mine(oauth.http_request) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT public.oauth_authorization_details() $$;
	RESET ROLE;
	GRANT EXECUTE ON FUNCTION oauth_authorization_details TO bank;
	SELECT oauth_register_authorization_details_type('payment', 'Pay a bill', 'bank.payment'),
		oauth_register_authorization_details_type('photo'),
		oauth_set_page('authorization_details payment', 'ادفع فاتورة', 'ar'), oauth_set_page('authorization_details payment amount', 'Amount', 'en'),
		oauth_protect('/api/mine', 'bank.mine', required_scope => 'read')});
my ($id, $secret) = split /\|/, $t->sql(q{SELECT client_id, client_secret FROM oauth_register_client('Shop',
	redirect_uris => '{http://127.0.0.1/back}', grant_types => '{authorization_code,refresh_token,client_credentials}', scope => 'read')});
$t->sql(qq{SELECT oauth_update_client('$id', '{"authorization_details_types": ["payment", "photo"]}')});
$t->{last_port} = $port;
$t->sql(qq{ALTER DATABASE postgres SET oauth.issuer = 'http://127.0.0.1:$port'});
$t->start('--same-port');

my $why = without_npm('playwright-core', 'axe-core');
SKIP:
{
	skip_tests(40, $why) if $why;
	for my $javascript ('with', 'without')
	{
		$t->sql('DELETE FROM oauth.consent');
		browser_tests($t, { OAUTH_URL => "http://127.0.0.1:$port", SHOP => encode_json({ id => $id, secret => $secret }) }, 'browser_details.mjs', $javascript);
	}
}

sub form
{
	my (%fields) = @_;
	return join '&', map { my $value = $fields{$_}; $value =~ s/([^A-Za-z0-9])/sprintf('%%%02X', ord $1)/ge; "$_=$value" } sort keys %fields;
}
my %auth = (client_id => $id, client_secret => $secret);

# The answer of the token endpoint to a client that asks for itself.
sub own
{
	my ($details) = @_;
	return $t->post('/oauth2/token', form(%auth, grant_type => 'client_credentials', $details ? (authorization_details => $details) : ()));
}

# RFC 9396, section 5: "The AS MUST refuse to process any unknown authorization details type"
for ([ '[{"type": "unknown"}]', 'an unknown type' ], [ '[{"type": "payment", "amount": "1001"}]', 'what the application refuses' ],
	[ '[{"type": "photo", "type": "payment"}]', 'a member twice' ], [ '[' x 5000, 'nesting without end' ],
	[ '[{"type": "photo", "x": "' . 'x' x 20000 . '"}]', 'too much' ], [ "[{\"type\": \"photo\", \"x\": \"\\u0000\"}]", 'a character that no text has' ])
{
	my ($details, $what) = @$_;
	my $answer = own($details);
	is("$answer->{status} " . (ShimTest::json($answer)->{error} // ''), '400 invalid_authorization_details', "RFC 9396, section 5: $what is refused");
}

# Section 9: what was granted reaches the application's functions, and proxies
my $album = '[{"type": "photo", "actions": ["print"], "album": "Zoë 😀 \u202e"}]';
my $token = ShimTest::json(own($album))->{access_token};
my $wanted = decode_json($album);
is_deeply(decode_json($t->get('/api/mine', Authorization => "Bearer $token")->{body}), $wanted, 'section 9: a function behind /api/ asks oauth_authorization_details()');
is_deeply(decode_json($t->get('/api/', Authorization => "Bearer $token")->{body})->{authorization_details}, $wanted, 'section 9: /api/ says them');
my $field = ShimTest::header($t->get('/auth', Authorization => "Bearer $token"), 'X-OAuth-Authorization-Details');
like($field, qr/\A[\x20-\x7e]+\z/, 'section 9: /auth has them in one line of ASCII');
is_deeply(decode_json($field), $wanted, '... which is the same JSON');
my $long = ShimTest::json(own('[{"type": "photo", "x": "' . 'x' x 3000 . '"}]'))->{access_token};
my $answer = $t->get('/auth', Authorization => "Bearer $long");
is("$answer->{status} " . (ShimTest::header($answer, 'X-OAuth-Authorization-Details') // 'none'), '200 none', '... unless they are longer than a proxy takes');
my $plain = ShimTest::json(own())->{access_token};
is($t->get('/api/mine', Authorization => "Bearer $plain")->{status}, 204, 'a token without them has none, although another token of the client has');

# Section 6: 64 at once, over two shims, ask for different parts of one grant.  One of them rotates the token, and the others, which
# may be the same client that lost the answer, get that answer: never a part that was not written down, never the sum of two.
my $refresh = $t->sql(qq{SELECT refresh_token FROM oauth_issue_token('$id', 'bill', 'read', refresh => true)});
$t->sql(q{UPDATE oauth.grant SET authorization_details = (SELECT jsonb_agg(jsonb_build_object('type', 'photo', 'n', n)) FROM generate_series(1, 64) n) WHERE subject = 'bill'});
my $one = $t->port;
$t->start;
my $two = $t->port;
my @answers = $t->together(map { [ $_ % 2 ? $one : $two, ShimTest::post_bytes('/oauth2/token',
	form(%auth, grant_type => 'refresh_token', refresh_token => $refresh, authorization_details => qq([{"type": "photo", "n": $_}]))) ] } 1 .. 64);
my %got;
$got{"$_->{status} " . JSON::PP->new->canonical->encode(ShimTest::json($_)->{authorization_details} // [])}++ for @answers;
is_deeply([ values %got ], [64], '64 refreshes at once for 64 parts of a grant: all get the answer of the first') or diag(explain(\%got));
like((keys %got)[0], qr/\A200 \[\{"n":\d+,"type":"photo"\}\]\z/, '... one part');
is($t->sql(q{SELECT count(DISTINCT t.authorization_details) FROM oauth.access_token t JOIN oauth.grant g ON g.handle = t.grant_handle WHERE g.subject = 'bill' AND t.authorization_details IS NOT NULL}),
	1, '... and one was written down');

# "Your tokens live and die in your transactions": what is rolled back was never a type
$t->sql(q{BEGIN; SELECT oauth_unregister_authorization_details_type('photo'); ROLLBACK});
is(own('[{"type": "photo"}]')->{status}, 200, 'a type that was not unregistered in the end is still there');

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
