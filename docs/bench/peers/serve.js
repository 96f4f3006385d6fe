// serve.js: what both peers in node share: a process for each processor, a pool of connections, a form, one answer.
// SPDX-License-Identifier: PostgreSQL
// Environment: PGHOST, PGDATABASE, PGUSER; PEER_PORT; PEER_PROCESSES; PEER_CONNECTIONS in all.
import cluster from 'node:cluster';
import http from 'node:http';
import pg from 'pg';

const processes = Number(process.env.PEER_PROCESSES ?? 2);
const pool = new pg.Pool({ max: Math.max(1, Math.floor(Number(process.env.PEER_CONNECTIONS ?? 16) / processes)) });

// A statement with a name is prepared once a connection.
export async function query(name, text, values) {
	return (await pool.query({ name, text, values })).rows;
}

export const direct = (text, values) => pool.query(text, values);

export async function form(request) {
	let body = '';
	for await (const piece of request) body += piece;
	return Object.fromEntries(new URLSearchParams(body));
}

export function answer(response, status, headers, body) {
	const text = body === undefined ? '' : JSON.stringify(body);
	response.writeHead(status, { ...headers, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
	response.end(text);
}

// `seed` is asked for by the word seed as argument: it prints what the loads start from.
export async function run(seed, handle) {
	if (process.argv[2] === 'seed') {
		await seed(Number(process.argv[3]), Number(process.argv[4]));
		await pool.end();
	} else if (cluster.isPrimary) {
		for (let i = 0; i < processes; i++) cluster.fork();
		process.on('SIGTERM', () => { for (const worker of Object.values(cluster.workers)) worker.kill(); process.exit(0); });
	} else {
		http.createServer((request, response) => {
			if (request.url === '/readyz') return answer(response, 200, {}, {});
			return handle(request, response);
		}).listen(Number(process.env.PEER_PORT), '127.0.0.1');
	}
}
