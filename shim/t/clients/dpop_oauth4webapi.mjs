// dpop_oauth4webapi.mjs: oauth4webapi with DPoP (RFC 9449), which does each step by itself: also what a server that wants a nonce says first.
// SPDX-License-Identifier: PostgreSQL
import * as oauth from 'oauth4webapi';
import { browse, CLIENT_ID, CLIENT_SECRET, OAUTH_URL, REDIRECT_URI, tell } from './browse.mjs';

const issuer = new URL(OAUTH_URL);
const insecure = { [oauth.allowInsecureRequests]: true };
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
const client = { client_id: CLIENT_ID };
const authentication = CLIENT_SECRET ? oauth.ClientSecretPost(CLIENT_SECRET) : oauth.None();
const alg = process.env.DPOP_ALG ?? 'ES256';
if (!server.dpop_signing_alg_values_supported.includes(alg)) throw new Error(`no ${alg}`);
const DPoP = oauth.DPoP(client, await oauth.generateKeyPair(alg));
const options = { ...insecure, DPoP };
const verifier = oauth.generateRandomCodeVerifier();
const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];

// The server says use_dpop_nonce once; the handle has the nonce then.
let demanded = 0;
const again = async (ask) => {
	try {
		return await ask();
	} catch (error) {
		if (!oauth.isDPoPNonceError(error)) throw error;
		demanded++;
		return ask();
	}
};

const address = new URL(server.authorization_endpoint);
for (const [name, value] of Object.entries({ client_id: CLIENT_ID, redirect_uri: REDIRECT_URI, response_type: 'code', dpop_jkt: await DPoP.calculateThumbprint(),
	scope: 'openid profile email read', state, nonce, code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' }))
	address.searchParams.set(name, value);
const parameters = oauth.validateAuthResponse(server, client, await browse(address), state);
const first = await again(async () => oauth.processAuthorizationCodeResponse(server, client,
	await oauth.authorizationCodeGrantRequest(server, client, authentication, parameters, REDIRECT_URI, verifier, options), { expectedNonce: nonce, requireIdToken: true }));
const call = async (tokens) => (await again(() => oauth.protectedResourceRequest(tokens.access_token, 'GET', new URL(`${OAUTH_URL}/api/`), undefined, undefined, options))).json();

tell('code', { ...await call(first), token_type: first.token_type });
const claims = oauth.getValidatedIdTokenClaims(first);
tell('id_token', claims);
const tokens = await again(async () => oauth.processRefreshTokenResponse(server, client,
	await oauth.refreshTokenGrantRequest(server, client, authentication, first.refresh_token, options)));
tell('refresh', { ...await call(tokens), token_type: tokens.token_type });
tell('userinfo', await again(async () => oauth.processUserInfoResponse(server, client, claims.sub, await oauth.userInfoRequest(server, client, tokens.access_token, options))));
tell('bearer', { status: (await fetch(`${OAUTH_URL}/api/`, { headers: { Authorization: `Bearer ${tokens.access_token}` } })).status });
tell('demanded', { demanded });
