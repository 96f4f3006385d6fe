-- signed.lua: GET /auth, each request with an OAuth 1.0a signature of its own, made beforehand.
-- SPDX-License-Identifier: PostgreSQL
-- BENCH_AUTHORIZATIONS names a file of Authorization headers, one a line, more than can be sent: a nonce is good once.
-- BENCH_THREADS says how many threads share it: each reads all lines and sends its own.
require "report"

local take

function init()
   -- Only one field differs, and wrk.format is slow.
   local head, tail = wrk.format("GET", nil, { Authorization = "HERE" }):match("^(.*)HERE(.*)$")
   local requests = {}
   for i, authorization in ipairs(own_lines_of("BENCH_AUTHORIZATIONS")) do
      requests[i] = head .. authorization .. tail
   end
   take = each_once(requests)
end

function request()
   return take()
end
