#!/usr/bin/perl
# 102_hostile_tokens.pl: malformed and forged JSON Web Tokens and Keys at every place that reads one: never a crash, never a
# yes.  Some are signed with the server's own key, whose private half the test knows, so that only their header or their form
# is wrong.  Then libFuzzer for twenty seconds, where clang is there.
#
# RFC 7515, 7517, 7518, 7519; RFC 8725, section 2; RFC 8725, section 3.3.  R120, R182.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Digest::SHA qw(hmac_sha256 sha256);
use JSON::PP ();
use Math::BigInt;
use MIME::Base64 qw(encode_base64url decode_base64);
use Test::More;
use lib $FindBin::Bin;
use DPoPProof;
use ShimTest qw(slurp);

my $t = ShimTest->new(extension => 1, conf => "oauth.registration = open\noauth.registration_rate = 0\noauth.registration_limit = 0");
my $issuer = 'https://id.example.com';
$t->sql("ALTER DATABASE postgres SET oauth.issuer = '$issuer'");
my ($id, $secret) = split /\|/, $t->sql(q{SELECT * FROM oauth_register_client('corpus', '{https://rp.example/cb}', scope => 'openid read')});

# The keys: RSA, whose private half stays here, and one of each other kind.
my $private = $t->dir . '/private.pem';
system("openssl genrsa -out '$private' 2048 2>/dev/null") == 0 or die 'openssl genrsa';
my $pem = slurp($private);
my $kid = $t->sql("SELECT oauth_import_signing_key('$pem')");
$t->sql("SELECT oauth_create_signing_key(alg) FROM unnest('{ES256,EdDSA}'::text[]) alg");
my $jwks = $t->sql('SELECT oauth_jwks()');
my ($rsa) = grep { $_->{kid} eq $kid } @{ JSON::PP::decode_json($jwks)->{keys} };
# the client has them as well, so that what they sign may be a request of it
$t->sql("SELECT oauth_update_client('$id', '{\"jwks\": $jwks}')");
my $public = `openssl rsa -in '$private' -pubout 2>/dev/null`;

# A token of that header and those claims, as bytes; signed by that.
sub token
{
	my ($header, $claims, $sign) = @_;
	my $input = encode_base64url($header) . '.' . encode_base64url($claims);
	return $input . '.' . encode_base64url($sign->($input));
}

sub by_key
{
	my ($input) = @_;
	$input =~ s/'/''/g;
	return decode_base64($t->sql("SELECT oauth_signature('RSA-SHA256', '$input', '$pem')"));
}

sub with_secret { my ($secret_of) = @_; return sub { hmac_sha256($_[0], $secret_of) } }

