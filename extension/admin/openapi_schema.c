/*
 * openapi_schema.c
 *		What bodies look like and what credentials there are, for the description at /openapi.json.
 *
 * Members beyond those listed are allowed everywhere: the claims of the application, what later
 * versions add.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/openapi.h"
#include "text/text.h"

#define JSON	"application/json"
#define HTML	"text/html"
#define FORM	"application/x-www-form-urlencoded"
#define PLAIN	"text/plain"

typedef struct Schema
{
	const char *name;
	const char *media_type;
	const char *description;
	const char *type;			/* NULL: an object with the members below */
} Schema;

static const Schema schemas[] = {
	{"Anything", JSON, "JSON", "{}"},
	{"Caller", JSON, "Who is calling", NULL},
	{"Claims", JSON, "Claims about the person, as far as the scope and the client's request go; a "
	"client that is registered for it gets a JWT", NULL},
	{"Client", JSON, "What is registered (RFC 7591, section 3.2.1; RFC 7592, section 3)", NULL},
	{"ClientMetadata", JSON, "What a client says about itself (RFC 7591, section 2)", NULL},
	{"Credentials", FORM, "A token of OAuth 1.0a and its secret, as a form", NULL},
	{"DeviceAuthorization", JSON, "RFC 8628, section 3.2", NULL},
	{"Empty", JSON, "An empty object", NULL},
	{"Error", JSON, "RFC 6749, section 5.2", NULL},
	{"Introspection", JSON, "RFC 7662, section 2.2; a JWT where the client accepts "
	"application/token-introspection+jwt (RFC 9701)", NULL},
	{"Keys", "application/jwk-set+json", "A JWK set (RFC 7517, section 5)", NULL},
	{"Metadata", JSON, "RFC 8414, section 2; OpenID Connect Discovery 1.0, section 3", NULL},
	{"Page", HTML, "A page for a person with a browser", "{\"type\": \"string\"}"},
	{"Problem", FORM, "What is wrong, in the names of the OAuth Problem Reporting extension", NULL},
	{"PushedRequest", JSON, "RFC 9126, section 2.2", NULL},
	{"ResourceMetadata", JSON, "RFC 9728, section 2", NULL},
	{"Text", PLAIN, "Lines of text", "{\"type\": \"string\"}"},
	{"Token", JSON, "RFC 6749, section 5.1", NULL},
};

#define TEXT	"{\"type\": \"string\"}"
#define TEXTS	"{\"type\": \"array\", \"items\": {\"type\": \"string\"}}"
#define NUMBER	"{\"type\": \"integer\"}"
#define TRUTH	"{\"type\": \"boolean\"}"
#define ADDRESS	"{\"type\": \"string\", \"format\": \"uri\"}"
#define OBJECT	"{\"type\": \"object\"}"
#define OBJECTS	"{\"type\": \"array\", \"items\": {\"type\": \"object\"}}"

/* Of the objects; '!' behind the name: always there. */
static const struct
{
	const char *schema;
	const char *name;
	const char *type;
}			members[] =
{
	{"Caller", "client_id!", TEXT}, {"Caller", "scope!", TEXT}, {"Caller", "auth!", TEXT},
	{"Caller", "subject", TEXT}, {"Caller", "username", TEXT}, {"Caller", "claims", OBJECT},
	{"Claims", "sub!", TEXT}, {"Claims", "preferred_username", TEXT},
	{"Client", "client_id!", TEXT}, {"Client", "client_secret", TEXT},
	{"Client", "client_secret_expires_at", NUMBER}, {"Client", "client_id_issued_at", NUMBER},
	{"Client", "registration_access_token!", TEXT},
	{"Client", "registration_client_uri!", ADDRESS}, {"Client", "client_name", TEXT},
	{"Client", "redirect_uris", TEXTS}, {"Client", "grant_types", TEXTS},
	{"Client", "scope", TEXT}, {"Client", "token_endpoint_auth_method", TEXT},
	{"ClientMetadata", "client_id", TEXT}, {"ClientMetadata", "client_name", TEXT},
	{"ClientMetadata", "redirect_uris", TEXTS}, {"ClientMetadata", "grant_types", TEXTS},
	{"ClientMetadata", "response_types", TEXTS}, {"ClientMetadata", "scope", TEXT},
	{"ClientMetadata", "token_endpoint_auth_method", TEXT}, {"ClientMetadata", "jwks", OBJECT},
	{"ClientMetadata", "jwks_uri", ADDRESS}, {"ClientMetadata", "client_uri", ADDRESS},
	{"ClientMetadata", "logo_uri", ADDRESS}, {"ClientMetadata", "policy_uri", ADDRESS},
	{"ClientMetadata", "tos_uri", ADDRESS}, {"ClientMetadata", "contacts", TEXTS},
	{"Credentials", "oauth_token!", TEXT}, {"Credentials", "oauth_token_secret!", TEXT},
	{"Credentials", "oauth_callback_confirmed", TEXT},
	{"DeviceAuthorization", "device_code!", TEXT}, {"DeviceAuthorization", "user_code!", TEXT},
	{"DeviceAuthorization", "verification_uri!", ADDRESS},
	{"DeviceAuthorization", "verification_uri_complete", ADDRESS},
	{"DeviceAuthorization", "expires_in!", NUMBER}, {"DeviceAuthorization", "interval", NUMBER},
	{"Error", "error", TEXT}, {"Error", "error_description", TEXT},
	{"Introspection", "active!", TRUTH}, {"Introspection", "client_id", TEXT},
	{"Introspection", "sub", TEXT}, {"Introspection", "username", TEXT},
	{"Introspection", "scope", TEXT}, {"Introspection", "token_type", TEXT},
	{"Introspection", "exp", NUMBER}, {"Introspection", "iat", NUMBER},
	{"Introspection", "iss", ADDRESS}, {"Introspection", "aud", TEXTS},
	{"Introspection", "cnf", OBJECT}, {"Introspection", "act", OBJECT},
	{"Introspection", "authorization_details", OBJECTS},
	{"Introspection", "acr", TEXT}, {"Introspection", "auth_time", NUMBER},
	{"Keys", "keys!", OBJECTS},
	{"Metadata", "issuer!", ADDRESS}, {"Metadata", "authorization_endpoint!", ADDRESS},
	{"Metadata", "token_endpoint!", ADDRESS}, {"Metadata", "jwks_uri!", ADDRESS},
	{"Metadata", "scopes_supported", TEXTS}, {"Metadata", "response_types_supported!", TEXTS},
	{"Metadata", "grant_types_supported", TEXTS},
	{"Problem", "oauth_problem!", TEXT}, {"Problem", "oauth_problem_advice", TEXT},
	{"PushedRequest", "request_uri!", TEXT}, {"PushedRequest", "expires_in!", NUMBER},
	{"ResourceMetadata", "resource!", ADDRESS},
	{"ResourceMetadata", "authorization_servers", TEXTS},
	{"ResourceMetadata", "scopes_supported", TEXTS},
	{"Token", "access_token!", TEXT}, {"Token", "token_type!", TEXT},
	{"Token", "expires_in!", NUMBER}, {"Token", "refresh_token", TEXT}, {"Token", "scope!", TEXT},
	{"Token", "id_token", TEXT}, {"Token", "issued_token_type", TEXT},
	{"Token", "authorization_details", OBJECTS},
};

