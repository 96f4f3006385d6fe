// oidc_openid_client_5.mjs: openid-client 5, which many applications still have, as a relying party.
// SPDX-License-Identifier: PostgreSQL
import { generators, Issuer } from 'openid-client-5';
import { AFTER_LOGOUT, browse, call, CLIENT_ID, CLIENT_SECRET, OAUTH_URL, REDIRECT_URI, tell, tellWhoIsThere } from './browse.mjs';

const issuer = await Issuer.discover(OAUTH_URL);
const client = new issuer.Client({ client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI], response_types: ['code'] });
const [state, nonce, code_verifier] = [generators.state(), generators.nonce(), generators.codeVerifier()];
const back = await browse(client.authorizationUrl({ scope: 'openid profile email read', state, nonce, max_age: 600,
	code_challenge: generators.codeChallenge(code_verifier), code_challenge_method: 'S256' }));
const first = await client.callback(REDIRECT_URI, client.callbackParams(String(back)), { state, nonce, code_verifier, max_age: 600 });
await call(first.access_token, 'code');
tell('id_token', first.claims());
const tokens = await client.refresh(first);
await call(tokens.access_token, 'refresh');
tell('userinfo', await client.userinfo(tokens));
tell('logout', { back: String(await browse(client.endSessionUrl(
	{ id_token_hint: first.id_token, post_logout_redirect_uri: AFTER_LOGOUT, state: 'bye' }))) });
await tellWhoIsThere(issuer.authorization_endpoint);
