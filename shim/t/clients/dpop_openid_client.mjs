// dpop_openid_client.mjs: openid-client 6 with DPoP (RFC 9449): a code for its key, tokens bound to it, a nonce where the server wants one.
// SPDX-License-Identifier: PostgreSQL
import * as client from 'openid-client';
import { browse, CLIENT_ID, CLIENT_SECRET, OAUTH_URL, REDIRECT_URI, tell } from './browse.mjs';

const config = await client.discovery(new URL(OAUTH_URL), CLIENT_ID, { dpop_bound_access_tokens: true }, CLIENT_SECRET ? client.ClientSecretBasic(CLIENT_SECRET) : client.None(),
	{ execute: [client.allowInsecureRequests] });
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
const pkceCodeVerifier = client.randomPKCECodeVerifier();
const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
const back = await browse(client.buildAuthorizationUrl(config, {
	redirect_uri: REDIRECT_URI, scope: 'openid profile email read', state: expectedState, nonce: expectedNonce, dpop_jkt: await DPoP.calculateThumbprint(),
	code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256' }));
const call = async (tokens) => (await client.fetchProtectedResource(config, tokens.access_token, new URL(`${OAUTH_URL}/api/`), 'GET', undefined, undefined, { DPoP })).json();

const first = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }, undefined, { DPoP });
tell('code', { ...await call(first), token_type: first.token_type });
tell('id_token', first.claims());
const tokens = await client.refreshTokenGrant(config, first.refresh_token, undefined, { DPoP });
tell('refresh', { ...await call(tokens), token_type: tokens.token_type });
tell('userinfo', await client.fetchUserInfo(config, tokens.access_token, first.claims().sub, { DPoP }));
// as a bearer token it is nothing
tell('bearer', { status: (await fetch(`${OAUTH_URL}/api/`, { headers: { Authorization: `Bearer ${tokens.access_token}` } })).status });