static const char security_schemes[] =
"{\"client_secret_basic\": {\"type\": \"http\", \"scheme\": \"basic\", \"description\": "
"\"client_id and client_secret, each percent-encoded (RFC 6749, section 2.3.1); or both in the "
"form; or a client_assertion in it\"}, "
"\"mutual_tls\": {\"type\": \"mutualTLS\", \"description\": \"The certificate of the client "
"(RFC 8705)\"}, "
"\"bearer\": {\"type\": \"http\", \"scheme\": \"bearer\", \"description\": \"An access token "
"(RFC 6750)\"}, "
"\"dpop\": {\"type\": \"http\", \"scheme\": \"DPoP\", \"description\": \"An access token that is "
"bound to a key, with a proof in the field DPoP (RFC 9449)\"}, "
"\"oauth1\": {\"type\": \"http\", \"scheme\": \"OAuth\", \"description\": \"A signed request (RFC "
"5849); its parameters may also be in the form or the query\"}, "
"\"initial_access_token\": {\"type\": \"http\", \"scheme\": \"bearer\", \"description\": \"An "
"initial access token, of oauth_create_initial_access_token()\"}, "
"\"registration_access_token\": {\"type\": \"http\", \"scheme\": \"bearer\", \"description\": "
"\"What the answer to the registration had\"}, "
"\"session\": {\"type\": \"apiKey\", \"in\": \"cookie\", \"name\": \"oauth_session\", "
"\"description\": \"A browser whose person has logged in, over http\"}, "
"\"session_of_https\": {\"type\": \"apiKey\", \"in\": \"cookie\", \"name\": "
"\"__Host-oauth_session\", \"description\": \"The same, over https\"}}";

/* The media type of a body. */
const char *
oauth_openapi_media_type(const char *schema)
{
	const Schema *found = OAUTH_FIND_NAMED(schemas, schema);

	if (found == NULL)
		elog(ERROR, "/openapi.json has no schema %s", schema);
	return found->media_type;
}

static char *
object_schema(const Schema *schema)
{
	StringInfoData json;
	StringInfoData properties;
	StringInfoData required;

	initStringInfo(&json);
	initStringInfo(&properties);
	initStringInfo(&required);
	appendStringInfoChar(&properties, '{');
	for (size_t i = 0; i < lengthof(members); i++)
		if (strcmp(members[i].schema, schema->name) == 0)
		{
			size_t		length = strcspn(members[i].name, "!");
			char	   *name = pnstrdup(members[i].name, length);

			oauth_json_raw(&properties, name, members[i].type);
			if (members[i].name[length] == '!')
				appendStringInfo(&required, "%s ", name);
		}
	appendStringInfoChar(&properties, '}');
	appendStringInfoChar(&json, '{');
	oauth_json_member(&json, "description", schema->description);
	oauth_json_member(&json, "type", "object");
	oauth_json_raw(&json, "properties", properties.data);
	if (required.len > 0)
		oauth_json_words(&json, "required", required.data);
	appendStringInfoChar(&json, '}');
	return json.data;
}

static char *
plain_schema(const Schema *schema)
{
	StringInfoData json;

	initStringInfo(&json);
	appendBinaryStringInfo(&json, schema->type, strlen(schema->type) - 1);
	oauth_json_member(&json, "description", schema->description);
	appendStringInfoChar(&json, '}');
	return json.data;
}

/* The Components Object (section 4.8.7). */
char *
oauth_openapi_components(void)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	for (size_t i = 0; i < lengthof(schemas); i++)
		oauth_json_raw(&json, schemas[i].name, schemas[i].type ? plain_schema(&schemas[i]) :
					   object_schema(&schemas[i]));
	appendStringInfoChar(&json, '}');
	return psprintf("{\"schemas\": %s, \"securitySchemes\": %s}", json.data, security_schemes);
}