my $now = time;
my $claims = qq({"iss":"$issuer","sub":"nobody","aud":"$id","iat":$now,"exp":) . ($now + 3600) . '}';
my $header = qq({"alg":"RS256","typ":"JWT","kid":"$kid"});
# What is made of a good token with that header and those claims: name => token.
sub hostile_tokens
{
	my ($header, $claims) = @_;
	my $good = token($header, $claims, \&by_key);
	my ($h, $p, $s) = split /[.]/, $good;

	my %hostile = (
		# members twice (RFC 7515, section 4; RFC 7519, section 4), and other members (RFC 7515, section 4.1.11; RFC 8725, section 3.10)
		'alg twice' => token(qq({"alg":"RS256","alg":"RS256","kid":"$kid"}), $claims, \&by_key),
		'alg twice, once escaped' => token(qq({"alg":"RS256","\\u0061lg":"none","kid":"$kid"}), $claims, \&by_key),
		'sub twice' => token($header, $claims =~ s/"sub"/"sub":"somebody","sub"/r, \&by_key),
		'a member twice, deep in a claim' => token($header, $claims =~ s/\}$/,"a":[{"b":{"c":1,"c":1}}]}/r, \&by_key),
		(map { ("header with $_" => token($header =~ s/\}$/,$_}/r, $claims, \&by_key)) } '"crit":["exp"]', '"crit":[]', '"b64":false,"crit":["b64"]',
			'"b64":true', '"jku":"https://evil.example/keys"', '"x5u":"https://evil.example/"', '"x5c":["AAAA"]', '"jwk":{"kty":"oct","k":"AAAA"}', '"jwk":{}'),
		# numbers, depth, bytes (RFC 8725, section 3.7; RFC 7519, section 7.2), and no alg (RFC 7515, section 4.1.1)
		(map { ("claims with $_" => token($header, $claims =~ s/\}$/,"a":$_}/r, \&by_key)) } '1e400', '-1e400', '1e999999999', '0e99999999999', '-0.0e-99999999999', '9' x 100, '1' . '0' x 8000, '01', 'NaN', '+1', '.5', "\"\\ud800\"",
			"\"\\u0000\"", "\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\x00\"", "\"\t\"", '[' x 33 . ']' x 33, '[' x 4000, '{"a":' x 1500, '"' . 'x' x 13000 . '"'),
		(map { ("header of $_" => token($_, $claims, \&by_key)) } '', '{}', '[]', 'null', '"RS256"', '{"alg":1}', '{"alg":null}', '{"alg":["RS256"]}', '{"alg":"rs256"}', '{"alg":"RS256 "}',
			'{"typ":"JWT"}', "{\"alg\":\"RS256\",\"kid\":\"$kid\"}x", "\xef\xbb\xbf{\"alg\":\"RS256\",\"kid\":\"$kid\"}", "{\"alg\":\"RS256\",\"kid\":{}}", "{'alg':'RS256'}"),
		(map { ("claims of $_" => token($header, $_, \&by_key)) } '', '[]', 'null', '1', '"a"', '{', '{}}', "$claims$claims", "$claims\x00"),
		'exp as text' => token($header, $claims =~ s/"exp":(\d+)/"exp":"$1"/r, \&by_key),
		'exp of null' => token($header, $claims =~ s/"exp":(\d+)/"exp":null/r, \&by_key),
		# algorithm confusion and key confusion (RFC 8725, section 2.1), and none (RFC 8725, section 3.2; RFC 7518, section 3.6; RFC 7519, section 6)
		(map { ("alg $_, no signature" => encode_base64url(qq({"alg":"$_","kid":"$kid"})) . ".$p.") } qw(none None NONE nOnE), '', 'RS256'),
		(map { ("alg $_ with the signature of RS256" => encode_base64url(qq({"alg":"$_","kid":"$kid"})) . ".$p.$s") } qw(RS384 RS512 PS256 ES256 ES384 EdDSA HS256 none RSA1_5)),
		(map { my ($what, $key) = @$_; ("HS256 with $what as the secret" => token(qq({"alg":"HS256","typ":"JWT","kid":"$kid"}), $claims, with_secret($key))) }
			[ 'the PEM', $public ], [ 'the PEM without its last line break', $public =~ s/\n\z//r ], [ 'the body of the PEM', decode_base64($public =~ s/-----.*\n//gr) ],
			[ 'n', $rsa->{n} ], [ 'the bytes of n', MIME::Base64::decode_base64url($rsa->{n}) ], [ 'the key set', $jwks ], [ 'nothing', '' ], [ 'the client secret', $secret ]),
		(map { ("kid $_" => token(qq({"alg":"RS256","typ":"JWT","kid":"$_"}), $claims, \&by_key)) } '', '../../etc/passwd', "x' OR '1'='1", '\u0000', 'k' x 5000),
		# signatures that cannot be (RFC 7515, section 5.2)
		(map { ("signature of $_->[0]" => encode_base64url(qq({"alg":"$_->[1]","typ":"JWT"})) . ".$p." . encode_base64url($_->[2])) }
			[ 'zeros, ES256', 'ES256', "\0" x 64 ], [ 'r of 0', 'ES256', "\0" x 32 . "\1" x 32 ], [ 's of 0', 'ES256', "\1" x 32 . "\0" x 32 ], [ 'the order twice', 'ES256',
				pack('H*', 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551') x 2 ], [ 'DER', 'ES256', "\x30\x06\2\1\1\2\1\1" ], [ '63 bytes', 'ES256', "\1" x 63 ],
			[ '65 bytes', 'ES256', "\1" x 65 ], [ 'zeros, EdDSA', 'EdDSA', "\0" x 64 ], [ 'the neutral point', 'EdDSA', "\1" . "\0" x 63 ], [ 'zeros, RS256', 'RS256', "\0" x 256 ],
			[ 'one, RS256', 'RS256', "\0" x 255 . "\1" ], [ 'ones, RS256', 'RS256', "\xff" x 256 ], [ 'a byte', 'RS256', "\0" ], [ 'much', 'RS256', "\1" x 9000 ]),
		# spellings of what is good (RFC 7515, section 2; RFC 7515, section 7.1)
		'padded' => "$good=", 'padded header' => "$h=.$p.$s", 'a line break' => "$good\n", 'a line break before' => "\n$good", 'a line break within' => "$h.\n$p.$s", 'a blank' => "$h. $p.$s",
		'a dot less' => "$h.$p", 'a dot more' => "$good.", 'a dot before' => ".$good", 'two signatures' => "$good.$s", 'the other alphabet' => $good =~ tr/-_/+\//r . '+', 'percent' => "$h%2E$p%2E$s",
		'JSON serialization' => qq({"protected":"$h","payload":"$p","signature":"$s"}), 'five parts' => "$h.$p.$s.$p.$s", 'too long' => "$h.$p.$s" . 'A' x 20000,
		'bits left over' => $good =~ s/(.)\z/chr(ord($1) + ($1 eq 'z' || $1 eq 'Z' || $1 eq '9' ? -1 : 1))/er,
		'empty' => '', 'dots' => '..', 'many dots' => '.' x 16000, 'no token' => 'nonsense');

	# cut off everywhere, and each eleventh character another
	$hostile{"cut off after $_"} = substr($good, 0, $_) for grep { $_ % 7 == 0 || $_ > length($good) - 8 } 1 .. length($good) - 1;
	for my $at (grep { $_ % 11 == 0 } 0 .. length($good) - 1)
	{
		my $other = $good;
		substr($other, $at, 1) = substr($good, $at, 1) eq 'A' ? 'B' : 'A';
		$hostile{"another character at $at"} = $other;
	}
	return %hostile;
}

my $good = token($header, $claims, \&by_key);
my %hostile = hostile_tokens($header, $claims);

# ---- oauth_verify_jwt() ----
$t->sql('CREATE TABLE hostile (name text, token text)');
my $file = $t->dir . '/hostile';
open(my $out, '>', $file) or die "$file: $!";
print {$out} join("\t", map { unpack 'H*', $_ } $_ =~ s/[^ -~]/./gr, $hostile{$_}), "\n" for sort keys %hostile;
close $out or die "$file: $!";
$t->sql("COPY hostile FROM '$file'");
$t->sql("UPDATE hostile SET name = left(convert_from(decode(name, 'hex'), 'UTF8'), 80), token = convert_from(decode(token, 'hex'), 'UTF8')");
my $in_sql = $t->sql('SELECT count(*) FROM hostile');
cmp_ok($in_sql, '>', 200, "$in_sql hostile tokens");
my $accepted = q{'{RS256,RS384,RS512,PS256,ES256,ES384,EdDSA,HS256}'};
is($t->sql("SELECT valid FROM oauth_verify_jwt('$good', oauth_jwks(), $accepted, 'JWT')"), 't', 'the one that they are made of is good');
is($t->sql("SELECT name FROM hostile, oauth_verify_jwt(token, oauth_jwks(), $accepted, 'JWT') v WHERE v.valid IS DISTINCT FROM false ORDER BY 1"), '', 'oauth_verify_jwt() takes none of them');
is($t->sql("SELECT name FROM hostile, oauth_verify_jwt(token, oauth_jwks(), $accepted, 'JWT') v WHERE coalesce(v.problem, '') !~ '^[ !#-\\[\\]-~]+\\.\$'"), '', 'and says why, in words that an error_description may have');

# ---- over HTTP: no crash, no fallback, no yes ----
$t->start;
# A proof has a key in its header and claims of its own; the token is bound to that key, whose thumbprint is its kid.
my $bound = $t->sql("SELECT access_token FROM oauth_issue_token('$id', 'nobody', scope => 'openid')");
$t->sql("UPDATE oauth.access_token SET cnf = 'jkt:$kid' WHERE token_hash = sha256('$bound')");
my $proof_header = qq({"typ":"dpop+jwt","alg":"RS256","jwk":{"kty":"RSA","n":"$rsa->{n}","e":"$rsa->{e}"}});
my $proved = $claims =~ s/\}\z/,"jti":"once","htm":"GET","htu":"https:\/\/id.example.com\/oauth2\/userinfo","ath":"@{[ encode_base64url(sha256($bound)) ]}"}/r;
my %proofs = hostile_tokens($proof_header, $proved);

