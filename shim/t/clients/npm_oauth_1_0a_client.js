// npm_oauth_1_0a_client.js: a signed form with the package oauth-1.0a: xAuth, then a call.
// SPDX-License-Identifier: PostgreSQL
const crypto = require('crypto');
const OAuth = require('oauth-1.0a');

const { OAUTH_URL, CLIENT_ID, CLIENT_SECRET, LOGIN, PASSWORD } = process.env;
const client = OAuth({
	consumer: { key: CLIENT_ID, secret: CLIENT_SECRET },
	signature_method: 'HMAC-SHA256',
	hash_function: (base, key) => crypto.createHmac('sha256', key).update(base).digest('base64'),
});

async function signed(method, url, data, token) {
	const headers = client.toHeader(client.authorize({ url, method, data }, token));
	const body = data && new URLSearchParams(data).toString();
	if (data) headers['Content-Type'] = 'application/x-www-form-urlencoded';
	return (await fetch(url, { method, headers, body })).text();
}

(async () => {
	const form = new URLSearchParams(await signed('POST', `${OAUTH_URL}/oauth/access_token`,
		{ x_auth_mode: 'client_auth', x_auth_username: LOGIN, x_auth_password: PASSWORD }));
	const token = { key: form.get('oauth_token'), secret: form.get('oauth_token_secret') };
	console.log(await signed('GET', `${OAUTH_URL}/api/?b=1%202&a=%C3%BC`, undefined, token));
})();
