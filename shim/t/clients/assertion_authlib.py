#!/usr/bin/env python3
"""assertion_authlib.py: authlib proves who it is with a client assertion, which it makes for an hour.
SPDX-License-Identifier: PostgreSQL
"""
import os

from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import ClientSecretJWT, PrivateKeyJWT

url, secret, alg = os.environ["OAUTH_URL"], os.environ.get("CLIENT_SECRET"), os.environ.get("ALG")
key = os.environ.get("PEM")
try:
    # authlib 1.7 takes a string for an RSA key, and other keys as joserfc has them
    from joserfc.jwk import ECKey
    if key and alg.startswith("ES"):
        key = ECKey.import_key(key)
except ImportError:
    pass
session = OAuth2Session(os.environ["CLIENT_ID"], secret or key,
                        token_endpoint_auth_method="client_secret_jwt" if secret else "private_key_jwt",
                        revocation_endpoint_auth_method="client_secret_jwt" if secret else "private_key_jwt")
session.trust_env = False
token_endpoint = url + "/oauth2/token"
session.register_client_auth_method(ClientSecretJWT(token_endpoint) if secret else PrivateKeyJWT(token_endpoint, alg=alg))
token = session.fetch_token(token_endpoint, grant_type="client_credentials")
told = session.introspect_token(url + "/oauth2/introspect", token=token["access_token"]).json()
assert told["active"], told
session.revoke_token(url + "/oauth2/revoke", token=token["access_token"])
assert not session.introspect_token(url + "/oauth2/introspect", token=token["access_token"]).json()["active"]
print(told["client_id"])
