// exchange_openid_client.mjs: openid-client 6 brings assertions (RFC 7523) and exchanges tokens (RFC 8693), as CASES say; jose signs.
// SPDX-License-Identifier: PostgreSQL
import { importJWK, SignJWT } from 'jose';
import { randomUUID } from 'node:crypto';
import * as client from 'openid-client';

const { CASES, CLIENT_ID, CLIENT_KEY, CLIENT_SECRET, KEYS, OAUTH_URL } = process.env;
const method = CLIENT_SECRET ? client.ClientSecretBasic(CLIENT_SECRET)
	: client.PrivateKeyJwt(await crypto.subtle.importKey('jwk', JSON.parse(CLIENT_KEY), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']));
const discover = (method) => client.discovery(new URL(OAUTH_URL), CLIENT_ID, undefined, method, { execute: [client.allowInsecureRequests] });
const config = await discover(method);
// "the client_id parameter is unnecessary" with an assertion of its own (RFC 7521, section 4.1)
const silent = await discover(() => {});
const wrong = await discover(client.ClientSecretBasic('wrong'));
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
const kept = {};

// The JWT of a case: with these claims, and without those that are null.
async function sign({ key, typ, claims })
{
	const now = Math.floor(Date.now() / 1000);
	const all = { iat: now, exp: now + 120, jti: randomUUID(), ...claims };

	for (const name of Object.keys(all).filter((name) => all[name] === null))
		delete all[name];
	return new SignJWT(all).setProtectedHeader({ alg: 'ES256', typ }).sign(await importJWK(JSON.parse(KEYS)[key], 'ES256'));
}

async function parametersOf({ parameters, signed })
{
	const body = new URLSearchParams();

	for (const [name, values] of Object.entries(parameters))
		for (const value of [values].flat())
			body.append(name, value.replace(/^\{(\w+)\}$/, (_, kept_as) => kept[kept_as]));
	for (const jwt of signed)
		body.append(jwt.as, await sign(jwt));
	return body;
}

async function answer(each)
{
	const body = await parametersOf(each);
	const go = () => client.genericGrantRequest({ silent, wrong }[each.authentication] ?? config, each.grant, body, each.proof ? { DPoP } : undefined);

	try {
		if (each.twice)
			await go();
		const tokens = await go();
		kept[each.keep] = tokens.access_token;
		const { sub, scope, aud, act, cnf } = await client.tokenIntrospection(config, tokens.access_token);
		return { sub, scope, aud, act, bound: cnf !== undefined, token_type: tokens.token_type, issued_token_type: tokens.issued_token_type,
			refresh_token: tokens.refresh_token };
	} catch (error) {
		// of status 401 the library gives the challenges, and beside them the answer
		const challenged = error instanceof client.WWWAuthenticateChallengeError;
		return { error: challenged ? (await error.response.json()).error : error.error ?? String(error), status: error.status,
			schemes: challenged ? error.cause.map((challenge) => challenge.scheme) : undefined };
	}
}

const answers = [];
for (const each of JSON.parse(CASES))
	answers.push(await answer(each));
console.log(JSON.stringify(answers));
