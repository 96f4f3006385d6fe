#!/usr/bin/perl
# 081_mod_oauth2.pl
# docs/apache-mod-oauth2.md with Debian's Apache and its mod_oauth2, which asks the provider about tokens.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(certificate curl guide_blocks header json skip_file slurp);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($apache) = grep { -x } map { "$_/apache2" } split(/:/, $ENV{PATH}), '/usr/sbin';
my $modules = '/usr/lib/apache2/modules';
skip_file('45 or so', 'Apache with mod_oauth2 is not installed') unless $apache && -e "$modules/mod_oauth2.so";

my $t = ShimTest->new(extension => 1);
my $dir = $t->dir;
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $application = PostgreSQL::Test::Cluster::get_free_port();
$t->start;
my ($introspector, $introspector_secret) = split /\|/, $t->sql(scalar guide_blocks('apache-mod-oauth2.md', 'sql'));

# The guide's configuration with its names replaced, in a server of our own
sub write_configuration
{
	my $conf = guide_blocks('apache-mod-oauth2.md', 'apache');
	my $shim = $t->port;
	my @needed = qw(mpm_event authn_core authz_core authz_user dir env mime headers rewrite alias proxy proxy_http ssl oauth2);
	my $load = join '', map { "LoadModule ${_}_module $modules/mod_$_.so\n" } @needed;

	$conf =~ s/\*:443/127.0.0.1:$port/g;
	$conf =~ s{/etc/ssl/certs/\S+\.pem}{$dir/cert.pem}g;
	$conf =~ s{/etc/ssl/private/\S+\.key}{$dir/key.pem}g;
	$conf =~ s{https://auth\.example\.org/}{http://127.0.0.1:$shim/};
	$conf =~ s{CLIENT_ID}{$introspector};
	$conf =~ s{CLIENT_SECRET}{$introspector_secret};
	$conf =~ s{/var/www/album}{$dir/album};
	$conf =~ s/127\.0\.0\.1:8080/127.0.0.1:$application/;
	append_to_file("$dir/httpd.conf", <<"END");
ServerRoot $dir
ServerName localhost
PidFile $dir/httpd.pid
Mutex file:$dir default
ErrorLog $dir/httpd.log
LogLevel warn
Listen 127.0.0.1:$port
Listen 127.0.0.1:$application
StartServers 1
$load
TypesConfig /dev/null
<VirtualHost 127.0.0.1:$application>
	RewriteEngine On
	RewriteRule ^ - [R=204,L]
	Header always set Seen "expr=%{REQUEST_METHOD} %{REQUEST_URI} subject=%{HTTP:X-OAuth-Subject} client=%{HTTP:X-OAuth-Client} scope=%{HTTP:X-OAuth-Scope} token=%{HTTP:Authorization}"
</VirtualHost>
$conf
END
	return;
}

mkdir "$dir/album$_" or die for '', '/drafts', '/public';
append_to_file("$dir/album$_", "file $_\n") for qw(/index.html /mountains.txt /drafts/sea.txt /public/welcome.txt);
ok(certificate($dir), 'there is a certificate');
write_configuration();
$t->run_program($port, $apache, '-f', "$dir/httpd.conf", '-D', 'FOREGROUND');

my ($client) = split /\|/, $t->sql(q{SELECT client_id, client_secret FROM oauth_register_client('Album',
	grant_types => '{client_credentials,refresh_token}', scope => 'read write')});
sub token { my ($scope) = @_; return $t->sql("SELECT access_token FROM oauth_issue_token('$client', '42', '$scope')") }
my ($read, $write) = map { token($_) } 'read', 'read write';
my $own = $t->sql("SELECT access_token FROM oauth_issue_token('$client', scope => 'read')");

sub ask
{
	my ($host, $path, @arguments) = @_;
	return curl('--connect-to', "$host:443:127.0.0.1:$port", @arguments, "https://$host$path");
}

sub gets
{
	my ($name, $status, $body, $path, $token, @arguments) = @_;
	my $answer = ask('album.example.org', $path, $token ? ('-H', "Authorization: Bearer $token") : (), @arguments);

	is($answer->{status}, $status, $name) or diag($answer->{raw}, slurp("$dir/httpd.log"));
	like($answer->{body}, $body, '... and what is there') if $body;
	return $answer;
}

sub challenge_of { return join '; ', header($_[0], 'WWW-Authenticate') }

# Files
gets('a public file needs no token', 200, qr/^file .public/, '/public/welcome.txt');
gets('a file, with a token', 200, qr/^file .mountains/, '/mountains.txt', $read);
gets('the index', 200, qr/^file .index/, '/', $read);
gets('a draft, with the scope for it', 200, qr/^file .drafts/, '/drafts/sea.txt', $write);
like(challenge_of(gets('R139: no token', 401, undef, '/mountains.txt')), qr/^Bearer/, '... with a challenge');
like(challenge_of(gets('R141: a token without the scope', 403, undef, '/drafts/sea.txt', $read)), qr/error="insufficient_scope"/, '... is told so');
gets('R143: a token in the address is none', 401, undef, "/mountains.txt?access_token=$read");
for my $bad ('oat_' . 'A' x 54, 'x', $t->sql("SELECT refresh_token FROM oauth_issue_token('$client', '42', 'read', refresh => true)"))
{
	like(challenge_of(gets('R140, R147: what is not an access token', 401, undef, '/', $bad)), qr/error="invalid_token"/, '... is invalid');
}
for my $path (qw(/public/../drafts/sea.txt /public/..%2fdrafts/sea.txt /./drafts/sea.txt //drafts/sea.txt /%64rafts/sea.txt))
{
	isnt(ask('album.example.org', $path)->{status}, 200, "$path without a token");
	unlike(ask('album.example.org', $path, '-H', "Authorization: Bearer $read")->{body}, qr/^file/, '... and with one that lacks the scope');
}
$t->sql(q{SELECT oauth_register_scope('read-nothing', 'x')});
$t->sql("SELECT oauth_update_client('$client', '{\"scope\": \"read write read-nothing\"}')");
gets('a scope that begins like the one it needs', 403, undef, '/mountains.txt', token('read-nothing'));
gets('a token', 200, undef, '/mountains.txt', my $brief = token('read'));
$t->sql("SELECT oauth_revoke_token('$brief')");
like(challenge_of(gets('R160: once it is revoked', 401, undef, '/mountains.txt', $brief)), qr/invalid_token/, '... is refused at once');
gets('another', 200, undef, '/mountains.txt', my $old = token('read'));
$t->sql("UPDATE oauth.access_token SET expires_at = now() - interval '1 s' WHERE token_hash = sha256(convert_to('$old', 'UTF8'))");
gets('R140: once it has expired', 401, undef, '/mountains.txt', $old);

# The application
my @forged = map { ('-H', $_) } 'X-OAuth-Subject: 43', 'X-OAuth-Scope: admin', 'OAUTH2_CLAIM_sub: 43', 'OAUTH2-CLAIM-sub: 43';
is(header(gets('the application', 204, undef, '/app/x', $read, @forged), 'Seen'), "GET /app/x subject=42 client=$client scope=read token=", '... is told who calls, not the token');
is(header(gets('a client that calls for itself', 204, undef, '/app/', $own, @forged), 'Seen'), "GET /app/ subject=$client client=$client scope=read token=", '... is its own subject');
is(header(gets('without a token', 401, undef, '/app/', undef, @forged), 'Seen'), undef, '... it is not asked');

$t->stop;
gets('while there is no shim', 401, undef, '/mountains.txt', $read);
gets('what is public is served', 200, undef, '/public/welcome.txt');
$t->finish;
done_testing();
