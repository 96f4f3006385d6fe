#!/usr/bin/env python3
"""authlib_client.py: the three-legged flow of OAuth 1.0a, and a call.
SPDX-License-Identifier: PostgreSQL
"""
import os

from authlib.integrations.requests_client import OAuth1Session
from user_agent import browse

url = os.environ["OAUTH_URL"]
session = OAuth1Session(os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"], redirect_uri="http://127.0.0.1:9/ready",
                        signature_method=os.environ.get("METHOD", "HMAC-SHA1"))
session.trust_env = False
session.fetch_request_token(url + "/oauth/request_token")
back = browse(session.create_authorization_url(url + "/oauth/authorize"), os.environ["LOGIN"], os.environ["PASSWORD"])
session.parse_authorization_response(back)
session.fetch_access_token(url + "/oauth/access_token")
print(session.get(url + "/api/?a=1&a=0&b=%20%C3%BC").text)
