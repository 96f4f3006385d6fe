// go_oidc_verifier.go: coreos/go-oidc verifies ID tokens as kube-apiserver does those that kubectl sends: it keeps the published keys, and asks
// for them again when it meets a kid that it does not know.
//
// Each line of standard input is a token; the line that answers it is "sub" and the subject, or "no" and why.
// SPDX-License-Identifier: PostgreSQL
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/coreos/go-oidc"
)

func main() {
	provider, err := oidc.NewProvider(context.Background(), os.Args[1])
	if err != nil {
		fmt.Println("no", err)
		os.Exit(1)
	}
	// the algorithms that kube-apiserver takes unless --oidc-signing-algs says otherwise, and ES256
	verifier := provider.Verifier(&oidc.Config{ClientID: os.Args[2], SupportedSigningAlgs: []string{oidc.RS256, oidc.ES256}})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		token, err := verifier.Verify(context.Background(), lines.Text())
		if err != nil {
			fmt.Println("no", strings.ReplaceAll(err.Error(), "\n", " "))
			continue
		}
		fmt.Println("sub", token.Subject)
	}
}
