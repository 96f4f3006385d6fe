/*
 * metadata.c
 *		Authorization server metadata (RFC 8414): what the provider says of itself.
 *
 * It is public and changes only with settings and scopes, so anybody may read it from a page of any
 * origin.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/well_known.h"
#include "store/store.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_metadata);

#define WELL_KNOWN_SERVER	"/.well-known/oauth-authorization-server"

static void
endpoint(StringInfo json, const char *name, const char *path)
{
	oauth_json_member(json, name, psprintf("%s%s", oauth_issuer(), path));
}

/* RFC 8414, section 2. */
static OAuthResponse *
server_metadata(void)
{
	static const char methods[] = "client_secret_basic client_secret_post none";
	static const char methods_with_secret[] = "client_secret_basic client_secret_post";
	OAuthResponse *response = oauth2_public_json();
	StringInfo	json = &response->body;

	appendStringInfoChar(json, '{');
	oauth_json_member(json, "issuer", oauth_issuer());
	endpoint(json, "authorization_endpoint", "/oauth2/authorize");
	endpoint(json, "token_endpoint", "/oauth2/token");
	endpoint(json, "revocation_endpoint", "/oauth2/revoke");
	endpoint(json, "introspection_endpoint", "/oauth2/introspect");
	endpoint(json, "userinfo_endpoint", "/oauth2/userinfo");
	endpoint(json, "device_authorization_endpoint", "/oauth2/device_authorization");
	if (oauth_setting_registration != OAUTH_REGISTER_CLOSED)
		endpoint(json, "registration_endpoint", "/oauth2/register");
	oauth_json_words(json, "scopes_supported", oauth_store_advertised_scopes());
	oauth_json_words(json, "response_types_supported", "code");
	oauth_json_words(json, "response_modes_supported", "query form_post");
	oauth_json_words(json, "grant_types_supported", oauth2_grant_types());
	oauth_json_words(json, "code_challenge_methods_supported", "S256");
	appendStringInfoString(json, ", \"authorization_response_iss_parameter_supported\": true");
	oauth_json_words(json, "token_endpoint_auth_methods_supported", methods);
	oauth_json_words(json, "revocation_endpoint_auth_methods_supported", methods);
	oauth_json_words(json, "introspection_endpoint_auth_methods_supported", methods_with_secret);
	appendStringInfoChar(json, '}');
	return response;
}

/*
 * "If the issuer identifier value contains a path component, any terminating "/" MUST be removed
 * before inserting "/.well-known/" and the well-known URI suffix between the host component and the
 * path component"  (section 3.1).  A proxy may also serve the plain path for the one issuer there
 * is.
 */
static bool
is_path_of_issuer(const char *path)
{
	const char *rest = oauth2_path_after(path, WELL_KNOWN_SERVER);

	return rest != NULL &&
		(rest[0] == '\0' ||
		 oauth_uri_equals(psprintf("https://issuer%s", rest),
						  psprintf("https://issuer%s", oauth2_issuer_path(oauth_issuer()))));
}

static OAuthResponse *
answer_server(const OAuthRequest *request)
{
	return is_path_of_issuer(request->path) ? server_metadata() :
		oauth2_not_found("No issuer of that path is here.");
}

const OAuthEndpoint oauth2_metadata_endpoint = {
	.function = "metadata",
	.first_lane = OAUTH_LANE_READING,
	.routes = {
		{WELL_KNOWN_SERVER, "GET", OAUTH_CORS_ALL},
		{WELL_KNOWN_SERVER "/", "GET", OAUTH_CORS_ALL}
	},
	.answer = answer_server
};

/* oauth.metadata(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_metadata(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_metadata_endpoint);
}
