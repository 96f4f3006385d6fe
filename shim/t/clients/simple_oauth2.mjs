// simple_oauth2.mjs: simple-oauth2 with its three grants, a refresh and a revocation.
// SPDX-License-Identifier: PostgreSQL
import simple from 'simple-oauth2';
import assert from 'node:assert';
import { browse, call, CLIENT_ID, CLIENT_SECRET, LOGIN, OAUTH_URL, PASSWORD, REDIRECT_URI } from './browse.mjs';

const credentials = { id: CLIENT_ID, secret: CLIENT_SECRET };
const server = { tokenHost: OAUTH_URL, tokenPath: '/oauth2/token', revokePath: '/oauth2/revoke' };
const client = new simple.AuthorizationCode({ client: credentials, auth: { ...server, authorizePath: '/oauth2/authorize' } });
const back = await browse(client.authorizeURL({ redirect_uri: REDIRECT_URI, scope: 'read', state: 'x' }));
const first = await client.getToken({ code: back.searchParams.get('code'), redirect_uri: REDIRECT_URI, scope: 'read' });
assert.equal(first.expired(), false);
const token = await first.refresh();
await call(token.token.access_token);
await token.revokeAll();
await assert.rejects(token.refresh(), (error) => error.data.payload.error === 'invalid_grant');
assert.ok((await new simple.ClientCredentials({ client: credentials, auth: server }).getToken({ scope: 'read' })).token.access_token);
assert.ok((await new simple.ResourceOwnerPassword({ client: credentials, auth: server }).getToken({ username: LOGIN, password: PASSWORD })).token.access_token);
