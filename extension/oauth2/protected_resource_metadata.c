/*
 * protected_resource_metadata.c
 *		Protected resource metadata (RFC 9728): where to get a token, and with which scope.
 *
 * There is a document for each path at the issuer's origin, which names the scope of the function
 * that answers there (oauth_protect), and for each resource of another origin that is registered
 * (oauth_register_resource) and whose proxy passes this path on.
 *
 * It is public and changes only with settings and scopes, so pages of every origin may read it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/well_known.h"
#include "setting.h"
#include "store/function.h"
#include "store/resource.h"
#include "store/scope.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_protected_resource_metadata);

#define WELL_KNOWN_RESOURCE "/.well-known/oauth-protected-resource"

/* The resource at a path: the issuer's origin and that path (RFC 9728, section 3.1). */
static char *
resource_at(const char *path)
{
	const char *issuer = oauth_issuer();

	return psprintf("%.*s%s", (int) (oauth2_issuer_path(issuer) - issuer), issuer, path);
}

/*
 * Where a client that was refused finds out whom to ask (RFC 9728, section 5.1); NULL without an
 * issuer.  The URI fits into a quoted string: a path can have what a URI cannot.
 */
char *
oauth2_resource_metadata_uri(const char *path)
{
	const char *issuer = oauth_setting_issuer;
	StringInfoData uri;

	if (issuer == NULL || issuer[0] == '\0')
		return NULL;
	initStringInfo(&uri);
	appendStringInfo(&uri, "%.*s" WELL_KNOWN_RESOURCE,
					 (int) (oauth2_issuer_path(issuer) - issuer), issuer);
	for (const char *c = path; *c; c++)
		if (*c == '"' || *c == '\\')
			appendStringInfo(&uri, "%%%02X", *c);
		else
			appendStringInfoChar(&uri, *c);
	return uri.data;
}

/*
 * The same for a resource by its URI: "by inserting a well-known URI string [...] between the host
 * component and the path and/or query components" (section 3.1).  NULL stands for this provider.
 * One of another origin that is not registered has no document here, so clients are sent to that of
 * the provider.
 */
char *
oauth2_metadata_uri_of(const char *resource)
{
	size_t		origin;

	if (resource == NULL || strstr(resource, "://") == NULL ||
		oauth_store_find_resource(oauth_uri_normal(resource)) == NULL)
		return oauth2_resource_metadata_uri("");
	origin = oauth2_issuer_path(resource) - resource;
	return psprintf("%.*s" WELL_KNOWN_RESOURCE "%s", (int) origin, resource,
					strcmp(resource + origin, "/") == 0 ? "" : resource + origin);
}

/* The resource that is registered for the address of the request; NULL: none. */
static OAuthRegisteredResource *
registered_at(const OAuthRequest *request, const char *path)
{
	char	   *host;

	if (oauth_request_header(request, "Host", &host) != 1 || host[strcspn(host, "/?#@ ")] != '\0')
		return NULL;
	return oauth_store_find_resource(oauth_uri_normal(psprintf("%s://%s%s", request->scheme, host,
															   path)));
}

/*
 * "The resource value returned MUST be identical to the protected resource's resource identifier
 * value" (section 3.3): that of a registered resource as it was registered.
 */
static void
describe(StringInfo json, const OAuthRequest *request, const char *path)
{
	OAuthRegisteredResource *registered = registered_at(request, path);
	OAuthProtectedFunction *function = registered ? NULL : oauth_store_find_protected(path);
	const char *scope = registered ? registered->scope : function ? function->required_scope : NULL;

	oauth_json_member(json, "resource", registered ? registered->uri : resource_at(path));
	oauth_json_words(json, "authorization_servers", oauth_issuer());
	oauth_json_words(json, "scopes_supported", scope ? scope : oauth_store_advertised_scopes());
}

static OAuthResponse *
answer_resource(const OAuthRequest *request)
{
	const char *path = oauth2_path_after(request->path, WELL_KNOWN_RESOURCE);
	OAuthResponse *response = oauth2_public_json(request);
	StringInfo	json = &response->body;

	if (path == NULL)
		return oauth2_not_found("No resource is here.");
	appendStringInfoChar(json, '{');
	describe(json, request, path);
	oauth_json_words(json, "bearer_methods_supported",
					 oauth_setting_require_dpop ? "header" : "header body");
	oauth_json_words(json, "dpop_signing_alg_values_supported", oauth2_dpop_algorithms());
	if (oauth_setting_require_dpop)
		oauth_json_raw(json, "dpop_bound_access_tokens_required", "true");
	oauth2_details_types(json);
	appendStringInfoChar(json, '}');
	return response;
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.at = "/.well-known/oauth-protected-resource",
		.summary = "Whom to ask for a token",
		.when = "needs oauth.issuer",
		.answers = "200:ResourceMetadata 404:Error"
	},
	{
		.at = "/.well-known/oauth-protected-resource/{resource_path}",
		.summary = "The same, of the resource at a path",
		.when = "needs oauth.issuer",
		.answers = "200:ResourceMetadata 404:Error"
	},
	{0}
};

const OAuthEndpoint oauth2_protected_resource_metadata_endpoint = {
	.function = "protected_resource_metadata",
	.first_lane = OAUTH_LANE_READING,
	.routes = {
		{WELL_KNOWN_RESOURCE, "GET", OAUTH_CORS_ALL},
		{WELL_KNOWN_RESOURCE "/", "GET", OAUTH_CORS_ALL}
	},
	.answer = answer_resource,
	.operations = operations
};

/* oauth.protected_resource_metadata(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_protected_resource_metadata(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_protected_resource_metadata_endpoint);
}
