#!/usr/bin/env python3
"""oidc_social_core.py: social-core (python-social-auth) with its backend for OpenID Connect, from the issuer alone.
SPDX-License-Identifier: PostgreSQL
"""
import json
import os
import types

from social_core.backends.open_id_connect import OpenIdConnectAuth
from social_core.storage import AssociationMixin
from social_core_strategy import Storage, complete

URL = os.environ["OAUTH_URL"]


class Associations(AssociationMixin):
    """Where a nonce is kept until the person is back."""
    kept = {}

    @classmethod
    def store(cls, server_url, association):
        cls.kept[association.handle] = types.SimpleNamespace(id=association.handle, handle=association.handle)

    @classmethod
    def get(cls, server_url, handle=None):
        return [cls.kept[handle]] if handle in cls.kept else []

    @classmethod
    def remove(cls, ids_to_delete):
        for handle in ids_to_delete:
            del cls.kept[handle]


class Keeping(Storage):
    association = Associations


class Album(OpenIdConnectAuth):
    """What an application writes for a provider of its own."""
    name = "album"
    OIDC_ENDPOINT = URL
    DEFAULT_SCOPE = ["openid", "profile", "email", "read"]
    TOKEN_ENDPOINT_AUTH_METHOD = "client_secret_post"  # its refreshing knows no other


backend, user = complete(Album, Keeping)
assert user.username == os.environ["LOGIN"], user
call = lambda step, token: print(step, backend.request(URL + "/api/", headers={"Authorization": f"Bearer {token}"}).text)
call("code", user.response["access_token"])
print("id_token", json.dumps(backend.id_token))
call("refresh", backend.refresh_token(user.response["refresh_token"])["access_token"])
print("userinfo", json.dumps({name: user.response[name] for name in ("sub", "preferred_username", "email")}))
