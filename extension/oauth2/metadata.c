/*
 * metadata.c
 *		What the provider says of itself: authorization server metadata (RFC 8414) and protected
 *		resource metadata (RFC 9728).
 *
 * Both are public and change only with settings and scopes, so anybody may read them from a page of
 * any origin.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/store.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_metadata);
PG_FUNCTION_INFO_V1(oauth_endpoint_protected_resource_metadata);

#define WELL_KNOWN_SERVER	"/.well-known/oauth-authorization-server"
#define WELL_KNOWN_RESOURCE "/.well-known/oauth-protected-resource"

/* Where the path of the issuer begins; its end if it has none. */
static const char *
issuer_path(const char *issuer)
{
	const char *authority = strstr(issuer, "://") + 3;

	return authority + strcspn(authority, "/");
}

static void
endpoint(StringInfo json, const char *name, const char *path)
{
	oauth_json_member(json, name, psprintf("%s%s", oauth_issuer(), path));
}

static OAuthResponse *
public_json(void)
{
	OAuthResponse *response = oauth_response(200);

	oauth_response_header(response, "Content-Type", "application/json");
	oauth_response_header(response, "Cache-Control", "public, max-age=300");
	return response;
}

static OAuthResponse *
not_found(const char *description)
{
	return oauth_response_fault(oauth_fault(OAUTH_NOT_FOUND, description));
}

/* RFC 8414, section 2. */
static OAuthResponse *
server_metadata(void)
{
	static const char methods[] = "client_secret_basic client_secret_post none";
	static const char methods_with_secret[] = "client_secret_basic client_secret_post";
	OAuthResponse *response = public_json();
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
 * What stands behind the well-known part of a path; NULL if that is not what the path begins with.
 */
static const char *
behind(const char *path, const char *well_known)
{
	size_t		length = strlen(well_known);

	if (strncmp(path, well_known, length) != 0 || strchr("/", path[length]) == NULL)
		return NULL;
	return path + length;
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
	const char *rest = behind(path, WELL_KNOWN_SERVER);

	return rest != NULL &&
		(rest[0] == '\0' ||
		 oauth_uri_equals(psprintf("https://issuer%s", rest),
						  psprintf("https://issuer%s", issuer_path(oauth_issuer()))));
}

static OAuthResponse *
answer_server(const OAuthRequest *request)
{
	return is_path_of_issuer(request->path) ? server_metadata() :
		not_found("No issuer of that path is here.");
}

const OAuthEndpoint oauth2_metadata_endpoint = {
	.function = "metadata",
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

/* The resource at a path: the issuer's origin and that path (RFC 9728, section 3.1). */
static char *
resource_at(const char *path)
{
	const char *issuer = oauth_issuer();

	return psprintf("%.*s%s", (int) (issuer_path(issuer) - issuer), issuer, path);
}

/*
 * Where a client that was refused finds out whom to ask (RFC 9728, section 5.1); NULL without an
 * issuer.
 */
char *
oauth2_resource_metadata_uri(const char *path)
{
	const char *issuer = oauth_setting_issuer;

	if (issuer == NULL || issuer[0] == '\0')
		return NULL;
	return psprintf("%.*s" WELL_KNOWN_RESOURCE "%s", (int) (issuer_path(issuer) - issuer), issuer,
					path);
}

/* RFC 9728, section 2. */
static OAuthResponse *
answer_resource(const OAuthRequest *request)
{
	const char *path = behind(request->path, WELL_KNOWN_RESOURCE);
	OAuthResponse *response = public_json();
	StringInfo	json = &response->body;

	if (path == NULL)
		return not_found("No resource is here.");
	appendStringInfoChar(json, '{');
	oauth_json_member(json, "resource", resource_at(path));
	oauth_json_words(json, "authorization_servers", oauth_issuer());
	oauth_json_words(json, "scopes_supported", oauth_store_advertised_scopes());
	oauth_json_words(json, "bearer_methods_supported", "header body");
	appendStringInfoChar(json, '}');
	return response;
}

const OAuthEndpoint oauth2_protected_resource_metadata_endpoint = {
	.function = "protected_resource_metadata",
	.routes = {
		{WELL_KNOWN_RESOURCE, "GET", OAUTH_CORS_ALL},
		{WELL_KNOWN_RESOURCE "/", "GET", OAUTH_CORS_ALL}
	},
	.answer = answer_resource
};

/* oauth.protected_resource_metadata(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_protected_resource_metadata(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_protected_resource_metadata_endpoint);
}
