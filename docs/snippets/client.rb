# client.rb: Ruby, the standard library, and the gem jwt for the ID token (Debian: ruby-jwt).
# SPDX-License-Identifier: PostgreSQL
require 'base64'
require 'digest'
require 'json'
require 'jwt'
require 'net/http'
require 'securerandom'
require 'uri'

URL, ID, SECRET, REDIRECT_URI = ENV.values_at('OAUTH_URL', 'CLIENT_ID', 'CLIENT_SECRET', 'REDIRECT_URI')
CONFIG = JSON.parse(Net::HTTP.get(URI("#{URL}/.well-known/openid-configuration")))

def token(form)
  request = Net::HTTP::Post.new(URI(CONFIG['token_endpoint']))
  request.basic_auth(URI.encode_www_form_component(ID), URI.encode_www_form_component(SECRET))
  request.set_form_data(form)
  answer = Net::HTTP.start(request.uri.host, request.uri.port, use_ssl: request.uri.scheme == 'https') { |http| http.request(request) }
  abort answer.body unless answer.is_a?(Net::HTTPOK)
  JSON.parse(answer.body)
end

def call(access_token)
  Net::HTTP.get(URI("#{URL}/api/"), 'Authorization' => "Bearer #{access_token}")
end

def claims_of(id_token, nonce)
  keys = JSON.parse(Net::HTTP.get(URI(CONFIG['jwks_uri'])))
  keys['keys'].select! { |key| key['kty'] == 'RSA' }
  claims, = JWT.decode(id_token, nil, true, algorithms: ['RS256'], jwks: keys, iss: CONFIG['issuer'], verify_iss: true,
                                            aud: ID, verify_aud: true)
  abort 'an ID token of another login' unless claims['nonce'] == nonce
  claims
end

$stdout.sync = true
# A token of the program's own.
puts "client_credentials #{call(token(grant_type: 'client_credentials', scope: 'read')['access_token'])}"

# A person's: the browser goes to this address, and comes back with a code.
state, nonce, verifier = Array.new(3) { SecureRandom.urlsafe_base64(32) }
puts "Open #{CONFIG['authorization_endpoint']}?" + URI.encode_www_form(
  response_type: 'code', client_id: ID, redirect_uri: REDIRECT_URI, scope: 'openid profile read', state: state, nonce: nonce,
  code_challenge: Base64.urlsafe_encode64(Digest::SHA256.digest(verifier), padding: false), code_challenge_method: 'S256')
back = URI.decode_www_form(URI($stdin.gets.strip).query).to_h
abort 'an answer to another question' unless back['state'] == state && back['iss'] == CONFIG['issuer']
tokens = token(grant_type: 'authorization_code', code: back['code'], redirect_uri: REDIRECT_URI, code_verifier: verifier)
puts "id_token #{claims_of(tokens['id_token'], nonce)['sub']}"
puts "code #{call(tokens['access_token'])}"
