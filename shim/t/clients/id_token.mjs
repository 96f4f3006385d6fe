// id_token.mjs: what the library jose (npm) makes of ID tokens: reads objects of id_token, access_token, jwks, alg, issuer,
// client_id and nonce, one a line, and writes the claims, or why it refuses them. jose leaves nonce and at_hash to its caller.
// SPDX-License-Identifier: PostgreSQL
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { createLocalJWKSet, jwtVerify } from 'jose';

function halfHash(alg, token) {
  const hash = createHash(alg === 'EdDSA' ? 'sha512' : `sha${alg.slice(2)}`).update(token).digest();
  return hash.subarray(0, hash.length / 2).toString('base64url');
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id_token, access_token, jwks, alg, issuer, client_id, nonce } = JSON.parse(line);
  try {
    const { payload } = await jwtVerify(id_token, createLocalJWKSet(jwks), {
      algorithms: [alg], typ: 'JWT', issuer, audience: client_id, maxTokenAge: 600, clockTolerance: 0,
      requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'at_hash'],
    });
    if (payload.at_hash !== halfHash(alg, access_token) || (payload.nonce ?? null) !== nonce)
      throw new Error('at_hash or nonce');
    console.log(JSON.stringify({ claims: payload }));
  } catch (problem) {
    console.log(JSON.stringify({ problem: String(problem) }));
  }
}
