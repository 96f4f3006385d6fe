// client.mjs: JavaScript, Node.js 18 or later, no package.
// SPDX-License-Identifier: PostgreSQL
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { createInterface } from 'node:readline/promises';

const { OAUTH_URL, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI } = process.env;
const config = await (await fetch(`${OAUTH_URL}/.well-known/openid-configuration`)).json();

async function token(form) {
	const basic = Buffer.from(`${encodeURIComponent(CLIENT_ID)}:${encodeURIComponent(CLIENT_SECRET)}`).toString('base64');
	const answer = await fetch(config.token_endpoint, {
		method: 'POST', body: new URLSearchParams(form), headers: { Authorization: `Basic ${basic}` },
	});
	const json = await answer.json();
	if (!answer.ok) throw new Error(`${json.error}: ${json.error_description}`);
	return json;
}

async function call(accessToken) {
	const answer = await fetch(`${OAUTH_URL}/api/`, { headers: { Authorization: `Bearer ${accessToken}` } });
	if (!answer.ok) throw new Error(answer.headers.get('WWW-Authenticate'));
	return answer.text();
}

// The claims of an ID token, or an error.
async function claimsOf(jwt, nonce) {
	const [head, body, signature] = jwt.split('.');
	const { alg, kid } = JSON.parse(Buffer.from(head, 'base64url'));
	const { keys } = await (await fetch(config.jwks_uri)).json();
	const key = createPublicKey({ key: keys.find((k) => k.kid === kid), format: 'jwk' });
	if (alg !== 'RS256' || !verify('sha256', `${head}.${body}`, key, Buffer.from(signature, 'base64url')))
		throw new Error('the signature does not hold');
	const claims = JSON.parse(Buffer.from(body, 'base64url'));
	if (claims.iss !== config.issuer || claims.aud !== CLIENT_ID || claims.nonce !== nonce || claims.exp < Date.now() / 1000)
		throw new Error('the token is not for us, or not for now');
	return claims;
}

// A token of the program's own.
console.log('client_credentials', await call((await token({ grant_type: 'client_credentials', scope: 'read' })).access_token));

// A person's: the browser goes to this address, and comes back with a code.
const [state, nonce, verifier] = [1, 2, 3].map(() => randomBytes(32).toString('base64url'));
console.log(`Open ${config.authorization_endpoint}?${new URLSearchParams({
	response_type: 'code', client_id: CLIENT_ID, redirect_uri: REDIRECT_URI, scope: 'openid profile read', state, nonce,
	code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
})}`);
const lines = createInterface({ input: process.stdin });
const back = new URL(await lines.question('')).searchParams;
lines.close();
if (back.get('state') !== state || back.get('iss') !== config.issuer) throw new Error('an answer to another question');
const tokens = await token({
	grant_type: 'authorization_code', code: back.get('code'), redirect_uri: REDIRECT_URI, code_verifier: verifier,
});
console.log('id_token', (await claimsOf(tokens.id_token, nonce)).sub);
console.log('code', await call(tokens.access_token));
