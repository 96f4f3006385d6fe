/*
 * openapi_parameter.c
 *		What each parameter is, for the description at /openapi.json.  A name means the same at
 *		every endpoint.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/openapi.h"
#include "text/text.h"

#define TEXT		"{\"type\": \"string\"}"
#define TEXTS		"{\"type\": \"array\", \"items\": {\"type\": \"string\"}}"
#define NUMBER		"{\"type\": \"integer\", \"minimum\": 0}"
#define ADDRESS		"{\"type\": \"string\", \"format\": \"uri\"}"
#define PASSWORD	"{\"type\": \"string\", \"format\": \"password\"}"

typedef struct Parameter
{
	const char *name;
	const char *description;
	const char *schema;
} Parameter;

static const Parameter parameters[] = {
	{"about", "About which question the page asks for a code", TEXT},
	{"access_token", "A token", TEXT},
	{"acr_values", "How strongly the person is to log in", TEXT},
	{"action", "What is to be changed", TEXT},
	{"actor_token", "The token of the party that acts for the person (RFC 8693)", TEXT},
	{"actor_token_type", "Its type", ADDRESS},
	{"again", "The person is to log in once more", TEXT},
	{"assertion", "A JWT of a trusted issuer (RFC 7523)", TEXT},
	{"audience", "For whom the token is (RFC 8693)", TEXTS},
	{"authorization_details", "Exactly what is asked for, as JSON (RFC 9396)", TEXT},
	{"claims", "Claims that are asked for, as JSON (OpenID Connect Core, section 5.5)", TEXT},
	{"client_assertion", "A JWT with which the client proves who it is (RFC 7523)", TEXT},
	{"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", ADDRESS},
	{"client_id", "Who the client is", TEXT},
	{"client_secret", "Its secret, unless it is in the field Authorization", PASSWORD},
	{"code", "The authorization code; on pages, a code of the second factor", TEXT},
	{"code_challenge", "SHA-256 of the code_verifier, base64url (RFC 7636)", TEXT},
	{"code_challenge_method", "How it was made", "{\"type\": \"string\", \"enum\": [\"S256\"]}"},
	{"code_verifier", "The secret of the code_challenge", TEXT},
	{"decision", "allow or deny", TEXT},
	{"details", "The authorization details that the page showed", TEXT},
	{"device_code", "The code of the device (RFC 8628)", TEXT},
	{"do", "What is to be done with the second factor", TEXT},
	{"dpop_jkt", "The thumbprint of the key that the code is bound to (RFC 9449)", TEXT},
	{"grant_type", "Which grant", TEXT},
	{"id_token_hint", "An ID token that says who the person is", TEXT},
	{"issuer_path", "The path of the issuer", TEXT},
	{"login_hint", "The name that the person may log in with", TEXT},
	{"max_age", "Seconds since the last login", NUMBER},
	{"new_password", "The password that is to be", PASSWORD},
	{"nonce", "A value that the ID token repeats", TEXT},
	{"oauth_callback", "Where the browser goes on, or oob", TEXT},
	{"oauth_consumer_key", "The client_id (RFC 5849)", TEXT},
	{"oauth_nonce", "A value that is used once", TEXT},
	{"oauth_signature", "The signature", TEXT},
	{"oauth_signature_method", "How it was made", TEXT},
	{"oauth_timestamp", "Seconds since 1970", NUMBER},
	{"oauth_token", "The request token", TEXT},
	{"oauth_verifier", "The verifier that the browser came back with", TEXT},
	{"oauth_version", "1.0", TEXT},
	{"password", "The password of the person", PASSWORD},
	{"path", "The path of the function, which may contain slashes", TEXT},
	{"post_logout_redirect_uri", "Where the browser goes on; it must be registered", ADDRESS},
	{"prompt", "none, login, consent, select_account", TEXT},
	{"redirect_uri", "Where the browser goes on; it must be registered", ADDRESS},
	{"refresh_token", "A refresh token", TEXT},
	{"request", "The request as a JWT of the client (RFC 9101); on pages, the request that the "
	"page is about", TEXT},
	{"request_uri", "What the pushed request was kept under (RFC 9126)", ADDRESS},
	{"requested_token_type", "Which type of token is wanted (RFC 8693)", ADDRESS},
	{"resource", "For which resource the token is (RFC 8707)", TEXTS},
	{"resource_path", "The path of the resource", TEXT},
	{"response_mode", "How the answer goes to the client", TEXT},
	{"response_type", "What is asked for", "{\"type\": \"string\", \"enum\": [\"code\"]}"},
	{"return", "Where the browser goes on, on this site", TEXT},
	{"scope", "Words separated by spaces", TEXT},
	{"state", "A value that comes back with the browser", TEXT},
	{"subject_token", "The token of the person (RFC 8693)", TEXT},
	{"subject_token_type", "Its type", ADDRESS},
	{"token", "The token that is asked about; on pages, what proves that the form is from here",
	TEXT},
	{"token_type_hint", "access_token or refresh_token; not needed", TEXT},
	{"ui_locales", "Languages of the pages, separated by spaces", TEXT},
	{"user_code", "What the device shows", TEXT},
	{"username", "The name of the person", TEXT},
	{"verifier", "What the login page of the application came back with", TEXT},
	{"x_auth_mode", "client_auth", TEXT},
	{"x_auth_password", "The password of the person", PASSWORD},
	{"x_auth_username", "The name of the person", TEXT},
};

static const Parameter unknown = {.schema = TEXT};

static const Parameter *
find(const char *name)
{
	const Parameter *parameter = OAUTH_FIND_NAMED(parameters, name);

	return parameter ? parameter : &unknown;
}

/* Completes a Parameter Object (section 4.8.12); example NULL: none. */
void
oauth_openapi_parameter(StringInfo parameter, const char *name, const char *example)
{
	const Parameter *found = find(name);

	if (found->description != NULL)
		oauth_json_member(parameter, "description", found->description);
	oauth_json_raw(parameter, "schema", found->schema);
	if (example != NULL)
		oauth_json_member(parameter, "example", example);
}

/* Adds the parameter to the properties of a form. */
void
oauth_openapi_property(StringInfo properties, const char *name)
{
	const Parameter *found = find(name);
	StringInfoData schema;

	initStringInfo(&schema);
	appendBinaryStringInfo(&schema, found->schema, strlen(found->schema) - 1);
	if (found->description != NULL)
		oauth_json_member(&schema, "description", found->description);
	appendStringInfoChar(&schema, '}');
	oauth_json_raw(properties, name, schema.data);
}
