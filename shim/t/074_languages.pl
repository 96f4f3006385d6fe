#!/usr/bin/perl
# 074_languages.pl: every language has every text; a page is in the language, the script and the direction of its reader; the
# login page says what for, and where those find help who cannot log in.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));

use Encode qw(decode_utf8);
use FindBin;
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(header);

my $source = "$FindBin::Bin/../../extension";

sub lines
{
	my ($file) = @_;
	open(my $handle, '<:encoding(UTF-8)', $file) or die "$file: $!";
	local $/ = undef;
	return <$handle>;
}

# ---- the source: OAUTH_TEXT_... of page.h, and what each text_*.c says ----

my @names = lines("$source/page/page.h") =~ /^\tOAUTH_TEXT_(\w+),/mg;
cmp_ok(scalar @names, '>', 50, 'the pages have texts');
my %texts;
for my $file (glob "$source/page/text_*.c")
{
	my $text = lines($file);
	my ($tag) = $text =~ /\.tag = "([^"]*)"/;
	my %of;
	while ($text =~ /\[OAUTH_TEXT_(\w+)\] =\s*((?:"[^"]*"\s*)+),/g)
	{
		my ($name, $strings) = ($1, $2);
		fail("$tag says $name once") if exists $of{$name};
		$of{$name} = join '', $strings =~ /"([^"]*)"/g;
	}
	$texts{$tag} = \%of;
}
is_deeply([ sort keys %texts ], [qw(ar de en es fr it ja nl pl pt zh zh-Hant)], 'twelve languages');
for my $tag (sort keys %texts)
{
	my $of = $texts{$tag};
	is_deeply([ sort keys %$of ], [ sort @names ], "$tag has every text");
	is_deeply([ grep { $_ ne 'BRAND' && $of->{$_} !~ /\w/ } @names ], [], "$tag leaves none empty");
	is_deeply([ grep { ($of->{$_} =~ tr|{||) != ($texts{en}{$_} =~ tr|{||) || $of->{$_} =~ /\{(?!application\})/ } @names ], [], "$tag names the application where English does");
	next if $tag eq 'en';
	my @same = grep { $_ ne 'BRAND' && $of->{$_} eq $texts{en}{$_} } @names;
	is_deeply([ grep { $_ ne 'PASSWORD' } @same ], [], "$tag has left none in English");
	my $script = { ar => qr/\p{Arabic}/, ja => qr/[\p{Hiragana}\p{Katakana}\p{Han}]/, zh => qr/\p{Han}/, 'zh-Hant' => qr/\p{Han}/ }->{$tag} // qr/\p{Latin}/;
	is_deeply([ grep { $_ ne 'BRAND' && $of->{$_} !~ $script } @names ], [], "$tag is in its script");
}
is_deeply([ grep { $_ ne 'BRAND' && length($texts{zh}{$_}) > 6 && $texts{zh}{$_} eq $texts{'zh-Hant'}{$_} } @names ], [], 'the two scripts of Chinese are two');

# ---- the pages ----

my $t = ShimTest->new(extension => 1, conf => 'oauth.bcrypt_cost = 4');
$t->sql(q{SELECT oauth_create_user('alice', 'wonderland')});
my $id = $t->sql(q{SELECT client_id FROM oauth_register_client('Photo <album>', redirect_uris => '{http://127.0.0.1/back}', client_type => 'public', grant_types => '{authorization_code}')});
my ($writer, $writer_secret) = split /\|/, $t->sql(q{SELECT client_id, client_secret FROM oauth_register_client('Typewriter', redirect_uris => '{http://127.0.0.1/back}', grant_types => '{oauth1}')});
my $port = PostgreSQL::Test::Cluster::get_free_port();
$t->{last_port} = $port;
$t->sql(qq{ALTER DATABASE postgres SET oauth.issuer = 'http://127.0.0.1:$port'});
$t->start('--same-port');

sub page { return decode_utf8($t->get(@_)->{body}) }
sub language { return page('/login' . ($_[1] // ''), defined $_[0] ? ('Accept-Language' => $_[0]) : ()) =~ /<html lang="([^"]*)" dir="(ltr|rtl)">/ ? "$1 $2" : 'no page' }
sub said { return $_[0] =~ s/\\u([0-9a-f]{4})/chr hex $1/ger }

for my $tag (sort keys %texts)
{
	my $body = page('/login', 'Accept-Language' => $tag);
	like($body, qr{<html lang="$tag" dir="@{[$tag eq 'ar' ? 'rtl' : 'ltr']}">}, "$tag is a language of the pages");
	like($body, qr{>\Q@{[said($texts{$tag}{$_})]}\E<}, "$tag says $_") for qw(LOGIN USERNAME PASSWORD LOG_IN);
}
my @accepted = (
	[ undef, 'en ltr' ], [ '', 'en ltr' ], [ 'de-CH', 'de ltr' ], [ 'de-DE-1996', 'de ltr' ], [ 'DE', 'de ltr' ], [ 'pt-BR,pt;q=0.9,en;q=0.8', 'pt ltr' ], [ 'pt-PT', 'pt ltr' ],
	[ 'ar-EG', 'ar rtl' ], [ 'en;q=0.5, ar-MA;q=0.6', 'ar rtl' ], [ 'ja-JP', 'ja ltr' ], [ 'es-419', 'es ltr' ], [ 'tlh, nl-BE;q=0.3, en;q=0.2', 'nl ltr' ],
	[ 'en;q=0.1,pl;q=0.11', 'pl ltr' ], [ 'it;q=1.0,en', 'it ltr' ], [ 'en,it', 'en ltr' ], [ 'it;q=0, fr;q=0.001', 'fr ltr' ], [ 'it;q=0', 'en ltr' ], [ 'fr ; q=0.3 , de ; q=0.4', 'de ltr' ],
	[ 'fr;q=0.300,de;q=0.29', 'fr ltr' ], [ 'zh', 'zh ltr' ], [ 'zh-CN', 'zh ltr' ], [ 'zh-SG', 'zh ltr' ], [ 'zh-Hans-TW', 'zh ltr' ], [ 'zh-TW', 'zh-Hant ltr' ], [ 'zh-HK', 'zh-Hant ltr' ],
	[ 'zh-Hant', 'zh-Hant ltr' ], [ 'zh-hant-cn', 'zh-Hant ltr' ], [ 'zh-MO,zh;q=0.5', 'zh-Hant ltr' ], [ 'zh-TWX', 'zh ltr' ], [ '*', 'en ltr' ], [ 'ena, dee, fr', 'fr ltr' ], [ ';q=1', 'en ltr' ], [ 'de;q=x, fr;q=0.1', 'fr ltr' ]);
is(language($_->[0]), $_->[1], 'Accept-Language ' . ($_->[0] // 'that is not sent')) for @accepted;
is(language('de', '?ui_locales=xx+ar-SA+fr'), 'ar rtl', 'ui_locales counts more');
is(language('de', '?ui_locales=zh-TW'), 'zh-Hant ltr', 'with its region');
like(page('/login?ui_locales=zh-TW'), qr{action="/login\?ui_locales=zh-Hant"}, 'and goes along');
$t->sql(q{SELECT oauth_set_page('login', 'כניסה', 'he'), oauth_set_page('login', '登入此處', 'zh-Hant'), oauth_set_page('login', 'Entrez', 'fr')});
is(language('he-IL'), 'he rtl', 'a language of the application runs as its script does');
like(page('/login', 'Accept-Language' => 'zh-TW'), qr{<h1>登入此處</h1>}, 'a text of one of the two scripts of Chinese');
unlike(page('/login', 'Accept-Language' => 'zh-CN'), qr{登入此處}, 'is not one of the other');
like(page('/login', 'Accept-Language' => 'fr-CA'), qr{<h1>Entrez</h1>}, 'and one that takes the place of ours');
$t->sql('DELETE FROM oauth.page');

# ---- what one logs in for ----

my $query = "client_id=$id&redirect_uri=http%3A%2F%2F127.0.0.1%2Fback&response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
my $login = header($t->get("/oauth2/authorize?$query"), 'Location');
my $name = '<strong><bdi>Photo &lt;album&gt;</bdi></strong>';
like(page($login), qr{<p class="who">to continue to $name</p>}, 'the login page says what one logs in for');
for my $tag (sort keys %texts)
{
	my $sentence = said($texts{$tag}{CONTINUE_TO}) =~ s/\{application\}/$name/r;
	like(page($login, 'Accept-Language' => $tag), qr{<p class="who">\Q$sentence\E</p>}, "in $tag");
}
$t->sql(q{SELECT oauth_set_page('continue_to', 'für <b>', 'de')});
like(page($login, 'Accept-Language' => 'de'), qr{<p class="who">für &lt;b&gt; $name</p>}, 'a text without a place for the name has it at its end');
$t->sql('DELETE FROM oauth.page');
my $token = $t->get('/oauth/request_token', Authorization => qq{OAuth oauth_consumer_key="$writer", oauth_signature_method="PLAINTEXT", oauth_callback="oob", oauth_signature="$writer_secret%26"});
($token) = $token->{body} =~ /oauth_token=([^&]+)/;
like(page(header($t->get("/oauth/authorize?oauth_token=$token"), 'Location')), qr{to continue to <strong><bdi>Typewriter</bdi>}, 'for OAuth 1.0a too');
unlike(page($_), qr{to continue}, "not at $_") for '/login', '/login?return=%2Faccount', '/login?return=%2Foauth2%2Fauthorize%3Fclient_id%3Dnobody', '/login?return=%2Foauth2%2Fauthorize%3F%25zz', '/login?return=%2Foauth%2Fauthorize%3Foauth_token%3Dx';
$t->sql("SELECT oauth_disable_client('$id')");
unlike(page($login), qr{to continue}, 'nor for a client that is disabled');

# ---- help ----

unlike(page('/login'), qr{Forgot|Create|Help}, 'no link where none is set');
for my $setting (qw(password_reset_url sign_up_url help_url))
{
	my $set = sub { my ($value) = @_; return ($t->node->psql('postgres', qq{SELECT count(*) FROM oauth_settings(); SET oauth.$setting = '} . $value =~ s/'/''/gr . q{'}))[0] };
	for my $bad ('javascript:alert(1)', 'http://app.example/', 'https://', 'https:///x', '//evil.example', '/\\evil.example', 'app.example', 'data:text/html,x', "/a\tb", '/a b', '/"><script>', "/'", 'HTTPS://x', "/\x{e9}", "https://a.example/\n")
	{
		isnt($set->($bad), 0, "oauth.$setting is not " . ($bad =~ s/[\n\t]/ /gr));
	}
	is($set->($_), 0, "oauth.$setting may be '$_'") for 'https://app.example/help?a=b&c=d#e', '/help', '', 'https://[::1]:8443/x';
	$t->sql(qq{ALTER DATABASE postgres SET oauth.$setting = '} . ($setting eq 'help_url' ? '/help?a=1&b=2' : "https://app.example/$setting") . q{'});
}
$t->stop;
$t->start('--same-port');
my $body = page('/login');
like($body, qr{<a href="https://app\.example/password_reset_url">Forgot your password\?</a> <a href="https://app\.example/sign_up_url">Create an account</a> <a href="/help\?a=1&amp;b=2">Help</a></p>}, 'the links that are set, escaped');
like(page('/login', 'Accept-Language' => 'ar'), qr{>هل نسيت كلمة المرور؟</a>}, 'in the language of the reader');
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
