// node-oauth.js: @node-oauth/oauth2-server with a bare model on PostgreSQL: a table a kind, its key the token itself.
// SPDX-License-Identifier: PostgreSQL
import { randomBytes } from 'node:crypto';
import OAuth2Server from '@node-oauth/oauth2-server';
import { answer, direct, form, query, run } from './serve.js';

const client = { id: 'bench', grants: ['client_credentials', 'refresh_token', 'authorization_code'],
	redirectUris: ['https://bench.example/back'] };
const secret = 'secret';
const later = () => new Date(Date.now() + 86400_000);

const model = {
	getClient: async (id, given) => (id === client.id && (given === null || given === secret) ? client : false),
	getUserFromClient: async () => ({ id: 'bench' }),
	getAccessToken: async (token) => {
		const [row] = await query('access', 'SELECT subject, scope, expires_at FROM access_token WHERE token = $1', [token]);
		return row && { accessToken: token, accessTokenExpiresAt: row.expires_at, scope: [row.scope], client, user: { id: row.subject } };
	},
	getRefreshToken: async (token) => {
		const [row] = await query('refresh', 'SELECT subject, scope, expires_at FROM refresh_token WHERE token = $1', [token]);
		return row && { refreshToken: token, refreshTokenExpiresAt: row.expires_at, scope: [row.scope], client, user: { id: row.subject } };
	},
	getAuthorizationCode: async (code) => {
		const [row] = await query('code', 'SELECT subject, challenge, expires_at FROM code WHERE code = $1', [code]);
		return row && { code, expiresAt: row.expires_at, redirectUri: client.redirectUris[0], scope: ['read'], client,
			user: { id: row.subject }, codeChallenge: row.challenge, codeChallengeMethod: 'S256' };
	},
	revokeToken: async ({ refreshToken }) => (await query('revoke', 'DELETE FROM refresh_token WHERE token = $1 RETURNING 1', [refreshToken])).length === 1,
	revokeAuthorizationCode: async ({ code }) => (await query('used', 'DELETE FROM code WHERE code = $1 RETURNING 1', [code])).length === 1,
	saveToken: async (token, _client, user) => {
		await query('save', `WITH refresh AS (INSERT INTO refresh_token SELECT $4, $2, 'read', $5 WHERE $4::text IS NOT NULL)
			INSERT INTO access_token VALUES ($1, $2, 'read', $3)`,
		[token.accessToken, user.id, token.accessTokenExpiresAt, token.refreshToken, token.refreshTokenExpiresAt]);
		return { ...token, client, user };
	},
	verifyScope: async () => true,
	validateScope: async () => ['read'],
};

const server = new OAuth2Server({ model });

async function handle(request, response) {
	const seen = new OAuth2Server.Request({ method: request.method, headers: request.headers, query: {}, body: await form(request) });
	const said = new OAuth2Server.Response({});
	try {
		if (request.url === '/auth') {
			const token = await server.authenticate(seen, said);
			return answer(response, 200, { 'X-Auth-Subject': token.user.id, 'X-Auth-Scope': 'read' });
		}
		await server.token(seen, said);
		return answer(response, said.status, said.headers, said.body);
	} catch (error) {
		return answer(response, error.code ?? 500, {}, { error: error.name });
	}
}

async function seed(tokens, codes) {
	for (const table of ['access_token', 'refresh_token']) {
		await direct(`CREATE TABLE IF NOT EXISTS ${table} (token text PRIMARY KEY, subject text NOT NULL, scope text NOT NULL,
			expires_at timestamptz NOT NULL)`);
	}
	await direct(`CREATE TABLE IF NOT EXISTS code (code text PRIMARY KEY, subject text NOT NULL, challenge text NOT NULL,
		expires_at timestamptz NOT NULL)`);
	const make = (count) => Array.from({ length: count }, () => randomBytes(20).toString('hex'));
	const access = make(tokens), refresh = make(200), exchanged = make(codes);
	for (const [table, list] of [['access_token', access], ['refresh_token', refresh]]) {
		await direct(`INSERT INTO ${table} SELECT t, 'subject', 'read', $2 FROM unnest($1::text[]) t`, [list, later()]);
	}
	await direct("INSERT INTO code SELECT c, 'subject', $2, $3 FROM unnest($1::text[]) c", [exchanged, process.env.PEER_CHALLENGE, later()]);
	for (const [kind, list] of Object.entries({ access, refresh, code: exchanged })) for (const value of list) console.log(kind, value);
}

await run(seed, handle);
