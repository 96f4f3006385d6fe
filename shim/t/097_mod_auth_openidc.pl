#!/usr/bin/perl
# 097_mod_auth_openidc.pl
# docs/openid.md with Debian's Apache and mod_auth_openidc as a relying party: login, logout from here, logout from there.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ApacheTest qw(apache_with httpd_configuration);
use RelyingPartyTest;
use ShimTest qw(curl guide_blocks header skip_file slurp wait_for);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $apache = apache_with('mod_auth_openidc') or skip_file('20 or so', 'Apache with mod_auth_openidc is not installed');

my $party = RelyingPartyTest->serve('--fetch-loopback');
my $t = $party->{t};
my $dir = $t->dir;
my $issuer = $party->{environment}{OAUTH_URL};
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $album = "http://127.0.0.1:$port";

# The client of the guide, at the address of this test.
my ($register) = grep { /oauth_register_client_metadata/ } guide_blocks('openid.md', 'sql');
my ($client, $secret) = split /\|/, $t->sql($register =~ s{https://album\.example\.org}{$album}gr);

# The guide's configuration with its names replaced, without TLS, and a page that says whom it was told about.
sub write_configuration
{
	my $conf = guide_blocks('openid.md', 'apache');

	$conf =~ s{https://auth\.example\.org}{$issuer}g;
	$conf =~ s{https://album\.example\.org}{$album}g;
	$conf =~ s/^\s*SSL.*\n//mg;
	$conf =~ s/\*:443/127.0.0.1:$port/g;
	$conf =~ s/CLIENT_ID/$client/;
	$conf =~ s/CLIENT_SECRET/$secret/;
	$conf =~ s{/etc/apache2/oidc-passphrase}{$dir/passphrase};
	$conf =~ s{/var/www/album}{$dir/album};
	$conf =~ s{(?=</VirtualHost>)}{\tHeader always set Seen "expr=%{REMOTE_USER} %{req:OIDC_CLAIM_email} %{req:OIDC_CLAIM_sub}"\n};
	append_to_file("$dir/passphrase", "a passphrase of this test\n");
	append_to_file("$dir/httpd.conf", httpd_configuration($dir, [$port], 'auth_openidc') . $conf);
	return;
}

mkdir "$dir/album" or die;
append_to_file("$dir/album/$_", "page $_\n") for qw(index.html bye photos.txt);
write_configuration();
$t->run_program($port, $apache, '-f', "$dir/httpd.conf", '-D', 'FOREGROUND');

# A browser each: what it keeps for Apache, and for the provider.
my $browser = '';
sub ask { return curl('-b', "$dir/jar$browser", '-c', "$dir/jar$browser", $_[0] =~ /^http/ ? $_[0] : "$album$_[0]") }

sub at_the_provider
{
	my ($address) = @_;
	local @ENV{qw(COOKIES no_proxy)} = ("$dir/cookies$browser", '*');
	my $back = `/usr/bin/python3 $FindBin::RealBin/clients/user_agent.py '$address' alice wonderland`;
	chomp $back;
	return $back;
}

# From a page that wants a login to the page.
sub log_in
{
	my $sent = header(ask('/photos.txt'), 'Location') // '';
	like($sent, qr{^\Q$issuer\E/oauth2/authorize\?.*code_challenge_method=S256}, 'who is not logged in is sent to the provider');
	my $back = at_the_provider($sent);
	like($back, qr{^\Q$album\E/oidc\?}, '... and comes back');
	my $answer = ask($back);
	is(header($answer, 'Location'), "$album/photos.txt", '... to what was wanted') or diag($answer->{raw}, slurp("$dir/httpd.log"));
	return;
}

sub is_logged_in { return ask('/photos.txt')->{status} == 200 }

is(ask('/bye')->{body}, "page bye\n", 'a page for everybody is there') or diag($t->program_log($port), slurp("$dir/httpd.log"));
log_in();
my $page = ask('/photos.txt');
is($page->{body}, "page photos.txt\n", 'a page, for somebody who logged in') or diag(slurp("$dir/httpd.log"));
is(header($page, 'Seen'), "alice alice\@example.org $party->{subject}", '... of whom it knows name, address and subject');

# RP-Initiated Logout, section 2: the relying party sends the browser to end_session_endpoint with id_token_hint
my $leave = header(ask("/oidc?logout=$album/bye"), 'Location') // '';
like($leave, qr{^\Q$issuer\E/oauth2/end_session\?.*id_token_hint=}, 'who logs out is sent to the provider, with the ID token');
is(at_the_provider($leave), "$album/bye", '... and lands where the relying party wants');
ok(!is_logged_in(), '... where nobody is logged in');
is($t->sql('SELECT count(*) FROM oauth.session WHERE ended_at IS NULL'), '0', '... nor at the provider');

# Back-Channel Logout 1.0, section 2.5: "all RPs" are told, also the one that began and has ended its session before; newer versions warn of that
ok(wait_for(sub { $t->sql('SELECT state FROM oauth.delivery_overview') eq 'delivered' }), '... and the relying party is told, too')
  or diag($t->sql('SELECT * FROM oauth.delivery_overview'));
my $complaint = qr/logout.*(?:error|could not)/i;
unlike(slurp("$dir/httpd.log") =~ s/^.*oidc_logout_cleanup_by_sid: could not \(or no longer\) find a session .*$//mr, $complaint,
	"... and Apache's log has no complaint of that logout token");
my $logged = length slurp("$dir/httpd.log");

# Back-Channel Logout 1.0, section 2.5: a logout token for each relying party where that person is logged in
$browser = 2;
log_in();
ok(is_logged_in(), 'in another browser somebody logs in');
$t->sql("BEGIN; SELECT oauth_disable_user('alice'); ROLLBACK");
$t->sql("SELECT oauth_disable_user('alice')");
ok(wait_for(sub { !is_logged_in() }), 'a user who is disabled is logged out of the application too') or diag(slurp("$dir/httpd.log"),
	$t->sql('SELECT * FROM oauth.delivery_overview'));
unlike(substr(slurp("$dir/httpd.log"), $logged), $complaint, "... and Apache's log has no complaint of the logout token");

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
