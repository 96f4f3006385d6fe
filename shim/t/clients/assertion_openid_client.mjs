// assertion_openid_client.mjs: openid-client 6 proves who it is with a client assertion, at each endpoint that asks.
// SPDX-License-Identifier: PostgreSQL
import * as client from 'openid-client';
import assert from 'node:assert';

const { OAUTH_URL, CLIENT_ID, CLIENT_SECRET, KEY, ALG } = process.env;
const algorithms = {
	ES256: { name: 'ECDSA', namedCurve: 'P-256' }, PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
	RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } };
const method = CLIENT_SECRET ? client.ClientSecretJwt(CLIENT_SECRET)
	: client.PrivateKeyJwt({ key: await crypto.subtle.importKey('jwk', JSON.parse(KEY), algorithms[ALG], false, ['sign']), kid: JSON.parse(KEY).kid });
const config = await client.discovery(new URL(OAUTH_URL), CLIENT_ID, undefined, method, { execute: [client.allowInsecureRequests] });
const tokens = await client.clientCredentialsGrant(config, { scope: 'read' });
const told = await client.tokenIntrospection(config, tokens.access_token);
assert.equal(told.active, true);
await client.tokenRevocation(config, tokens.access_token);
assert.equal((await client.tokenIntrospection(config, tokens.access_token)).active, false);
console.log(told.client_id);
