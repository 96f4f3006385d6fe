#!/usr/bin/perl
# 072_no_dead_ends.pl: a page that cannot be answered as it stands has a way on: what it was about begins anew with one press,
# a person who is logged in goes on, and what another site sends changes nothing.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(header json);

my $t = ShimTest->new(extension => 1, conf => 'oauth.bcrypt_cost = 4');
$t->sql(q{SELECT oauth_create_user('alice', 'wonderland'), oauth_create_user('bob', 'wonderland')});
my $id = $t->sql(q{SELECT client_id FROM oauth_register_client('Album', redirect_uris => '{http://127.0.0.1/back}',
	grant_types => '{authorization_code}', client_type => 'public')});
my $tv = $t->sql(q{SELECT client_id FROM oauth_register_client('Television', client_type => 'public',
	grant_types => '{urn:ietf:params:oauth:grant-type:device_code}')});
my ($writer, $writer_secret) = split /\|/, $t->sql(q{SELECT client_id, client_secret FROM oauth_register_client('Typewriter',
	redirect_uris => '{http://127.0.0.1/back}', grant_types => '{oauth1}')});
my $port = PostgreSQL::Test::Cluster::get_free_port();
$t->{last_port} = $port;
$t->sql(qq{ALTER DATABASE postgres SET oauth.issuer = 'http://127.0.0.1:$port'});
$t->start('--same-port');

my $request = "/oauth2/authorize?client_id=$id&redirect_uri=http%3A%2F%2F127.0.0.1%2Fback&response_type=code&state=s%26t"
	. '&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256';
my %cookies;

sub remember
{
	my ($answer) = @_;
	for (header($answer, 'Set-Cookie'))
	{
		my ($name, $value) = /\A([^=]+)=([^;]*)/ or next;
		if (/Max-Age=0/) { delete $cookies{$name} } else { $cookies{$name} = $value }
	}
	return $answer;
}

