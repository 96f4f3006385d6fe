/*
 * metadata.c
 *		Authorization server metadata (RFC 8414), which is also the document of OpenID Connect
 *		Discovery 1.0.
 *
 * It is public and changes only with settings and scopes, so pages of every origin may read it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "client/client.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "jose/jose.h"
#include "oauth2/well_known.h"
#include "page/page.h"
#include "setting.h"
#include "store/scope.h"
#include "text/text.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_metadata);

#define WELL_KNOWN_SERVER	"/.well-known/oauth-authorization-server"
#define WELL_KNOWN_OPENID	"/.well-known/openid-configuration"

/* The claims of ID tokens that are not of a person (Core, section 2; Back-Channel Logout 1.0). */
#define TOKEN_CLAIMS "iss sub aud exp iat auth_time nonce acr amr at_hash sid"

static void
endpoint(StringInfo json, const char *name, const char *path)
{
	oauth_json_member(json, name, psprintf("%s%s", oauth_issuer(), path));
}

static void
flag(StringInfo json, const char *name, bool value)
{
	appendStringInfo(json, ", \"%s\": %s", name, value ? "true" : "false");
}

/* How clients authenticate at that endpoint. */
static void
authentication(StringInfo json, const char *name, bool with_none)
{
	oauth_json_words(json, psprintf("%s_endpoint_auth_methods_supported", name),
					 oauth_auth_methods(with_none));
	oauth_json_words(json, psprintf("%s_endpoint_auth_signing_alg_values_supported", name),
					 oauth_auth_algorithms());
}

/*
 * "mtls_endpoint_aliases: [...] a JSON object containing alternative authorization server endpoints
 * that, when present, an OAuth client intending to do mutual TLS uses in preference"  (RFC 8705,
 * section 5)
 */
static void
alias_members(StringInfo json)
{
	static const struct
	{
		const char *name;
		const char *path;
	}			aliases[] = {
		{"revocation_endpoint", "/oauth2/revoke"},
		{"introspection_endpoint", "/oauth2/introspect"},
		{"device_authorization_endpoint", "/oauth2/device_authorization"},
		{"pushed_authorization_request_endpoint", "/oauth2/par"},
		{"userinfo_endpoint", "/oauth2/userinfo"},
	};
	const char *base = oauth_setting_mtls_issuer;
	StringInfoData object;

	if (base == NULL || base[0] == '\0')
		return;
	initStringInfo(&object);
	appendStringInfoChar(&object, '{');
	oauth_json_member(&object, "token_endpoint", psprintf("%s/oauth2/token", base));
	for (size_t i = 0; i < lengthof(aliases); i++)
		oauth_json_member(&object, aliases[i].name, psprintf("%s%s", base, aliases[i].path));
	appendStringInfoChar(&object, '}');
	oauth_json_raw(json, "mtls_endpoint_aliases", object.data);
}

/* RFC 8414, section 2. */
static void
server_members(StringInfo json)
{
	endpoint(json, "authorization_endpoint", "/oauth2/authorize");
	endpoint(json, "token_endpoint", "/oauth2/token");
	endpoint(json, "revocation_endpoint", "/oauth2/revoke");
	endpoint(json, "introspection_endpoint", "/oauth2/introspect");
	endpoint(json, "device_authorization_endpoint", "/oauth2/device_authorization");
	endpoint(json, "pushed_authorization_request_endpoint", "/oauth2/par");
	flag(json, "require_pushed_authorization_requests",
		 oauth_setting_require_pushed_authorization_requests);
	endpoint(json, "jwks_uri", "/oauth2/jwks");
	if (oauth_setting_registration != OAUTH_REGISTER_CLOSED)
		endpoint(json, "registration_endpoint", "/oauth2/register");
	oauth_json_words(json, "scopes_supported", oauth_store_advertised_scopes());
	oauth_json_words(json, "response_types_supported", "code");
	oauth_json_words(json, "response_modes_supported", oauth2_response_modes());
	oauth_json_words(json, "grant_types_supported", oauth2_grant_types());
	/* draft-ietf-oauth-identity-assertion-authz-grant, section 7.2 */
	oauth_json_words(json, "authorization_grant_profiles_supported",
					 "urn:ietf:params:oauth:grant-profile:id-jag");
	oauth_json_words(json, "code_challenge_methods_supported", "S256");
	oauth_json_words(json, "dpop_signing_alg_values_supported", oauth2_dpop_algorithms());
	flag(json, "authorization_response_iss_parameter_supported", true);
	authentication(json, "token", true);
	authentication(json, "revocation", true);
	authentication(json, "introspection", false);
	flag(json, "tls_client_certificate_bound_access_tokens", true);
	if (oauth_setting_client_id_metadata_documents)
		flag(json, "client_id_metadata_document_supported", true);
	/* RFC 9701, section 7 */
	oauth_json_words(json, "introspection_signing_alg_values_supported",
					 oauth_words_join(oauth_jws_algorithms()));
	oauth_json_words(json, "ui_locales_supported", oauth_language_tags());
	oauth2_details_types(json);
}

/*
 * Discovery 1.0, section 3.  "request_uri_parameter_supported: [...] If omitted, the default value
 * is true", so what is not there is said.
 */
