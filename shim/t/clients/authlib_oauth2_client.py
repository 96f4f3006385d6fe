#!/usr/bin/env python3
"""authlib_oauth2_client.py: the authorization code flow with PKCE, a call, a refresh, a revocation.
SPDX-License-Identifier: PostgreSQL
"""
import os

import requests
from authlib.integrations.requests_client import OAuth2Session
from user_agent import browse

url = os.environ["OAUTH_URL"]
metadata = requests.get(url + "/.well-known/oauth-authorization-server").json()
session = OAuth2Session(os.environ["CLIENT_ID"], os.environ.get("CLIENT_SECRET"), scope="read",
                        token_endpoint_auth_method=os.environ.get("AUTH_METHOD", "client_secret_basic"),
                        redirect_uri="http://127.0.0.1:9/back", code_challenge_method="S256")
session.trust_env = False
verifier = "x" * 60
address, state = session.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
back = browse(address, os.environ["LOGIN"], os.environ["PASSWORD"])
token = session.fetch_token(metadata["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier)
assert "refresh_token" in token, token
session.refresh_token(metadata["token_endpoint"])
print(session.get(url + "/api/").text)
session.revoke_token(metadata["revocation_endpoint"], token=session.token["refresh_token"])
assert session.get(url + "/api/").status_code == 401
