-- report.lua: the words every load script shares, and the one line that docs/bench/Load.pm reads.
-- SPDX-License-Identifier: PostgreSQL

-- wrk runs each thread in a Lua state of its own: number them, and remember them for done().
local threads = {}

function setup(thread)
   table.insert(threads, thread)
   thread:set("thread_number", #threads)
   thread:set("refused", 0)
end

-- The lines of the file that environment variable `name` names.
function lines_of(name)
   local lines = {}
   for line in io.lines(os.getenv(name)) do
      lines[#lines + 1] = line
   end
   return lines
end

function done(summary, latency)
   local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
   local refused = 0
   for _, thread in ipairs(threads) do
      refused = refused + thread:get("refused")
   end
   print(string.format("load requests=%d microseconds=%d p50=%d p99=%d status=%d failed=%d refused=%d",
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
      summary.errors.status, failed, refused))
end