my $authorize = "/oauth2/authorize?response_type=code&client_id=$id&redirect_uri=https%3A%2F%2Frp.example%2Fcb&state=x&scope=openid"
  . '&code_challenge=' . encode_base64url('x' x 32) . '&code_challenge_method=S256';
my %places = (
	# Core, section 3.1.2.2: "the OP MUST validate that it was the issuer of the ID Token"
	'id_token_hint at the authorization endpoint' => sub { $t->get("$authorize&prompt=none&id_token_hint=" . percent($_[0])) },
	'id_token_hint at the end of a session' => sub { $t->get('/oauth2/end_session?id_token_hint=' . percent($_[0])) },
	'a bearer token at userinfo' => sub { $t->post('/oauth2/userinfo', 'access_token=' . percent($_[0])) },
	'a bearer token in the header' => sub { $t->get('/auth', Authorization => 'Bearer ' . $_[0] =~ s/[^ -~]/?/gr) },
	'a DPoP proof' => sub { $t->get('/oauth2/userinfo', Authorization => "DPoP $bound", DPoP => $_[0] =~ s/[^ -~]/?/gr) },
	'introspection' => sub { $t->post('/oauth2/introspect', "client_id=$id&client_secret=$secret&token=" . percent($_[0])) },
	'token exchange' => sub { $t->post('/oauth2/token', "client_id=$id&client_secret=$secret&grant_type=urn:ietf:params:oauth:grant-type:token-exchange"
				. '&subject_token_type=urn:ietf:params:oauth:token-type:jwt&subject_token=' . percent($_[0])) },
	'a client assertion' => sub { $t->post('/oauth2/token', "grant_type=client_credentials&client_id=$id&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
				. '&client_assertion=' . percent($_[0])) },
	'the grant jwt-bearer' => sub { $t->post('/oauth2/token', "client_id=$id&client_secret=$secret&grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=" . percent($_[0])) },
	'a request object' => sub { $t->get("$authorize&prompt=login&request=" . percent($_[0])) },
	'a request object that is pushed' => sub { $t->post('/oauth2/par', "client_id=$id&client_secret=$secret&request=" . percent($_[0])) },
);

