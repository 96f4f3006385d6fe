// par_openid_client_5.mjs: openid-client 5 with a signed request (RFC 9101), pushed (RFC 9126), and a signed answer (JARM).
// SPDX-License-Identifier: PostgreSQL
import { generators, Issuer } from 'openid-client-5';
import { browse, call, CLIENT_ID, CLIENT_SECRET, OAUTH_URL, REDIRECT_URI, tell } from './browse.mjs';

const { ALG = 'ES256', KEY } = process.env;
const issuer = await Issuer.discover(OAUTH_URL);
const client = new issuer.Client({ client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI], response_types: ['code'],
	request_object_signing_alg: 'ES256', authorization_signed_response_alg: ALG }, { keys: [JSON.parse(KEY)] });
const code_verifier = generators.codeVerifier();
const [state, nonce] = [generators.state(), generators.nonce()];
const request = await client.requestObject({ response_mode: 'jwt', response_type: 'code', redirect_uri: REDIRECT_URI, scope: 'openid profile email read', state, nonce,
	max_age: 600, code_challenge: generators.codeChallenge(code_verifier), code_challenge_method: 'S256' });
const { request_uri } = await client.pushedAuthorizationRequest({ request });
const address = new URL(issuer.authorization_endpoint);
for (const [name, value] of Object.entries({ client_id: CLIENT_ID, request_uri }))
	address.searchParams.set(name, value);
tell('address', { parameters: [...address.searchParams.keys()].sort() });
const back = await browse(address);
tell('answer', { parameters: [...back.searchParams.keys()] });
const first = await client.callback(REDIRECT_URI, client.callbackParams(String(back)), { response_type: 'code', jarm: true, state, nonce, code_verifier, max_age: 600 });
await call(first.access_token, 'code');
tell('id_token', first.claims());
const tokens = await client.refresh(first);
await call(tokens.access_token, 'refresh');
