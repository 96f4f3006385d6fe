#!/usr/bin/perl
# 024_oauth1_clients.pl: other people's clients of OAuth 1.0a walk the three-legged flow and sign calls.
#
# A person with a browser without JavaScript is user_agent.py; what npm installs lies in clients/node_modules.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use FindBin;
use JSON::PP;
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(skip_tests slurp without_npm);

my $clients = "$FindBin::Bin/clients";
my $t = ShimTest->new(extension => 1, conf => 'oauth.bcrypt_cost = 4');
$t->sql(q{SELECT oauth_create_user('alice', 'wonderland')});
my ($id, $secret) = split /\|/, $t->sql(q{SELECT client_id, client_secret FROM oauth_register_client('Photo <b>printer</b>',
	grant_types => '{oauth1,oauth1_xauth,oauth1_two_legged}', scope => 'read')});
my $subject = $t->sql(q{SELECT subject FROM oauth.user WHERE username = 'alice'});
$t->start;

my %environment = (OAUTH_URL => 'http://127.0.0.1:' . $t->port, CLIENT_ID => $id, CLIENT_SECRET => $secret,
	LOGIN => 'alice', PASSWORD => 'wonderland', NODE_PATH => "$clients/node_modules", PYTHONDONTWRITEBYTECODE => 1,
	AUTHLIB_INSECURE_TRANSPORT => 1);

# Run a client; what it printed, and what it complained about.
sub run
{
	my ($more, @command) = @_;
	local %ENV = (%ENV, %environment, %$more);
	my $errors = $t->dir . '/client.err';
	my $out = do {
		open(my $pipe, '-|', 'sh', '-c', 'exec "$@" 2>"$0"', $errors, @command) or die "$command[0]: $!";
		local $/;
		<$pipe>;
	};
	return ($out // '', slurp($errors));
}

sub calls_for_alice
{
	my ($name, $more, @command) = @_;
	my ($out, $errors) = run($more, @command);
	my $answer = eval { JSON::PP->new->decode($out) } // {};
	is_deeply([ @$answer{qw(subject username client_id scope auth)} ], [ $subject, 'alice', $id, 'read', 'oauth1' ], $name)
	  or diag("$out$errors");
	return;
}

for my $method (qw(HMAC-SHA1 HMAC-SHA256 PLAINTEXT))
{
	calls_for_alice("requests_oauthlib walks the three-legged flow with $method", { METHOD => $method },
		'python3', "$clients/requests_oauthlib_client.py");
}
for my $method (qw(HMAC-SHA1 PLAINTEXT))
{
	calls_for_alice("authlib walks the three-legged flow with $method", { METHOD => $method },
		'python3', "$clients/authlib_client.py");
}
calls_for_alice('Net::OAuth walks the three-legged flow out of band', {}, 'perl', "$clients/net_oauth_client.pl");
SKIP:
{
	my $why = without_npm('oauth', 'oauth-1.0a');
	skip_tests(2, $why) if $why;
	calls_for_alice('the npm package oauth walks the three-legged flow', {}, 'node', "$clients/npm_oauth_client.js");
	calls_for_alice('the npm package oauth-1.0a signs xAuth with a form, and a call', {}, 'node', "$clients/npm_oauth_1_0a_client.js");
}

subtest 'liboauth signs a call, with the parameters in the query' => sub {
	my $program = $t->dir . '/liboauth_client';
	is(system('cc', '-o', $program, "$clients/liboauth_client.c", '-loauth'), 0, 'it compiles');
	my ($url, $errors) = run({ TOKEN => '', TOKEN_SECRET => '' }, $program);
	chomp $url;
	my ($path) = $url =~ m{\Ahttp://[^/]+(/.*)\z};
	my $answer = $t->get($path, Host => '127.0.0.1:' . $t->port);
	is($answer->{status}, 200, 'a call without a token') or diag("$url\n$answer->{body}$errors");
	is($t->get($path, Host => '127.0.0.1:' . $t->port)->{status}, 401, 'the same call again is a replay');
};

subtest 'a person who refuses' => sub {
	my ($out) = run({}, 'python3', '-c', q{
import os, sys
sys.path.insert(0, sys.argv[1])
from requests_oauthlib import OAuth1Session
from user_agent import browse
url = os.environ["OAUTH_URL"]
for callback in ("http://127.0.0.1:9/ready", "oob"):
    session = OAuth1Session(os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"], callback_uri=callback)
    session.trust_env = False
    token = session.fetch_request_token(url + "/oauth/request_token")["oauth_token"]
    print(browse(url + "/oauth/authorize?oauth_token=" + token, "alice", "wonderland", "deny").replace(token, "TOKEN"))
}, $clients);
	is($out, "http://127.0.0.1:9/ready?oauth_token=TOKEN&oauth_problem=user_refused\n"
		  . "Access was denied. The application got nothing. You can close this page.\n",
		'the client is told, or the person is');
};

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