# Request objects have claims of their own, which would be a request without a page.
my $asked = qq({"iss":"$id","sub":"nobody","aud":"$issuer","client_id":"$id","response_type":"code","redirect_uri":"https://rp.example/cb","scope":"openid","prompt":"none","iat":$now,"exp":)
  . ($now + 3600) . ',"code_challenge":"' . encode_base64url('x' x 32) . '","code_challenge_method":"S256"}';
my $object_header = $header =~ s/"JWT"/"oauth-authz-req+jwt"/r;
my $object = token($object_header, $asked, \&by_key);
my %objects = hostile_tokens($object_header, $asked);

sub percent { return $_[0] =~ s/([^A-Za-z0-9._-])/sprintf '%%%02X', ord $1/gesr }

# A yes is a code, a token, an identity, or the end of somebody's session; of a hint also that the person is not logged in, for
# it says that the hint was understood.
sub is_yes
{
	my ($answer) = @_;
	return $answer->{body} =~ /"access_token"|"active": ?true|"sub"|"request_uri"/ || grep { /^Location: .*[?&](?:code=|error=login_required)/ } @{ $answer->{headers} };
}

# Parameters without a value count as omitted (RFC 6749, section 3.1).
for my $place (sort keys %places)
{
	my (@broken, @yes, %statuses);
	my $tokens = $place =~ /request object/ ? \%objects : $place =~ /proof/ ? \%proofs : \%hostile;
	for my $name (grep { length $tokens->{$_} < 5000 && $_ ne 'empty' } sort keys %$tokens)
	{
		my $answer = $places{$place}->($tokens->{$name});
		$statuses{ $answer->{status} }++;
		push @broken, "$name: $answer->{status}" if $answer->{status} >= 500;
		push @yes, $name if is_yes($answer);
	}
	is("@broken", '', "$place: nothing breaks (" . join(', ', map { "$statuses{$_} times $_" } sort keys %statuses) . ')');
	is("@yes", '', "$place: nothing is taken");
}
is($places{'a DPoP proof'}->(token($proof_header, $proved, \&by_key))->{status}, 200, 'a good proof is taken');
like(join(' ', @{ $places{'a request object'}->($object)->{headers} }), qr/error=login_required/, 'a good request object is read: nobody is logged in');
is($places{'a request object that is pushed'}->($object)->{status}, 201, 'and can be pushed');
like(join(' ', @{ $places{'id_token_hint at the authorization endpoint'}->($good)->{headers} }), qr/error=login_required/, 'a good hint is understood: nobody is logged in');

# ---- ECDSA has two signatures for one: r and s, and r and the order less s ----
# Both verify (FIPS 186-5), and OpenSSL makes either, so neither can be refused.  What is good once is so by its jti, and an
# access token by the digest of the whole string.
sub other_form
{
	my ($jws) = @_;
	my ($input, $signature) = $jws =~ /^(.*)[.]([^.]*)$/s;
	my ($r, $s) = unpack 'a32 H64', MIME::Base64::decode_base64url($signature);
	my $order = Math::BigInt->from_hex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
	my $other = ($order - Math::BigInt->from_hex($s))->to_hex;
	return "$input." . encode_base64url($r . pack 'H64', '0' x (64 - length $other) . $other);
}
my $key = DPoPProof->new($t->dir);
my $set = '{"keys": [' . JSON::PP::encode_json($key->jwk) . ']}';
my $machine = $t->sql(q{SELECT client_id FROM oauth_register_client('machine', grant_types => '{client_credentials}', scope => 'read')});
$t->sql("SELECT oauth_update_client('$machine', '{\"token_endpoint_auth_method\": \"private_key_jwt\", \"access_token_format\": \"jwt\", \"jwks\": $set}')");

sub assertion
{
	return $key->sign({ alg => 'ES256' }, { iss => $machine, sub => $machine, aud => $issuer, exp => time + 60, jti => $_[0] });
}

sub ask_for_token
{
	my ($assertion, @headers) = @_;
	return $t->request('POST', '/oauth2/token', "grant_type=client_credentials&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=$assertion",
		'Content-Type' => 'application/x-www-form-urlencoded', @headers);
}
my $assertion = assertion('once');
is($t->sql("SELECT valid FROM oauth_verify_jwt('" . other_form($assertion) . "', '$set', '{ES256}')"), 't', 'the other form of a signature verifies');
my $answer = ask_for_token($assertion);
is($answer->{status}, 200, 'an assertion is good');
is(ask_for_token(other_form($assertion))->{status}, 401, 'its other form is the same jti, and is refused');
is(ask_for_token(other_form(assertion('twice')))->{status}, 200, 'which is good where it comes first');
my ($jwt) = $answer->{body} =~ /"access_token": ?"([^"]+)"/;
is($t->get('/auth', Authorization => "Bearer $jwt")->{status}, 200, 'its JWT access token is good');
is($t->get('/auth', Authorization => 'Bearer ' . other_form($jwt))->{status}, 401, 'the other form of it is no token: at a resource');
like($t->post('/oauth2/introspect', "client_id=$id&client_secret=$secret&token=" . other_form($jwt))->{body}, qr/"active": ?false/, 'at introspection');
$t->post('/oauth2/revoke', "client_id=$id&client_secret=$secret&token=" . other_form($jwt));
is($t->get('/auth', Authorization => "Bearer $jwt")->{status}, 200, 'and at revocation');
my $proof = $key->proof(method => 'POST', uri => "$issuer/oauth2/token");
is(ask_for_token(assertion('with a proof'), DPoP => $proof)->{status}, 200, 'a proof is good');
like(ask_for_token(assertion('with a proof again'), DPoP => other_form($proof))->{body}, qr/invalid_dpop_proof/, 'and its other form was used');

