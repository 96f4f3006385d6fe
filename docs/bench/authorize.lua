-- authorize.lua: a whole round: GET /oauth2/authorize of somebody who is logged in and has consented, and the exchange.
-- SPDX-License-Identifier: PostgreSQL
-- BENCH_COOKIES names a file of Cookie headers, one a line; BENCH_CLIENT is the client_id, BENCH_AUTHORIZATION its
-- Authorization header, BENCH_VERIFIER and BENCH_CHALLENGE are those of PKCE.  A code that has come is exchanged next.
require "report"

local redirect_uri = "https%3A%2F%2Fbench.example%2Fback"
local path = "/oauth2/authorize?response_type=code&scope=read&state=s&client_id=" .. os.getenv("BENCH_CLIENT")
   .. "&redirect_uri=" .. redirect_uri .. "&code_challenge_method=S256&code_challenge=" .. os.getenv("BENCH_CHALLENGE")
local form = "grant_type=authorization_code&redirect_uri=" .. redirect_uri .. "&code_verifier="
   .. os.getenv("BENCH_VERIFIER") .. "&code="
local exchange_headers = {
   ["Content-Type"] = "application/x-www-form-urlencoded", ["Authorization"] = os.getenv("BENCH_AUTHORIZATION")
}
local requests = {}
local at = 0
local codes = {}
local first, last = 1, 0

function init()
   for _, cookie in ipairs(lines_of("BENCH_COOKIES")) do
      requests[#requests + 1] = wrk.format("GET", path, { ["Cookie"] = cookie })
   end
   at = (thread_number - 1) * math.floor(#requests / 2)
end

function request()
   local code = codes[first]
   if code then
      codes[first] = nil
      first = first + 1
      return wrk.format("POST", "/oauth2/token", exchange_headers, form .. code)
   end
   at = at % #requests + 1
   return requests[at]
end

function response(status, headers, body)
   local code = status == 303 and headers["Location"]:match("[?&]code=([^&]+)")
   check(code or status == 200 and body:find('"access_token"', 1, true) ~= nil)
   if code then
      last = last + 1
      codes[last] = code
   end
end
