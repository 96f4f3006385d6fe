#!/usr/bin/perl
# 078_clients_in_many_languages.pl: other people's OAuth 2 clients in Go, Java, Perl, Python and Ruby, as Debian has them.
#
# A person logs in with each, it refreshes their token, and it gets one of its own where it knows how. docs/clients.md
# says what to set in each of them.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Test::More;
use lib $FindBin::Bin;
use ClientTest;
use ShimTest;

my $clients = ClientTest->serve;
my $t = $clients->{t};

# Says which Debian package is missing, by a file that it has.
sub lacks { my ($file, $package) = @_; my @found = glob($file); return @found ? undef : "Debian's $package is not installed" }

# What is compiled is kept for the next run of the suite in the same tree.
my $kept = $ENV{top_builddir} // $t->dir;
my %go = (GO111MODULE => 'off', GOPATH => '/usr/share/gocode', GOFLAGS => '', GOTOOLCHAIN => 'local', GOCACHE => "$kept/go-cache");
my $jars = join ':', map { "/usr/share/java/$_.jar" } qw(google-oauth-client google-http-client google-http-client-gson gson guava failureaccess
	opencensus-api opencensus-contrib-http-util grpc-context httpclient httpcore commons-logging);
my @all = qw(code refresh client_credentials);
my $login = 'openid profile read';

$clients->start($_) for (
	{
		name => 'golang.org/x/oauth2', grants => \@all, pkce => 1, environment => \%go,
		missing => lacks('/usr/bin/go', 'golang-go') // lacks('/usr/share/gocode/src/golang.org/x/oauth2/oauth2.go', 'golang-golang-x-oauth2-dev'),
		command => [ 'sh', '-c', 'mkdir -p "$GOCACHE" && /usr/bin/go build -o "$0" go_oauth2.go go_client.go && exec "$0"', $t->dir . '/go_oauth2' ]
	},
	{
		name => "Java's google-oauth-client", grants => \@all, pkce => 1,
		missing => lacks('/usr/share/java/google-oauth-client.jar', 'libgoogle-oauth-client-java'),
		command => [ 'java', '-cp', $jars, 'GoogleOAuthClient.java' ]
	},
	{
		name => 'the gem oauth2', grants => \@all, pkce => 1, command => [ '/usr/bin/ruby', 'ruby_oauth2.rb' ],
		missing => lacks('/usr/lib/ruby/vendor_ruby/oauth2.rb', 'ruby-oauth2')
		  && lacks('/usr/share/rubygems-integration/*/gems/oauth2-*', 'ruby-oauth2')
	},
	{
		name => 'omniauth-oauth2', grants => [qw(code refresh)], pkce => 1, scope => $login,
		command => [ '/usr/bin/ruby', 'omniauth_oauth2.rb' ],
		missing => lacks('/usr/lib/ruby/vendor_ruby/omniauth-oauth2.rb', 'ruby-omniauth-oauth2')
		  && lacks('/usr/share/rubygems-integration/*/gems/omniauth-oauth2-*', 'ruby-omniauth-oauth2')
	},
	{
		name => 'LWP::Authen::OAuth2', grants => [qw(code refresh)], command => [ '/usr/bin/perl', 'lwp_authen_oauth2.pl' ],
		missing => lacks('/usr/share/perl5/LWP/Authen/OAuth2.pm', 'liblwp-authen-oauth2-perl')
	},
	{
		name => 'Net::OAuth2', grants => [qw(code refresh)], command => [ '/usr/bin/perl', 'net_oauth2_client.pl' ],
		missing => lacks('/usr/share/perl5/Net/OAuth2.pm', 'libnet-oauth2-perl')
	},
	{
		name => 'Mojolicious::Plugin::OAuth2', grants => [qw(code refresh)], command => [ '/usr/bin/perl', 'mojolicious_oauth2.pl' ],
		missing => lacks('/usr/share/perl5/Mojolicious/Plugin/OAuth2.pm', 'libmojolicious-plugin-oauth2-perl')
	},
	{
		name => 'social-core', grants => [qw(code refresh)], scope => $login, command => [ '/usr/bin/python3', 'social_core_client.py' ],
		missing => lacks('/usr/lib/python3/dist-packages/social_core/backends/oauth.py', 'python3-social-auth-core')
	},
	{ name => 'curl --oauth2-bearer', grants => \@all, pkce => 1, command => [ 'sh', 'curl_oauth2_bearer.sh' ] });
$clients->check_all;

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
