# ruby_oauth2.rb: the gem oauth2: a person's token with PKCE, its refreshing, and the program's own token.
# SPDX-License-Identifier: PostgreSQL
require 'oauth2'
require 'digest'
require 'base64'
require 'securerandom'
require_relative 'browse'

client = OAuth2::Client.new(ENV['CLIENT_ID'], ENV['CLIENT_SECRET'], site: ENV['OAUTH_URL'],
                            authorize_url: '/oauth2/authorize', token_url: '/oauth2/token')
verifier = SecureRandom.urlsafe_base64(32)
challenge = Base64.urlsafe_encode64(Digest::SHA256.digest(verifier), padding: false)
back = browse(client.auth_code.authorize_url(redirect_uri: ENV['REDIRECT_URI'], scope: 'read', state: 'xyz',
                                             code_challenge: challenge, code_challenge_method: 'S256'))
abort 'another state' unless back['state'] == 'xyz'
token = client.auth_code.get_token(back['code'], redirect_uri: ENV['REDIRECT_URI'], code_verifier: verifier)
puts "code #{token.get('/api/').body}"
puts "refresh #{token.refresh!.get('/api/').body}"
puts "client_credentials #{client.client_credentials.get_token(scope: 'read').get('/api/').body}"
