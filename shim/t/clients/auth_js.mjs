// auth_js.mjs: a login through Auth.js (@auth/core) with state and PKCE, the user from userinfo; with OIDC=1 by the issuer
// alone, the user from the ID token.
// SPDX-License-Identifier: PostgreSQL
import { Auth, skipCSRFCheck } from '@auth/core';
import assert from 'node:assert';
import { browse, call, CLIENT_ID, CLIENT_SECRET, LOGIN, OAUTH_URL, tell } from './browse.mjs';
import { setCookies } from './set_cookies.mjs';

// What an application writes for a provider of its own
const album = process.env.OIDC ? {
	id: 'album', name: 'Album', type: 'oidc', issuer: OAUTH_URL, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET,
	authorization: { params: { scope: 'openid profile email read' } },
} : {
	id: 'album', name: 'Album', type: 'oauth', issuer: OAUTH_URL, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET,
	authorization: { url: `${OAUTH_URL}/oauth2/authorize`, params: { scope: 'openid profile read' } },
	token: `${OAUTH_URL}/oauth2/token`, userinfo: `${OAUTH_URL}/oauth2/userinfo`, checks: ['pkce', 'state'],
	profile: (user) => ({ id: user.sub, name: user.preferred_username }),
};
let account, profile;
const config = {
	providers: [album], secret: 'a secret of this test only', trustHost: true, skipCSRFCheck, basePath: '/auth',
	callbacks: { jwt: (given) => { account ??= given.account; profile ??= given.profile; return given.token; } },
};
const cookies = new Map();

// A request of the person's browser to the application.
const ask = async (url, method = 'GET') => {
	const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
	const answer = await Auth(new Request(url, { method, headers: { cookie, 'Content-Type': 'application/x-www-form-urlencoded' },
		...(method === 'POST' && { body: '' }) }), config);
	for (const line of setCookies(answer.headers)) {
		const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
		cookies.set(name, value);
	}
	return answer;
};

const sent = (await ask('http://127.0.0.1:9/auth/signin/album', 'POST')).headers.get('Location');
await ask(await browse(sent));
const session = await (await ask('http://127.0.0.1:9/auth/session')).json();
if (process.env.OIDC) tell('id_token', profile);
else assert.equal(session.user.name, LOGIN);
assert.ok(account.refresh_token);
await call(account.access_token, 'code');
