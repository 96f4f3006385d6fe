// fapi_oauth4webapi.mjs: oauth4webapi as a client of the FAPI 2.0 Security Profile: private_key_jwt, a pushed request, PKCE, DPoP.
// With SIGN of Message Signing, too: the request is signed (RFC 9101), and so is the answer (JARM).
// SPDX-License-Identifier: PostgreSQL
import * as oauth from 'oauth4webapi';
import { browse, CLIENT_ID, OAUTH_URL, REDIRECT_URI, tell } from './browse.mjs';

const { ALG, KEY, SIGN } = process.env;
const insecure = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(OAUTH_URL);
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
const client = { client_id: CLIENT_ID, id_token_signed_response_alg: ALG, authorization_signed_response_alg: ALG };
const how = { ES256: { name: 'ECDSA', namedCurve: 'P-256' }, PS256: { name: 'RSA-PSS', hash: 'SHA-256' } }[ALG];
const key = await crypto.subtle.importKey('jwk', JSON.parse(KEY), how, false, ['sign']);
// "shall only accept its issuer identifier value [...] as a string in the aud claim" (section 5.3.2.1)
const authentication = oauth.PrivateKeyJwt(key, { [oauth.modifyAssertion]: (_, claims) => { claims.aud = server.issuer; } });
const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
const options = { ...insecure, DPoP };
const verifier = oauth.generateRandomCodeVerifier();
const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];

const asked = new URLSearchParams({ redirect_uri: REDIRECT_URI, response_type: 'code', scope: 'openid profile email read', state, nonce,
	code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' });
const push = (parameters) => oauth.pushedAuthorizationRequest(server, client, authentication, parameters, options);
if (SIGN) asked.set('response_mode', 'jwt');
const request = SIGN ? { request: await oauth.issueRequestObject(server, client, asked, key) } : asked;
const pushed = await oauth.processPushedAuthorizationResponse(server, client, await push(request));
const address = new URL(server.authorization_endpoint);
for (const [name, value] of Object.entries({ client_id: CLIENT_ID, request_uri: pushed.request_uri }))
	address.searchParams.set(name, value);
tell('address', { parameters: [...address.searchParams.keys()].sort() });
const back = await browse(address);
tell('answer', { parameters: [...back.searchParams.keys()].sort() });
const parameters = SIGN ? await oauth.validateJwtAuthResponse(server, client, back, state, insecure) : oauth.validateAuthResponse(server, client, back, state);
const redeem = (options) => oauth.authorizationCodeGrantRequest(server, client, authentication, parameters, REDIRECT_URI, verifier, options);
// "shall only issue sender-constrained access tokens" (section 5.3.2.1)
tell('unbound', { status: (await redeem(insecure)).status });
const first = await oauth.processAuthorizationCodeResponse(server, client, await redeem(options), { expectedNonce: nonce, requireIdToken: true });
const call = async (tokens) => (await oauth.protectedResourceRequest(tokens.access_token, 'GET', new URL(`${OAUTH_URL}/api/`), undefined, undefined, options)).json();
tell('code', { ...await call(first), token_type: first.token_type });
tell('id_token', oauth.getValidatedIdTokenClaims(first));
// "shall not use refresh token rotation" (section 5.3.2.1): the same one, twice
const refresh = async () => oauth.processRefreshTokenResponse(server, client,
	await oauth.refreshTokenGrantRequest(server, client, authentication, first.refresh_token, options));
const once = await refresh();
const twice = await refresh();
tell('refresh', { ...await call(twice), token_type: twice.token_type });
tell('rotated', { rotated: once.refresh_token !== undefined || once.access_token === twice.access_token });
tell('bearer', { status: (await fetch(`${OAUTH_URL}/api/`, { headers: { Authorization: `Bearer ${twice.access_token}` } })).status });
