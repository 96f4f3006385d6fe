#!/usr/bin/env python3
"""What authlib makes of ID tokens: reads objects of id_token, access_token, jwks, alg, issuer, client_id and nonce, one a
line, and writes the claims, or why it refuses them. authlib has no hash for EdDSA, and refuses every at_hash there: it is
not shown the access token then.
SPDX-License-Identifier: PostgreSQL
"""
import json
import sys

from authlib.jose import JsonWebKey, JsonWebToken
from authlib.oidc.core import CodeIDToken

for line in sys.stdin:
    asked = json.loads(line)
    try:
        claims = JsonWebToken([asked["alg"]]).decode(
            asked["id_token"], JsonWebKey.import_key_set(asked["jwks"]), claims_cls=CodeIDToken,
            claims_options={"iss": {"essential": True, "value": asked["issuer"]}, "aud": {"essential": True, "value": asked["client_id"]},
                            "at_hash": {"essential": True}},
            claims_params={"client_id": asked["client_id"], "max_age": 600,
                           "access_token": None if asked["alg"] == "EdDSA" else asked["access_token"],
                           **({"nonce": asked["nonce"]} if asked["nonce"] else {})})
        claims.validate(leeway=0)
        print(json.dumps({"claims": dict(claims)}))
    except Exception as problem:
        print(json.dumps({"problem": repr(problem)}))
