-- report.lua: the words every load script shares, and the one line that docs/bench/Load.pm reads.
-- SPDX-License-Identifier: PostgreSQL

-- wrk runs each thread in a Lua state of its own: number them, and remember them for done().
local threads = {}

function setup(thread)
   table.insert(threads, thread)
   thread:set("thread_number", #threads)
   thread:set("good", 0)
   thread:set("checked", 0)
   thread:set("dry", 0)
end

-- What a script says of an answer that it has looked at.  Without it, any status below 400 is good.
function check(is_wanted)
   checked = 1
   if is_wanted then
      good = good + 1
   end
end

-- Nothing is left to send.  The run does not count, and so it ends.
function run_dry()
   dry = 1
   wrk.thread:stop()
end

-- With BENCH_EXPECT, a pattern, every answer is looked at; that costs the machine, so not in what is measured.
local expected = os.getenv("BENCH_EXPECT")
if expected then
   function response(status, headers, body)
      check(status < 300 and body:find(expected) ~= nil)
   end
end

-- The lines of the file that environment variable `name` names.
function lines_of(name)
   local lines = {}
   for line in io.lines(os.getenv(name)) do
      lines[#lines + 1] = line
   end
   return lines
end

-- Those of this thread, one of BENCH_THREADS that share the file.
function own_lines_of(name)
   local threads = tonumber(os.getenv("BENCH_THREADS"))
   local lines = {}
   for i, line in ipairs(lines_of(name)) do
      if i % threads == thread_number - 1 then
         lines[#lines + 1] = line
      end
   end
   return lines
end

-- A function that gives each of them once: what is good once, or whole requests.  To put one together costs the load generator as
-- much as to send it, so where those that they are compared with are ready before the load begins, these are as well.
function each_once(requests)
   local at = 0
   return function()
      at = at + 1
      if not requests[at] then
         run_dry()
         at = 1
      end
      return requests[at]
   end
end

function done(summary, latency)
   local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
   local sum = { good = 0, checked = 0, dry = 0 }
   for _, thread in ipairs(threads) do
      for name in pairs(sum) do
         sum[name] = sum[name] + thread:get(name)
      end
   end
   print(string.format("load requests=%d microseconds=%d p50=%d p99=%d status=%d failed=%d good=%d checked=%d dry=%d",
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
      summary.errors.status, failed, sum.good, sum.checked, sum.dry))
end
