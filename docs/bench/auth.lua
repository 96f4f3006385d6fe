-- auth.lua: GET /auth with bearer tokens taken from all over the table.
-- SPDX-License-Identifier: PostgreSQL
-- BENCH_TOKENS names a file of access tokens, one a line.
require "report"

local requests = {}
local at = 0

function init()
   for _, token in ipairs(lines_of("BENCH_TOKENS")) do
      requests[#requests + 1] = wrk.format("GET", nil, { Authorization = "Bearer " .. token })
   end
   -- The threads start far from each other, so that they do not warm each other's pages.
   at = (thread_number - 1) * math.floor(#requests / 2)
end

function request()
   at = at % #requests + 1
   return requests[at]
end
