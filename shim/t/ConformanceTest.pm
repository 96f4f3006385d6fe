# ConformanceTest.pm
# A relying party that is told nothing but the issuer, and looks at each answer: what the test modules of the OpenID
# conformance suite do, in our own words (docs/conformance.md has their list).
#
#     my $c = ConformanceTest->new;
#     my $client = $c->client(id_token_signed_response_alg => 'ES256');
#     my $login = $c->log_in($client, scope => 'openid email');     # { back, seen, answer, header, claims }
#
# With {response_mode} each authorization request asks for that, and {ways} counts how the answers came.
# A browser keeps its cookies; another_browser() takes one that nobody has used.
#
# SPDX-License-Identifier: PostgreSQL
package ConformanceTest;

use strict;
use warnings;

use FindBin;
use JSON::PP;
use MIME::Base64 qw(decode_base64url);
use Test::More;
use PostgreSQL::Test::Cluster;
use ShimTest qw(curl slurp);

my $json = JSON::PP->new->canonical;
my %alice = (
	name => 'Alice Liddell', given_name => 'Alice', family_name => 'Liddell', nickname => 'Al', preferred_username => 'alice',
	profile => 'https://alice.example/', picture => 'https://alice.example/a.png', website => 'https://alice.example/', gender => 'female',
	birthdate => '1852-05-04', zoneinfo => 'Europe/London', locale => 'en-GB', updated_at => 1700000000,
	email => 'alice@example.org', email_verified => JSON::PP::true, phone_number => '+44 1865 276150', phone_number_verified => JSON::PP::true,
	address => { street_address => 'Christ Church', locality => 'Oxford', country => 'United Kingdom' });

