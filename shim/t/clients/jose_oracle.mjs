// jose_oracle.mjs: what the library jose (npm) makes of JSON Web Tokens.
// usage: jose_oracle.mjs COUNT SEED    random tokens, whole and damaged, with its verdict; one JSON object a line
//        jose_oracle.mjs verify        reads objects of token, jwks and algorithms, one a line, and writes its verdicts
// SPDX-License-Identifier: PostgreSQL
import { createInterface } from 'node:readline';
import * as jose from 'jose';

const b64 = bytes => Buffer.from(bytes).toString('base64url');
const json = value => b64(JSON.stringify(value));

async function verdict({ token, jwks, algorithms, typ }) {
  // a set of jose's own has no secrets: they are tried one after the other
  const secrets = jwks.keys.filter(key => key.kty === 'oct');
  const keys = secrets.length ? await Promise.all(secrets.map(key => jose.importJWK(key, 'HS256')))
    : [jose.createLocalJWKSet(jwks)];
  for (const key of keys) {
    try {
      const { payload } = await jose.jwtVerify(token, key, { algorithms, typ, clockTolerance: 0 });
      return { valid: true, claims: payload };
    } catch { /* the next one */ }
  }
  return { valid: false, claims: null };
}

if (process.argv[2] === 'verify') {
  for await (const line of createInterface({ input: process.stdin }))
    console.log(JSON.stringify(await verdict(JSON.parse(line))));
  process.exit(0);
}

// xorshift32: the same seed makes the same choices, but for keys and for signatures that are random by nature
let state = Number(process.argv[3]) >>> 0 || 1;
function random(below) {
  state ^= state << 13; state >>>= 0;
  state ^= state >>> 17;
  state ^= state << 5; state >>>= 0;
  return state % below;
}
const pick = list => list[random(list.length)];

const keys = [];
for (const alg of ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA']) {
  const pair = await jose.generateKeyPair(alg, { extractable: true });
  const kid = `${alg}-${keys.length}`;
  keys.push({ alg, kid, sign: pair.privateKey, jwk: { ...await jose.exportJWK(pair.publicKey), kid, alg, use: 'sig' } });
}
const secret = Buffer.alloc(48, 's');
keys.push({ alg: 'HS256', kid: 'secret', sign: secret, jwk: { kty: 'oct', k: b64(secret), kid: 'secret', alg: 'HS256' } });
const jwks = { keys: keys.filter(key => key.alg !== 'HS256').map(key => key.jwk) };
const secrets = { keys: keys.filter(key => key.alg === 'HS256').map(key => key.jwk) };
const now = Math.floor(Date.now() / 1000);

const words = ['', 'a', 'Ω', '😀', '"', '\\', '\n', 'a b', '\u2028', '<script>', '%00', 'é'];
const values = [() => pick(words), () => random(1e9), () => -random(10) / 7, () => true, () => null, () => [1, 'x', {}], () => ({ a: { b: pick(words) } })];

function claims() {
  const made = { sub: String(random(1e6)), iat: now - random(1000), exp: now + 3600 + random(1e6) };
  for (let n = random(4); n > 0; n--)
    made[`c${random(100)}${pick(words)}`] = pick(values)();
  if (random(3) === 0)
    made.nbf = now - 1 - random(100) - 0.5;
  return made;
}

function flip(part) {
  const at = random(part.length);
  return part.slice(0, at) + (part[at] === 'A' ? 'B' : 'A') + part.slice(at + 1);
}

