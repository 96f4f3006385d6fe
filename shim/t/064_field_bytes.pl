# 064_field_bytes.pl
# R10: bytes above 0x7f in header fields (RFC 9110, section 5.5): they mean nothing here, and stop nothing.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Pages qw(cookies field remember);
use ShimTest qw(header json post_bytes request_bytes slurp);
use Test::More;

my $t = ShimTest->new(extension => 1, conf => 'oauth.bcrypt_cost = 4');
$t->sql(q{SELECT oauth_create_user('alice', 'wonderland')});
my ($id, $secret) = split /\|/, $t->sql(q{SELECT client_id, client_secret FROM oauth_register_client('Latin',
	grant_types => '{client_credentials,oauth1_two_legged}', scope => 'read')});
my $token = $t->sql("SELECT access_token FROM oauth_issue_token('$id', scope => 'read')");
$t->start('--trusted-proxy=127.0.0.1');


# A cookie of another application on the same domain, before and behind ours
my @bytes = ("f\xfcr", "\xe9", "\xff\xfe", "\xc3", "\xe2\x82", "\xf0\x9f", "\xed\xa0\x80");
{
	my $page = remember($t->get('/login', Cookie => "theirs=f\xfcr"));
	is($page->{status}, 200, 'the login page comes with a Latin-1 cookie of another application');
	my $answer = remember($t->post('/login', 'username=alice&password=wonderland&token=' . field($page, 'token'), Cookie => cookies("f\xfcr")));
	is($answer->{status}, 303, 'and alice logs in with one') or diag($answer->{raw});
	for (@bytes)
	{
		my $account = $t->get('/account', Cookie => cookies($_));
		like($account->{body}, qr/alice/, 'and is logged in beside the cookie ' . unpack('H*', $_)) or diag($account->{raw});
	}
	is($t->get('/account', Cookie => "oauth_session\xfc=x; oauth_browser=\xfc")->{status}, 303, 'a session that is not ours is none');
}

# Whatever field it is, the answer is the one without it, or a refusal of what was sent there; never 500.
my $form = "grant_type=client_credentials&client_id=$id&client_secret=$secret";
my @ignored = ('User-Agent', 'Referer', 'Cookie', 'Accept', 'Accept-Language', 'Accept-Encoding', 'X-Anything', 'Via', 'From',
	'X-Forwarded-For', 'X-Forwarded-Port', 'Forwarded', 'Connection', 'If-None-Match', 'Origin', 'Sec-Fetch-Site', 'X-Request-Id',
	'X-Original-Method', 'traceparent', 'Keep-Alive', 'Upgrade', 'TE', 'Access-Control-Request-Headers', 'Access-Control-Request-Method');
for my $bytes (@bytes)
{
	my $shown = unpack('H*', $bytes);
	my @wrong = grep { $t->get('/api/', Authorization => "Bearer $token", $_ => "a${bytes}z")->{status} != 200 } @ignored;
	is_deeply(\@wrong, [], "a field that holds $shown is passed over");
	is($t->post('/oauth2/token', $form, 'Content-Type' => "application/x-www-form-urlencoded; charset=$bytes")->{status}, 200, 'also a parameter of Content-Type');
	isnt($t->post('/oauth2/token', $form, 'Content-Type' => "application/x-www-form-urlencoded$bytes")->{status}, 200, 'but not where the type ends');
	is($t->get('/api/', Authorization => "Bearer $token$bytes")->{status}, 400, 'no bearer token has them');
	is($t->get('/api/', Authorization => "Bear${bytes}er $token")->{status}, 401, 'a scheme too');
	is($t->post('/oauth2/token', 'grant_type=client_credentials', Authorization => "Basic $bytes")->{status}, 401, 'and a client');
	my $signed = $t->get('/api/', Authorization => qq{OAuth oauth_consumer_key="$id$bytes", oauth_signature_method="HMAC-SHA1", oauth_signature="x", oauth_timestamp="@{[ time ]}", oauth_nonce="$shown"});
	like($signed->{status}, qr/\A40[01]\z/, 'and a signature');
	is($t->get('/auth', Authorization => "Bearer $token", 'X-Original-URI' => "/photos/$bytes?q=$bytes")->{status}, 200, '/auth says yes for a path with it');
	is($t->get('/auth', Authorization => "Bearer $bytes", 'X-Original-URI' => "/photos/$bytes")->{status}, 400, 'and no');
	like($t->get('/auth', Authorization => qq{OAuth oauth_consumer_key="$id", oauth_signature_method="HMAC-SHA1", oauth_signature="x", oauth_timestamp="@{[ time ]}", oauth_nonce="a$shown"},
		'X-Original-URI' => "/photos/$bytes?q=$bytes")->{status}, qr/\A40[01]\z/, 'also to a signature');
	is($t->get('/api/', 'X-Forwarded-Host' => "h$bytes")->{status}, 400, 'what a proxy says of the host is refused');
	is(header($t->request('OPTIONS', '/oauth2/revoke', undef, Origin => "https://a.example$bytes", 'Access-Control-Request-Method' => 'POST'), 'Access-Control-Allow-Origin'), undef, 'no such origin is let in');
}

# Among many others at once: each gets its own answer.
{
	my @requests = map { post_bytes('/oauth2/token', $form, 'User-Agent' => $_ % 2 ? $bytes[$_ % @bytes] : 'plain', Cookie => "x=$bytes[$_ % @bytes]") } 1 .. 60;
	my @answers = $t->together(@requests);
	is((grep { $_->{status} == 200 } @answers), 60, 'sixty token requests at a time, each with such bytes');
	@answers = $t->together(map { request_bytes('GET', '/api/', undef, Authorization => $_ % 3 ? "Bearer $token" : "Bearer \xff\xfe") } 1 .. 60);
	is((grep { $_->{status} == 200 } @answers), 40, 'forty calls that are right');
	is((grep { $_->{status} == 400 } @answers), 20, 'beside twenty that are not');
}
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'none has spoiled a batch');
unlike($t->error_log, qr/SQLSTATE/, 'nor made an error of the database');
unlike(slurp($t->node->logfile), qr/invalid byte sequence/, 'which got valid UTF-8 only');
$t->finish;
done_testing();
