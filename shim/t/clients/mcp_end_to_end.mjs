// mcp_end_to_end.mjs: the Model Context Protocol's SDK with a protected server: in, with more scope, after a refresh.
// SPDX-License-Identifier: PostgreSQL
import assert from 'node:assert';
import { execSync } from 'node:child_process';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { browse, CLIENT_ID, OAUTH_URL, REDIRECT_URI } from './browse.mjs';

// TOKEN is one that it has already; EXPIRE a command after which its tokens have expired.
const { SERVER_URL, OTHER_URL, CLIENT_DOCUMENT, EXPIRE, TOKEN } = process.env;
const kept = { client: CLIENT_ID ? { client_id: CLIENT_ID, issuer: `${OAUTH_URL}` } : undefined, asked: [],
	tokens: TOKEN ? { access_token: TOKEN, token_type: 'Bearer' } : undefined };
const provider = {
	redirectUrl: REDIRECT_URI,
	clientMetadataUrl: CLIENT_DOCUMENT || undefined,
	clientMetadata: { client_name: 'MCP client', redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none',
		grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] },
	clientInformation: () => kept.client,
	saveClientInformation: (client) => { kept.client = client; },
	tokens: () => kept.tokens,
	saveTokens: (tokens) => { kept.tokens = tokens; },
	redirectToAuthorization: (url) => { kept.url = url; },
	saveCodeVerifier: (verifier) => { kept.verifier = verifier; },
	codeVerifier: () => kept.verifier,
};

// What the server answered last to a call that it refused.
let refusal;
const watched = async (url, options) => {
	const answer = await fetch(url, options);
	if (String(url) === SERVER_URL && [401, 403].includes(answer.status))
		refusal = answer.status;
	return answer;
};

// A connection and what is done with it; where the SDK wants the person, she is sent there, and it is tried again.
async function through(work)
{
	const transport = new StreamableHTTPClientTransport(new URL(SERVER_URL), { authProvider: provider, fetch: watched });
	const client = new Client({ name: 'test', version: '1' });

	try {
		await client.connect(transport);
		const result = await work(client);
		await client.close();
		return result;
	} catch (error) {
		if (!(error instanceof UnauthorizedError))
			throw error;
	}
	kept.asked.push({ refusal, scope: kept.url.searchParams.get('scope'), resource: kept.url.searchParams.get('resource') });
	await transport.finishAuth((await browse(kept.url)).searchParams.get('code'));
	return through(work);
}

const said = (result) => result.content[0].text;
const read = (client) => client.callTool({ name: 'read', arguments: {} });

const tools = await through((client) => client.listTools());
assert.equal(said(await through(read)), 'nothing yet');
assert.ok(kept.tokens.scope.split(' ').includes('read'));

// The SDK refreshes before it asks for more, which brings no scope; a client that knows this drops the refresh token. One that
// registered itself did so with the scope of the first challenge, and registers anew for more (RFC 7591, section 2).
kept.tokens = { ...kept.tokens, refresh_token: undefined };
if (!CLIENT_ID && !CLIENT_DOCUMENT)
	kept.client = undefined;
assert.equal(said(await through((client) => client.callTool({ name: 'add', arguments: { body: 'Sunshine' } }))), 'written');
assert.equal(said(await through(read)), 'Sunshine');

// A token that is refused is refreshed, and the call repeated.
const { access_token: before } = kept.tokens;
if (EXPIRE)
	execSync(EXPIRE);
else
	kept.tokens = { ...kept.tokens, access_token: 'stale' };
refusal = undefined;
assert.equal(said(await through(read)), 'Sunshine');
assert.equal(refusal, 401);
assert.equal(kept.asked.length, 2, 'nobody was asked for that');
assert.notEqual(kept.tokens.access_token, before);

// The token is for this server alone.
const elsewhere = await fetch(OTHER_URL, { method: 'POST', headers: { Authorization: `Bearer ${kept.tokens.access_token}`, 'Content-Type': 'application/json',
	Accept: 'application/json, text/event-stream' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }) });

console.log(JSON.stringify({ client_id: kept.client.client_id, tools: tools.tools.map((tool) => tool.name), asked: kept.asked,
	scope: kept.tokens.scope, elsewhere: elsewhere.status, token: kept.tokens.access_token }));
