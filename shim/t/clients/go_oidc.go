// go_oidc.go: coreos/go-oidc, by which kube-apiserver verifies the ID tokens that kubectl sends, as a relying party.
// SPDX-License-Identifier: PostgreSQL
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/coreos/go-oidc"
	"golang.org/x/oauth2"
)

func check(fine bool, complaint string) {
	if !fine {
		must(0, fmt.Errorf(complaint))
	}
}

type Claims interface{ Claims(v interface{}) error }

func tell(step string, from Claims) {
	var claims map[string]interface{}
	must(0, from.Claims(&claims))
	fmt.Println(step, string(must(json.Marshal(claims))))
}

func main() {
	ctx := context.Background()
	provider := must(oidc.NewProvider(ctx, os.Getenv("OAUTH_URL")))
	conf := &oauth2.Config{
		ClientID: os.Getenv("CLIENT_ID"), ClientSecret: os.Getenv("CLIENT_SECRET"), Endpoint: provider.Endpoint(),
		RedirectURL: os.Getenv("REDIRECT_URI"), Scopes: []string{"openid", "profile", "email", "read"},
	}
	back := browse(conf.AuthCodeURL("a state", oidc.Nonce("a nonce")))
	token := must(conf.Exchange(ctx, back.Get("code")))
	call("code", conf.Client(ctx, token))

	// as kube-apiserver does with the token that kubectl sends
	verifier := provider.Verifier(&oidc.Config{ClientID: conf.ClientID})
	raw := token.Extra("id_token").(string)
	id := must(verifier.Verify(ctx, raw))
	check(id.Nonce == "a nonce", "the nonce is another one")
	must(0, id.VerifyAccessToken(token.AccessToken))
	tell("id_token", id)
	if _, err := verifier.Verify(ctx, raw[:len(raw)-6]+"AAAAAA"); err == nil {
		check(false, "a signature that is none was taken")
	}
	if _, err := provider.Verifier(&oidc.Config{ClientID: "another"}).Verify(ctx, raw); err == nil {
		check(false, "a token for another client was taken")
	}

	token.Expiry = time.Now().Add(-time.Minute)
	source := conf.TokenSource(ctx, token)
	fresh := must(source.Token())
	call("refresh", conf.Client(ctx, fresh))
	tell("userinfo", must(provider.UserInfo(ctx, oauth2.StaticTokenSource(fresh))))
}
