#!/usr/bin/env python3
"""client.py: Python, the standard library, and PyJWT for the ID token (Debian: python3-jwt).
SPDX-License-Identifier: PostgreSQL
"""
import base64
import hashlib
import json
import os
import secrets
import urllib.parse
import urllib.request

import jwt

OAUTH_URL, CLIENT_ID = os.environ["OAUTH_URL"], os.environ["CLIENT_ID"]
CLIENT_SECRET, REDIRECT_URI = os.environ["CLIENT_SECRET"], os.environ["REDIRECT_URI"]


def fetch(address, form=None, authorization=None):
    request = urllib.request.Request(address, form and urllib.parse.urlencode(form).encode())
    if authorization:
        request.add_header("Authorization", authorization)
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


config = json.loads(fetch(OAUTH_URL + "/.well-known/openid-configuration"))


def token(**form):
    secret = ":".join(urllib.parse.quote(part, safe="") for part in (CLIENT_ID, CLIENT_SECRET))
    return json.loads(fetch(config["token_endpoint"], form, "Basic " + base64.b64encode(secret.encode()).decode()))


def call(access_token):
    return fetch(OAUTH_URL + "/api/", authorization="Bearer " + access_token)


def claims_of(id_token, nonce):
    key = jwt.PyJWKClient(config["jwks_uri"]).get_signing_key_from_jwt(id_token).key
    claims = jwt.decode(id_token, key, algorithms=["RS256"], audience=CLIENT_ID, issuer=config["issuer"])
    if claims["nonce"] != nonce:
        raise ValueError("an ID token of another login")
    return claims


# A token of the program's own.
print("client_credentials", call(token(grant_type="client_credentials", scope="read")["access_token"]))

# A person's: the browser goes to this address, and comes back with a code.
state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
print("Open", config["authorization_endpoint"] + "?" + urllib.parse.urlencode({
    "response_type": "code", "client_id": CLIENT_ID, "redirect_uri": REDIRECT_URI, "scope": "openid profile read",
    "state": state, "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256"}), flush=True)
back = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(input().strip()).query))
if back["state"] != state or back["iss"] != config["issuer"]:
    raise ValueError("an answer to another question")
tokens = token(grant_type="authorization_code", code=back["code"], redirect_uri=REDIRECT_URI, code_verifier=verifier)
print("id_token", claims_of(tokens["id_token"], nonce)["sub"])
print("code", call(tokens["access_token"]))
