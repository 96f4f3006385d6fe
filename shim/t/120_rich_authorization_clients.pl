#!/usr/bin/perl
# 120_rich_authorization_clients.pl: other people's clients: openid-client 6 with authorization_details (RFC 9396), oauth4webapi and
# jose with introspection as JWT (RFC 9701).
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Test::More;
use lib $FindBin::Bin;
use BrowserTest qw(browser_tests);
use ClientTest;
use ShimTest qw(skip_file without_npm);

my $why = without_npm('openid-client', 'oauth4webapi', 'jose');
skip_file('50 or so', $why) if $why;

my $clients = ClientTest->serve;
my $t = $clients->{t};
$t->sql(q{CREATE ROLE bank;
	CREATE SCHEMA bank AUTHORIZATION bank;
	SET ROLE bank;
	CREATE FUNCTION bank.payment(details jsonb, client_id text, subject text) RETURNS jsonb LANGUAGE sql STABLE AS $$
		SELECT CASE WHEN (details ->> 'amount')::numeric > 1000 THEN to_jsonb('Too much.'::text) ELSE details || jsonb_build_object('payer', subject) END $$;
	RESET ROLE;
	SELECT oauth_register_authorization_details_type('payment', 'Pay a bill', 'bank.payment'),
		oauth_register_authorization_details_type('photo', 'Print photos'),
		oauth_register_resource('https://print.example/', access_token_format => 'jwt')});
my ($id, $secret) = split /\|/, $t->sql(q{SELECT client_id, client_secret FROM oauth_register_client('Shop',
	redirect_uris => '{http://127.0.0.1/back}', grant_types => '{authorization_code,refresh_token,client_credentials,introspection}', scope => 'read')});
$t->sql(qq{SELECT oauth_update_client('$id', '{"authorization_details_types": ["payment", "photo"]}')});
my %askers;
for my $alg (qw(RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 EdDSA Ed25519))
{
	($askers{"RS_$alg"}, $askers{"RS_${alg}_SECRET"}) = split /\|/,
		$t->sql("SELECT client_id, client_secret FROM oauth_register_client('$alg', grant_types => '{introspection}')");
	$t->sql(qq[SELECT oauth_update_client('$askers{"RS_$alg"}', '{"introspection_signed_response_alg": "$alg"}')]);
	# the clients read the key set early, and keep it
	$t->sql("SELECT oauth_create_signing_key('$alg')");
}
browser_tests($t, { %{ $clients->{environment} }, %askers, CLIENT_ID => $id, CLIENT_SECRET => $secret }, 'rich_authorization.mjs');
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
