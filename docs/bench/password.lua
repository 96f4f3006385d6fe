-- password.lua: POST /oauth2/token with wrong passwords of users that exist, RFC 6749, section 4.3.
-- SPDX-License-Identifier: PostgreSQL
-- BENCH_AUTHORIZATION is the client's Authorization header; BENCH_USERS says how many users there are (bench1 ...).
-- Every answer should be a refusal.
require "report"

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Authorization"] = os.getenv("BENCH_AUTHORIZATION")

local users = tonumber(os.getenv("BENCH_USERS"))
local guess = 0

function request()
   guess = guess + 1
   local body = string.format("grant_type=password&username=bench%d&password=wrong%d", guess % users + 1, guess)
   return wrk.format(nil, nil, nil, body)
end

function response(status, headers, body)
   check(status == 400 and body:find("invalid_grant", 1, true) ~= nil)
end
