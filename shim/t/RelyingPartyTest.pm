# RelyingPartyTest.pm
# Other people's relying parties of OpenID Connect: clients as in ClientTest.pm that print more steps,
#
#     id_token {"iss": ..., "sub": ..., ...}     the claims of the ID token that the library has verified
#     userinfo {"sub": ..., ...}                 what it was told at the userinfo endpoint
#     logout {"back": "http://..."}              where the person's browser was sent after RP-initiated logout
#     silent {"error": "login_required"}         what prompt=none brought after that
#     bearer {"status": 401}                     what a token that is bound to a key is without a proof (RFC 9449)
#     demanded {"demanded": 1}                   how often the server asked for a nonce
#
# and are registered with a member of metadata more, such as claims_in_id_token, in { metadata }.
#
# SPDX-License-Identifier: PostgreSQL
package RelyingPartyTest;

use strict;
use warnings;
use parent 'ClientTest';

use JSON::PP;
use Test::More;

my $after_logout = 'http://127.0.0.1:9/bye';

# Alice has an address; the application's function says so.
sub serve
{
	my ($class, @options) = @_;
	my $self = $class->SUPER::serve(@options);

	$self->{t}->sql(q{CREATE FUNCTION public.claims(subject text, scope text, client_id text) RETURNS jsonb STABLE LANGUAGE sql
		AS $$ SELECT jsonb_build_object('email', 'alice@example.org', 'email_verified', true, 'name', 'Alice Liddell', 'preferred_username', 'alice') $$;
		SELECT oauth_set_claims_function('public.claims')});
	return $self;
}

sub _register
{
	my ($self, $client) = @_;
	my %metadata = (
		client_name => $client->{name}, grant_types => [qw(authorization_code refresh_token)], scope => 'openid profile email read',
		redirect_uris => [ 'http://127.0.0.1/back', map { "http://127.0.0.1/$_" } @{ $client->{paths} // [] } ],
		post_logout_redirect_uris => [$after_logout], %{ $client->{metadata} // {} });
	my $json = JSON::PP->new->encode(\%metadata);

	return split /\|/, $self->{t}->sql("SELECT m ->> 'client_id', m ->> 'client_secret'
		FROM oauth_register_client_metadata(\$json\$$json\$json\$) m");
}

# The browser of each person keeps its cookies: a logout ends what the login began.
sub start
{
	my ($self, $client) = @_;

	$client->{environment}{COOKIES} = $self->{t}->dir . '/cookies.' . @{ $self->{clients} };
	return $self->SUPER::start($client);
}

my %steps = (
	code => sub {
		my ($self, $client, $got) = @_;
		is($got->{subject}, $self->{subject}, '... a person logs in, and it calls with the access token');
		is($got->{client_id}, $client->{id}, '... which is its own');
		is("$got->{auth} " . lc $got->{token_type}, 'dpop dpop', '... with a proof') if $client->{has_proofs};
	},
	id_token => sub {
		my ($self, $client, $got) = @_;
		my $now = time;
		# OpenID Connect Core, section 2: "iss REQUIRED", "sub REQUIRED", "aud REQUIRED", "exp REQUIRED", "iat REQUIRED"
		is_deeply([ @$got{qw(iss sub aud)} ], [ $self->{environment}{OAUTH_URL}, $self->{subject}, $client->{id} ], '... the ID token says who logged in, here, for whom');
		ok($got->{iat} <= $now + 1 && $got->{exp} > $now, '... and when');
		ok($got->{auth_time} >= $^T - 1 && $got->{auth_time} <= $now + 1, '... also when the person was there');
		like(join(' ', @{ $got->{amr} // [] }), qr/\bpwd\b/, '... and how');
	},
	refresh => sub {
		my ($self, $client, $got) = @_;
		is($got->{subject}, $self->{subject}, '... it refreshes the tokens');
		is("$got->{auth} " . lc $got->{token_type}, 'dpop dpop', '... with a proof') if $client->{has_proofs};
	},
	userinfo => sub {
		my ($self, $client, $got) = @_;
		is_deeply([ @$got{qw(sub preferred_username email)} ], [ $self->{subject}, 'alice', 'alice@example.org' ], '... userinfo says more of the same person');
	},
	logout => sub {
		my ($self, $client, $got) = @_;
		# RP-Initiated Logout, section 3: "the OP MUST NOT perform post-logout redirection if the [...] value does not exactly match"
		is($got->{back}, "$after_logout?state=bye", '... a logout leads back');
	},
	bearer => sub {
		my ($self, $client, $got) = @_;
		# RFC 9449, section 7.2: "such a protected resource MUST reject a DPoP-bound access token received as a bearer token"
		is($got->{status}, 401, '... the token alone is refused');
	},
	demanded => sub {
		my ($self, $client, $got) = @_;
		is($got->{demanded}, $client->{demanded}, "... the server demanded a nonce $client->{demanded} times");
	},
	silent => sub {
		my ($self, $client, $got) = @_;
		is($got->{error}, 'login_required', '... after which nobody is logged in');
	});

# A step that a test has besides, and what is checked of it.
sub step
{
	my ($class, $name, $check) = @_;
	$steps{$name} = $check;
	return;
}

sub _check_step
{
	my ($self, $client, $step, $json) = @_;
	my $got = eval { JSON::PP->new->decode($json) } // {};

	$steps{$step}->($self, $client, $got);
	return;
}

1;
