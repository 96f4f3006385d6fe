<?php
// client.php: PHP 8 with its extension openssl, no package (Debian: php-cli).
// SPDX-License-Identifier: PostgreSQL
[$url, $id, $secret, $redirect_uri] = array_map('getenv', ['OAUTH_URL', 'CLIENT_ID', 'CLIENT_SECRET', 'REDIRECT_URI']);

function fetch(string $address, array $fields = [], ?array $form = null): string
{
	$options = ['header' => $fields, 'method' => $form ? 'POST' : 'GET'];
	if ($form) {
		$options['header'][] = 'Content-Type: application/x-www-form-urlencoded';
		$options['content'] = http_build_query($form);
	}
	$body = file_get_contents($address, false, stream_context_create(['http' => $options]));
	return $body === false ? throw new Exception("$address: " . $http_response_header[0]) : $body;
}

function base64url(string $bytes): string
{
	return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}

$config = json_decode(fetch("$url/.well-known/openid-configuration"), true);
$token = fn(array $form) => json_decode(fetch($config['token_endpoint'],
	['Authorization: Basic ' . base64_encode(rawurlencode($id) . ':' . rawurlencode($secret))], $form), true);
$call = fn(string $access_token) => fetch("$url/api/", ["Authorization: Bearer $access_token"]);

function decoded(string $text): string
{
	return base64_decode(strtr($text, '-_', '+/'));
}

// A value of ASN.1: a tag, a length, the bytes.
function der(int $tag, string $bytes): string
{
	$n = strlen($bytes);
	return chr($tag) . ($n < 128 ? chr($n) : "\x82" . pack('n', $n)) . $bytes;
}

// The RSA key of a JSON Web Key, as openssl reads it.
function pem(array $jwk): string
{
	$numbers = array_map(fn($name) => der(2, "\0" . decoded($jwk[$name])), ['n', 'e']);
	$rsa = der(0x30, hex2bin('06092a864886f70d0101010500'));
	return "-----BEGIN PUBLIC KEY-----\n" . chunk_split(base64_encode(der(0x30, $rsa . der(3, "\0" . der(0x30, implode($numbers))))))
		. "-----END PUBLIC KEY-----\n";
}

// The claims of an ID token, or an exception.
function claims_of(array $config, string $id, string $id_token, string $nonce): array
{
	[$head, $payload, $signature] = explode('.', $id_token);
	$header = json_decode(decoded($head), true);
	$keys = array_column(json_decode(fetch($config['jwks_uri']), true)['keys'], null, 'kid');
	if ($header['alg'] !== 'RS256' || openssl_verify("$head.$payload", decoded($signature), pem($keys[$header['kid']]), OPENSSL_ALGO_SHA256) !== 1)
		throw new Exception('the signature does not hold');
	$claims = json_decode(decoded($payload), true);
	if ($claims['iss'] !== $config['issuer'] || $claims['aud'] !== $id || $claims['nonce'] !== $nonce || $claims['exp'] < time())
		throw new Exception('the token is not for us, or not for now');
	return $claims;
}

// A token of the program's own.
echo 'client_credentials ', $call($token(['grant_type' => 'client_credentials', 'scope' => 'read'])['access_token']), "\n";

// A person's: the browser goes to this address, and comes back with a code.
[$state, $nonce, $verifier] = array_map(fn() => base64url(random_bytes(32)), [1, 2, 3]);
echo "Open {$config['authorization_endpoint']}?", http_build_query(['response_type' => 'code', 'client_id' => $id,
	'redirect_uri' => $redirect_uri, 'scope' => 'openid profile read', 'state' => $state, 'nonce' => $nonce,
	'code_challenge' => base64url(hash('sha256', $verifier, true)), 'code_challenge_method' => 'S256']), "\n";
parse_str(parse_url(trim(fgets(STDIN)), PHP_URL_QUERY), $back);
if ($back['state'] !== $state || $back['iss'] !== $config['issuer'])
	throw new Exception('an answer to another question');
$tokens = $token(['grant_type' => 'authorization_code', 'code' => $back['code'], 'redirect_uri' => $redirect_uri, 'code_verifier' => $verifier]);
echo 'id_token ' . claims_of($config, $id, $tokens['id_token'], $nonce)['sub'] . "\n";
echo 'code ', $call($tokens['access_token']), "\n";
