/*
 * protected_resource_metadata.c
 *		Protected resource metadata (RFC 9728): where to get a token.
 *
 * It is public and changes only with settings and scopes, so pages of every origin may read it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/well_known.h"
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
 * issuer.
 */
char *
oauth2_resource_metadata_uri(const char *path)
{
	const char *issuer = oauth_setting_issuer;

	if (issuer == NULL || issuer[0] == '\0')
		return NULL;
	return psprintf("%.*s" WELL_KNOWN_RESOURCE "%s", (int) (oauth2_issuer_path(issuer) - issuer),
					issuer, path);
}

/*
 * Tells a client that was refused where to find this document (RFC 9728, section 5.1); NULL without
 * an issuer.
 */
static OAuthResponse *
answer_resource(const OAuthRequest *request)
{
	const char *path = oauth2_path_after(request->path, WELL_KNOWN_RESOURCE);
	OAuthResponse *response = oauth2_public_json(request);
	StringInfo	json = &response->body;

	if (path == NULL)
		return oauth2_not_found("No resource is here.");
	appendStringInfoChar(json, '{');
	oauth_json_member(json, "resource", resource_at(path));
	oauth_json_words(json, "authorization_servers", oauth_issuer());
	oauth_json_words(json, "scopes_supported", oauth_store_advertised_scopes());
	oauth_json_words(json, "bearer_methods_supported", "header body");
	oauth_json_words(json, "dpop_signing_alg_values_supported", oauth2_dpop_algorithms());
	appendStringInfoChar(json, '}');
	return response;
}

const OAuthEndpoint oauth2_protected_resource_metadata_endpoint = {
	.function = "protected_resource_metadata",
	.first_lane = OAUTH_LANE_READING,
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
