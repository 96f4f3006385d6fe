-- client_credentials.lua: POST /oauth2/token, RFC 6749, section 4.4.
-- SPDX-License-Identifier: PostgreSQL
-- BENCH_AUTHORIZATION is the client's Authorization header.  With BENCH_REQUESTS each thread stops when it has
-- seen that many answers.
require "report"

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Authorization"] = os.getenv("BENCH_AUTHORIZATION")
wrk.body = "grant_type=client_credentials"

local left = tonumber(os.getenv("BENCH_REQUESTS") or "")

-- Only where it is needed: with a response() wrk hands every answer to Lua, which costs the machine.
if left then
   function response()
      left = left - 1
      if left <= 0 then
         wrk.thread:stop()
      end
   end
end
