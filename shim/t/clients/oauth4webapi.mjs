// oauth4webapi.mjs: oauth4webapi, which checks each answer against the RFCs, from discovery to revocation.
// SPDX-License-Identifier: PostgreSQL
import * as oauth from 'oauth4webapi';
import assert from 'node:assert';
import { browse, call, CLIENT_ID, CLIENT_SECRET, OAUTH_URL, REDIRECT_URI } from './browse.mjs';

const insecure = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(OAUTH_URL);
const server = await oauth.processDiscoveryResponse(issuer,
	await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }));
const client = { client_id: CLIENT_ID };
const authentication = oauth.ClientSecretBasic(CLIENT_SECRET);
const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();

const address = new URL(server.authorization_endpoint);
for (const [name, value] of Object.entries({ client_id: CLIENT_ID, redirect_uri: REDIRECT_URI, response_type: 'code',
	scope: 'read', state, code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' }))
	address.searchParams.set(name, value);
const parameters = oauth.validateAuthResponse(server, client, await browse(address), state);
const first = await oauth.processAuthorizationCodeResponse(server, client,
	await oauth.authorizationCodeGrantRequest(server, client, authentication, parameters, REDIRECT_URI, verifier, insecure));
const tokens = await oauth.processRefreshTokenResponse(server, client,
	await oauth.refreshTokenGrantRequest(server, client, authentication, first.refresh_token, insecure));
const answer = await oauth.protectedResourceRequest(tokens.access_token, 'GET', new URL(`${OAUTH_URL}/api/`),
	undefined, undefined, insecure);
assert.equal(answer.status, 200);
await call(tokens.access_token);
const about = await oauth.processIntrospectionResponse(server, client,
	await oauth.introspectionRequest(server, client, authentication, tokens.access_token, insecure));
assert.deepEqual([about.active, about.client_id, about.scope], [true, CLIENT_ID, 'read']);
await oauth.processRevocationResponse(
	await oauth.revocationRequest(server, client, authentication, tokens.refresh_token, insecure));
await assert.rejects(oauth.protectedResourceRequest(tokens.access_token, 'GET', new URL(`${OAUTH_URL}/api/`),
	undefined, undefined, insecure), (error) => error.cause[0].parameters.error === 'invalid_token');
const resource = new URL(`${OAUTH_URL}/api`);
const protection = await oauth.processResourceDiscoveryResponse(resource,
	await oauth.resourceDiscoveryRequest(resource, insecure));
assert.deepEqual(protection.authorization_servers, [OAUTH_URL]);
