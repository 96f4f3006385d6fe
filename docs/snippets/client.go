// client.go: Go, with golang.org/x/oauth2 and go-oidc (Debian: golang-golang-x-oauth2-dev,
// golang-github-coreos-go-oidc-dev; elsewhere the import is github.com/coreos/go-oidc/v3/oidc).
// SPDX-License-Identifier: PostgreSQL
package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/coreos/go-oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func random() string {
	bytes := make([]byte, 32)
	must(rand.Read(bytes))
	return base64.RawURLEncoding.EncodeToString(bytes)
}

func call(client *http.Client) string {
	answer := must(client.Get(os.Getenv("OAUTH_URL") + "/api/"))
	defer answer.Body.Close()
	return string(must(io.ReadAll(answer.Body)))
}

func main() {
	ctx := context.Background()
	id, secret := os.Getenv("CLIENT_ID"), os.Getenv("CLIENT_SECRET")
	provider := must(oidc.NewProvider(ctx, os.Getenv("OAUTH_URL")))

	// A token of the program's own.
	own := clientcredentials.Config{ClientID: id, ClientSecret: secret, TokenURL: provider.Endpoint().TokenURL, Scopes: []string{"read"}}
	fmt.Println("client_credentials", call(own.Client(ctx)))

	// A person's: the browser goes to this address, and comes back with a code.
	config := oauth2.Config{ClientID: id, ClientSecret: secret, Endpoint: provider.Endpoint(),
		RedirectURL: os.Getenv("REDIRECT_URI"), Scopes: []string{"openid", "profile", "read"}}
	state, nonce, verifier := random(), random(), random()
	sum := sha256.Sum256([]byte(verifier))
	fmt.Println("Open", config.AuthCodeURL(state, oidc.Nonce(nonce),
		oauth2.SetAuthURLParam("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:])),
		oauth2.SetAuthURLParam("code_challenge_method", "S256")))
	back := must(url.Parse(strings.TrimSpace(must(bufio.NewReader(os.Stdin).ReadString('\n'))))).Query()
	if back.Get("state") != state || back.Get("iss") != os.Getenv("OAUTH_URL") {
		log.Fatal("an answer to another question")
	}
	token := must(config.Exchange(ctx, back.Get("code"), oauth2.SetAuthURLParam("code_verifier", verifier)))
	claims := must(provider.Verifier(&oidc.Config{ClientID: id}).Verify(ctx, token.Extra("id_token").(string)))
	if claims.Nonce != nonce {
		log.Fatal("an ID token of another login")
	}
	fmt.Println("id_token", claims.Subject)
	fmt.Println("code", call(config.Client(ctx, token)))
}
