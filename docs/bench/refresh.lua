-- refresh.lua: POST /oauth2/token with refresh tokens, RFC 6749, section 6.
-- SPDX-License-Identifier: PostgreSQL
-- Every answer brings the token of the request after it, so each thread walks chains of its own and no token is
-- sent twice.  BENCH_TOKENS names a file with two tokens or more for each connection; BENCH_AUTHORIZATION is the
-- client's Authorization header; BENCH_THREADS says how many threads share the file.
require "report"

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Authorization"] = os.getenv("BENCH_AUTHORIZATION")

-- A queue: the token that has waited longest goes first.
local tokens = {}
local first, last = 1, 0

local function keep(token)
   last = last + 1
   tokens[last] = token
end

function init()
   for _, token in ipairs(own_lines_of("BENCH_TOKENS")) do
      keep(token)
   end
end

function request()
   local token = tokens[first]
   if not token then
      run_dry()
      token = "none-left"
   end
   tokens[first] = nil
   first = first + 1
   return wrk.format(nil, nil, nil, "grant_type=refresh_token&refresh_token=" .. token)
end

function response(status, headers, body)
   local token = body:match('"refresh_token"%s*:%s*"([^"]+)"')
   check(status == 200 and token ~= nil)
   if token then
      keep(token)
   end
end
