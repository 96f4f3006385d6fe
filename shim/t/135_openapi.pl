#!/usr/bin/perl
# 135_openapi.pl
# /openapi.json describes what there is: a validator of other people takes it, it has every path and method that the shim
# serves and no other, and its examples are answered as it says.  OpenAPI Specification 3.1.0.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use MIME::Base64 qw(encode_base64);
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(header skip_tests slurp without_npm);

my @methods = qw(GET HEAD POST PUT PATCH DELETE OPTIONS);
my $t = ShimTest->new(extension => 1, conf => "oauth.bcrypt_cost = 4\noauth.registration = open");
my $port = PostgreSQL::Test::Cluster::get_free_port();
$t->sql("ALTER DATABASE postgres SET oauth.issuer = 'http://127.0.0.1:$port'");
$t->{last_port} = $port;
$t->start('--same-port');

sub form { my ($values) = @_; return join '&', map { encode($_) . '=' . encode($values->{$_}) } sort keys %$values }
sub encode { return $_[0] =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger }

# ---------------------------------------------------------------------------
# the document
# ---------------------------------------------------------------------------

my $answer = $t->request('GET', '/openapi.json');
is($answer->{status}, 200, 'the description is served');
is(header($answer, 'Content-Type'), 'application/json', 'as JSON');
my $document = JSON::PP->new->decode($answer->{body});
my $file = $t->dir . '/openapi.json';
PostgreSQL::Test::Utils::append_to_file($file, $answer->{body});

SKIP:
{
	my $missing = without_npm('@seriousme/openapi-schema-validator');
	skip_tests(2, "the validator of OpenAPI: $missing") if $missing;
	my $validate = sub { return `node $FindBin::Bin/clients/openapi_validator.mjs $_[0] 2>&1` };
	is($validate->($file), "valid 3.1\n", 'the validator takes it');
	my $spoiled = $answer->{body} =~ s/"responses": /"response": /r;
	PostgreSQL::Test::Utils::append_to_file("$file.spoiled", $spoiled);
	unlike($validate->("$file.spoiled"), qr/^valid/, '... and does not take one in which a word is wrong');
}

