-- exchange.lua: POST /oauth2/token with authorization codes, RFC 6749, section 4.1.3, and PKCE.
-- SPDX-License-Identifier: PostgreSQL
-- BENCH_CODES names a file of codes, one a line and more than can be sent, each good once; BENCH_AUTHORIZATION is the
-- client's Authorization header; BENCH_THREADS says how many threads share the file.
require "report"

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Authorization"] = os.getenv("BENCH_AUTHORIZATION")

local form = "grant_type=authorization_code&redirect_uri=https%3A%2F%2Fbench.example%2Fback&code_verifier="
   .. os.getenv("BENCH_VERIFIER") .. "&code="
local take

function init()
   take = each_once(own_lines_of("BENCH_CODES"))
end

function request()
   return wrk.format(nil, nil, nil, form .. take())
end
