#!/usr/bin/env python3
"""social_core_client.py: a login through social-core (python-social-auth), the user from userinfo, and a refresh.
SPDX-License-Identifier: PostgreSQL
"""
import os

from social_core.backends.oauth import BaseOAuth2
from social_core_strategy import complete

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


def call(step, token):
    answer = backend.request(URL + "/api/", headers={"Authorization": f"Bearer {token}"})
    print(step, answer.text)


backend, user = complete(AlbumOAuth2)
assert user.username == os.environ["LOGIN"], user
call("code", user.response["access_token"])
call("refresh", backend.refresh_token(user.response["refresh_token"])["access_token"])
