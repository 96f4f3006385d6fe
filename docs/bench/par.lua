-- par.lua: POST /oauth2/par, RFC 9126: a request with PKCE, state and nonce.
-- SPDX-License-Identifier: PostgreSQL
-- BENCH_AUTHORIZATION is the client's Authorization header, BENCH_CHALLENGE is that of PKCE.
require "report"

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Authorization"] = os.getenv("BENCH_AUTHORIZATION")
wrk.body = "response_type=code&scope=read&redirect_uri=https%3A%2F%2Fbench.example%2Fback&state=af0ifjsldkj&nonce=n-0S6_WzA2Mj"
   .. "&code_challenge_method=S256&code_challenge=" .. os.getenv("BENCH_CHALLENGE")