sub encode { return $_[0] =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger }
sub plain { return $_[0] =~ s/&amp;/&/gr =~ s/&#39;/'/gr }
sub with_cookies { return (Cookie => join('; ', map { "$_=$cookies{$_}" } sort keys %cookies)) }

# A page, and what it leads to by itself.
sub see
{
	my ($path) = @_;
	my $answer = remember($t->get($path, with_cookies()));
	for (1 .. 5)
	{
		my $location = header($answer, 'Location') // last;
		last unless $location =~ m{\A/};
		$answer = remember($t->get($location, with_cookies()));
	}
	return $answer;
}

# The hidden fields of the first form of a page, and others beside them.
sub fields
{
	my ($page, %more) = @_;
	my %fields;
	while ($page->{body} =~ /<input type="hidden" name="([^"]*)" value="([^"]*)">/g) { $fields{$1} //= plain($2) }
	return (%fields, %more);
}

sub send_form
{
	my ($path, %fields) = @_;
	return remember($t->post($path, join('&', map { "$_=" . encode($fields{$_}) } sort keys %fields), with_cookies()));
}

sub submit
{
	my ($path, %fields) = @_;
	my $answer = send_form($path, %fields);
	my $location = header($answer, 'Location');
	return defined $location && $location =~ m{\A/} ? see($location) : $answer;
}

sub log_in { my ($page, $who) = @_; return submit('/login', fields($page), username => $who // 'alice', password => 'wonderland') }
sub title { return $_[0]{body} =~ m{<h1>(.*?)</h1>} ? plain($1) : "no page: $_[0]{status}" }

# The one press.
sub go_on
{
	my ($page) = @_;
	my ($href) = $page->{body} =~ m{<a class="button" href="([^"]*)">Continue</a>};
	return $href ? see(plain($href)) : { status => 0, body => "no way on: $page->{body}" };
}

sub is_consent { my ($page, $name) = @_; return is(title($page), 'Allow access?', $name) || diag($page->{body}) }

sub ends_with_code
{
	my ($page, $name) = @_;
	my $answer = send_form('/oauth2/authorize/confirm', fields($page), decision => 'approve');
	return like(header($answer, 'Location') // $answer->{body}, qr{\Ahttp://127\.0\.0\.1/back\?code=oac_.*&state=s%26t&}, $name);
}

# ---- consent ----

my $consent = log_in(see($request));
is_consent($consent, 'alice is asked');
$t->sql('UPDATE oauth.session SET ended_at = now()');
my $page = submit('/oauth2/authorize/confirm', fields($consent), decision => 'approve');
is($page->{status}, 403, 'her session ended before she answered');
$page = go_on($page);
is(title($page), 'Log in', 'one press leads to the login');
$page = log_in($page);
is_consent($page, 'and from there to the same question');
ends_with_code($page, 'which can be answered: the client gets its code and its state');

$t->sql('DELETE FROM oauth.consent');
$consent = see($request);
delete $cookies{oauth_browser};
$page = go_on(submit('/oauth2/authorize/confirm', fields($consent), decision => 'approve'));
is_consent($page, 'the cookie of the browser went: the question comes anew, for her who is logged in');
ends_with_code($page, 'and is answered');

$consent = see("$request&prompt=consent");
log_in(see('/login?again=1&return=%2Faccount'), 'bob');
$page = go_on(submit('/oauth2/authorize/confirm', fields($consent), decision => 'approve'));
is_consent($page, 'bob logged in in another tab: now he is asked');
like($page->{body}, qr{<bdi>bob</bdi>}, 'by his name');
%cookies = ();

$page = send_form('/oauth2/authorize/confirm', request => 'client_id=nobody', token => 'x', decision => 'approve');
is(scalar(header($page, 'Set-Cookie')), undef, 'what another site makes a browser send sets no cookie');
for my $elsewhere ('https://evil.example/', "x\r\nSet-Cookie: a=b", '//evil.example', '"><script>', "\xC3\xA4", '#' . 'x' x 9000)
{
	$page = send_form('/oauth2/authorize/confirm', request => $elsewhere, token => 'x', decision => 'approve');
	my ($href) = $page->{body} =~ m{<a class="button" href="([^"]*)">};
	like($href, qr{\A/(oauth2/authorize\?[!-~]*|account)\z}, 'and leads nowhere but to a page here');
	is($page->{body} =~ /<script/, '', 'as text') if $elsewhere =~ /script/;
}

# ---- the login page ----

my ($one, $two) = map { see($request) } 1 .. 2;
is_consent(log_in($one), 'of two tabs with the login page one logs in');
is_consent(log_in($two), 'the other goes on, without the password again');
is($t->sql('SELECT count(*) FROM oauth.session WHERE ended_at IS NULL'), 1 + 1, 'with the session that is there, beside that of bob');
$page = log_in($two, 'bob');
is($page->{status}, 403, 'who typed another name there is asked who he is');
like($page->{body}, qr{<bdi>alice</bdi>}, 'and sees who is logged in');
is_consent(go_on($page), 'goes on as her');
my ($switch) = $page->{body} =~ m{<a class="button plain" href="([^"]*)">Use another account</a>};
$page = see(plain($switch));
like($page->{body}, qr{name="username" value="bob"}, 'or logs in as himself');
is_consent(log_in($page, 'bob'), 'and is asked the same');
%cookies = ();

$page = see($request);
%cookies = ();
$page = log_in($page);
is($page->{status}, 403, 'a login page whose cookies went');
is_deeply(\%cookies, {}, 'is no reason to set one');
like($page->{body}, qr{allow cookies}, 'the page says what is amiss');
$page = go_on($page);
like($page->{body}, qr{name="username" value="alice"}, 'one press brings a new form, with the name that was typed');
is_consent(log_in($page), 'and the request goes on');
%cookies = ();

$page = see($request);
my %old = fields($page);
$page = submit('/login', %old, token => 'x' x 43, username => 'alice', password => 'wonderland');
is($page->{status}, 403, 'a token that is over');
is_consent(log_in($page), 'has a new form in its place');

# ---- the account, and out ----

$page = see('/account');
$page = submit('/account', fields($page), token => 'x' x 43, action => 'revoke', client_id => $id);
is($page->{status}, 403, 'a form of the account page that is over');
is(title($page), 'Your account', 'is there anew');
is(submit('/account', fields($page), action => 'revoke', client_id => $id)->{status}, 200, 'and works');
$page = submit('/logout', token => 'x');
is($page->{status}, 403, 'so is that for logging out');
$page = submit('/logout', fields($page));
like($page->{body}, qr{You are logged out}, 'which works');
like($page->{body}, qr{href="/account">Log in}, 'and has a way back in');
is(title(submit('/account', action => 'revoke', client_id => $id)), 'Log in', 'who is logged out logs in');

# ---- a device ----

log_in(see('/account'));
my $device = json($t->post('/oauth2/device_authorization', "client_id=$tv"));
$page = see("/oauth2/device?user_code=$device->{user_code}");
my $question = submit('/oauth2/device', fields($page), user_code => $device->{user_code});
is_consent($question, 'a device asks');
$page = go_on(submit('/oauth2/device', fields($page), token => 'x', user_code => $device->{user_code}));
like($page->{body}, qr{name="user_code" value="$device->{user_code}"}, 'a form that is over begins anew with the code in it');
$page = go_on(submit('/oauth2/device', fields($question), token => 'x.y', decision => 'approve'));
like($page->{body}, qr{name="user_code" value="[A-Z-]+"}, 'so does the question');
$t->sql('UPDATE oauth.session SET ended_at = now()');
for my $form ({ fields($page), user_code => $device->{user_code} }, { fields($question), decision => 'approve' })
{
	my $login = submit('/oauth2/device', %$form);
	is(title($login), 'Log in', 'where the session has ended the login comes first');
	like(log_in($login)->{body}, qr{name="user_code" value="[A-Z-]+"}, 'and the code is still there');
	$t->sql('UPDATE oauth.session SET ended_at = now()');
}
log_in(see('/account'));
$page = submit('/oauth2/device', fields(see('/oauth2/device')), user_code => $device->{user_code});
like(submit('/oauth2/device', fields($page), decision => 'approve')->{body}, qr{The device is connected}, 'the device is allowed in the end');
$page = submit('/oauth2/device', fields($page), decision => 'approve');
is(title($page), 'Connect a device', 'a code that is over has the form for another one') or diag($page->{body});
$t->sql('DELETE FROM oauth.throttle');
for (1 .. 6) { $page = submit('/oauth2/device', fields(see('/oauth2/device')), user_code => 'BBBB-CCCC') }
is($page->{status}, 429, 'too many wrong codes');
is(title(go_on($page)), 'Connect a device', 'lead back to the form');

# ---- OAuth 1.0a ----

my $token = $t->get('/oauth/request_token', Authorization => qq{OAuth oauth_consumer_key="$writer", oauth_signature_method="PLAINTEXT", oauth_callback="oob", oauth_signature="} . encode("$writer_secret&") . '"');
($token) = $token->{body} =~ /oauth_token=([^&]+)/;
$page = see("/oauth/authorize?oauth_token=$token");
is_consent($page, 'OAuth 1.0a asks');
$t->sql('UPDATE oauth.session SET ended_at = now()');
$page = go_on(submit('/oauth/authorize', fields($page), decision => 'approve'));
is(title($page), 'Log in', 'the session has ended');
$page = log_in($page);
is_consent($page, 'the same is asked anew');
is(title(submit('/oauth/authorize', fields($page), decision => 'approve')), 'One more step', 'and allowed');

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
