#!/usr/bin/env python3
"""exchange_authlib.py: authlib signs and brings assertions (RFC 7523) and exchanges tokens (RFC 8693), as CASES say.
SPDX-License-Identifier: PostgreSQL
"""
import json
import os
import re
import time
import uuid

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import AssertionSession, OAuth2Session
from authlib.jose import JsonWebKey, JsonWebSignature

url, client_id = os.environ["OAUTH_URL"], os.environ["CLIENT_ID"]
keys = {name: JsonWebKey.import_key(key) for name, key in json.loads(os.environ["KEYS"]).items()}
token_endpoint = url + "/oauth2/token"
kept = {}


def session_with(secret):
    session = OAuth2Session(client_id, secret)
    session.trust_env = False
    return session


right, wrong = session_with(os.environ["CLIENT_SECRET"]), session_with("wrong")


def signed(jwt):
    """The JWT of a case: with these claims, and without those that are null."""
    now = int(time.time())
    claims = {"iat": now, "exp": now + 120, "jti": str(uuid.uuid4()), **jwt["claims"]}
    claims = {name: value for name, value in claims.items() if value is not None}
    # its jwt.encode() makes every typ JWT
    return JsonWebSignature().serialize_compact({"alg": "ES256", "typ": jwt["typ"]}, json.dumps(claims), keys[jwt["key"]]).decode()


def by_itself(case):
    """The library's own way of the grant, where the assertion says which client it is."""
    jwt = case["signed"][0]
    claims = jwt["claims"]
    session = AssertionSession(token_endpoint, claims["iss"], claims["sub"], claims["aud"], grant_type=case["grant"],
                               claims={"jti": str(uuid.uuid4())}, key=keys[jwt["key"]], header={"alg": "ES256"}, expires_in=120)
    session.trust_env = False
    session.refresh_token()
    return session.token


def answer(case):
    parameters = {name: re.sub(r"^\{(\w+)\}$", lambda m: kept[m[1]], value) for name, value in case["parameters"].items()}
    parameters.update((jwt["as"], signed(jwt)) for jwt in case["signed"])
    session = wrong if case["authentication"] == "wrong" else right
    try:
        for _ in range(2 if case["twice"] else 1):
            token = by_itself(case) if case["authentication"] == "silent" else session.fetch_token(token_endpoint, grant_type=case["grant"], **parameters)
    except AuthlibBaseError as error:
        return {"error": error.error}
    kept[case["keep"]] = token["access_token"]
    told = right.introspect_token(url + "/oauth2/introspect", token=token["access_token"]).json()
    return {**{name: told.get(name) for name in ("sub", "scope", "aud", "act")}, "bound": "cnf" in told,
            **{name: token.get(name) for name in ("token_type", "issued_token_type", "refresh_token")}}


print(json.dumps([answer(case) for case in json.loads(os.environ["CASES"])]))
