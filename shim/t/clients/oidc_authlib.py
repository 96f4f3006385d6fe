#!/usr/bin/env python3
"""oidc_authlib.py: authlib's client for Django as a relying party, from the discovery document to logout.
SPDX-License-Identifier: PostgreSQL
"""
import json
import os
import urllib.parse

import django
from django.conf import settings
from django.test import RequestFactory

URL, LOGIN, PASSWORD = (os.environ[name] for name in ("OAUTH_URL", "LOGIN", "PASSWORD"))
settings.configure(ALLOWED_HOSTS=["*"], AUTHLIB_OAUTH_CLIENTS={"album": {
    "client_id": os.environ["CLIENT_ID"], "client_secret": os.environ["CLIENT_SECRET"]}})
django.setup()

from authlib.integrations.django_client import OAuth  # noqa: E402  (Django is set up first)
from user_agent import browse  # noqa: E402

REDIRECT_URI = os.environ["REDIRECT_URI"]
oauth = OAuth()
oauth.register("album", server_metadata_url=URL + "/.well-known/openid-configuration", trust_env=False,
               client_kwargs={"scope": "openid profile email read", "code_challenge_method": "S256", "trust_env": False})
session = {}


def request(query):
    made = RequestFactory().get("/back", query)
    made.session = session
    return made


def tell(step, value):
    print(step, json.dumps(value))


def call(step, token):
    print(step, oauth.album.get(URL + "/api/", token=token).text)


sent = oauth.album.authorize_redirect(request({}), REDIRECT_URI)["Location"]
back = urllib.parse.urlsplit(browse(sent, LOGIN, PASSWORD))
token = oauth.album.authorize_access_token(request(dict(urllib.parse.parse_qsl(back.query))))
call("code", token)
tell("id_token", token["userinfo"])  # as authlib calls the claims that it has verified
metadata = oauth.album.load_server_metadata()
fresh = oauth.album._get_oauth_client(**metadata).refresh_token(metadata["token_endpoint"], token["refresh_token"])
call("refresh", fresh)
tell("userinfo", oauth.album.userinfo(token=fresh))
leave = urllib.parse.urlencode({"id_token_hint": token["id_token"], "state": "bye",
                                "post_logout_redirect_uri": "http://127.0.0.1:9/bye"})
tell("logout", {"back": browse(metadata["end_session_endpoint"] + "?" + leave, LOGIN, PASSWORD)})
