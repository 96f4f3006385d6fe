// assertion_openid_client_5.mjs: openid-client 5, which names the endpoints of the server in aud, too.
// SPDX-License-Identifier: PostgreSQL
import { Issuer } from 'openid-client-5';
import assert from 'node:assert';

const { OAUTH_URL, CLIENT_ID, CLIENT_SECRET, KEY, ALG } = process.env;
const issuer = await Issuer.discover(OAUTH_URL);
const client = new issuer.Client(CLIENT_SECRET
	? { client_id: CLIENT_ID, client_secret: CLIENT_SECRET, token_endpoint_auth_method: 'client_secret_jwt' }
	: { client_id: CLIENT_ID, token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: ALG },
KEY ? { keys: [JSON.parse(KEY)] } : undefined);
const tokens = await client.grant({ grant_type: 'client_credentials', scope: 'read' });
const told = await client.introspect(tokens.access_token);
assert.equal(told.active, true);
await client.revoke(tokens.access_token);
assert.equal((await client.introspect(tokens.access_token)).active, false);
console.log(told.client_id);
