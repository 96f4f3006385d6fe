// par_oauth4webapi.mjs: oauth4webapi with a signed request (RFC 9101), pushed (RFC 9126), and a signed answer (JARM).
// SPDX-License-Identifier: PostgreSQL
import * as oauth from 'oauth4webapi';
import { browse, call, CLIENT_ID, CLIENT_SECRET, OAUTH_URL, REDIRECT_URI, tell } from './browse.mjs';

const { ALG = 'ES256', KEY } = process.env;
const insecure = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(OAUTH_URL);
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
const client = { client_id: CLIENT_ID, authorization_signed_response_alg: ALG };
const authentication = oauth.ClientSecretBasic(CLIENT_SECRET);
const key = await crypto.subtle.importKey('jwk', JSON.parse(KEY), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
const verifier = oauth.generateRandomCodeVerifier();
const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];

const request = await oauth.issueRequestObject(server, client, new URLSearchParams({ redirect_uri: REDIRECT_URI, response_type: 'code', response_mode: 'jwt',
	scope: 'openid profile email read', state, nonce, code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' }), key);
const pushed = await oauth.processPushedAuthorizationResponse(server, client,
	await oauth.pushedAuthorizationRequest(server, client, authentication, { request }, insecure));
const address = new URL(server.authorization_endpoint);
for (const [name, value] of Object.entries({ client_id: CLIENT_ID, request_uri: pushed.request_uri }))
	address.searchParams.set(name, value);
tell('address', { parameters: [...address.searchParams.keys()].sort() });
const back = await browse(address);
tell('answer', { parameters: [...back.searchParams.keys()] });
const parameters = await oauth.validateJwtAuthResponse(server, client, back, state, insecure);
const answer = await oauth.authorizationCodeGrantRequest(server, client, authentication, parameters, REDIRECT_URI, verifier, insecure);
const first = await oauth.processAuthorizationCodeResponse(server, client, answer, { expectedNonce: nonce, requireIdToken: true });
await call(first.access_token, 'code');
tell('id_token', oauth.getValidatedIdTokenClaims(first));
const tokens = await oauth.processRefreshTokenResponse(server, client,
	await oauth.refreshTokenGrantRequest(server, client, authentication, first.refresh_token, insecure));
await call(tokens.access_token, 'refresh');
