#!/usr/bin/perl
# 090_authentication_requests.pl: logins that have to be new, or strong, with a browser that goes where it is sent: prompt,
# max_age and acr_values at the authorization endpoint, and resources that ask for them (RFC 9470).
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Test::More;
use lib $FindBin::Bin;
use Pages qw(%cookies cookies encode field remember);
use ShimTest qw(header json);

my $t = ShimTest->new(extension => 1, conf => 'oauth.bcrypt_cost = 4');
$t->sql(q{SELECT oauth_create_user('alice', 'wonderland'), oauth_create_user('bob', 'wonderland')});
my ($id, $secret) = split /\|/, $t->sql(q{SELECT client_id, client_secret FROM oauth_register_client('Bank',
	redirect_uris => '{https://bank.example/back}', grant_types => '{authorization_code,introspection}', scope => 'openid email read')});
$t->sql(q{CREATE SCHEMA bank; CREATE ROLE bank; ALTER SCHEMA bank OWNER TO bank});
$t->sql(q{CREATE FUNCTION bank.pay(oauth.http_request) RETURNS jsonb LANGUAGE sql AS 'SELECT to_jsonb(public.oauth_subject())';
	ALTER FUNCTION bank.pay OWNER TO bank; SELECT oauth_protect('/api/pay', 'bank.pay', required_scope => 'read', max_age => '5 minutes')});
my $port = PostgreSQL::Test::Cluster::get_free_port();
$t->{last_port} = $port;
$t->sql(qq{ALTER DATABASE postgres SET oauth.issuer = 'http://127.0.0.1:$port'});
$t->start('--same-port');

