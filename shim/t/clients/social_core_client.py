#!/usr/bin/env python3
"""social_core_client.py: a login through social-core (python-social-auth), the user from userinfo, and a refresh.
SPDX-License-Identifier: PostgreSQL
"""
import os
import types
import urllib.parse

from social_core.backends.oauth import BaseOAuth2
from social_core.storage import BaseStorage, UserMixin
from social_core.strategy import BaseStrategy
from user_agent import browse

URL = os.environ["OAUTH_URL"]


class AlbumOAuth2(BaseOAuth2):
    """What an application writes for a provider of its own."""
    name = "album"
    ID_KEY = "sub"
    AUTHORIZATION_URL = URL + "/oauth2/authorize"
    ACCESS_TOKEN_URL = URL + "/oauth2/token"
    ACCESS_TOKEN_METHOD = "POST"
    REDIRECT_STATE = False  # else the redirect URI gets a parameter, and is not the registered one
    SCOPE_SEPARATOR = " "
    DEFAULT_SCOPE = ["openid", "profile", "read"]
    EXTRA_DATA = [("refresh_token", "refresh_token"), ("expires_in", "expires")]

    def get_user_details(self, response):
        return {"username": response["preferred_username"]}

    def user_data(self, access_token, *args, **kwargs):
        return self.get_json(URL + "/oauth2/userinfo", headers={"Authorization": f"Bearer {access_token}"})


class Storage(BaseStorage):
    user = UserMixin


class Strategy(BaseStrategy):
    """The application's side: its settings, its session, the request."""

    def __init__(self):
        super().__init__(Storage)
        self.session, self.data = {}, {}

    def get_setting(self, name):
        return {"SOCIAL_AUTH_ALBUM_KEY": os.environ["CLIENT_ID"],
                "SOCIAL_AUTH_ALBUM_SECRET": os.environ["CLIENT_SECRET"]}[name]

    def request_data(self, merge=True):
        return self.data

    def session_get(self, name, default=None):
        return self.session.get(name, default)

    def session_set(self, name, value):
        self.session[name] = value

    def get_pipeline(self, backend=None):
        return ["social_core.pipeline.social_auth.social_details", "social_core.pipeline.social_auth.social_uid",
                f"{__name__}.remember"]

    def build_absolute_uri(self, path=None):
        return path


def remember(uid, details, response, **_):
    return {"user": types.SimpleNamespace(uid=uid, username=details["username"], response=response)}


def call(step, token):
    answer = backend.request(URL + "/api/", headers={"Authorization": f"Bearer {token}"})
    print(step, answer.text)


strategy = Strategy()
backend = AlbumOAuth2(strategy, redirect_uri=os.environ["REDIRECT_URI"])
back = browse(backend.auth_url(), os.environ["LOGIN"], os.environ["PASSWORD"])
strategy.data = backend.data = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back).query))
user = backend.complete()
assert user.username == os.environ["LOGIN"], user
call("code", user.response["access_token"])
call("refresh", backend.refresh_token(user.response["refresh_token"])["access_token"])
