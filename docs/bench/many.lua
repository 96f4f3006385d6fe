-- many.lua: GET /auth with more bearer tokens than requests can be made of beforehand: wrk does not count the time that this takes.
-- SPDX-License-Identifier: PostgreSQL
-- BENCH_TOKENS names a file of access tokens of one length, one a line.
require "report"

local tokens, length, before, behind
local at = 0

function init()
   local file = io.open(os.getenv("BENCH_TOKENS"))
   tokens = file:read("*a")
   file:close()
   length = tokens:find("\n")
   before, behind = wrk.format("GET", nil, { Authorization = "Bearer TOKEN" }):match("^(.*)TOKEN(.*)$")
   -- Each thread of each run begins somewhere else, so that it does not find what those before it have warmed.
   local seed = io.open("/dev/urandom"):read(6)
   local somewhere = 0
   for i = 1, #seed do
      somewhere = somewhere * 256 + seed:byte(i)
   end
   at = somewhere % math.floor(#tokens / length) * length
end

function request()
   at = at < #tokens and at or 0
   local token = tokens:sub(at + 1, at + length - 1)
   at = at + length
   return before .. token .. behind
end
