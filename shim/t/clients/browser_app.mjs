// browser_app.mjs: the single-page app of docs/browser-apps.md in a browser, and scripts of pages that nobody registered.
// usage: browser_app.mjs SCRIPT, the file with the app's module
// Prints a line of JSON for each thing that was looked at: {"name": "...", "ok": true}.
// SPDX-License-Identifier: PostgreSQL
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { launch, logIn, OAUTH_URL, press } from './browser.mjs';
import { is, serve } from './browser_page.mjs';

const { CLIENT_ID, APP_PORT } = process.env;
const library = await readFile(createRequire(import.meta.url).resolve('oauth4webapi'), 'utf8');
const script = `const OAUTH_URL = '${OAUTH_URL}', CLIENT_ID = '${CLIENT_ID}';\n${await readFile(process.argv[2], 'utf8')}`;
const html = `<!DOCTYPE html><html lang="en"><title>App</title><h1>App</h1>
<script type="importmap">{"imports": {"oauth4webapi": "/oauth4webapi.js"}}</script>
<script type="module">import * as app from '/app.js'; Object.assign(window, { app });</script>`;

const home = `http://127.0.0.1:${APP_PORT}`;
const server = await serve(APP_PORT, html, { '/app.js': script, '/oauth4webapi.js': library });
const browser = await launch();
const context = await browser.newContext({ locale: 'en-GB' });
const page = await context.newPage();
page.setDefaultTimeout(10_000);
const appIsReady = (where) => where.waitForFunction(() => window.app !== undefined);

// What a script of the page gets for a request: its status and what it can read, or that the browser kept it back.
const ask = (where, path, options = {}) => where.evaluate(async ([url, more]) => {
	try {
		const answer = await fetch(url, more);
		return [answer.status, (await answer.json()).error ?? 'no error'];
	} catch (error) {
		return error.name;
	}
}, [`${OAUTH_URL}${path}`, options]);
const post = (fields) => ({ method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields).toString() });
const json = (fields) => ({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(fields) });

// ---- the app of the guide ----

await page.goto(`${home}/`);
await appIsReady(page);
await page.evaluate(() => { window.app.begin(); });
await page.getByLabel('Username').waitFor();
await logIn(page, 'alice', 'wonderland');
await press(page, 'Allow');
await page.waitForURL((url) => url.href.startsWith(`${home}/back?code=`));
await appIsReady(page);
const first = await page.evaluate(() => window.app.finish());
is([first.token_type, first.scope], ['bearer', 'read'], 'the app gets its tokens');
const who = await page.evaluate(async (token) => (await window.app.call(token, '/api/')).json(), first.access_token);
is([who.username, who.client_id], ['alice', CLIENT_ID], 'and calls with one');
const second = await page.evaluate((token) => window.app.refresh(token), first.refresh_token);
is((await ask(page, '/api/', { headers: { Authorization: `Bearer ${second.access_token}` } }))[0], 200, 'it refreshes them');
is(await page.evaluate(async () => {
	try { await window.app.call('oat_expired', '/api/'); } catch (error) { return error.cause[0].parameters.error; }
	return 'nothing';
}), 'invalid_token', 'it sees that a token has expired, and reads the challenge');
is(await ask(page, '/oauth2/token', post({ grant_type: 'refresh_token', client_id: CLIENT_ID, refresh_token: 'x' })), [400, 'invalid_grant'], 'it sees why a refresh is refused');
is(await ask(page, '/api/', { method: 'DELETE', headers: { Authorization: `Bearer ${second.access_token}`, 'Content-Type': 'application/json' } }), [200, 'no error'], 'it may send other methods');
is(await ask(page, '/api/', { headers: { Authorization: `Bearer ${second.access_token}`, 'X-Requested-With': 'fetch', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', baggage: 'a=b' } }), [200, 'no error'], 'and the fields that libraries add');
is(await ask(page, '/oauth2/revoke', post({ client_id: CLIENT_ID, token: second.refresh_token })), [200, 'no error'], 'it ends them');
is((await ask(page, '/api/', { headers: { Authorization: `Bearer ${second.access_token}` } }))[0], 401, 'which then are no good');

// ---- what no script may read, though it is the app's ----

is(await ask(page, `/oauth2/authorize?client_id=${CLIENT_ID}`), 'TypeError', 'R26: the authorization endpoint is no script\'s');
is(await ask(page, '/login', { credentials: 'include' }), 'TypeError', 'R26: nor is a page');
is(await ask(page, '/account', { credentials: 'include' }), 'TypeError', 'R26: nor is that of somebody who is logged in');
is(await ask(page, '/oauth2/introspect', post({ client_id: CLIENT_ID, token: 'x' })), 'TypeError', 'R26: nor is introspection');
is(await ask(page, '/api/', { credentials: 'include' }), 'TypeError', 'R26: nor is anything with cookies');

// ---- a page that nobody registered: the same server by another name is another origin ----

const stranger = await context.newPage();
await stranger.goto(`http://localhost:${APP_PORT}/`);
is(await ask(stranger, '/oauth2/revoke', post({ client_id: CLIENT_ID, token: 'x' })), 'TypeError', 'R26: another page reads no answer to the client');
is(await ask(stranger, '/oauth2/token', post({ grant_type: 'refresh_token', client_id: CLIENT_ID, refresh_token: 'x' })), [400, 'invalid_grant'], 'but for the token endpoint, which takes no cookies');
is(await ask(stranger, '/api/', { headers: { Authorization: `Bearer ${first.access_token}` } }), 'TypeError', 'R26: nor does it come to send a token');
is(await ask(stranger, '/.well-known/oauth-authorization-server', { headers: { 'MCP-Protocol-Version': '2025-06-18' } }), [200, 'no error'], 'what everybody may know it may');

// ---- and one that registers itself, as an MCP client does ----

const registered = await stranger.evaluate(async ([url, metadata]) => (await fetch(url, metadata)).json(),
	[`${OAUTH_URL}/oauth2/register`, json({ redirect_uris: [`http://localhost:${APP_PORT}/back`], token_endpoint_auth_method: 'none' })]);
is(registered.cors_origins, [`http://localhost:${APP_PORT}`], 'a page that registers itself is remembered');
is(await ask(stranger, '/oauth2/token', post({ grant_type: 'authorization_code', client_id: registered.client_id, code: 'x' })), [400, 'invalid_grant'], 'and reads the answers to its own client');
is(await ask(stranger, '/oauth2/revoke', post({ client_id: registered.client_id, token: 'x' })), [200, 'no error'], 'of every endpoint');
is(await ask(stranger, '/oauth2/revoke', post({ client_id: CLIENT_ID, token: 'x' })), 'TypeError', 'R26: but still not those to another');
is((await ask(stranger, `/oauth2/register/${registered.client_id}`, { headers: { Authorization: `Bearer ${registered.registration_access_token}` } }))[0], 200, 'it reads what it is registered with');

await browser.close();
server.close();
