// Client.cs: C#, .NET 8, with the package Microsoft.IdentityModel.JsonWebTokens.  Untested: Debian has no .NET.
// SPDX-License-Identifier: PostgreSQL
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

string Env(string name) => Environment.GetEnvironmentVariable(name) ?? throw new Exception($"set {name}");
string Random() => Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(32));
string url = Env("OAUTH_URL"), id = Env("CLIENT_ID"), secret = Env("CLIENT_SECRET"), redirectUri = Env("REDIRECT_URI");
var http = new HttpClient();
var config = JsonDocument.Parse(await http.GetStringAsync($"{url}/.well-known/openid-configuration")).RootElement;
string Config(string name) => config.GetProperty(name).GetString()!;

async Task<JsonElement> Token(Dictionary<string, string> form)
{
	var request = new HttpRequestMessage(HttpMethod.Post, Config("token_endpoint")) { Content = new FormUrlEncodedContent(form) };
	var basic = Encoding.ASCII.GetBytes($"{Uri.EscapeDataString(id)}:{Uri.EscapeDataString(secret)}");
	request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(basic));
	var answer = await http.SendAsync(request);
	answer.EnsureSuccessStatusCode();
	return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
}

async Task<string> Call(JsonElement token)
{
	var request = new HttpRequestMessage(HttpMethod.Get, $"{url}/api/");
	request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("access_token").GetString());
	var answer = await http.SendAsync(request);
	answer.EnsureSuccessStatusCode();
	return await answer.Content.ReadAsStringAsync();
}

// A token of the program's own.
Console.WriteLine("client_credentials " + await Call(await Token(new() { ["grant_type"] = "client_credentials", ["scope"] = "read" })));

// A person's: the browser goes to this address, and comes back with a code.
string state = Random(), nonce = Random(), verifier = Random();
var query = HttpUtility.ParseQueryString("");
query["response_type"] = "code";
query["client_id"] = id;
query["redirect_uri"] = redirectUri;
query["scope"] = "openid profile read";
query["state"] = state;
query["nonce"] = nonce;
query["code_challenge"] = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
query["code_challenge_method"] = "S256";
Console.WriteLine($"Open {Config("authorization_endpoint")}?{query}");
var back = HttpUtility.ParseQueryString(new Uri(Console.ReadLine()!.Trim()).Query);
if (back["state"] != state || back["iss"] != Config("issuer"))
	throw new Exception("an answer to another question");
var tokens = await Token(new() { ["grant_type"] = "authorization_code", ["code"] = back["code"]!, ["redirect_uri"] = redirectUri, ["code_verifier"] = verifier });

// The ID token.
var result = await new JsonWebTokenHandler().ValidateTokenAsync(tokens.GetProperty("id_token").GetString(), new TokenValidationParameters
{
	ValidIssuer = Config("issuer"), ValidAudience = id, ValidAlgorithms = new[] { "RS256" },
	IssuerSigningKeys = new JsonWebKeySet(await http.GetStringAsync(Config("jwks_uri"))).GetSigningKeys(),
});
if (!result.IsValid || !nonce.Equals(result.Claims["nonce"]))
	throw new Exception("the ID token is not good");
Console.WriteLine("id_token " + result.Claims["sub"]);
Console.WriteLine("code " + await Call(tokens));
