# browse.rb: what the person does, by user_agent.py: the query of the address that the browser is sent back to.
# SPDX-License-Identifier: PostgreSQL
require 'open3'
require 'uri'

def browse(url)
  back, status = Open3.capture2('python3', ENV['USER_AGENT'], url, ENV['LOGIN'], ENV['PASSWORD'])
  abort 'the pages lead nowhere' unless status.success?
  URI.decode_www_form(URI(back.strip).query).to_h
end
