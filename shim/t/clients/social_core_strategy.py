"""social_core_strategy.py: the application's side of social-core: its settings, its session, the request.
SPDX-License-Identifier: PostgreSQL
"""
import os
import types
import urllib.parse

from social_core.storage import BaseStorage, UserMixin
from social_core.strategy import BaseStrategy
from user_agent import browse


class Storage(BaseStorage):
    user = UserMixin


class Strategy(BaseStrategy):
    def __init__(self, storage):
        super().__init__(storage)
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


def complete(backend_class, storage=Storage):
    """A person logs in: the backend, and the user that it made of what it was told."""
    strategy = Strategy(storage)
    backend = backend_class(strategy, redirect_uri=os.environ["REDIRECT_URI"])
    back = browse(backend.auth_url(), os.environ["LOGIN"], os.environ["PASSWORD"])
    strategy.data = backend.data = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back).query))
    return backend, backend.complete()
