#!/usr/bin/perl
# 037_browser.pl: the pages in Debian's Chromium, with JavaScript and without it.  What clients/browser_tests.mjs looks at:
# R83, R95, R98, R99, R100, R101, R103, R165, R174, R198, R207, R215.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;
use lib $FindBin::Bin;
use BrowserTest qw(browser_tests);
use ShimTest qw(skip_file slurp without_npm);

my $why = without_npm('playwright-core', 'axe-core');
skip_file('350 or so', $why) if $why;

my $t = ShimTest->new(extension => 1, conf => "oauth.bcrypt_cost = 4\noauth.device_interval = 1");
$t->sql(q{SELECT oauth_create_user('alice', 'wonderland'), oauth_create_user('bob', 'sesame street'),
	oauth_create_user('<img src=x onerror=alert(1)>', 'sesame street')});

# Registers a client: its id and secret.
sub client
{
	my ($name, $more) = @_;
	my ($id, $secret) = split /\|/, $t->sql(qq{SELECT client_id, client_secret FROM oauth_register_client(\$\$$name\$\$,
		redirect_uris => '{http://127.0.0.1/back}', scope => 'read write', $more)});
	return { id => $id, secret => $secret };
}

my $code = q{grant_types => '{authorization_code,refresh_token}'};
my %clients = (
	ALBUM => client('Album', $code), PRINTER => client('Printer', $code),
	POCKET => client('Pocket album', "$code, client_type => 'public'"),
	HOSTILE => client(q{<script>alert('client')</script>}, $code),
	DEVICE => client('Television', q{client_type => 'public', grant_types => '{urn:ietf:params:oauth:grant-type:device_code}'}),
	OAUTH1 => client('Typewriter', q{grant_types => '{oauth1}'}));

$t->sql(qq[SELECT oauth_update_client('$clients{ALBUM}{id}', '{"client_uri": "https://album.example/", "policy_uri": "https://album.example/privacy"}')]);

my $port = PostgreSQL::Test::Cluster::get_free_port();
$t->{last_port} = $port;
$t->sql(qq{ALTER DATABASE postgres SET oauth.issuer = 'http://127.0.0.1:$port'});
$t->start('--same-port');

my %environment = (OAUTH_URL => "http://127.0.0.1:$port", CLIENTS => encode_json(\%clients));
sub watch { browser_tests($t, \%environment, @_); return }

for my $javascript ('with', 'without')
{
	$t->sql('DELETE FROM oauth.consent');
	watch('browser_tests.mjs', $javascript, split(' ', $ENV{BROWSER_SUITES} // ''));
}

# the application's own words, name and stylesheet
$t->sql(q{SELECT oauth_set_page('brand', 'Acme'), oauth_set_page('login', 'Welcome', 'en'), oauth_set_page('login', 'Entrar', 'pt'),
	oauth_set_page('stylesheet', $$body{background:#fff;color:#222;margin:1rem}input,button{min-height:44px;color:#222;background:#fff;border:2px solid #222;max-width:100%}
	main::before{content:"";display:block;width:24px;height:24px;background-image:url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='24' height='24'%3E%3Ccircle cx='12' cy='12' r='12'/%3E%3C/svg%3E")}
	.brand{font-size:40px}$$)});
$ENV{APP_PORT} = PostgreSQL::Test::Cluster::get_free_port();
$t->sql(qq{SELECT oauth_set_page('stylesheet', \$\$\@import url(http://127.0.0.1:$ENV{APP_PORT}/spy.css); \@font-face{font-family:spy;src:url(http://127.0.0.1:$ENV{APP_PORT}/spy.woff)}
	body{background:url(http://127.0.0.1:$ENV{APP_PORT}/spy.png);font-family:spy} input[value^="a"]{background:url(http://127.0.0.1:$ENV{APP_PORT}/spy-a)}\$\$, 'es')});
watch('browser_tests.mjs', 'with', 'branded');
delete $ENV{APP_PORT};
$t->sql('DELETE FROM oauth.page');

# TLS, which ends in front of the server
$t->start('--trusted-proxy=127.0.0.1');
my ($key, $certificate) = map { $t->dir . "/tls.$_" } 'key', 'pem';
is(system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout $key -out $certificate 2>/dev/null"), 0, 'a certificate');
@ENV{qw(TLS_UPSTREAM TLS_KEY TLS_CERTIFICATE)} = ('http://127.0.0.1:' . $t->port, slurp($key), slurp($certificate));
watch('browser_tests.mjs', 'with', 'overTls');

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