sub see { return remember($t->get($_[0], Cookie => cookies())) }
sub location { return header($_[0], 'Location') // '' }
sub ask { return '/oauth2/authorize?response_type=code&scope=openid%20email%20read&client_id=' . $id . $_[0] }

sub send_form
{
	my ($path, %fields) = @_;
	return remember($t->post($path, join('&', map { "$_=" . encode($fields{$_}) } sort keys %fields), Cookie => cookies()));
}

sub log_in
{
	my ($page, $who) = @_;
	return send_form('/login', token => field($page, 'token'), return => field($page, 'return'), username => $who, password => 'wonderland');
}

# Goes where it is sent, logs in and allows, as a patient person does; the pages it saw, and where it ended.
sub browse
{
	my ($path, $who) = @_;
	my @pages;
	for (1 .. 12)
	{
		my $answer = see($path);
		if ($answer->{status} == 200 && $answer->{body} =~ /name="username"/)
		{
			push @pages, 'login';
			$answer = log_in($answer, $who);
		}
		elsif ($answer->{status} == 200 && $answer->{body} =~ m{action="/oauth2/authorize/confirm})
		{
			push @pages, 'consent';
			$answer = send_form('/oauth2/authorize/confirm', request => field($answer, 'request'), token => field($answer, 'token'), decision => 'approve');
		}
		$path = location($answer);
		return (join(' ', @pages), $path) if $path =~ m{\Ahttps://} || $answer->{status} != 303;
	}
	return (join(' ', @pages), 'nowhere');
}

sub redeem
{
	my ($back) = @_;
	my ($code) = $back =~ /code=([^&]*)/ or return '';
	return json($t->post('/oauth2/token', "grant_type=authorization_code&client_id=$id&client_secret=$secret&code=$code"))->{access_token};
}

sub introspect { return json($t->post('/oauth2/introspect', "client_id=$id&client_secret=$secret&token=$_[0]")) }

my ($pages, $back) = browse(ask('&state=1'), 'alice');
is($pages, 'login consent', 'at first a person logs in and is asked');
like($back, qr{\Ahttps://bank\.example/back\?code=oac_}, 'and goes back with a code');
($pages, $back) = browse(ask('&state=2'), 'alice');
is($pages, '', 'later neither');
my $first = introspect(redeem($back));
is($first->{acr}, 'urn:oauth:acr:pwd', 'introspection says how strong the login was');
cmp_ok(abs(time - $first->{auth_time}), '<', 60, 'and when');

$t->sql(q{UPDATE oauth.session SET authenticated_at = authenticated_at - interval '10 minutes'});
($pages, $back) = browse(ask('&state=3'), 'alice');
my $old = redeem($back);
cmp_ok(introspect($old)->{auth_time}, '<', time - 500, 'a token of a login of before says that');

# RFC 9470, section 3: "insufficient_user_authentication [...] max_age"
my $answer = $t->get('/api/pay', Authorization => "Bearer $old");
is($answer->{status}, 401, 'R196: a resource may need a newer login');
like(header($answer, 'WWW-Authenticate'), qr{error="insufficient_user_authentication".*max_age="300"}, 'and says how new');
$answer = $t->get('/auth?max_age=60', Authorization => "Bearer $old");
is($answer->{status}, 401, 'so does /auth, where a proxy asks');
is($t->get('/auth?acr_values=urn:oauth:acr:pwd', Authorization => "Bearer $old")->{status}, 200, 'which may also ask for a strength');

# RFC 9470, section 4: the client sends the person to log in so
($pages, $back) = browse(ask('&state=4&max_age=300'), 'alice');
is($pages, 'login', 'R196: the person logs in anew, once');
my $new = redeem($back);
is($t->get('/api/pay', Authorization => "Bearer $new")->{status}, 200, 'and then the resource answers');
($pages, $back) = browse(ask('&state=5&max_age=300'), 'alice');
is($pages, '', 'R196: nobody is asked while the login is young enough');

for my $query ('&prompt=login', '&max_age=0', '&prompt=login%20consent&max_age=0')
{
	($pages, $back) = browse(ask("&state=6$query"), 'alice');
	is($pages, $query =~ /consent/ ? 'login consent' : 'login', "R195: once, and not for ever: $query");
	like($back, qr{\?code=oac_}, 'with a code in the end');
}

# R195: a person who turns back at the login page, and goes on where that would have led, has not logged in
$answer = see(ask('&state=7&prompt=login'));
my ($return) = location($answer) =~ /return=([^&]*)/;
$return =~ s/%([0-9A-F]{2})/chr hex $1/ge;
like($return, qr{prompt=login.*&login_since=\d+\.}, 'the way back has all of the request, and a proof');
like(location(see($return)), qr{\A/login\?again=1&}, 'R195: the proof alone does not do');
like(location(see($return =~ s/&login_since=.*//r)), qr{\A/login\?again=1&}, 'nor does it without');
is(see('/login?again=1&return=' . encode($return))->{status}, 200, 'the login page is there for who is logged in');
like(location(see('/login?return=' . encode($return))), qr{\A\Q$return\E\z}, 'and who takes the other way through it');
like(location(see($return)), qr{\A/login\?again=1&}, 'is no further');

# prompt=select_account
$answer = see(ask('&state=8&prompt=select_account'));
like($answer->{body}, qr{You are logged in as <strong><bdi>alice</bdi></strong>}, 'R195: who it is is asked');
my ($go_on, $other) = map { s/&amp;/&/gr } $answer->{body} =~ /<a class="button[^"]*" href="([^"]*)"/g;
like(location(see($go_on)), qr{\?code=oac_}, 'alice goes on');
($pages, $back) = browse($other, 'bob');
is($pages, 'login consent', 'or bob logs in');
is(introspect(redeem($back))->{username}, 'bob', 'and is the one');
$answer = see($go_on);
like($answer->{body}, qr{You are logged in as <strong><bdi>bob</bdi></strong>}, 'what alice chose is no choice of his');

# prompt=none
like(location(see(ask('&state=9&prompt=none'))), qr{\?code=oac_}, 'R195: no page where none is needed');
%cookies = ();
like(location(see(ask('&state=9&prompt=none'))), qr{\?error=login_required&.*state=9}, 'R195: and where one is, an error');

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
