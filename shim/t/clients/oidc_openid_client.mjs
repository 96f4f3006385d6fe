// oidc_openid_client.mjs: openid-client 6 as a relying party, from the issuer alone to logout.
// SPDX-License-Identifier: PostgreSQL
import * as client from 'openid-client';
import { AFTER_LOGOUT, browse, call, CLIENT_ID, CLIENT_SECRET, OAUTH_URL, REDIRECT_URI, tell, tellWhoIsThere } from './browse.mjs';

const config = await client.discovery(new URL(OAUTH_URL), CLIENT_ID, CLIENT_SECRET, undefined,
	{ execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] });
const pkceCodeVerifier = client.randomPKCECodeVerifier();
const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
const back = await browse(client.buildAuthorizationUrl(config, {
	redirect_uri: REDIRECT_URI, scope: 'openid profile email read', state: expectedState, nonce: expectedNonce, max_age: '600',
	code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256' }));
const first = await client.authorizationCodeGrant(config, back,
	{ pkceCodeVerifier, expectedState, expectedNonce, maxAge: 600, idTokenExpected: true });
await call(first.access_token, 'code');
tell('id_token', first.claims());
const tokens = await client.refreshTokenGrant(config, first.refresh_token);
await call(tokens.access_token, 'refresh');
tell('userinfo', await client.fetchUserInfo(config, tokens.access_token, first.claims().sub));
tell('logout', { back: String(await browse(client.buildEndSessionUrl(config,
	{ id_token_hint: first.id_token, post_logout_redirect_uri: AFTER_LOGOUT, state: 'bye' }))) });
await tellWhoIsThere(config.serverMetadata().authorization_endpoint);
