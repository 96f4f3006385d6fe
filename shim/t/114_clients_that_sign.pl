#!/usr/bin/perl
# 114_clients_that_sign.pl: other people's clients that prove who they are with an assertion (RFC 7523; OpenID Connect Core, section 9).
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(skip_tests slurp without_npm);

my $clients = "$FindBin::Bin/clients";
my $t = ShimTest->new(extension => 1);
my $dir = $t->dir;
my $port = PostgreSQL::Test::Cluster::get_free_port();
$t->{last_port} = $port;
$t->sql("ALTER DATABASE postgres SET oauth.issuer = 'http://127.0.0.1:$port'");
$t->start('--same-port');

# ---- keys: ours by openssl, and as JSON by the jose of npm or authlib ----
my %alg = (ES256 => '-algorithm EC -pkeyopt ec_paramgen_curve:P-256', RS256 => '-algorithm RSA', PS256 => '-algorithm RSA');
my (%pem, %jwk, %client);
sub python { my ($program, @arguments) = @_; open(my $pipe, '-|', '/usr/bin/python3', '-c', $program, @arguments) or die; my $out = do { local $/; <$pipe> }; close $pipe; return $out }
for my $alg (sort keys %alg)
{
	system("openssl genpkey $alg{$alg} -out $dir/$alg.pem 2>/dev/null") == 0 or die;
	$pem{$alg} = slurp("$dir/$alg.pem");
	my ($kty) = $alg =~ /^E/ ? 'EC' : 'RSA';
	my ($private, $public) = split /\n/, python("import sys, json\nfrom authlib.jose import JsonWebKey\n"
		  . "k = JsonWebKey.import_key(open(sys.argv[1]).read(), {'kty': sys.argv[2], 'kid': sys.argv[3], 'alg': sys.argv[3], 'use': 'sig'})\n"
		  . "print(json.dumps(k.as_dict(is_private=True)))\nprint(json.dumps(k.as_dict(is_private=False)))", "$dir/$alg.pem", $kty, $alg);
	$jwk{$alg} = $private;
	$client{$alg} = register("{\"token_endpoint_auth_method\":\"private_key_jwt\",\"token_endpoint_auth_signing_alg\":\"$alg\",\"jwks\":{\"keys\":[$public]}}")->{client_id};
}
my $by_secret = register('{"token_endpoint_auth_method":"client_secret_jwt"}');

sub register
{
	my ($json) = @_;
	return JSON::PP->new->decode($t->sql("SELECT oauth_register_client_metadata('{\"client_name\":\"x\",\"scope\":\"read\",\"grant_types\":[\"client_credentials\",\"introspection\"]}'::jsonb || '$json'::jsonb)"));
}

# A client that gets a token, asks about it, ends it, and prints its own id.
sub proves_itself
{
	my ($name, $id, $more, @command) = @_;
	local %ENV = (%ENV, OAUTH_URL => "http://127.0.0.1:$port", CLIENT_ID => $id, PYTHONDONTWRITEBYTECODE => 1, AUTHLIB_INSECURE_TRANSPORT => 1, NODE_NO_WARNINGS => 1, %$more);
	open(my $pipe, '-|', 'sh', '-c', 'exec "$@" 2>"$0"', "$dir/client.err", @command) or die;
	my $out = do { local $/; <$pipe> } // '';
	close $pipe;
	chomp $out;
	is($out, $id, $name) or diag(slurp("$dir/client.err"));
	return;
}
sub by_node { return ('node', '--experimental-global-webcrypto', "$clients/$_[0].mjs") }

SKIP:
{
	my $why = without_npm(qw(openid-client openid-client-5));
	skip_tests(8, $why) if $why;
	for my $alg (sort keys %alg)
	{
		proves_itself("openid-client 6, private_key_jwt with $alg", $client{$alg}, { KEY => $jwk{$alg}, ALG => $alg }, by_node('assertion_openid_client'));
		proves_itself("openid-client 5, private_key_jwt with $alg", $client{$alg}, { KEY => $jwk{$alg}, ALG => $alg }, by_node('assertion_openid_client_5'));
	}
	proves_itself('openid-client 6, client_secret_jwt', $by_secret->{client_id}, { CLIENT_SECRET => $by_secret->{client_secret} }, by_node('assertion_openid_client'));
	proves_itself('openid-client 5, client_secret_jwt', $by_secret->{client_id}, { CLIENT_SECRET => $by_secret->{client_secret} }, by_node('assertion_openid_client_5'));
}

# authlib makes its assertions for an hour, and so needs a longer oauth.assertion_lifetime (docs/clients.md)
$t->sql("ALTER DATABASE postgres SET oauth.assertion_lifetime = '1h'");
# The purge that finds the longer window refuses what was made until that second.  Here it comes before the assertions.
$t->sql('SELECT oauth_purge_expired()');
$t->stop;
$t->start('--same-port');
for my $alg (sort keys %alg)
{
	proves_itself("authlib, private_key_jwt with $alg", $client{$alg}, { PEM => $pem{$alg}, ALG => $alg }, '/usr/bin/python3', "$clients/assertion_authlib.py");
}
proves_itself('authlib, client_secret_jwt', $by_secret->{client_id}, { CLIENT_SECRET => $by_secret->{client_secret} }, '/usr/bin/python3', "$clients/assertion_authlib.py");
$t->finish;
done_testing();
