// openid_client.mjs: openid-client from discovery to revocation; REGISTER=1 has it register itself first.
// SPDX-License-Identifier: PostgreSQL
import * as client from 'openid-client';
import assert from 'node:assert';
import { browse, call, CLIENT_ID, CLIENT_SECRET, OAUTH_URL, REDIRECT_URI } from './browse.mjs';

const options = { execute: [client.allowInsecureRequests], algorithm: 'oauth2' };
const config = process.env.REGISTER
	? await client.dynamicClientRegistration(new URL(OAUTH_URL), {
		client_name: 'openid-client', redirect_uris: [REDIRECT_URI], grant_types: ['authorization_code', 'refresh_token'],
		token_endpoint_auth_method: 'none' }, client.None(), options)
	: await client.discovery(new URL(OAUTH_URL), CLIENT_ID, CLIENT_SECRET, undefined, options);
const pkceCodeVerifier = client.randomPKCECodeVerifier();
const expectedState = client.randomState();
const back = await browse(client.buildAuthorizationUrl(config, {
	redirect_uri: REDIRECT_URI, scope: 'read', state: expectedState, code_challenge_method: 'S256',
	code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier) }));
const first = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState });
const tokens = await client.refreshTokenGrant(config, first.refresh_token);
await call(tokens.access_token);
if (!process.env.REGISTER) {
	assert.equal((await client.tokenIntrospection(config, tokens.access_token)).active, true);
	assert.ok((await client.clientCredentialsGrant(config, { scope: 'read' })).access_token);
}
await client.tokenRevocation(config, tokens.refresh_token);
await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' });
