// arctic.mjs: arctic's generic client: a person's token with PKCE, its refreshing and its end.
// SPDX-License-Identifier: PostgreSQL
import { CodeChallengeMethod, generateCodeVerifier, generateState, OAuth2Client, OAuth2RequestError } from 'arctic';
import assert from 'node:assert';
import { browse, call, CLIENT_ID, CLIENT_SECRET, OAUTH_URL, REDIRECT_URI } from './browse.mjs';

const client = new OAuth2Client(CLIENT_ID, CLIENT_SECRET, REDIRECT_URI);
const endpoint = `${OAUTH_URL}/oauth2/token`;
const [state, verifier] = [generateState(), generateCodeVerifier()];
const back = await browse(client.createAuthorizationURLWithPKCE(`${OAUTH_URL}/oauth2/authorize`, state, CodeChallengeMethod.S256, verifier, ['read']));
assert.equal(back.searchParams.get('state'), state);
const first = await client.validateAuthorizationCode(endpoint, back.searchParams.get('code'), verifier);
await call(first.accessToken(), 'code');
const tokens = await client.refreshAccessToken(endpoint, first.refreshToken(), ['read']);
await call(tokens.accessToken(), 'refresh');
await client.revokeToken(`${OAUTH_URL}/oauth2/revoke`, tokens.refreshToken());
await assert.rejects(client.refreshAccessToken(endpoint, tokens.refreshToken(), []),
	(error) => error instanceof OAuth2RequestError && error.code === 'invalid_grant');
