#!/bin/sh
# client.sh: curl and openssl.  A shell checks no signature: who the person is, it asks the provider.
# SPDX-License-Identifier: PostgreSQL
set -eu

# The text of a member of an object.
member() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"; }
random() { openssl rand -hex 32; }
token() { curl -sf --user "$CLIENT_ID:$CLIENT_SECRET" "$@" "$OAUTH_URL/oauth2/token"; }
call() { curl -sf --oauth2-bearer "$1" "$OAUTH_URL$2"; }

# A token of the program's own.
own=$(token -d grant_type=client_credentials -d scope=read | member access_token)
echo "client_credentials $(call "$own" /api/)"

# A person's: the browser goes to this address, and comes back with a code.
state=$(random)
verifier=$(random)
challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d =)
echo "Open $OAUTH_URL/oauth2/authorize?response_type=code&client_id=$CLIENT_ID&redirect_uri=$REDIRECT_URI&scope=openid+profile+read&state=$state&code_challenge=$challenge&code_challenge_method=S256"
read -r back
case $back in *"state=$state"*) ;; *) echo "an answer to another question" >&2; exit 1 ;; esac
code=$(printf %s "$back" | sed 's/.*[?&]code=\([^&]*\).*/\1/')
token=$(token -d grant_type=authorization_code -d "code=$code" --data-urlencode "redirect_uri=$REDIRECT_URI" -d "code_verifier=$verifier" | member access_token)
echo "id_token $(call "$token" /oauth2/userinfo | member sub)"
echo "code $(call "$token" /api/)"
