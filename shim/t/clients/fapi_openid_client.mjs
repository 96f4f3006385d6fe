// fapi_openid_client.mjs: openid-client 6 as a client of the FAPI 2.0 Security Profile: private_key_jwt, a pushed request, PKCE, DPoP.
// With SIGN of Message Signing, too: the request is signed (RFC 9101), and so is the answer (JARM).
// SPDX-License-Identifier: PostgreSQL
import * as client from 'openid-client';
import { browse, CLIENT_ID, OAUTH_URL, REDIRECT_URI, tell } from './browse.mjs';

const { ALG, KEY, SIGN } = process.env;
const how = { ES256: { name: 'ECDSA', namedCurve: 'P-256' }, PS256: { name: 'RSA-PSS', hash: 'SHA-256' } }[ALG];
const key = await crypto.subtle.importKey('jwk', JSON.parse(KEY), how, false, ['sign']);
// "shall only accept its issuer identifier value [...] as a string in the aud claim" (section 5.3.2.1)
const method = client.PrivateKeyJwt(key, { [client.modifyAssertion]: (_, claims) => { claims.aud = OAUTH_URL; } });
const config = await client.discovery(new URL(OAUTH_URL), CLIENT_ID, { id_token_signed_response_alg: ALG, authorization_signed_response_alg: ALG }, method,
	{ execute: [client.allowInsecureRequests, ...SIGN ? [client.useJwtResponseMode] : []] });
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
const pkceCodeVerifier = client.randomPKCECodeVerifier();
const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];

const asked = { redirect_uri: REDIRECT_URI, response_type: 'code', scope: 'openid profile email read', state: expectedState, nonce: expectedNonce,
	code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256' };
const request = SIGN ? (await client.buildAuthorizationUrlWithJAR(config, asked, key)).searchParams : asked;
const address = await client.buildAuthorizationUrlWithPAR(config, request, { DPoP });
tell('address', { parameters: [...address.searchParams.keys()].sort() });
const back = await browse(address);
tell('answer', { parameters: [...back.searchParams.keys()].sort() });
const redeem = (options) => client.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }, undefined, options);
// "shall only issue sender-constrained access tokens" (section 5.3.2.1)
tell('unbound', { status: await redeem().then(() => 200, (error) => error.status) });
const first = await redeem({ DPoP });
const call = async (tokens) => (await client.fetchProtectedResource(config, tokens.access_token, new URL(`${OAUTH_URL}/api/`), 'GET', undefined, undefined, { DPoP })).json();
tell('code', { ...await call(first), token_type: first.token_type });
tell('id_token', first.claims());
// "shall not use refresh token rotation" (section 5.3.2.1): the same one, twice
const refresh = () => client.refreshTokenGrant(config, first.refresh_token, undefined, { DPoP });
const once = await refresh();
const twice = await refresh();
tell('refresh', { ...await call(twice), token_type: twice.token_type });
tell('rotated', { rotated: once.refresh_token !== undefined || once.access_token === twice.access_token });
tell('bearer', { status: (await fetch(`${OAUTH_URL}/api/`, { headers: { Authorization: `Bearer ${twice.access_token}` } })).status });
