#!/bin/sh
# curl_oauth2_bearer.sh: curl with --oauth2-bearer, and its --user at the token endpoint.
# SPDX-License-Identifier: PostgreSQL
set -eu

# usage: member NAME, of JSON on the standard input
member() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
ask() { curl -sS --fail-with-body --user "$CLIENT_ID:$CLIENT_SECRET" "$OAUTH_URL/oauth2/token" "$@"; }
call() { printf '%s ' "$1" && curl -sS --fail-with-body --oauth2-bearer "$2" "$OAUTH_URL/api/" && echo; }

verifier=$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n')
challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary | base64 | tr '+/' '-_' | tr -d '=\n')
back=$(python3 "$USER_AGENT" "$OAUTH_URL/oauth2/authorize?response_type=code&client_id=$CLIENT_ID&redirect_uri=$REDIRECT_URI&scope=read&state=xyz&code_challenge=$challenge&code_challenge_method=S256" \
	"$LOGIN" "$PASSWORD")
code=$(printf %s "$back" | sed -n 's/.*[?&]code=\([^&]*\).*/\1/p')
answer=$(ask -d grant_type=authorization_code -d "code=$code" --data-urlencode "redirect_uri=$REDIRECT_URI" -d "code_verifier=$verifier")
call code "$(printf %s "$answer" | member access_token)"
answer=$(ask -d grant_type=refresh_token -d "refresh_token=$(printf %s "$answer" | member refresh_token)")
call refresh "$(printf %s "$answer" | member access_token)"
answer=$(ask -d grant_type=client_credentials -d scope=read)
call client_credentials "$(printf %s "$answer" | member access_token)"
