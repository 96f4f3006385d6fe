// certificate_openid_client.mjs: openid-client 6 shows a certificate (RFC 8705): where it proves who it is, and where its token is used.
// TRANSPORT says who does TLS: undici, or the agent of node:https. CERTIFICATES are the paths of files: its own, and another's.
// SPDX-License-Identifier: PostgreSQL
import { readFileSync } from 'node:fs';
import https from 'node:https';
import * as client from 'openid-client';
import { Agent, fetch as undiciFetch } from 'undici';
import { browse, CLIENT_ID, OAUTH_URL, REDIRECT_URI, tell } from './browse.mjs';

const { CA, CERTIFICATES, METHOD, PROFILE, RESOURCE_URL, TRANSPORT } = process.env;
const ca = readFileSync(CA);
const read = (name) => ({ ca, cert: readFileSync(`${name}.pem`), key: readFileSync(`${name}.key`) });

// fetch() with that certificate, if any
const transports = {
	undici: (tls) => {
		const dispatcher = new Agent({ connect: tls });
		return (url, options) => undiciFetch(url, { ...options, dispatcher });
	},
	https: (tls) => {
		const agent = new https.Agent({ keepAlive: true, ...tls });
		return (url, { method, headers, body }) => new Promise((resolve, reject) => {
			const request = https.request(url, { agent, method, headers: Object.fromEntries(new Headers(headers)) }, async (answer) => {
				const fields = Object.entries(answer.headers).flatMap(([name, values]) => [values].flat().map((value) => [name, value]));
				resolve(new Response(Buffer.concat(await answer.toArray()), { status: answer.statusCode, headers: fields }));
			});
			request.on('error', reject).end(body ? String(body) : undefined);
		});
	},
};
const [own, other] = CERTIFICATES.split(' ').map((name) => transports[TRANSPORT](read(name)));
const nobody = transports[TRANSPORT]({ ca });
const methods = { none: client.None, tls_client_auth: client.TlsClientAuth, self_signed_tls_client_auth: client.TlsClientAuth };
const metadata = { use_mtls_endpoint_aliases: true, ...PROFILE ? { id_token_signed_response_alg: 'ES256' } : {} };
const through = (fetch) => client.discovery(new URL(OAUTH_URL), CLIENT_ID, metadata, methods[METHOD](), { [client.customFetch]: fetch });
const [config, configOfOther, configOfNobody] = await Promise.all([own, other, nobody].map(through));

const pkceCodeVerifier = client.randomPKCECodeVerifier();
const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
const asked = { redirect_uri: REDIRECT_URI, response_type: 'code', scope: 'openid profile email read', state: expectedState, nonce: expectedNonce,
	code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256' };
const address = PROFILE ? await client.buildAuthorizationUrlWithPAR(config, asked) : client.buildAuthorizationUrl(config, asked);
const back = await browse(address);
const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
const call = (config, token) => client.fetchProtectedResource(config, token, new URL(RESOURCE_URL), 'GET');
// what the library says of an error: that of the body, or that of the challenge
const refusal = async (promise) => {
	const error = await promise.then(() => ({ error: 'none' }), (error) => error);
	if (!(error instanceof client.WWWAuthenticateChallengeError))
		return error.error ?? String(error);
	return error.cause[0].parameters.error ?? (await error.response.json()).error;
};

const first = await client.authorizationCodeGrant(config, back, checks);
tell('code', { ...await (await call(config, first.access_token)).json(), token_type: first.token_type });
tell('id_token', first.claims());
// RFC 8705, section 3: "MUST be rejected with an error response", here by those who have stolen the token
tell('stolen', { error: await refusal(call(configOfOther, first.access_token)) });
tell('bearer', { status: (await call(configOfNobody, first.access_token).catch((error) => error)).status });
// ... and those who have stolen the refresh token
tell('imposter', { errors: [await refusal(client.refreshTokenGrant(configOfOther, first.refresh_token)), await refusal(client.refreshTokenGrant(configOfNobody, first.refresh_token))] });
const tokens = await client.refreshTokenGrant(config, first.refresh_token);
tell('refresh', { ...await (await call(config, tokens.access_token)).json(), token_type: tokens.token_type });
tell('userinfo', await client.fetchUserInfo(config, tokens.access_token, first.claims().sub));
if (METHOD !== 'none')
	tell('introspection', (await client.tokenIntrospection(config, tokens.access_token)).cnf);
