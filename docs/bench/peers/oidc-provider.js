// oidc-provider.js: oidc-provider with an adapter on PostgreSQL: a row of JSON a model, as its documentation shows.
// SPDX-License-Identifier: PostgreSQL
import { randomBytes } from 'node:crypto';
import { Provider } from 'oidc-provider';
import { direct, query, run } from './serve.js';

const expiry = (seconds) => new Date(Date.now() + seconds * 1000);

class Adapter {
	constructor(name) { this.name = name; }
	async upsert(id, payload, seconds) {
		await query('upsert', `INSERT INTO model VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`,
		[id, this.name, payload, payload.grantId, expiry(seconds ?? 86400)]);
	}
	async find(id) {
		const [row] = await query('find', 'SELECT payload FROM model WHERE id = $1 AND name = $2 AND expires_at > now()', [id, this.name]);
		return row?.payload;
	}
	async consume(id) {
		await query('consume', "UPDATE model SET payload = payload || jsonb_build_object('consumed', extract(epoch FROM now())::bigint) WHERE id = $1", [id]);
	}
	async destroy(id) { await query('destroy', 'DELETE FROM model WHERE id = $1', [id]); }
	async revokeByGrantId(grantId) { await query('revoke', 'DELETE FROM model WHERE grant_id = $1', [grantId]); }
}

const provider = new Provider('http://127.0.0.1', {
	adapter: Adapter,
	clients: [{ client_id: 'bench', client_secret: 'secret', redirect_uris: ['https://bench.example/back'], scope: 'read offline_access',
		grant_types: ['client_credentials', 'refresh_token', 'authorization_code'], response_types: ['code'] }],
	scopes: ['read', 'offline_access'],
	features: { clientCredentials: { enabled: true }, introspection: { enabled: true }, devInteractions: { enabled: false } },
	findAccount: async (_context, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
	rotateRefreshToken: true,
	issueRefreshToken: async () => true,
	ttl: { AccessToken: 86400, ClientCredentials: 86400, RefreshToken: 86400, AuthorizationCode: 86400, Grant: 86400 },
});

async function seed(tokens, codes) {
	await direct(`CREATE TABLE IF NOT EXISTS model (id text PRIMARY KEY, name text NOT NULL, payload jsonb NOT NULL, grant_id text,
		expires_at timestamptz NOT NULL)`);
	await direct('CREATE INDEX IF NOT EXISTS model_grant ON model (grant_id)');
	const client = await provider.Client.find('bench');
	const make = async (Model, extra) => {
		const grant = new provider.Grant({ clientId: 'bench', accountId: 'subject' });
		grant.addOIDCScope('read offline_access');
		const grantId = await grant.save(86400);
		return new Model({ client, accountId: 'subject', grantId, scope: 'read offline_access', gty: 'authorization_code', ...extra }).save();
	};
	const code = { redirectUri: 'https://bench.example/back', codeChallenge: process.env.PEER_CHALLENGE, codeChallengeMethod: 'S256',
		expiresWithSession: false };
	for (const [kind, Model, count, extra] of [['access', provider.AccessToken, tokens, {}],
		['refresh', provider.RefreshToken, 200, { rotations: 0, iiat: Math.floor(Date.now() / 1000) }], ['code', provider.AuthorizationCode, codes, code]]) {
		for (let i = 0; i < count; i += 16) {
			const some = Array.from({ length: Math.min(16, count - i) }, () => make(Model, extra));
			for (const value of await Promise.all(some)) console.log(kind, value);
		}
	}
}

provider.keys = [randomBytes(16).toString('hex')];
await run(seed, provider.callback());
