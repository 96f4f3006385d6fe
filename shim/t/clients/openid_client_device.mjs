// openid_client_device.mjs: openid-client on a device without a keyboard (RFC 8628).
// SPDX-License-Identifier: PostgreSQL
import * as client from 'openid-client';
import assert from 'node:assert';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { call, CLIENT_ID, LOGIN, OAUTH_URL, PASSWORD } from './browse.mjs';

const config = await client.discovery(new URL(OAUTH_URL), CLIENT_ID, undefined, client.None(),
	{ execute: [client.allowInsecureRequests], algorithm: 'oauth2' });
const begun = await client.initiateDeviceAuthorization(config, { scope: 'read' });
assert.match(begun.user_code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
const tokens = client.pollDeviceAuthorizationGrant(config, begun);
// the person, meanwhile, follows the link, compares the code, logs in and allows it
const { stdout } = await promisify(execFile)('python3',
	[fileURLToPath(new URL('user_agent.py', import.meta.url)), begun.verification_uri_complete, LOGIN, PASSWORD]);
assert.match(stdout, /The device is connected/);
await call((await client.refreshTokenGrant(config, (await tokens).refresh_token)).access_token);
