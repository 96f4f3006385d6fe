// go_oauth2.go: golang.org/x/oauth2: a person's token with PKCE, its refreshing, and the program's own token.
// SPDX-License-Identifier: PostgreSQL
package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

func main() {
	ctx := context.Background()
	server := os.Getenv("OAUTH_URL")
	conf := &oauth2.Config{
		ClientID: os.Getenv("CLIENT_ID"), ClientSecret: os.Getenv("CLIENT_SECRET"),
		RedirectURL: os.Getenv("REDIRECT_URI"), Scopes: []string{"read"},
		Endpoint: oauth2.Endpoint{AuthURL: server + "/oauth2/authorize", TokenURL: server + "/oauth2/token"},
	}

	verifier := "a-verifier-of-forty-three-characters-or-more"
	digest := sha256.Sum256([]byte(verifier))
	back := browse(conf.AuthCodeURL("a state",
		oauth2.SetAuthURLParam("code_challenge", base64.RawURLEncoding.EncodeToString(digest[:])),
		oauth2.SetAuthURLParam("code_challenge_method", "S256")))
	if back.Get("state") != "a state" {
		must(0, fmt.Errorf("the state is %q", back.Get("state")))
	}
	token := must(conf.Exchange(ctx, back.Get("code"), oauth2.SetAuthURLParam("code_verifier", verifier)))
	call("code", conf.Client(ctx, token))

	token.Expiry = time.Now().Add(-time.Minute)
	call("refresh", conf.Client(ctx, token))

	own := clientcredentials.Config{ClientID: conf.ClientID, ClientSecret: conf.ClientSecret, TokenURL: conf.Endpoint.TokenURL, Scopes: conf.Scopes}
	call("client_credentials", own.Client(ctx))
}
