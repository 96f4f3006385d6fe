// npm_oauth_client.js: the three-legged flow of OAuth 1.0a with the package oauth, and a call.
// SPDX-License-Identifier: PostgreSQL
const { execFileSync } = require('child_process');
const path = require('path');
const { OAuth } = require('oauth');

const { OAUTH_URL, CLIENT_ID, CLIENT_SECRET, LOGIN, PASSWORD } = process.env;
const client = new OAuth(`${OAUTH_URL}/oauth/request_token`, `${OAUTH_URL}/oauth/access_token`, CLIENT_ID, CLIENT_SECRET,
	'1.0', 'http://127.0.0.1:9/ready', 'HMAC-SHA1');
const fail = (error) => { console.error(error); process.exit(1); };

client.getOAuthRequestToken((error, token, secret) => {
	if (error) fail(error);
	const back = execFileSync('python3', [path.join(__dirname, 'user_agent.py'),
		`${OAUTH_URL}/oauth/authorize?oauth_token=${token}`, LOGIN, PASSWORD]).toString().trim();
	const verifier = new URL(back).searchParams.get('oauth_verifier');
	client.getOAuthAccessToken(token, secret, verifier, (refused, access, accessSecret) => {
		if (refused) fail(refused);
		client.get(`${OAUTH_URL}/api/?b=1&a=%20`, access, accessSecret, (failed, body) => failed ? fail(failed) : console.log(body));
	});
});
