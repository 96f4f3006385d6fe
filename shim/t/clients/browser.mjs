// browser.mjs: Debian's Chromium by playwright-core, an application to be sent back to, and what the steps have in common.
// SPDX-License-Identifier: PostgreSQL
import { createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { chromium } from 'playwright-core';

export const { OAUTH_URL } = process.env;

// Nothing but this machine is to be found, and Chromium has no errands of its own.
export const launch = () => chromium.launch({
	executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
	args: ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
		'--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost'],
});

// An application: whatever comes to it is remembered, and answered with pages by path.
export const application = (pages = {}, port = 0) => new Promise((ready) => {
	const app = { requests: [], pages };
	const server = http.createServer(async (request, response) => {
		let body = '';
		for await (const piece of request) body += piece;
		const url = new URL(request.url, app.url);
		const got = Object.fromEntries(request.method === 'POST' ? new URLSearchParams(body) : url.searchParams);
		app.requests.push({ method: request.method, path: url.pathname, got, headers: request.headers });
		const page = app.pages[url.pathname];
		if (page?.location) response.writeHead(302, { Location: page.location });
		else response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
		response.end(`<!DOCTYPE html><html lang="en"><title>Application</title><link rel="icon" href="data:,"><body><h1>Application</h1>${page?.html ?? ''}`);
	});
	server.listen(port, '127.0.0.1', () => {
		app.url = `http://127.0.0.1:${server.address().port}`;
		app.close = () => server.close();
		// what came last with this state, or at all
		app.answer = (state) => app.requests.findLast(({ got }) => state === undefined || got.state === state)?.got;
		ready(app);
	});
});

// What stands in front of the server: TLS ends here, and it says so.
export const proxy = (upstream, key, cert) => new Promise((ready) => {
	const server = https.createServer({ key, cert }, (request, response) => {
		const headers = { ...request.headers, 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.1' };
		const { hostname, port } = new URL(upstream);
		request.pipe(http.request({ hostname, port, path: request.url, method: request.method, headers }, (answer) => {
			response.writeHead(answer.statusCode, answer.rawHeaders);
			answer.pipe(response);
		}));
	});
	server.listen(0, '127.0.0.1', () => ready({ url: `https://localhost:${server.address().port}`, close: () => server.close() }));
});

export const form = (fields) => new URLSearchParams(fields);
export const authorize = (client, app, more = {}) =>
	`${OAUTH_URL}/oauth2/authorize?${form({ response_type: 'code', client_id: client.id, redirect_uri: `${app.url}/back`, ...more })}`;
export const post = async (path, fields) => (await fetch(OAUTH_URL + path, { method: 'POST', body: form(fields) })).json();
export const redeem = (client, app, code) => post('/oauth2/token', {
	grant_type: 'authorization_code', client_id: client.id, client_secret: client.secret, redirect_uri: `${app.url}/back`, code,
});
export const isAccepted = async (token) => (await fetch(`${OAUTH_URL}/api/`, { headers: { Authorization: `Bearer ${token}` } })).ok;

// A person at the keyboard, who finds fields by their labels and buttons by what they say.
export const logIn = async (page, username, password) => {
	await page.getByLabel('Username').fill(username);
	await page.getByLabel('Password').fill(password);
	await page.getByRole('button', { name: 'Log in' }).click();
};
export const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

// What an authenticator application shows for a key (RFC 6238).
export const codeOf = (key, at = Date.now()) => {
	const bits = [...key.replaceAll(' ', '')].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
	const step = Buffer.alloc(8);
	step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
	const mac = createHmac('sha1', Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))).update(step).digest();
	return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
};
