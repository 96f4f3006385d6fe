// browser_page.mjs: a page with scripts for a browser to run, and a line of JSON for each thing that was looked at:
// {"name": "...", "ok": true}, which BrowserTest.pm reads.
// SPDX-License-Identifier: PostgreSQL
import http from 'node:http';
import { isDeepStrictEqual } from 'node:util';

// One server, and as many origins as names and ports lead to it: scripts by their paths, and the page at all others.
export const serve = (port, html, scripts) => new Promise((ready) => {
	const server = http.createServer((request, response) => {
		const script = scripts[request.url.split('?')[0]];
		response.writeHead(200, { 'Content-Type': `${script ? 'text/javascript' : 'text/html'}; charset=utf-8` }).end(script ?? html);
	});
	server.listen(port, '127.0.0.1', () => ready(server));
});

export const report = (name, ok, detail) => console.log(JSON.stringify({ name, ok: Boolean(ok), detail }));
export const is = (got, wanted, name) => report(name, isDeepStrictEqual(got, wanted), { got, wanted });
