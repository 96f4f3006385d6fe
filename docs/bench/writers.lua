-- writers.lua: POST of what the file BENCH_REQUESTS says, a request a line: its path, a blank, its form.
-- SPDX-License-Identifier: PostgreSQL
-- Each is sent once, in the order of the file; BENCH_AUTHORIZATION is the client's Authorization header; BENCH_THREADS says how many
-- threads share the file.  The run ends with the file.
require "report"

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Authorization"] = os.getenv("BENCH_AUTHORIZATION")

local requests = {}
local at = 0

function init()
   requests = own_lines_of("BENCH_REQUESTS")
end

function request()
   at = at + 1
   if not requests[at] then
      -- wrk sleeps until its time is over or it is interrupted, which it ignores while this is run
      os.execute("(sleep 0.1; kill -INT $PPID) &")
      run_dry()
      return wrk.format("GET", "/healthz")
   end
   local path, form = requests[at]:match("^(%S+) (.*)$")
   return wrk.format(nil, path, nil, form)
end

-- What a revoked grant is asked for is refused.
function response(status, headers, body)
   check(status == 200 or status == 400)
end