sub references
{
	my ($node) = @_;
	return map { references($_) } @$node if ref $node eq 'ARRAY';
	return () if ref $node ne 'HASH';
	return (($node->{'$ref'} // ()), map { references($_) } values %$node);
}
sub resolve
{
	my ($reference) = @_;
	my $node = $document;
	$node = ref $node eq 'HASH' ? $node->{$_} : undef for grep { $_ ne '#' } split m{/}, $reference;
	return $node;
}
is_deeply([ grep { !resolve($_) } references($document) ], [], 'what it refers to is in it');

# ---------------------------------------------------------------------------
# every path and method, and no other
# ---------------------------------------------------------------------------

# Of the shim: { path => { method => 1 } }, with what is below a path as a path of its own.
my %served;
my ($table) = slurp("$FindBin::RealBin/../routes.c") =~ /^static const ShimRoute routes\[\] = \{\n(.*?)^\};/ms;
for my $row ($table =~ /^\t\{(".*?)\},$/msg)
{
	my ($path, $below, $methods) = $row =~ /^"([^"]+)", (true|false), ([A-Z_| ]+),/ or die "a route that this test cannot read: $row\n";
	my %takes = map { s/SHIM_//r => 1 } split / \| /, $methods;
	%takes = map { $_ => 1 } @methods if $takes{ANY};
	$takes{HEAD} = 1 if $takes{GET};
	$served{$path} = { %takes };
	$served{"$path/{}"} = { %takes } if $below eq 'true';
}
# The shim has one row for a path and what is below, where the extension has two with other methods (R22; 089_routes.pl).
delete $served{'/oauth2/register'}{$_} for qw(GET HEAD PUT DELETE);
delete $served{'/oauth2/register/{}'}{POST};

my %described;
for my $path (sort keys %{ $document->{paths} })
{
	my $shape = $path =~ s/^\/\{\w+\}(?=\/)/*/r =~ s/\{\w+\}$/{}/r;
	$described{$shape} = { map { uc($_) => 1 } keys %{ $document->{paths}{$path} } };
}
is_deeply([ sort keys %described ], [ sort keys %served ], 'every path that the shim serves is described, and no other');
is_deeply($described{$_}, $served{$_}, "$_: so are its methods") for sort keys %served;

# The server is asked: 405 for what is not described, something else for what is.
for my $path (sort keys %{ $document->{paths} })
{
	my $target = $path =~ s/\{\w+\}/x/r;
	my (@taken, @said);
	for my $method (@methods)
	{
		my $status = $t->request($method, $target, '', Accept => 'text/html')->{status};
		push @taken, $method if $status != 405;
		push @said, $method if $document->{paths}{$path}{ lc $method };
	}
	is("@taken", "@said", "$path: the server takes these methods");
}
is($t->request('GET', '/openapi.yaml')->{status}, 404, 'what is not described is not there');

# ---------------------------------------------------------------------------
# the examples, sent
# ---------------------------------------------------------------------------

# The client and the person of the examples.
my $uri = 'https://client.example/back';
my $subject = $t->sql(q{SELECT oauth_create_user('demo', 'wonderland')});
my ($id, $secret) = split /\|/, $t->sql(qq{SELECT client_id, client_secret FROM oauth_register_client('Photo printer', redirect_uris => '{$uri}',
	grant_types => '{authorization_code,refresh_token,client_credentials,password,introspection,urn:ietf:params:oauth:grant-type:device_code,urn:ietf:params:oauth:grant-type:token-exchange}')});
my %basic = (Authorization => 'Basic ' . encode_base64("$id:$secret", ''));
sub issue { return split /\|/, $t->sql("SELECT access_token, refresh_token FROM oauth_issue_token('$id', subject => '$subject', scope => 'read', refresh => true)") }

# A value that the example leaves open.
sub value_of
{
	my ($name, $value) = @_;
	return $value if $value !~ /\.\.\.$/;
	return $id if $name eq 'client_id';
	return (issue())[ $name eq 'refresh_token' ? 1 : 0 ] if $name =~ /^(?:token|subject_token|refresh_token)$/;
	return $value;
}

# What cannot be had without a person at a browser is answered with this instead.
my %refused = (
	authorization_code => 'invalid_grant',
	'urn:ietf:params:oauth:grant-type:device_code' => 'invalid_grant');

sub check_answer
{
	my ($name, $operation, $got, $expected) = @_;
	my $said = $operation->{responses}{ $got->{status} };

	ok($said, "$name: the status is one of those described") or diag("$got->{status} $got->{body}");
	like($got->{status}, $expected, '... and this one') or diag($got->{body});
	my ($type) = keys %{ $said->{content} // {} };
	is((header($got, 'Content-Type') // '') =~ s/;.*//r, $type // '', '... the body is of the type described') if defined $type || $got->{body} eq '';
	return if !defined $type || $type !~ /json/;
	my $body = eval { JSON::PP->new->allow_nonref->decode($got->{body}) };
	my $schema = resolve($said->{content}{$type}{schema}{'$ref'});
	my @missing = grep { !exists $body->{$_} } @{ $schema->{required} // [] };
	is("@missing", '', '... it has the members that are always there');
	my %types = (string => qr/^"/, integer => qr/^-?\d+$/, boolean => qr/^(?:true|false)$/, array => qr/^\[/, object => qr/^\{/);
	my @wrong = grep { my $wanted = ($schema->{properties}{$_} // {})->{type};
		defined $wanted && JSON::PP->new->allow_nonref->encode($body->{$_}) !~ $types{$wanted} } sort keys %$body;
	is("@wrong", '', '... and each is of its type');
	return;
}

sub send_form
{
	my ($path, $operation, $example) = @_;
	my %form = map { $_ => value_of($_, $example->{$_}) } keys %$example;
	my $refusal = $refused{ $form{grant_type} // '' };
	my $got = $t->request('POST', $path, form(\%form), %basic, 'Content-Type' => 'application/x-www-form-urlencoded');

	check_answer("POST $path " . ($form{grant_type} // ''), $operation, $got, $refusal ? qr/^400$/ : qr/^[23]/);
	is(JSON::PP->new->decode($got->{body})->{error}, $refusal, '... without a person there is no code') if $refusal;
	return;
}

my $registered;
sub send_json
{
	my ($path, $method, $operation, $example) = @_;
	my %fields = ('Content-Type' => 'application/json');

	if ($path =~ /\{client_id\}/)
	{
		$path =~ s/\{client_id\}/$registered->{client_id}/;
		$example->{client_id} = $registered->{client_id} if $example;
		$fields{Authorization} = "Bearer $registered->{registration_access_token}";
	}
	my $got = $t->request($method, $path, $example ? JSON::PP->new->encode($example) : '', %fields);
	$registered = JSON::PP->new->decode($got->{body}) if $got->{status} == 201;
	check_answer("$method $path", $operation, $got, qr/^2/);
	return;
}

sub send_query
{
	my ($path, $operation) = @_;
	my %query = map { exists $_->{example} ? ($_->{name} => value_of($_->{name}, $_->{example})) : () } @{ $operation->{parameters} // [] };
	my %fields = (Accept => 'text/html');

	$fields{Authorization} = 'Bearer ' . (issue())[0] if grep { $_->{bearer} } @{ $operation->{security} // [] };
	my $got = $t->request('GET', $path . (%query ? '?' . form(\%query) : ''), '', %fields);
	check_answer("GET $path", $operation, $got, $path =~ /\{/ || $path eq '/oauth2/userinfo' ? qr/^[234]/ : $path eq '/oauth/authorize' ? qr/^[34]/ : qr/^[23]/);
	return;
}

my $examples = 0;
for my $path (sort keys %{ $document->{paths} })
{
	for my $method (grep { $document->{paths}{$path}{$_} } qw(post put get delete))
	{
		my $operation = $document->{paths}{$path}{$method};
		my $content = ($operation->{requestBody} // {})->{content} // {};
		my %bodies = map { %{ $_->{examples} // {} } } values %$content;
		if ($path eq '/oauth2/register/{client_id}') { send_json($path, uc $method, $operation, ($bodies{example_1} // {})->{value}) }
		elsif ($method eq 'get' && $path !~ m{^/oauth/(?:request|access)_token$}) { send_query($path, $operation) }
		elsif ($content->{'application/json'}) { send_json($path, uc $method, $operation, $bodies{example_1}{value}) }
		elsif ($path =~ m{^/oauth2/(?:token|access_token|revoke|introspect|par|device_authorization)$})
		{
			ok(scalar keys %bodies, "$path has an example");
			send_form($path, $operation, $bodies{$_}{value}) for sort keys %bodies;
			$examples += keys %bodies;
		}
	}
}
cmp_ok($examples, '>=', 16, 'every form for programs has examples');

# A setting that switches a path off is named there.
like($document->{paths}{'/oauth2/register'}{post}{'x-when'}, qr/oauth\.registration/, 'where a setting switches a path off, it is named');
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->stop;
$t->sql("ALTER DATABASE postgres SET oauth.registration = 'closed'");
$t->start;
send_closed();
sub send_closed
{
	my $operation = $document->{paths}{'/oauth2/register'}{post};
	my $got = $t->request('POST', '/oauth2/register', '{}', 'Content-Type' => 'application/json');
	check_answer('POST /oauth2/register, closed', $operation, $got, qr/^403$/);
	return;
}
is($t->request('GET', '/openapi.json')->{body}, $answer->{body}, 'and the description is the same as before');
$t->finish;
done_testing();
