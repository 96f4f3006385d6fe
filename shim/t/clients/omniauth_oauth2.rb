# omniauth_oauth2.rb: a login through omniauth-oauth2, with state and PKCE in a session and the user from userinfo.
# SPDX-License-Identifier: PostgreSQL
require 'omniauth-oauth2'
require 'rack'
require 'rack/mock'
require_relative 'browse'

module OmniAuth
  module Strategies
    # What an application writes for a provider of its own
    class Album < OmniAuth::Strategies::OAuth2
      option :name, 'album'
      option :client_options, site: ENV['OAUTH_URL'], authorize_url: '/oauth2/authorize', token_url: '/oauth2/token'
      option :pkce, true
      option :scope, 'openid profile read'
      uid { raw_info['sub'] }
      info { { name: raw_info['preferred_username'] } }

      def callback_url
        ENV['REDIRECT_URI']
      end

      def raw_info
        @raw_info ||= access_token.get('/oauth2/userinfo').parsed
      end
    end
  end
end

OmniAuth.config.request_validation_phase = nil
OmniAuth.config.logger.level = Logger::WARN
logged_in = lambda do |env|
  auth = env['omniauth.auth'] or return [403, {}, [env['omniauth.error'].inspect]]
  abort 'another user' unless auth['info']['name'] == ENV['LOGIN']
  token = env['omniauth.strategy'].access_token
  [200, {}, ["code #{token.get('/api/').body}\nrefresh #{token.refresh!.get('/api/').body}\n"]]
end
OmniAuth.config.on_failure = logged_in
session = {}
strategy = OmniAuth::Strategies::Album.new(logged_in, ENV['CLIENT_ID'], ENV['CLIENT_SECRET'])
browser = Rack::MockRequest.new(strategy)
sent = browser.post('/auth/album', 'rack.session' => session)
abort sent.body unless sent.status == 302
done = browser.get("/auth/album/callback?#{URI.encode_www_form(browse(sent['Location']))}", 'rack.session' => session)
abort done.body unless done.status == 200
puts done.body
