// better_auth.mjs: a login through better-auth's genericOAuth with PKCE, the user from userinfo, and a refresh.
// SPDX-License-Identifier: PostgreSQL
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { genericOAuth } from 'better-auth/plugins';
import assert from 'node:assert';
import { browse, call, CLIENT_ID, CLIENT_SECRET, LOGIN, OAUTH_URL } from './browse.mjs';
import { setCookies } from './set_cookies.mjs';

const application = 'http://127.0.0.1:9';
const auth = betterAuth({
	baseURL: application, secret: 'a secret of this test only, of 32 bytes or more', telemetry: { enabled: false },
	database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
	plugins: [genericOAuth({ config: [{
		providerId: 'album', clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, scopes: ['openid', 'profile', 'read'], pkce: true,
		authorizationUrl: `${OAUTH_URL}/oauth2/authorize`, tokenUrl: `${OAUTH_URL}/oauth2/token`, userInfoUrl: `${OAUTH_URL}/oauth2/userinfo`,
		accountSubject: ({ profile }) => profile.sub,
		mapProfileToUser: (user) => ({ name: user.preferred_username, email: `${user.sub}@users.example.org` }),
	}] })],
});
const cookies = new Map();

// A request of the person's browser to the application.
const ask = async (url, body) => {
	const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
	const answer = await auth.handler(new Request(url, { headers: { cookie, Origin: application, 'Content-Type': 'application/json' },
		...(body && { method: 'POST', body: JSON.stringify(body) }) }));
	for (const line of setCookies(answer.headers)) {
		const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
		cookies.set(name, value);
	}
	return answer;
};

const { url } = await (await ask(`${application}/api/auth/sign-in/social`, { provider: 'album', callbackURL: '/welcome' })).json();
const done = await ask(await browse(url));
assert.equal(done.headers.get('Location'), '/welcome');
const session = await (await ask(`${application}/api/auth/get-session`)).json();
assert.equal(session.user.name, LOGIN);
const [account] = await (await ask(`${application}/api/auth/list-accounts`)).json();
const which = { accountId: account.id };
const first = await (await ask(`${application}/api/auth/get-access-token`, which)).json();
await call(first.accessToken, 'code');
const next = await (await ask(`${application}/api/auth/refresh-token`, which)).json();
assert.notEqual(next.accessToken, first.accessToken);
await call(next.accessToken, 'refresh');
