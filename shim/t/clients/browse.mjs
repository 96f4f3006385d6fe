// browse.mjs: what the person does, by user_agent.py; and the surroundings of every client here.
// SPDX-License-Identifier: PostgreSQL
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const { OAUTH_URL, CLIENT_ID, CLIENT_SECRET, LOGIN, PASSWORD } = process.env;
export const REDIRECT_URI = process.env.REDIRECT_URI ?? 'http://127.0.0.1:9/back';
export const AFTER_LOGOUT = 'http://127.0.0.1:9/bye';

// The address the person is sent back to from url; meanwhile connections that the server closes are noticed.
export const browse = async (url) => new URL((await promisify(execFile)('python3',
	[fileURLToPath(new URL('user_agent.py', import.meta.url)), String(url), LOGIN, PASSWORD])).stdout.trim());

// Prints what the server says of whoever has the token, after the name of the step if there is one.
export const call = async (token, ...step) =>
	console.log(...step, await (await fetch(`${OAUTH_URL}/api/`, { headers: { Authorization: `Bearer ${token}` } })).text());

// Prints what a step brought, for RelyingPartyTest.pm.
export const tell = (step, value) => console.log(step, JSON.stringify(value));

// After a logout: whether the provider still knows the person, whom it may not ask.
export const tellWhoIsThere = async (authorization, scope = 'openid') => {
	const url = new URL(authorization);
	for (const [name, value] of Object.entries({ client_id: CLIENT_ID, redirect_uri: REDIRECT_URI, response_type: 'code', scope, prompt: 'none' }))
		url.searchParams.set(name, value);
	tell('silent', { error: (await browse(url)).searchParams.get('error') });
};