# Of EdDSA there is one form: s is less than the order ("the decoded S", RFC 8032, section 5.1.7).
my $eddsa = $t->sql(q{SELECT oauth_sign_jwt('{"sub": "nobody"}', 'EdDSA')});
my ($signed, $r, $s) = $eddsa =~ /^(.*)[.]([^.]*)$/ ? ($1, unpack 'a32 a32', MIME::Base64::decode_base64url($2)) : die $eddsa;
my $more = (Math::BigInt->from_bytes(scalar reverse $s) + Math::BigInt->from_hex('1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed'))->to_bytes;
my $later = "$signed." . encode_base64url($r . scalar reverse substr("\0" x 32 . $more, -32));
is($t->sql("SELECT valid FROM oauth_verify_jwt('$_', oauth_jwks(), '{EdDSA}')"), $_ eq $eddsa ? 't' : 'f', 'EdDSA: ' . ($_ eq $eddsa ? 's' : 's and the order')) for $eddsa, $later;

# ---- keys of clients, at registration (RFC 7517, section 4; RFC 8037, section 2) ----
my $x = 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU';
my $y = 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0';
my $n = $rsa->{n};
my @keys = ('1', '"x"', '{}', '[]', '{"kty":1}', '{"kty":"EC"}', '{"kty":"oct","k":"' . 'A' x 43 . '"}', '{"kty":"RSA","e":"AQAB"}',
	qq({"kty":"RSA","n":"$n","e":"AQ"}), qq({"kty":"RSA","n":"$n","e":"AA"}), qq({"kty":"RSA","n":"$n","e":"AAEAAQ"}), qq({"kty":"RSA","n":"$n=","e":"AQAB"}), qq({"kty":"RSA","n":"$n","e":1}),
	qq({"kty":"RSA","n":"$n","e":"AQAB","d":"AQAB"}), qq({"kty":"RSA","n":"$n","e":"AQAB","kid":1}), qq({"kty":"RSA","n":"$n","e":"AQAB","k":"AAAA"}), qq({"kty":"RSA","n":"$n","e":"AQAB","e":"AQAB"}),
	qq({"kty":"RSA","n":"AQAB","e":"AQAB"}), '{"kty":"RSA","n":"' . encode_base64url("\xff" x 2048) . '","e":"AQAB"}', '{"kty":"RSA","n":"' . encode_base64url("\xfe" x 256) . '","e":"AQAB"}',
	qq({"kty":"EC","crv":"P-256","x":"$y","y":"$x"}), qq({"kty":"EC","crv":"P-256","x":"$x"}), qq({"kty":"EC","crv":"P-384","x":"$x","y":"$y"}), qq({"kty":"EC","crv":"P-256","x":"$x","y":"$y","d":"$x"}),
	qq({"kty":"EC","crv":"secp256k1","x":"$x","y":"$y"}), qq({"kty":"EC","crv":"p-256","x":"$x","y":"$y"}), qq({"kty":"EC","crv":"P-256","x":"$x ","y":"$y"}), qq({"kty":"EC","crv":"P-256","x":"AA$x","y":"$y"}),
	qq({"kty":"EC","crv":"P-256","x":"$x","y":"$y","x":"$x"}), '{"kty":"EC","crv":"P-256","x":"' . 'A' x 43 . '","y":"' . 'A' x 43 . '"}',
	(map { '{"kty":"OKP","crv":"Ed25519","x":"' . encode_base64url($_) . '"}' } "\0" x 32, "\1" . "\0" x 31, "\xec" . "\xff" x 30 . "\x7f", "\xff" x 32, 'x' x 31, 'x' x 33, ''),
	'{"kty":"OKP","crv":"X25519","x":"' . encode_base64url('x' x 32) . '"}', '[' x 1000, '{"kty":' x 500, '{"kty":"RSA","n":1e999,"e":"AQAB"}', '{"kty":"RSA","n":0e99999999999,"e":"AQAB"}');

