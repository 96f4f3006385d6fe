// par_openid_client.mjs: openid-client 6 with a signed request (RFC 9101), pushed (RFC 9126), and a signed answer (JARM).
// SPDX-License-Identifier: PostgreSQL
import * as client from 'openid-client';
import { browse, call, CLIENT_ID, CLIENT_SECRET, OAUTH_URL, REDIRECT_URI, tell } from './browse.mjs';

const { ALG = 'ES256', KEY, SIGN, PUSH } = process.env;
const config = await client.discovery(new URL(OAUTH_URL), CLIENT_ID, { client_secret: CLIENT_SECRET, authorization_signed_response_alg: ALG },
	client.ClientSecretBasic(CLIENT_SECRET), { execute: [client.allowInsecureRequests] });
client.useJwtResponseMode(config);
const key = await crypto.subtle.importKey('jwk', JSON.parse(KEY), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
const pkceCodeVerifier = client.randomPKCECodeVerifier();
const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
const asked = { redirect_uri: REDIRECT_URI, scope: 'openid profile email read', state: expectedState, nonce: expectedNonce, max_age: '600',
	code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256' };
let address = SIGN ? await client.buildAuthorizationUrlWithJAR(config, asked, key) : client.buildAuthorizationUrl(config, asked);
if (PUSH)
	address = await client.buildAuthorizationUrlWithPAR(config, SIGN ? address.searchParams : asked);
tell('address', { parameters: [...address.searchParams.keys()].sort() });
const back = await browse(address);
tell('answer', { parameters: [...back.searchParams.keys()] });
const first = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState, expectedNonce, maxAge: 600, idTokenExpected: true });
await call(first.access_token, 'code');
tell('id_token', first.claims());
const tokens = await client.refreshTokenGrant(config, first.refresh_token);
await call(tokens.access_token, 'refresh');
