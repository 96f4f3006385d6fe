# 141_first_keys.pl
# The first signatures that a new provider makes, all at once: a key of RSA takes up to a second to make, and longer where others
# start as well, so each is made in a transaction of its own, and nobody waits for what a request has locked meanwhile.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use MIME::Base64 qw(decode_base64url);
use JSON::PP;
use ShimTest qw(json);
use Test::More;

my $each = 8;
my $t = ShimTest->new(extension => 1);
$t->sql("ALTER DATABASE postgres SET oauth.issuer = 'https://id.example.com'");
$t->start('--purge-interval=0');

# Refreshes that bring an ID token of that algorithm.
sub refreshes
{
	my ($alg) = @_;
	my ($id, $secret) = split /\|/, $t->sql("SELECT client_id, client_secret FROM oauth_register_client('first $alg',
		grant_types => '{authorization_code,refresh_token}', redirect_uris => '{https://app.example/cb}', scope => 'openid')");
	$t->sql("SELECT oauth_update_client('$id', '{\"id_token_signed_response_alg\": \"$alg\"}')");
	my @tokens = split /\n/, $t->sql("SELECT k.refresh_token FROM generate_series(1, $each) i, oauth_issue_token('$id', '$alg ' || i, scope => 'openid', refresh => true) k");
	$t->sql("UPDATE oauth.grant SET grant_type = 'authorization_code' WHERE client_id = '$id'");
	return map { ShimTest::post_bytes('/oauth2/token', "client_id=$id&client_secret=$secret&grant_type=refresh_token&refresh_token=$_") } @tokens;
}

my %requests = map { $_ => [ refreshes($_) ] } qw(RS256 PS256 ES256);
my @algs = map { my $n = $_; map { [ $_, $n ] } sort keys %requests } 0 .. $each - 1;
my @answers = $t->together(map { $requests{ $_->[0] }[ $_->[1] ] } @algs);
is_deeply([ map { $_->{status} } @answers ], [ (200) x @algs ], 'each refresh is answered');
is_deeply(
	[ map { (decode_json(decode_base64url((split /\./, json($_)->{id_token} // '')[0] // '') || '{}'))->{alg} } @answers ],
	[ map { $_->[0] } @algs ], '... with an ID token of its algorithm');
is($t->sql("SELECT string_agg(alg, ' ' ORDER BY alg) FROM oauth.signing_key"), 'ES256 PS256 RS256', 'one key of each was made');
is($t->sql("SELECT count(DISTINCT xmin::text) FROM oauth.signing_key WHERE alg <> 'ES256'"), 2, 'those of RSA in two transactions');
is($t->sql("SELECT count(*) FROM oauth.signing_key WHERE alg <> 'ES256' AND xmin::text IN (SELECT xmin::text FROM oauth.refresh_token)"), 0,
	'... that did nothing else');
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no batch was run one by one');
$t->finish;
done_testing();