sub register
{
	my ($set) = @_;
	return $t->request('POST', '/oauth2/register', qq({"redirect_uris":["https://a.example/"],"jwks":$set}), 'Content-Type' => 'application/json');
}
my @taken = grep { register(qq({"keys":[$_]}))->{status} != 400 } @keys;
is("@taken", '', scalar(@keys) . ' keys that cannot be are refused at registration');
@taken = grep { register($_)->{status} != 400 } '1', 'null1', '[]', '{}', '{"keys":{}}', '{"keys":[]}', '{"keys":[],"keys":[]}', '{"keys":[' . join(',', ("{\"kty\":\"x\"}") x 65) . ']}';
is("@taken", '', 'and sets that are none');
is(register(qq({"keys":[{"kty":"EC","crv":"P-256","x":"$x","y":"$y"}]}))->{status}, 201, 'a good one is taken');

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
is($t->sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'oauth-shim'") > 0, 1, 'and the server is the one it was');
unlike(slurp($t->node->logfile), qr/terminated by signal|PANIC/, 'whose log knows of no crash');

# ---- libFuzzer ----
SKIP:
{
	my $top = "$FindBin::RealBin/../..";
	my ($clang) = grep { -x } '/usr/bin/clang', glob '/usr/bin/clang-[0-9]*';
	skip 'clang is not here', 1 if !$clang;
	skip 'libFuzzer is not here', 1 if !glob '/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a';
	my $corpus = $t->dir . '/fuzz';
	my $said = `PACKAGES=no FUZZ_SECONDS=20 FUZZ_CORPUS='$corpus' '$top/.ci/fuzz' 2>&1`;
	is($?, 0, 'libFuzzer finds nothing in twenty seconds') or diag $said;
	like($said, qr/number_of_executed_units: \d{3,}/, 'and has looked');
}

$t->finish;
done_testing();
