-- introspect.lua: POST /oauth2/introspect, RFC 7662.
-- SPDX-License-Identifier: PostgreSQL
-- BENCH_TOKENS names a file of access tokens, one a line; BENCH_AUTHORIZATION is the client's Authorization header.
require "report"

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Authorization"] = os.getenv("BENCH_AUTHORIZATION")

local requests = {}
local at = 0

function init()
   for _, token in ipairs(lines_of("BENCH_TOKENS")) do
      requests[#requests + 1] = wrk.format(nil, nil, nil, "token=" .. token)
   end
   at = (thread_number - 1) * math.floor(#requests / 2)
end

function request()
   at = at % #requests + 1
   return requests[at]
end
