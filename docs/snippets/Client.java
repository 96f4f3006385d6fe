// Client.java: Java 17, the standard library, and Gson for JSON (Debian: libgoogle-gson-java).
//     java -cp /usr/share/java/gson.jar Client.java
// SPDX-License-Identifier: PostgreSQL
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.math.BigInteger;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Scanner;
import java.util.stream.Collectors;

public class Client {
	static final String URL = System.getenv("OAUTH_URL"), ID = System.getenv("CLIENT_ID");
	static final String SECRET = System.getenv("CLIENT_SECRET"), REDIRECT_URI = System.getenv("REDIRECT_URI");
	static final HttpClient http = HttpClient.newHttpClient();

	static String encode(String text) { return URLEncoder.encode(text, StandardCharsets.UTF_8); }
	static byte[] decoded(String text) { return Base64.getUrlDecoder().decode(text); }
	static String encoded(byte[] bytes) { return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes); }
	static JsonObject json(String text) { return JsonParser.parseString(text).getAsJsonObject(); }

	static String random() {
		byte[] bytes = new byte[32];
		new SecureRandom().nextBytes(bytes);
		return encoded(bytes);
	}

	static String form(Map<String, String> parameters) {
		return parameters.entrySet().stream().map(p -> encode(p.getKey()) + "=" + encode(p.getValue())).collect(Collectors.joining("&"));
	}

	static String send(HttpRequest.Builder request) throws Exception {
		var answer = http.send(request.build(), BodyHandlers.ofString());
		if (answer.statusCode() != 200)
			throw new Exception(answer.statusCode() + " " + answer.body());
		return answer.body();
	}

	static String get(String address) throws Exception { return send(HttpRequest.newBuilder(URI.create(address))); }

	static String call(String token) throws Exception {
		return send(HttpRequest.newBuilder(URI.create(URL + "/api/")).header("Authorization", "Bearer " + token));
	}

	static JsonObject token(JsonObject config, Map<String, String> parameters) throws Exception {
		String basic = Base64.getEncoder().encodeToString((encode(ID) + ":" + encode(SECRET)).getBytes());
		return json(send(HttpRequest.newBuilder(URI.create(config.get("token_endpoint").getAsString()))
			.header("Authorization", "Basic " + basic).header("Content-Type", "application/x-www-form-urlencoded")
			.POST(HttpRequest.BodyPublishers.ofString(form(parameters)))));
	}

	/** The claims of an ID token, or an exception. */
	static JsonObject claims(JsonObject config, String jwt, String nonce) throws Exception {
		String[] parts = jwt.split("\\.");
		JsonObject head = json(new String(decoded(parts[0]))), claims = json(new String(decoded(parts[1])));
		JsonObject key = null;
		for (JsonElement k : json(get(config.get("jwks_uri").getAsString())).getAsJsonArray("keys"))
			if (k.getAsJsonObject().get("kid").equals(head.get("kid")))
				key = k.getAsJsonObject();
		Signature signature = Signature.getInstance("SHA256withRSA");
		signature.initVerify(KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(
			new BigInteger(1, decoded(key.get("n").getAsString())), new BigInteger(1, decoded(key.get("e").getAsString())))));
		signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
		if (!head.get("alg").getAsString().equals("RS256") || !signature.verify(decoded(parts[2])))
			throw new Exception("the signature does not hold");
		if (!claims.get("iss").equals(config.get("issuer")) || !claims.get("aud").getAsString().equals(ID)
			|| !claims.get("nonce").getAsString().equals(nonce) || claims.get("exp").getAsLong() < System.currentTimeMillis() / 1000)
			throw new Exception("the token is not for us, or not for now");
		return claims;
	}

	public static void main(String[] arguments) throws Exception {
		JsonObject config = json(get(URL + "/.well-known/openid-configuration"));

		// A token of the program's own.
		JsonObject own = token(config, Map.of("grant_type", "client_credentials", "scope", "read"));
		System.out.println("client_credentials " + call(own.get("access_token").getAsString()));

		// A person's: the browser goes to this address, and comes back with a code.
		String state = random(), nonce = random(), verifier = random();
		byte[] challenge = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes());
		System.out.println("Open " + config.get("authorization_endpoint").getAsString() + "?" + form(Map.of("response_type", "code",
			"client_id", ID, "redirect_uri", REDIRECT_URI, "scope", "openid profile read", "state", state, "nonce", nonce,
			"code_challenge", encoded(challenge), "code_challenge_method", "S256")));
		Map<String, String> back = new LinkedHashMap<>();
		for (String pair : URI.create(new Scanner(System.in).nextLine().trim()).getRawQuery().split("&"))
			back.put(pair.split("=", 2)[0], URLDecoder.decode(pair.split("=", 2)[1], StandardCharsets.UTF_8));
		if (!state.equals(back.get("state")) || !config.get("issuer").getAsString().equals(back.get("iss")))
			throw new Exception("an answer to another question");
		JsonObject tokens = token(config, Map.of("grant_type", "authorization_code", "code", back.get("code"),
			"redirect_uri", REDIRECT_URI, "code_verifier", verifier));
		System.out.println("id_token " + claims(config, tokens.get("id_token").getAsString(), nonce).get("sub").getAsString());
		System.out.println("code " + call(tokens.get("access_token").getAsString()));
	}
}
