#!/usr/bin/env python3
"""requests_oauthlib_oauth2_client.py: the authorization code flow of a confidential client, and a call.
SPDX-License-Identifier: PostgreSQL
"""
import os

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
from requests_oauthlib import OAuth2Session  # noqa: E402
from user_agent import browse  # noqa: E402

url = os.environ["OAUTH_URL"]
session = OAuth2Session(os.environ["CLIENT_ID"], redirect_uri="http://127.0.0.1:9/back", scope=["read"])
session.trust_env = False
address, state = session.authorization_url(url + "/oauth2/authorize")
back = browse(address, os.environ["LOGIN"], os.environ["PASSWORD"])
session.fetch_token(url + "/oauth2/token", authorization_response=back, client_secret=os.environ["CLIENT_SECRET"])
print(session.get(url + "/api/").text)
