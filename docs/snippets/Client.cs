// Client.cs: C# with the standard library of .NET alone: Mono and .NET Framework 4.6, and .NET 6 and newer.
//     mcs -r:System.Net.Http -r:System.Runtime.Serialization -r:System.Web -r:System.Xml.Linq Client.cs && mono Client.exe
// SPDX-License-Identifier: PostgreSQL
using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Runtime.Serialization.Json;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using System.Web;
using System.Xml;
using System.Xml.Linq;

class Client
{
	static readonly HttpClient http = new HttpClient();
	static string url, id, secret, redirectUri;
	static XElement config;

	static string Env(string name) { return Environment.GetEnvironmentVariable(name) ?? throw new Exception("set " + name); }
	static string Encoded(byte[] bytes) { return Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_'); }
	static byte[] Decoded(string text) { return Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/') + "==".Substring(0, -text.Length & 3)); }

	// JSON as elements: Value is a string's or a number's, Elements() an array's.
	static XElement Json(byte[] text) { return XElement.Load(JsonReaderWriterFactory.CreateJsonReader(text, XmlDictionaryReaderQuotas.Max)); }
	static string Config(string name) { return config.Element(name).Value; }

	static string Random()
	{
		var bytes = new byte[32];
		using (var random = RandomNumberGenerator.Create())
			random.GetBytes(bytes);
		return Encoded(bytes);
	}

	static async Task<byte[]> Send(HttpMethod method, string address, AuthenticationHeaderValue authorization, Dictionary<string, string> form = null)
	{
		var request = new HttpRequestMessage(method, address);
		request.Headers.Authorization = authorization;
		if (form != null)
			request.Content = new FormUrlEncodedContent(form);
		var answer = await http.SendAsync(request);
		answer.EnsureSuccessStatusCode();
		return await answer.Content.ReadAsByteArrayAsync();
	}

	static async Task<XElement> Get(string address) { return Json(await Send(HttpMethod.Get, address, null)); }

	static async Task<XElement> Token(Dictionary<string, string> form)
	{
		var basic = Encoding.ASCII.GetBytes(Uri.EscapeDataString(id) + ":" + Uri.EscapeDataString(secret));
		return Json(await Send(HttpMethod.Post, Config("token_endpoint"), new AuthenticationHeaderValue("Basic", Convert.ToBase64String(basic)), form));
	}

	static async Task<string> Call(XElement token)
	{
		var bearer = new AuthenticationHeaderValue("Bearer", token.Element("access_token").Value);
		return Encoding.UTF8.GetString(await Send(HttpMethod.Get, url + "/api/", bearer));
	}

	// The claims of an ID token, or an exception.
	static async Task<XElement> Claims(string jwt, string nonce)
	{
		var parts = jwt.Split('.');
		XElement head = Json(Decoded(parts[0])), claims = Json(Decoded(parts[1]));
		var keys = (await Get(Config("jwks_uri"))).Element("keys").Elements();
		var key = keys.Single(k => (string) k.Element("kid") == head.Element("kid").Value);
		using (var rsa = RSA.Create())
		{
			rsa.ImportParameters(new RSAParameters { Modulus = Decoded(key.Element("n").Value), Exponent = Decoded(key.Element("e").Value) });
			if (head.Element("alg").Value != "RS256" || !rsa.VerifyData(Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]), Decoded(parts[2]),
				HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))
				throw new Exception("the signature does not hold");
		}
		if (claims.Element("iss").Value != Config("issuer") || claims.Element("aud").Value != id || claims.Element("nonce").Value != nonce
			|| (long) claims.Element("exp") < DateTimeOffset.UtcNow.ToUnixTimeSeconds())
			throw new Exception("the token is not for us, or not for now");
		return claims;
	}

	static async Task Run()
	{
		url = Env("OAUTH_URL");
		id = Env("CLIENT_ID");
		secret = Env("CLIENT_SECRET");
		redirectUri = Env("REDIRECT_URI");
		config = await Get(url + "/.well-known/openid-configuration");

		// A token of the program's own.
		var own = await Token(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["scope"] = "read" });
		Console.WriteLine("client_credentials " + await Call(own));

		// A person's: the browser goes to this address, and comes back with a code.
		string state = Random(), nonce = Random(), verifier = Random();
		var query = HttpUtility.ParseQueryString("");
		query["response_type"] = "code";
		query["client_id"] = id;
		query["redirect_uri"] = redirectUri;
		query["scope"] = "openid profile read";
		query["state"] = state;
		query["nonce"] = nonce;
		using (var sha256 = SHA256.Create())
			query["code_challenge"] = Encoded(sha256.ComputeHash(Encoding.ASCII.GetBytes(verifier)));
		query["code_challenge_method"] = "S256";
		Console.WriteLine("Open " + Config("authorization_endpoint") + "?" + query);
		var back = HttpUtility.ParseQueryString(new Uri(Console.ReadLine().Trim()).Query);
		if (back["state"] != state || back["iss"] != Config("issuer"))
			throw new Exception("an answer to another question");
		var tokens = await Token(new Dictionary<string, string> {
			["grant_type"] = "authorization_code", ["code"] = back["code"], ["redirect_uri"] = redirectUri, ["code_verifier"] = verifier });
		Console.WriteLine("id_token " + (await Claims(tokens.Element("id_token").Value, nonce)).Element("sub").Value);
		Console.WriteLine("code " + await Call(tokens));
	}

	static void Main() { Run().GetAwaiter().GetResult(); }
}
