// oidc_oauth4webapi.mjs: oauth4webapi as a relying party; it checks each answer against the specifications.
// SPDX-License-Identifier: PostgreSQL
import * as oauth from 'oauth4webapi';
import { AFTER_LOGOUT, browse, call, CLIENT_ID, CLIENT_SECRET, OAUTH_URL, REDIRECT_URI, tell, tellWhoIsThere } from './browse.mjs';

const insecure = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(OAUTH_URL);
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
const client = { client_id: CLIENT_ID };
const authentication = oauth.ClientSecretBasic(CLIENT_SECRET);
const verifier = oauth.generateRandomCodeVerifier();
const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];

const address = new URL(server.authorization_endpoint);
for (const [name, value] of Object.entries({ client_id: CLIENT_ID, redirect_uri: REDIRECT_URI, response_type: 'code',
	scope: 'openid profile email read', state, nonce, code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' }))
	address.searchParams.set(name, value);
const parameters = oauth.validateAuthResponse(server, client, await browse(address), state);
const answer = await oauth.authorizationCodeGrantRequest(server, client, authentication, parameters, REDIRECT_URI, verifier, insecure);
const first = await oauth.processAuthorizationCodeResponse(server, client, answer, { expectedNonce: nonce, requireIdToken: true });
await oauth.validateApplicationLevelSignature(server, answer, insecure);
await call(first.access_token, 'code');
const claims = oauth.getValidatedIdTokenClaims(first);
tell('id_token', claims);
const tokens = await oauth.processRefreshTokenResponse(server, client,
	await oauth.refreshTokenGrantRequest(server, client, authentication, first.refresh_token, insecure));
await call(tokens.access_token, 'refresh');
tell('userinfo', await oauth.processUserInfoResponse(server, client, claims.sub,
	await oauth.userInfoRequest(server, client, tokens.access_token, insecure)));
const end = new URL(server.end_session_endpoint);
for (const [name, value] of Object.entries({ id_token_hint: first.id_token, post_logout_redirect_uri: AFTER_LOGOUT, state: 'bye' }))
	end.searchParams.set(name, value);
tell('logout', { back: String(await browse(end)) });
await tellWhoIsThere(server.authorization_endpoint);
