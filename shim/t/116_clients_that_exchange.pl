#!/usr/bin/perl
# 116_clients_that_exchange.pl: other people's clients that bring assertions of a trusted issuer (RFC 7523), identity assertions
# (ID-JAG) among them, and exchange tokens (RFC 8693): openid-client of npm, and authlib.
#
# Each right request is beside the wrong ones, which the library has to report as the error of OAuth that it is.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(skip_tests slurp without_npm);

my $clients = "$FindBin::Bin/clients";
my ($bearer, $exchange, $type) = map { "urn:ietf:params:oauth:$_" } qw(grant-type:jwt-bearer grant-type:token-exchange token-type);
my $json = JSON::PP->new->canonical;

# The keys of RFC 7515, appendix A.3, and of RFC 7517, appendix A.2; "other" is nobody's here.
my %key = (
	issuer => { kty => 'EC', crv => 'P-256', x => 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y => 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0', d => 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI' },
	other => { kty => 'EC', crv => 'P-256', x => 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4', y => '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM', d => '870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE' });
sub public { my %jwk = %{ $key{ $_[0] } }; delete $jwk{d}; return $json->encode({ keys => [ \%jwk ] }) }

my $t = ShimTest->new(extension => 1);
my $port = $t->{last_port} = PostgreSQL::Test::Cluster::get_free_port();
my ($here, $there) = ("http://127.0.0.1:$port", 'https://idp.example');
$t->sql("ALTER DATABASE postgres SET oauth.issuer = '$here'");
$t->sql("SELECT oauth_create_signing_key('ES256'), oauth_register_resource('https://jwt.example/', access_token_format => 'jwt')");
$t->sql("SELECT oauth_trust_issuer('$there', '" . public('issuer') . "')");

# What the application says of a ward: who may act.
$t->sql(q{CREATE FUNCTION public.claims(subject text, scope text, client_id text) RETURNS jsonb STABLE LANGUAGE sql
	AS $$ SELECT CASE subject WHEN 'ward' THEN '{"may_act": {"sub": "https://idp.example|guardian"}}'::jsonb ELSE '{}' END $$;
	SELECT oauth_set_claims_function('public.claims')});
$t->start('--same-port');

sub register
{
	my ($name, %metadata) = @_;
	my $metadata = $json->encode({ client_name => $name, scope => 'read write', grant_types => [ 'client_credentials', $bearer, $exchange ], %metadata });

	return split /\|/, $t->sql("SELECT m ->> 'client_id', m ->> 'client_secret' FROM oauth_register_client_metadata('$metadata') m");
}
sub issue { my ($id, $subject) = @_; return $t->sql("SELECT access_token FROM oauth_issue_token('$id', '$subject', 'read write')") }
my ($next) = register('another API');

# ---- the cases: [ what it is, what comes of it, the request ] ----
sub request { my ($grant, %more) = @_; return { grant => $grant, parameters => {}, signed => [], map({ $_ => '' } qw(twice proof keep authentication)), %more } }
sub jwt { my ($as, %claims) = @_; return { as => $as, key => delete $claims{key} // 'issuer', typ => delete $claims{typ} // 'JWT', claims => { iss => $there, sub => 'alice', aud => $here, %claims } } }

# An assertion of the issuer's with these claims, and parameters beside it.
sub asserted { my ($claims, %more) = @_; return request($bearer, signed => [ jwt('assertion', %$claims) ], %more) }

sub assertions
{
	my $who = "$there|alice";
	return (
		[ 'an assertion of a trusted issuer', "$who read", asserted({}) ],
		[ '... for more', "$who read write", asserted({}, parameters => { scope => 'read write' }) ],
		[ '... for an API', "$who read https://api.example/", asserted({}, parameters => { resource => 'https://api.example/' }) ],
		# RFC 7523, section 3, in its order
		[ '... without iss', 'invalid_grant', asserted({ iss => undef }) ],
		[ '... of an issuer that nobody trusts', 'invalid_grant', asserted({ iss => 'https://nobody.example' }) ],
		[ '... without sub', 'invalid_grant', asserted({ sub => undef }) ],
		[ '... for another server', 'invalid_grant', asserted({ aud => 'https://elsewhere.example' }) ],
		[ '... that has expired', 'invalid_grant', asserted({ exp => time - 600 }) ],
		[ '... that never expires', 'invalid_grant', asserted({ exp => undef }) ],
		[ '... that is good only later', 'invalid_grant', asserted({ nbf => time + 600 }) ],
		[ '... that is used again', 'invalid_grant', asserted({}, twice => 1) ],
		[ '... signed by another key', 'invalid_grant', asserted({ key => 'other' }) ],
		[ '... for another client', 'invalid_grant', asserted({ client_id => $next }) ],
		[ '... for more than the client may have', 'invalid_scope', asserted({}, parameters => { scope => 'read admin' }) ],
		[ '... for something that is no resource', 'invalid_target', asserted({}, parameters => { resource => 'api' }) ],
		[ 'no assertion', 'invalid_request', request($bearer) ],
		[ 'a client that is wrong about its secret', 'invalid_client', asserted({}, authentication => 'wrong') ]);
}

sub identity_assertions
{
	my ($id) = @_;
	my $jag = sub { my ($claims, %more) = @_; return asserted({ typ => 'oauth-id-jag+jwt', client_id => $id, %$claims }, %more) };
	return (
		[ 'an identity assertion', "$there|alice read https://api.example/", $jag->({ scope => 'read', resource => 'https://api.example/' }) ],
		[ '... for more than it says', 'invalid_scope', $jag->({ scope => 'read' }, parameters => { scope => 'write' }) ],
		[ '... for another resource', 'invalid_target', $jag->({ resource => 'https://api.example/' }, parameters => { resource => 'https://b.example/' }) ],
		[ '... for another client', 'invalid_grant', $jag->({ client_id => $next }) ],
		[ '... for no client', 'invalid_grant', $jag->({ client_id => undef }) ],
		[ '... for two servers', 'invalid_grant', $jag->({ aud => [ $here, 'https://elsewhere.example' ] }) ],
		[ '... without jti', 'invalid_grant', $jag->({ jti => undef }) ],
		[ '... that is used again', 'invalid_grant', $jag->({}, twice => 1) ],
		[ '... of the typ of an access token', 'invalid_grant', $jag->({ typ => 'at+jwt' }) ]);
}

# With an access token, and what is said beside it.
sub exchanged
{
	my ($token, %more) = @_;
	my %beside = %{ delete $more{parameters} // {} };
	return request($exchange, parameters => { subject_token => $token, subject_token_type => "$type:access_token", %beside }, %more);
}

sub exchanges
{
	my ($id) = @_;
	my ($alice, $ward, $foreign) = (issue($id, 'alice'), issue($id, 'ward'), issue($next, 'alice'));
	my ($actor, $guardian) = map { { signed => [ jwt('actor_token', sub => $_) ], parameters => { actor_token_type => "$type:jwt" } } } qw(bot guardian);
	my $jwt = sub { my (%claims) = @_; return { signed => [ jwt('subject_token', %claims) ], parameters => { subject_token_type => "$type:jwt" } } };
	my $with = sub { my (%parameters) = @_; return { parameters => \%parameters } };
	my $acts = sub { my ($sub) = @_; return $json->encode({ iss => $there, sub => $sub }) };

	# RFC 8693, section 1.1: impersonation: "when principal A impersonates principal B, A is given all the rights that B has"
	return (
		[ 'a token of the client', "alice read write", exchanged($alice, keep => 'impersonating') ],
		[ '... once more', "alice read write", exchanged('{impersonating}') ],
		[ '... for less', "alice read", exchanged($alice, %{ $with->(scope => 'read') }) ],
		[ '... for more', 'invalid_scope', exchanged($alice, %{ $with->(scope => 'read admin') }) ],
		[ '... that was given to another client', 'invalid_request', exchanged($foreign) ],
		[ '... which is nothing', 'invalid_request', exchanged('nothing') ],
		[ '... of a type that it is not', 'invalid_request', request($exchange, parameters => { subject_token => $alice, subject_token_type => "$type:jwt" }) ],
		[ '... whose type is not said', 'invalid_request', request($exchange, parameters => { subject_token => $alice }) ],
		[ '... for a refresh token', 'invalid_request', exchanged($alice, %{ $with->(requested_token_type => "$type:refresh_token") }) ],
		# RFC 8693, section 2.1: resource, audience; RFC 8693, section 2.2.2: invalid_target
		[ '... for a resource', 'alice read write https://api.example/', exchanged($alice, keep => 'narrow', %{ $with->(resource => 'https://api.example/') }) ],
		[ '... which is no URI', 'invalid_target', exchanged($alice, %{ $with->(resource => 'api') }) ],
		[ '... for an audience, a client', "alice read write $next", exchanged($alice, %{ $with->(audience => $next) }) ],
		[ '... which nobody knows', 'invalid_target', exchanged($alice, %{ $with->(audience => 'nobody') }) ],
		[ '... for a JWT', 'alice read write https://jwt.example/ jwt', exchanged($alice, %{ $with->(resource => 'https://jwt.example/', requested_token_type => "$type:jwt") }) ],
		# section 1.1: delegation; section 4.1: "act", nested
		[ 'a token with who acts', "alice read write " . $acts->('bot'), exchanged($alice, keep => 'acting', %$actor) ],
		[ '... and another one after that', "alice read write " . $json->encode({ iss => $there, sub => 'guardian', act => { iss => $there, sub => 'bot' } }), exchanged('{acting}', %$guardian) ],
		[ '... whose type is not said', 'invalid_request', exchanged($alice, signed => $actor->{signed}) ],
		[ '... whom nobody vouches for', 'invalid_request', exchanged($alice, %$actor, signed => [ jwt('actor_token', key => 'other') ]) ],
		[ 'the type of an actor who is not there', 'invalid_request', exchanged($alice, %{ $with->(actor_token_type => "$type:jwt") }) ],
		# section 4.4: "may_act"
		[ 'a JWT that says who may act, by that one', "$there|alice read " . $acts->('bot'),
			request($exchange, %{ $jwt->(may_act => { iss => $there, sub => 'bot' }) }, signed => [ jwt('subject_token', may_act => { iss => $there, sub => 'bot' }), jwt('actor_token', sub => 'bot') ],
				parameters => { subject_token_type => "$type:jwt", actor_token_type => "$type:jwt" }) ],
		[ '... by the client itself', 'invalid_request', request($exchange, %{ $jwt->(may_act => { iss => $there, sub => 'bot' }) }) ],
		[ '... that names the client', "$there|alice read", request($exchange, %{ $jwt->(may_act => { client_id => $id }) }) ],
		[ 'a token of which the application says who may act, by another one', 'invalid_request', exchanged($ward, %$actor) ]);
}

# What only openid-client can do: a parameter twice, proofs of a key (RFC 9449), and no client authentication at all.
sub of_openid_client
{
	my ($id) = @_;
	my $alice = issue($id, 'alice');
	return (
		[ 'a token for two audiences', 'alice read write https://a.example/ https://b.example/', exchanged($alice, parameters => { resource => [ 'https://a.example/', 'https://b.example/' ] }) ],
		[ 'an assertion with a proof', "$there|alice read bound", asserted({}, proof => 1, keep => 'bound') ],
		[ 'a token that is bound, with the proof', "$there|alice read bound", exchanged('{bound}', proof => 1) ],
		[ '... without it', 'invalid_request', exchanged('{bound}') ]);
}

# ---- the programs ----
sub run_cases
{
	my ($name, $id, $environment, $cases, @command) = @_;
	local %ENV = (%ENV, OAUTH_URL => $here, CLIENT_ID => $id, KEYS => $json->encode(\%key), CASES => $json->encode([ map { $_->[2] } @$cases ]),
		PYTHONDONTWRITEBYTECODE => 1, AUTHLIB_INSECURE_TRANSPORT => 1, NODE_NO_WARNINGS => 1, %$environment);
	my $errors = $t->dir . '/client.err';
	open(my $pipe, '-|', 'sh', '-c', 'exec "$@" 2>"$0"', $errors, @command) or die;
	my $out = do { local $/; <$pipe> } // '';
	close $pipe;
	is($?, 0, "$name comes to its end") or diag($out, slurp($errors));
	my $answers = eval { $json->decode($out) } // [];
	is(summary($answers->[$_]), $cases->[$_][1], "$name: $cases->[$_][0]") or diag($json->encode($answers->[$_] // {})) for 0 .. $#$cases;
	# RFC 6749, section 5.2: "400 (Bad Request)", and of a client that came with "Authorization" 401 with "the "WWW-Authenticate"
	# response header field matching the authentication scheme used by the client"
	is_deeply([ grep { $_->{error} && defined $_->{status} && status_and_schemes($_) ne ($_->{error} eq 'invalid_client' ? '401 basic' : '400') } @$answers ], [], "$name: what is refused has the status of that");
	# RFC 8693, section 2.2.1: "issued_token_type REQUIRED", and no refresh token
	is_deeply([ grep { $cases->[$_][2]{grant} eq $exchange && !$answers->[$_]{error} && ($answers->[$_]{issued_token_type} // '') !~ /\A\Q$type\E:(access_token|jwt)\z/ } 0 .. $#$answers ], [],
		"$name: what is exchanged says which type it is");
	is_deeply([ grep { $_->{refresh_token} } @$answers ], [], "$name: there is no refresh token");
	return;
}

sub status_and_schemes { my ($answer) = @_; return join ' ', $answer->{status}, @{ $answer->{schemes} // [] } }

# A refusal by its name; else of whom the token is, for what, where, who acts, whether it is bound, and whether it is a JWT.
sub summary
{
	my ($answer) = @_;
	return $answer->{error} if $answer->{error};
	return join ' ', @$answer{qw(sub scope)}, (map { ref ? sort @$_ : $_ // () } $answer->{aud}), $answer->{act} ? $json->encode($answer->{act}) : (), $answer->{bound} ? 'bound' : (),
	  ($answer->{issued_token_type} // '') eq "$type:jwt" ? 'jwt' : ();
}

my @by_node = ('node', '--experimental-global-webcrypto', "$clients/exchange_openid_client.mjs");
my ($agent, $secret) = register('agent');
my ($signer) = register('signer', token_endpoint_auth_method => 'private_key_jwt', jwks => $json->decode(public('other')));
my ($speaker, $its_secret) = register('speaker', jwks => $json->decode(public('other')));
my ($plain, $plain_secret) = register('plain', grant_types => ['client_credentials']);

# RFC 7523, section 3: an assertion that the client has made itself, which says which client it is
my @own = (
	[ 'an assertion of its own', "anybody read", asserted({ iss => $speaker, sub => 'anybody', key => 'other' }, authentication => 'silent') ],
	[ '... by a key that is not its own', 'invalid_grant', asserted({ iss => $speaker, sub => 'anybody' }, authentication => 'silent') ]);
# RFC 6749, section 5.2: unauthorized_client
my @without = (
	[ 'an assertion, without the grant', 'unauthorized_client', asserted({}) ],
	[ 'an exchange, without the grant', 'unauthorized_client', exchanged(issue($plain, 'alice')) ]);
sub cases { my ($id) = @_; return (assertions(), identity_assertions($id), exchanges($id)) }

SKIP:
{
	my $why = without_npm(qw(openid-client jose));
	skip_tests(123, $why) if $why;
	run_cases('openid-client 6', $agent, { CLIENT_SECRET => $secret }, [ cases($agent), of_openid_client($agent) ], @by_node);
	run_cases('openid-client 6, private_key_jwt', $signer, { CLIENT_KEY => $json->encode($key{other}), CLIENT_SECRET => '' }, [ cases($signer), of_openid_client($signer) ], @by_node);
	run_cases('openid-client 6 alone', $speaker, { CLIENT_SECRET => $its_secret }, \@own, @by_node);
	run_cases('openid-client 6 elsewhere', $plain, { CLIENT_SECRET => $plain_secret }, \@without, @by_node);
}
my @by_python = ('/usr/bin/python3', "$clients/exchange_authlib.py");
run_cases('authlib', $agent, { CLIENT_SECRET => $secret }, [ cases($agent) ], @by_python);
run_cases('authlib alone', $speaker, { CLIENT_SECRET => $its_secret }, \@own, @by_python);
run_cases('authlib elsewhere', $plain, { CLIENT_SECRET => $plain_secret }, \@without, @by_python);

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
