// mcp_client.mjs: the OAuth client of the Model Context Protocol's SDK: from a 401 to a call, with nothing but the address.
// SPDX-License-Identifier: PostgreSQL
import { auth, extractWWWAuthenticateParams } from '@modelcontextprotocol/sdk/client/auth.js';
import assert from 'node:assert';
import { browse, call, OAUTH_URL, REDIRECT_URI } from './browse.mjs';

const serverUrl = `${OAUTH_URL}/api/`;
const kept = {};
const provider = {
	redirectUrl: REDIRECT_URI,
	clientMetadata: { client_name: 'MCP client', redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none',
		grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] },
	state: () => 'xyz',
	clientInformation: () => kept.client,
	saveClientInformation: (client) => { kept.client = client; },
	tokens: () => kept.tokens,
	saveTokens: (tokens) => { kept.tokens = tokens; },
	redirectToAuthorization: (url) => { kept.url = url; },
	saveCodeVerifier: (verifier) => { kept.verifier = verifier; },
	codeVerifier: () => kept.verifier,
};

const { resourceMetadataUrl } = extractWWWAuthenticateParams(await fetch(serverUrl));
assert.ok(resourceMetadataUrl, 'a 401 says where to ask');
assert.equal(await auth(provider, { serverUrl, resourceMetadataUrl, scope: 'read' }), 'REDIRECT');
assert.ok(kept.url.searchParams.get('resource'), 'the token is asked for this resource');
const back = await browse(kept.url);
assert.equal(back.searchParams.get('state'), 'xyz');
assert.equal(await auth(provider, { serverUrl, resourceMetadataUrl, authorizationCode: back.searchParams.get('code') }), 'AUTHORIZED');
const before = kept.tokens.access_token;
assert.equal(await auth(provider, { serverUrl, resourceMetadataUrl }), 'AUTHORIZED');
assert.notEqual(kept.tokens.access_token, before, 'and it was refreshed');
await call(kept.tokens.access_token);
