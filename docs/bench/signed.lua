-- signed.lua: GET /auth, each request with an OAuth 1.0a signature of its own, made beforehand.
-- SPDX-License-Identifier: PostgreSQL
-- BENCH_AUTHORIZATIONS names a file of Authorization headers, one a line, more than can be sent: a nonce is good once.
-- BENCH_THREADS says how many threads share it: each reads all lines and sends its own.
require "report"

local threads = tonumber(os.getenv("BENCH_THREADS"))
local file
local head, tail

local function skip(lines)
   for _ = 1, lines do
      file:read()
   end
end

function init()
   -- Only one field differs, and wrk.format is slower than all the rest here.
   head, tail = wrk.format("GET", nil, { Authorization = "HERE" }):match("^(.*)HERE(.*)$")
   file = assert(io.open(os.getenv("BENCH_AUTHORIZATIONS")))
   skip(thread_number - 1)
end

function request()
   local authorization = file:read()
   skip(threads - 1)
   if not authorization then
      run_dry()
   end
   return head .. (authorization or "none left") .. tail
end
