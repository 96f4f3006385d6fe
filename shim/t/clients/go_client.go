// go_client.go: what the programs in Go have in common: the person's browser, a call, a complaint.
// SPDX-License-Identifier: PostgreSQL
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
)

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

// What the person's browser does: the address that it is sent back to.
func browse(address string) url.Values {
	back := must(exec.Command("python3", os.Getenv("USER_AGENT"), address, os.Getenv("LOGIN"), os.Getenv("PASSWORD")).Output())
	return must(url.Parse(strings.TrimSpace(string(back)))).Query()
}

func call(step string, client *http.Client) {
	answer := must(client.Get(os.Getenv("OAUTH_URL") + "/api/"))
	defer answer.Body.Close()
	fmt.Println(step, string(must(io.ReadAll(answer.Body))))
}
