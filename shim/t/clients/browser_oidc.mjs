// browser_oidc.mjs: an app of a page that logs people in with oidc-client-ts, in a browser.
// SPDX-License-Identifier: PostgreSQL
import { readFile } from 'node:fs/promises';
import { launch, logIn, OAUTH_URL, press } from './browser.mjs';
import { is, report, serve } from './browser_page.mjs';

const { CLIENT_ID, APP_PORT, SUBJECT } = process.env;
const home = `http://127.0.0.1:${APP_PORT}`;
const library = await readFile(new URL('node_modules/oidc-client-ts/dist/browser/oidc-client-ts.js', import.meta.url), 'utf8');
const html = `<!DOCTYPE html><html lang="en"><title>App</title><h1>App</h1><script src="/oidc-client-ts.js"></script><script src="/app.js"></script>`;

// What an application writes: the authority and itself.
const script = `var manager = new oidc.UserManager({ authority: '${OAUTH_URL}', client_id: '${CLIENT_ID}',
	redirect_uri: '${home}/back', post_logout_redirect_uri: '${home}/bye', scope: 'openid profile email read', loadUserInfo: true,
	userStore: new oidc.WebStorageStateStore({ store: window.localStorage }) });`;
const server = await serve(APP_PORT, html, { '/app.js': script, '/oidc-client-ts.js': library });
const browser = await launch();
const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
page.setDefaultTimeout(10_000);
const open = async (path) => {
	await page.goto(home + path);
	await page.waitForFunction(() => window.manager !== undefined);
};
const who = (user) => ({ sub: user.profile.sub, name: user.profile.preferred_username, email: user.profile.email });
const alice = { sub: SUBJECT, name: 'alice', email: 'alice@example.org' };

await open('/');
await page.evaluate(() => { window.manager.signinRedirect({ url_state: 'photos' }); });
await page.getByLabel('Username').waitFor();
await logIn(page, 'alice', 'wonderland');
await press(page, 'Allow');
await page.waitForURL((url) => url.href.startsWith(`${home}/back?code=`));
await page.waitForFunction(() => window.manager !== undefined);
const user = await page.evaluate(async () => ({ ...await window.manager.signinRedirectCallback() }));
is(who(user), alice, 'the app learns who logged in, from the ID token and userinfo');
is([user.profile.iss, user.profile.aud], [OAUTH_URL, CLIENT_ID], 'which is said here, for it');
// it keeps auth_time to itself
const claims = JSON.parse(Buffer.from(user.id_token.split('.')[1], 'base64url'));
report('and when they did', Math.abs(claims.auth_time - Date.now() / 1000) < 120, claims);
const api = async (token) => (await fetch(`${OAUTH_URL}/api/`, { headers: { Authorization: `Bearer ${token}` } })).status;
is(await api(user.access_token), 200, 'it has a token to call with');
const fresh = await page.evaluate(async () => ({ ...await window.manager.signinSilent() }));
is(who(fresh), alice, 'it refreshes in silence, with an ID token of the same person');
report('and another access token', fresh.access_token !== user.access_token && await api(fresh.access_token) === 200, fresh.scope);
await page.evaluate(() => { window.manager.signoutRedirect({ state: 'bye' }); });
await page.waitForURL((url) => url.href.startsWith(`${home}/bye`));
await page.waitForFunction(() => window.manager !== undefined);
report('a logout leads back', await page.evaluate(async () => Boolean(await window.manager.signoutRedirectCallback())), page.url());
await page.evaluate(() => { window.manager.signinRedirect({ prompt: 'none' }); });
await page.waitForURL((url) => url.href.startsWith(`${home}/back?`));
is(new URL(page.url()).searchParams.get('error'), 'login_required', 'after which nobody is logged in');

await browser.close();
server.close();
