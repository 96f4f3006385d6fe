// GoogleOAuthClient.java: google-oauth-client: a person's token with PKCE, its refreshing, and the program's own token.
// SPDX-License-Identifier: PostgreSQL
import com.google.api.client.auth.oauth2.AuthorizationCodeFlow;
import com.google.api.client.auth.oauth2.AuthorizationCodeResponseUrl;
import com.google.api.client.auth.oauth2.BearerToken;
import com.google.api.client.auth.oauth2.ClientCredentialsTokenRequest;
import com.google.api.client.auth.oauth2.ClientParametersAuthentication;
import com.google.api.client.auth.oauth2.Credential;
import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpRequestInitializer;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.api.client.json.gson.GsonFactory;
import java.util.List;

class GoogleOAuthClient {
	static final String SERVER = System.getenv("OAUTH_URL");
	static final NetHttpTransport HTTP = new NetHttpTransport();

	// What the person's browser does: the address that it is sent back to.
	static String browse(String url) throws Exception {
		Process person = new ProcessBuilder("python3", System.getenv("USER_AGENT"), url, System.getenv("LOGIN"),
			System.getenv("PASSWORD")).redirectError(ProcessBuilder.Redirect.INHERIT).start();
		return new String(person.getInputStream().readAllBytes()).trim();
	}

	static void call(String step, HttpRequestInitializer who) throws Exception {
		System.out.println(step + " " + HTTP.createRequestFactory(who).buildGetRequest(new GenericUrl(SERVER + "/api/"))
			.execute().parseAsString());
	}

	public static void main(String[] arguments) throws Exception {
		String id = System.getenv("CLIENT_ID"), redirectUri = System.getenv("REDIRECT_URI");
		GenericUrl tokens = new GenericUrl(SERVER + "/oauth2/token");
		ClientParametersAuthentication secret = new ClientParametersAuthentication(id, System.getenv("CLIENT_SECRET"));
		AuthorizationCodeFlow flow = new AuthorizationCodeFlow.Builder(BearerToken.authorizationHeaderAccessMethod(), HTTP,
			GsonFactory.getDefaultInstance(), tokens, secret, id, SERVER + "/oauth2/authorize")
			.setScopes(List.of("read")).enablePKCE().build();

		AuthorizationCodeResponseUrl back = new AuthorizationCodeResponseUrl(
			browse(flow.newAuthorizationUrl().setRedirectUri(redirectUri).setState("xyz").build()));
		if (!"xyz".equals(back.getState()))
			throw new IllegalStateException("another state: " + back);
		Credential credential = flow.createAndStoreCredential(
			flow.newTokenRequest(back.getCode()).setRedirectUri(redirectUri).execute(), "alice");
		call("code", credential);
		credential.setExpiresInSeconds(0L);
		call("refresh", credential);

		String own = new ClientCredentialsTokenRequest(HTTP, GsonFactory.getDefaultInstance(), tokens)
			.setScopes(List.of("read")).setClientAuthentication(secret).execute().getAccessToken();
		call("client_credentials", new Credential(BearerToken.authorizationHeaderAccessMethod()).setAccessToken(own));
	}
}
