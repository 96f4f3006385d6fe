#!/usr/bin/env python3
"""What authlib makes of JSON Web Tokens.

usage: jose_oracle.py COUNT SEED    random tokens, whole and damaged, with its verdict; one JSON object a line
       jose_oracle.py verify        reads objects of token, jwks and algorithms, one a line, and writes its verdicts
SPDX-License-Identifier: PostgreSQL
"""
import json
import random
import sys
import time

from authlib.jose import JsonWebKey, JsonWebToken

KINDS = {"RS256": ("RSA", 2048), "RS512": ("RSA", 2048), "PS256": ("RSA", 2048), "PS384": ("RSA", 3072),
         "ES256": ("EC", "P-256"), "ES384": ("EC", "P-384"), "EdDSA": ("OKP", "Ed25519"), "HS256": ("oct", 384)}


def verdict(asked):
    try:
        keys = JsonWebKey.import_key_set(asked["jwks"])
        claims = JsonWebToken(asked["algorithms"]).decode(asked["token"], keys)
        claims.validate(leeway=0)
        return {"valid": True, "claims": dict(claims)}
    except Exception:       # whatever it says, it is a no
        return {"valid": False, "claims": None}


if sys.argv[1] == "verify":
    for line in sys.stdin:
        print(json.dumps(verdict(json.loads(line))))
    sys.exit()

chance = random.Random(int(sys.argv[2]))
NOW = int(time.time())
keys = {alg: JsonWebKey.generate_key(*kind, is_private=True) for alg, kind in KINDS.items()}


def public(alg):
    shown = keys[alg].as_dict(is_private=alg == "HS256")
    return {**{name: value for name, value in shown.items() if alg == "HS256" or name not in ("d", "p", "q", "dp", "dq", "qi")},
            "kid": alg, "alg": alg}


JWKS = {"keys": [public(alg) for alg in KINDS if alg != "HS256"]}
SECRETS = {"keys": [public("HS256")]}


def sign(alg, claims, **header):
    return JsonWebToken([alg]).encode({"alg": alg, "kid": alg, **header}, claims, keys[alg], check=False).decode()


def claims():
    made = {"sub": str(chance.randrange(10**6)), "iat": NOW - chance.randrange(1000), "exp": NOW + 3600 + chance.randrange(10**6)}
    for _ in range(chance.randrange(4)):
        made["c%d" % chance.randrange(100)] = chance.choice(["", "\u03a9", "\U0001f600", "\"\\\n", 1.5, -1, 10**20, True, None, [[], {}], {"a": [1]}])
    return made


def flip(part):
    at = chance.randrange(len(part))
    return part[:at] + ("B" if part[at] == "A" else "A") + part[at + 1:]


def damaged(token):
    """The name says what was done; what ends with ! is refused here and may be taken by others, who are less strict."""
    head, body, signature = token.split(".")
    kind = chance.choice(["header changed", "payload changed", "signature changed !", "cut off", "no signature", "padded !",
                          "white space !", "the other alphabet !", "a part more"])
    return kind, {
        "header changed": lambda: ".".join((flip(head), body, signature)),
        "payload changed": lambda: ".".join((head, flip(body), signature)),
        "signature changed !": lambda: ".".join((head, body, flip(signature))),
        "cut off": lambda: token[:chance.randrange(len(token))],
        "no signature": lambda: head + "." + body + ".",
        "padded !": lambda: token + "=",
        "white space !": lambda: token + chance.choice(" \n\t"),
        "the other alphabet !": lambda: token.replace("-", "+").replace("_", "/"),
        "a part more": lambda: token + "." + signature,
    }[kind]()


for _ in range(int(sys.argv[1])):
    alg = chance.choice(list(KINDS))
    kind = chance.choice(["whole", "whole", "damaged", "expired", "not yet", "another kid", "iat of text"])
    token = sign(alg, claims())
    if kind == "damaged":
        kind, token = damaged(token)
    elif kind == "expired":
        token = sign(alg, {"exp": NOW - 1 - chance.randrange(10**6)})
    elif kind == "not yet":
        token = sign(alg, {"nbf": NOW + 3600 + chance.randrange(10**6)})
    elif kind == "another kid":
        token = sign(alg, {"sub": "a"}, kid="PS256" if alg != "PS256" else "RS256")
    elif kind == "iat of text":
        token = sign(alg, {"iat": str(NOW)})
    # changing nothing is no damage
    if kind == "the other alphabet !" and not set("+/") & set(token):
        kind = "whole"
    asked = {"token": token, "jwks": SECRETS if alg == "HS256" else JWKS,
             "algorithms": ["HS256"] if alg == "HS256" else [name for name in KINDS if name != "HS256"]}
    print(json.dumps({"kind": kind, **asked, **verdict(asked)}))
