-- dpop.lua: GET /auth, each request with a token that is bound to a key, and a proof of its own, made beforehand.
-- SPDX-License-Identifier: PostgreSQL
-- BENCH_PROOFS names a file of tokens and proofs, a pair a line, more than can be sent: a proof is good once.
-- BENCH_THREADS says how many threads share it: each reads all lines and sends its own.
require "report"

local threads = tonumber(os.getenv("BENCH_THREADS"))
local file
local head, middle, tail

local function skip(lines)
   for _ = 1, lines do
      file:read()
   end
end

function init()
   local request = wrk.format("GET", nil, { Authorization = "DPoP TOKEN", DPoP = "PROOF" })
   head, middle, tail = request:match("^(.*)TOKEN(.*)PROOF(.*)$")
   is_turned = head == nil
   if is_turned then
      head, middle, tail = request:match("^(.*)PROOF(.*)TOKEN(.*)$")
   end
   file = assert(io.open(os.getenv("BENCH_PROOFS")))
   skip(thread_number - 1)
end

function request()
   local line = file:read()
   if not line then
      run_dry()
   end
   local token, proof = (line or "none left"):match("^(%S+) (%S+)$")
   skip(threads - 1)
   if is_turned then
      token, proof = proof, token
   end
   return head .. token .. middle .. proof .. tail
end