// The name says what was done; those with ! are refused here and may be taken by others, who are less strict.
const damage = {
  'header changed': ([h, p, s]) => [flip(h), p, s].join('.'),
  'payload changed': ([h, p, s]) => [h, flip(p), s].join('.'),
  'signature changed !': ([h, p, s]) => [h, p, flip(s)].join('.'),
  'cut off': ([h, p, s]) => { const t = [h, p, s].join('.'); return t.slice(0, random(t.length)); },
  'signature of another': ([h, p], other) => [h, p, other.split('.')[2]].join('.'),
  'payload of another': ([h, , s], other) => [h, other.split('.')[1], s].join('.'),
  'no signature': ([h, p]) => [h, p, ''].join('.'),
  'alg none': ([, p]) => [json({ alg: pick(['none', 'None', 'NONE']) }), p, ''].join('.'),
  'another alg': ([, p, s]) => [json({ alg: pick(keys).alg + (random(2) ? '' : 'x') }), p, s].join('.'),
  'padded !': ([h, p, s]) => [h, p, `${s}=`].join('.'),
  'white space !': ([h, p, s]) => [h, p, `${s}${pick([' ', '\n', '\t'])}`].join('.'),
  'a fourth part': ([h, p, s]) => [h, p, s, ''].join('.'),
  'a part less': ([h, p]) => [h, p].join('.'),
};

const resign = async (key, header, payload) => {
  const signed = new jose.CompactSign(new TextEncoder().encode(payload)).setProtectedHeader(header);
  return signed.sign(key.sign);
};

const crafted = {
  'expired': key => resign(key, { alg: key.alg, kid: key.kid }, JSON.stringify({ exp: now - 1 - random(1e6) })),
  'not yet': key => resign(key, { alg: key.alg, kid: key.kid }, JSON.stringify({ nbf: now + 3600 + random(1e6) })),
  'exp of text': key => resign(key, { alg: key.alg, kid: key.kid }, JSON.stringify({ exp: String(now + 3600) })),
  'no JSON': key => resign(key, { alg: key.alg, kid: key.kid }, pick(['', '{', 'null', '[]', '1', '"x"', '{"a":1,}', "{'a':1}"])),
  'a member twice !': key => resign(key, { alg: key.alg, kid: key.kid }, '{"sub":"a","sub":"b"}'),
  'kid of nobody !': key => resign(key, { alg: key.alg, kid: 'nobody' }, '{"sub":"a"}'),
  'a place for a key !': key => resign(key, { alg: key.alg, kid: key.kid, [pick(['jku', 'x5u'])]: 'https://a.example/' }, '{"sub":"a"}'),
  'a key in the header !': key => resign(key, { alg: key.alg, kid: key.kid, jwk: key.jwk }, '{"sub":"a"}'),
  'secret of the public key': async key => new jose.SignJWT({ sub: 'a' }).setProtectedHeader({ alg: 'HS256', kid: key.kid })
    .sign(new TextEncoder().encode(JSON.stringify(key.jwk))),
};

const public_ones = keys.filter(key => key.alg !== 'HS256');
let other = await new jose.SignJWT(claims()).setProtectedHeader({ alg: 'ES256', kid: keys[6].kid }).sign(keys[6].sign);
for (let n = Number(process.argv[2]); n > 0; n--) {
  const key = pick(keys);
  const header = { alg: key.alg, kid: key.kid, ...(random(2) ? { typ: pick(['JWT', 'at+jwt', 'application/at+jwt', 'AT+JWT']) } : {}) };
  let token = await new jose.SignJWT(claims()).setProtectedHeader(header).sign(key.sign);
  let kind = 'whole';
  const what = random(4);
  if (what === 1) {
    kind = pick(Object.keys(damage));
    token = damage[kind](token.split('.'), other);
  } else if (what === 2) {
    kind = pick(Object.keys(crafted));
    token = await crafted[kind](kind === 'secret of the public key' ? pick(public_ones) : key);
  }
  if (kind === 'whole')
    other = token;
  const asked = { token, jwks: key.alg === 'HS256' ? secrets : jwks, algorithms: key.alg === 'HS256' ? ['HS256'] : public_ones.map(k => k.alg),
    ...(random(4) === 0 && header.typ ? { typ: header.typ } : {}) };
  console.log(JSON.stringify({ kind, ...asked, ...await verdict(asked) }));
}