sub new
{
	my ($class, @options) = @_;
	my $t = ShimTest->new(extension => 1, conf => "oauth.bcrypt_cost = 4\noauth.registration = open");
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	my $self = bless { t => $t, issuer => "http://127.0.0.1:$port", browsers => 0, clients => 0 }, $class;
	my $claims = $json->encode(\%alice);

	$t->sql("ALTER DATABASE postgres SET oauth.issuer = '$self->{issuer}'");
	$self->{subject} = $t->sql(q{SELECT oauth_create_user('alice', 'wonderland')});
	$t->sql("CREATE FUNCTION public.claims(subject text, client_id text, scope text) RETURNS jsonb STABLE LANGUAGE sql
		AS \$\$ SELECT \$json\$$claims\$json\$::jsonb \$\$; SELECT oauth_set_claims_function('public.claims')");
	$t->{last_port} = $port;
	$t->start('--same-port', @options);
	$self->{server} = $self->get("$self->{issuer}/.well-known/openid-configuration")->{json};
	$self->another_browser;
	return $self;
}

sub another_browser { my ($self) = @_; $self->{browsers}++; return }

# An answer of curl, with its JSON.
sub get
{
	my ($self, $url, @arguments) = @_;
	my $answer = curl(@arguments, $url);

	$answer->{json} = eval { $json->decode($answer->{body}) } // {};
	return $answer;
}

# What a registration over HTTP answers.
sub register
{
	my ($self, %metadata) = @_;

	return $self->get($self->{server}{registration_endpoint}, '-H', 'Content-Type: application/json', '-d', $json->encode({
		client_name => 'Conformance ' . ++$self->{clients}, redirect_uris => ['https://rp.example/back'],
		post_logout_redirect_uris => ['https://rp.example/bye'], grant_types => [qw(authorization_code refresh_token)],
		scope => 'openid profile email address phone offline_access', %metadata }));
}

sub client
{
	my ($self, %metadata) = @_;
	my $answer = $self->register(%metadata);

	diag($answer->{raw}) if $answer->{status} != 201;
	return $answer->{json};
}

sub _encode { my ($text) = @_; $text =~ s/([^\w.~-])/sprintf '%%%02X', ord $1/ge; return $text }

sub url
{
	my ($self, $endpoint, %parameters) = @_;
	delete @parameters{ grep { !defined $parameters{$_} } keys %parameters };

	return $self->{server}{$endpoint} . '?' . join '&', map { _encode($_) . '=' . _encode($parameters{$_}) } reverse sort keys %parameters;
}

sub authorization
{
	my ($self, $client, %more) = @_;

	return $self->url('authorization_endpoint', client_id => $client->{client_id}, redirect_uri => 'https://rp.example/back',
		response_type => 'code', scope => 'openid', state => 'a state', nonce => 'a nonce',
		$self->{response_mode} ? (response_mode => $self->{response_mode}) : (), %more);
}

# What a person's browser comes to: { back => parameters } of an address that leads away from the server, else { page };
# { seen } has what the person was asked.
sub visit
{
	my ($self, $url, %environment) = @_;
	my $dir = $self->{t}->dir;
	my ($seen, $way) = ("$dir/seen", "$dir/way");
	unlink $seen, $way;
	local %ENV = (%ENV, COOKIES => "$dir/cookies.$self->{browsers}", SEEN => $seen, WAY => $way, no_proxy => '*', %environment);
	my $where = do { open(my $pipe, '-|', '/usr/bin/python3', "$FindBin::RealBin/clients/user_agent.py", $url, 'alice', 'wonderland') or die "python3: $!"; local $/; <$pipe> };
	my %went = (seen => join(' ', split /\n/, slurp($seen)));

	chomp $where;
	return { %went, page => $where } if $where !~ m{^https?://};
	$self->{ways}{ slurp($way) =~ s/\n//r || 'redirect' }++ if $url =~ m{^\Q$self->{server}{authorization_endpoint}\E\?};
	my ($address, $query) = split /\?/, $where, 2;
	my %back = map { my ($name, $value) = map { tr/+/ /r =~ s/%(..)/chr hex $1/ger } split /=/, $_, 2; $name => $value } split /&/, $query // '';
	return { %went, address => $address, back => \%back, page => '' };
}

# Ask an endpoint as the client, by the way that it is registered for.
sub ask
{
	my ($self, $endpoint, $client, %form) = @_;
	my @fields = map { ('--data-urlencode', "$_=$form{$_}") } sort keys %form;
	my @who = ($client->{token_endpoint_auth_method} // '') eq 'client_secret_post'
	  ? map { ('--data-urlencode', "$_=$client->{$_}") } qw(client_id client_secret)
	  : ('-u', "$client->{client_id}:$client->{client_secret}");

	return $self->get($self->{server}{$endpoint}, @who, @fields);
}

sub redeem
{
	my ($self, $client, $code, %more) = @_;
	return $self->ask('token_endpoint', $client, grant_type => 'authorization_code', code => $code // '', redirect_uri => 'https://rp.example/back', %more);
}

# Header and claims of a token that the published keys verify; {problem} if they do not.
sub verified
{
	my ($self, $token, @algorithms) = @_;
	my $keys = $self->get($self->{server}{jwks_uri})->{body};
	my $list = join ',', @algorithms ? @algorithms : 'RS256';
	my ($valid, $header, $claims, $problem) = split /\|/, $self->{t}->sql("SELECT valid, header, claims, problem
		FROM oauth_verify_jwt(\$t\$$token\$t\$, \$k\$$keys\$k\$, '{$list}')"), 4;

	return { problem => $problem || 'not valid' } if ($valid // '') ne 't';
	return { header => $json->decode($header), claims => $json->decode($claims) };
}

# An authorization request, and what its code brings.
sub log_in
{
	my ($self, $client, %more) = @_;
	my $went = $self->visit($self->authorization($client, %more));
	my $answer = $self->redeem($client, $went->{back}{code}, $more{redirect_uri} ? (redirect_uri => $more{redirect_uri}) : ());
	my $token = $answer->{json}{id_token};

	diag($went->{page}, $json->encode($went->{back} // {}), $answer->{raw}) if !$token;
	return { %$went, answer => $answer->{json}, status => $answer->{status}, $token ? %{ $self->verified($token, $client->{id_token_signed_response_alg} // ()) } : () };
}

sub userinfo
{
	my ($self, $login, @arguments) = @_;
	return $self->get($self->{server}{userinfo_endpoint}, @arguments ? @arguments : ('-H', "Authorization: Bearer $login->{answer}{access_token}"))->{json};
}

sub finish { my ($self) = @_; $self->{t}->finish; return }

1;
