-- dpop.lua: GET /auth, each request with a token that is bound to a key, and a proof of its own, made beforehand.
-- SPDX-License-Identifier: PostgreSQL
-- BENCH_PROOFS names a file of tokens and proofs, a pair a line, more than can be sent: a proof is good once.
-- BENCH_THREADS says how many threads share it: each reads all lines and sends its own.
require "report"

local take

function init()
   local form = wrk.format("GET", nil, { Authorization = "DPoP TOKEN", DPoP = "PROOF" })
   local requests = {}
   for i, line in ipairs(own_lines_of("BENCH_PROOFS")) do
      local token, proof = line:match("^(%S+) (%S+)$")
      requests[i] = form:gsub("TOKEN", token):gsub("PROOF", proof)
   end
   take = each_once(requests)
end

function request()
   return take()
end
