// rich_authorization.mjs: openid-client 6 asks with authorization_details, oauth4webapi introspects with JWTs, jose reads them.
// Prints a line of JSON for each thing that was looked at, as browser_tests.mjs does.
// SPDX-License-Identifier: PostgreSQL
import { isDeepStrictEqual } from 'node:util';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { browse, CLIENT_ID, CLIENT_SECRET, OAUTH_URL, REDIRECT_URI } from './browse.mjs';

const report = (name, ok, detail) => console.log(JSON.stringify({ name, ok: Boolean(ok), detail }));
const is = (got, wanted, name) => report(name, isDeepStrictEqual(got, wanted), { got, wanted });
const refusal = async (promise) => {
	try {
		await promise;
	} catch (error) {
		return error.error ?? error.code ?? error.message;
	}
};

const payment = { type: 'payment', amount: '12.50', to: { name: 'Zoë', iban: 'DE02120300000000202051' } };
const granted = { ...payment, payer: 'alice' };
const photo = { type: 'photo', actions: ['print'], locations: ['https://print.example/'] };

// ---- openid-client 6, RFC 9396 ----

const config = await client.discovery(new URL(OAUTH_URL), CLIENT_ID, CLIENT_SECRET, undefined, { execute: [client.allowInsecureRequests] });
is(config.serverMetadata().authorization_details_types_supported, ['payment', 'photo'], 'openid-client: discovery lists the types');
const pkceCodeVerifier = client.randomPKCECodeVerifier();
const expectedState = client.randomState();
const ask = async (details) => browse(client.buildAuthorizationUrl(config, {
	redirect_uri: REDIRECT_URI, scope: 'read', state: expectedState, authorization_details: JSON.stringify(details),
	code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256' }));
const redeem = (back, parameters) => client.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState }, parameters);
const first = await redeem(await ask([payment, photo]));
const same = (got, wanted) => isDeepStrictEqual(got?.map((one) => ({ ...one, payer: one.payer && 'alice' })), wanted.map((one) => ({ ...one, payer: one.payer && 'alice' })));
report('openid-client: the code brings what was granted, with what the application added', same(first.authorization_details, [granted, photo]), first);
const narrow = await client.refreshTokenGrant(config, first.refresh_token, { authorization_details: JSON.stringify([photo]) });
is(narrow.authorization_details, [photo], 'openid-client: a refresh may ask for less');
is(await refusal(client.refreshTokenGrant(config, narrow.refresh_token, { authorization_details: JSON.stringify([{ ...photo, actions: ['print', 'delete'] }]) })),
	'invalid_authorization_details', 'openid-client: and not for more');
const whole = await client.refreshTokenGrant(config, narrow.refresh_token);
report('openid-client: the grant has not become less', same(whole.authorization_details, [granted, photo]), whole);
is(await refusal(redeem(await ask([{ type: 'unknown' }]))), 'invalid_authorization_details', 'openid-client: a type that is unknown');
is(await refusal(redeem(await ask([{ ...payment, amount: '5000' }]))), 'invalid_authorization_details', 'openid-client: what the application refuses');
const own = await client.clientCredentialsGrant(config, { authorization_details: JSON.stringify([photo]) });
is(own.authorization_details, [photo], 'openid-client: for the client itself');
const told = await client.tokenIntrospection(config, own.access_token);
is([told.active, told.authorization_details], [true, [photo]], 'openid-client: introspection says it');
const [, of_jwt] = (await client.clientCredentialsGrant(config, { authorization_details: JSON.stringify([photo]), resource: 'https://print.example/' })).access_token.split('.');
is(JSON.parse(Buffer.from(of_jwt, 'base64url')).authorization_details, [photo], 'openid-client: a JWT access token has them');

// ---- oauth4webapi, RFC 9701: it verifies typ, iss, aud, iat and the signature, and refuses anything else ----

const insecure = { [oauth.allowInsecureRequests]: true };
const server = await oauth.processDiscoveryResponse(new URL(OAUTH_URL), await oauth.discoveryRequest(new URL(OAUTH_URL), insecure), insecure);
const authentication = oauth.ClientSecretPost(CLIENT_SECRET);
const keys = createRemoteJWKSet(new URL(server.jwks_uri));
for (const alg of server.introspection_signing_alg_values_supported) {
	const asker = { client_id: process.env[`RS_${alg}`], introspection_signed_response_alg: alg };
	const secret = oauth.ClientSecretBasic(process.env[`RS_${alg}_SECRET`]);
	for (const [kind, token] of Object.entries({ opaque: whole.access_token, jwt: (await client.clientCredentialsGrant(config, { resource: 'https://print.example/' })).access_token })) {
		const answer = await oauth.introspectionRequest(server, asker, secret, token, insecure);
		const seen = await oauth.processIntrospectionResponse(server, asker, answer);
		await oauth.validateApplicationLevelSignature(server, answer, insecure);
		is(seen.active, true, `oauth4webapi: ${alg} of an ${kind} token`);
	}
	const response = await fetch(server.introspection_endpoint, { method: 'POST', headers: {
		Accept: 'application/token-introspection+jwt', Authorization: `Basic ${btoa(`${asker.client_id}:${process.env[`RS_${alg}_SECRET`]}`)}` },
		body: new URLSearchParams({ token: whole.access_token }) });
	const jwt = await response.text();
	const { payload, protectedHeader } = await jwtVerify(jwt, keys, { issuer: OAUTH_URL, audience: asker.client_id, algorithms: [alg], typ: 'token-introspection+jwt', maxTokenAge: '1 minute' });
	is([Object.keys(payload).sort(), protectedHeader.typ, payload.token_introspection.active],
		[['aud', 'iat', 'iss', 'token_introspection'], 'token-introspection+jwt', true], `jose: ${alg}, and nothing else in it`);
	is(decodeProtectedHeader(jwt).alg, alg, `jose: signed with ${alg}`);
}
const plain = await oauth.processIntrospectionResponse(server, { client_id: CLIENT_ID },
	await oauth.introspectionRequest(server, { client_id: CLIENT_ID }, authentication, 'nothing', insecure));
is(plain, { active: false }, 'oauth4webapi: JSON for whoever does not ask for a JWT');
const jwtOfNothing = await oauth.introspectionRequest(server, { client_id: CLIENT_ID, introspection_signed_response_alg: 'RS256' }, authentication, 'nothing', insecure);
is(await oauth.processIntrospectionResponse(server, { client_id: CLIENT_ID, introspection_signed_response_alg: 'RS256' }, jwtOfNothing), { active: false },
	'oauth4webapi: a JWT says as little of a token that is none');
