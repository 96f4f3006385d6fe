"""django_peer.py: django-oauth-toolkit as its documentation sets it up, in one file: settings, routes, WSGI application, seed.

SPDX-License-Identifier: PostgreSQL
"""
import os
import secrets
import sys
from datetime import timedelta

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY=secrets.token_hex(32),
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"],
    # A connection that a worker keeps, and statements that the server prepares.
    DATABASES={"default": {
        "ENGINE": "django.db.backends.postgresql", "HOST": os.environ["PGHOST"], "NAME": os.environ["PGDATABASE"],
        "USER": os.environ["PGUSER"], "CONN_MAX_AGE": None, "OPTIONS": {"server_side_binding": True, "prepare_threshold": 5},
    }},
    OAUTH2_PROVIDER={"SCOPES": {"read": "read", "introspection": "introspection"}, "ACCESS_TOKEN_EXPIRE_SECONDS": 86400},
)
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.utils import timezone  # noqa: E402
from oauth2_provider import models  # noqa: E402
from oauth2_provider.decorators import protected_resource  # noqa: E402


@protected_resource(scopes=["read"])
def auth(request):
    return HttpResponse(headers={"X-Auth-Subject": request.resource_owner.pk, "X-Auth-Scope": "read"})


urlpatterns = [
    path("readyz", lambda request: HttpResponse()),
    path("auth", auth),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]
application = get_wsgi_application()


def owner():
    call_command("migrate", verbosity=0)
    user, _ = get_user_model().objects.get_or_create(username="subject")
    common = {"user": user, "client_type": "confidential", "client_secret": "secret"}
    app, _ = models.Application.objects.get_or_create(client_id="bench", defaults={
        **common, "authorization_grant_type": "authorization-code", "redirect_uris": "https://bench.example/back"})
    models.Application.objects.get_or_create(client_id="service", defaults={
        **common, "authorization_grant_type": "client-credentials"})
    return user, app


def seed(tokens, codes):
    user, app = owner()
    common = {"user": user, "application": app, "scope": "read introspection", "expires": timezone.now() + timedelta(days=1)}
    access = models.AccessToken.objects.bulk_create(
        [models.AccessToken(token=secrets.token_urlsafe(24), **common) for _ in range(tokens + 200)], batch_size=5000)
    refresh = models.RefreshToken.objects.bulk_create(
        [models.RefreshToken(token=secrets.token_urlsafe(24), user=user, application=app, access_token=token)
         for token in access[tokens:]])
    grants = models.Grant.objects.bulk_create(
        [models.Grant(code=secrets.token_urlsafe(24), redirect_uri="https://bench.example/back", code_challenge_method="S256",
                      code_challenge=os.environ["PEER_CHALLENGE"], **common) for _ in range(codes)], batch_size=5000)
    for kind, values in (("access", [t.token for t in access[:tokens]]), ("refresh", [t.token for t in refresh]),
                         ("code", [g.code for g in grants])):
        for value in values:
            print(kind, value)


if __name__ == "__main__" and sys.argv[1:2] == ["seed"]:
    seed(int(sys.argv[2]), int(sys.argv[3]))
