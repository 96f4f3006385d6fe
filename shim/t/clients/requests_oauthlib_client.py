#!/usr/bin/env python3
"""requests_oauthlib_client.py: the three-legged flow of OAuth 1.0a, and a call.
SPDX-License-Identifier: PostgreSQL
"""
import os

from requests_oauthlib import OAuth1Session
from user_agent import browse

url = os.environ["OAUTH_URL"]
session = OAuth1Session(os.environ["CLIENT_ID"], client_secret=os.environ["CLIENT_SECRET"],
                        callback_uri="http://127.0.0.1:9/ready?x=1",
                        signature_method=os.environ.get("METHOD", "HMAC-SHA1"))
session.trust_env = False
session.fetch_request_token(url + "/oauth/request_token")
back = browse(session.authorization_url(url + "/oauth/authorize"), os.environ["LOGIN"], os.environ["PASSWORD"])
assert back.startswith("http://127.0.0.1:9/ready?x=1&oauth_token="), back
session.parse_authorization_response(back)
session.fetch_access_token(url + "/oauth/access_token")
print(session.get(url + "/api/?a=1&a=0&b=%20+%C3%BC").text)