static void
openid_members(StringInfo json)
{
	const char *algorithms = oauth_words_join(oauth_jws_algorithms());

	endpoint(json, "userinfo_endpoint", "/oauth2/userinfo");
	oauth_json_words(json, "subject_types_supported", "public pairwise");
	oauth_json_words(json, "id_token_signing_alg_values_supported", algorithms);
	oauth_json_words(json, "userinfo_signing_alg_values_supported", algorithms);
	oauth_json_words(json, "acr_values_supported", oauth_acr_values());
	oauth_json_words(json, "prompt_values_supported", oauth2_prompt_values());
	oauth_json_words(json, "claim_types_supported", "normal");
	oauth_json_words(json, "claims_supported",
					 psprintf(TOKEN_CLAIMS " %s", oauth_standard_claims()));
	flag(json, "claims_parameter_supported", true);
	flag(json, "request_parameter_supported", true);
	flag(json, "request_uri_parameter_supported", false);
	flag(json, "require_request_uri_registration", false);
	oauth_json_words(json, "request_object_signing_alg_values_supported", algorithms);
	oauth_json_words(json, "authorization_signing_alg_values_supported", algorithms);
}

/* RP-Initiated Logout 1.0, section 2.1; Back-Channel Logout 1.0, section 2.1. */
static void
logout_members(StringInfo json)
{
	endpoint(json, "end_session_endpoint", "/oauth2/end_session");
	flag(json, "backchannel_logout_supported", true);
	flag(json, "backchannel_logout_session_supported", true);
}

static OAuthResponse *
server_metadata(const OAuthRequest *request)
{
	OAuthResponse *response = oauth2_public_json(request);
	StringInfo	json = &response->body;

	appendStringInfoChar(json, '{');
	oauth_json_member(json, "issuer", oauth_issuer());
	server_members(json);
	alias_members(json);
	openid_members(json);
	logout_members(json);
	appendStringInfoChar(json, '}');
	return response;
}

/*
 * "If the issuer identifier value contains a path component, any terminating "/" MUST be removed
 * before inserting "/.well-known/" and the well-known URI suffix between the host component and the
 * path component"  (RFC 8414, section 3.1).  A proxy may also serve the plain path for the one
 * issuer there is.
 */
static bool
is_inserted_before_path(const char *path, const char *well_known)
{
	const char *rest = oauth2_path_after(path, well_known);

	return rest != NULL &&
		(rest[0] == '\0' ||
		 oauth_uri_equals(psprintf("https://issuer%s", rest),
						  psprintf("https://issuer%s", oauth2_issuer_path(oauth_issuer()))));
}

/*
 * "OpenID Providers supporting Discovery MUST make a JSON document available at the path formed by
 * concatenating the string /.well-known/openid-configuration to the Issuer"  (Discovery 1.0,
 * section 4)
 */
static bool
is_behind_path(const char *path)
{
	return oauth_uri_equals(psprintf("https://issuer%s", path),
							psprintf("https://issuer%s" WELL_KNOWN_OPENID,
									 oauth2_issuer_path(oauth_issuer())));
}

static OAuthResponse *
answer_server(const OAuthRequest *request)
{
	return is_inserted_before_path(request->path, WELL_KNOWN_SERVER) ||
		is_inserted_before_path(request->path, WELL_KNOWN_OPENID) ||
		is_behind_path(request->path) ? server_metadata(request) :
		oauth2_not_found("No issuer of that path is here.");
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.at = "/.well-known/oauth-authorization-server",
		.summary = "What there is here",
		.when = "needs oauth.issuer",
		.answers = "200:Metadata 404:Error"
	},
	{
		.at = "/.well-known/oauth-authorization-server/{issuer_path}",
		.summary = "The same, where the issuer has a path",
		.when = "needs oauth.issuer",
		.answers = "200:Metadata 404:Error"
	},
	{
		.at = "/.well-known/openid-configuration",
		.summary = "The same, as OpenID Connect calls it",
		.when = "needs oauth.issuer",
		.answers = "200:Metadata 404:Error"
	},
	{
		.at = "/.well-known/openid-configuration/{issuer_path}",
		.summary = "The same, where the issuer has a path",
		.when = "needs oauth.issuer",
		.answers = "200:Metadata 404:Error"
	},
	{
		.at = "/{issuer_path}/.well-known/openid-configuration",
		.summary = "The same, behind the path of the issuer",
		.when = "needs oauth.issuer",
		.answers = "200:Metadata 404:Error"
	},
	{0}
};

const OAuthEndpoint oauth2_metadata_endpoint = {
	.function = "metadata",
	.first_lane = OAUTH_LANE_READING,
	.routes = {
		{WELL_KNOWN_SERVER, "GET", OAUTH_CORS_ALL},
		{WELL_KNOWN_SERVER "/", "GET", OAUTH_CORS_ALL},
		{WELL_KNOWN_OPENID, "GET", OAUTH_CORS_ALL},
		{WELL_KNOWN_OPENID "/", "GET", OAUTH_CORS_ALL},
		{"*" WELL_KNOWN_OPENID, "GET", OAUTH_CORS_ALL}
	},
	.answer = answer_server,
	.operations = operations
};

/* oauth.metadata(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_metadata(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_metadata_endpoint);
}
