/*
 * client_document_check.c
 *		Whether a document describes the client whose client_id is its URL
 *		(draft-ietf-oauth-client-id-metadata-document, section 4.1).
 *
 * - the client_id in it is its URL, by simple string comparison.  Until that is known, nothing of
 *   the document is told: it may be any document of any server
 * - it has no secret, and no method of client authentication that needs one: the method is none,
 *   which it also is if the document does not say, or private_key_jwt with keys
 * - for the rest it is a client that registers itself (registration_check.c): it has redirect URIs,
 *   and what it cannot have is left out; how it sees its users, and its sector, stay as they were
 * - it uses PKCE, and the one that has keys too
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "client/member.h"
#include "jose/jose.h"
#include "oauth2/client_document.h"
#include "oauth2/registration.h"
#include "store/client.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#define PRIVATE_KEY_JWT "private_key_jwt"

static bool
is_string(const JsonbValue *value, const char *string)
{
	return value != NULL && value->type == jbvString &&
		value->val.string.len == (int) strlen(string) &&
		memcmp(value->val.string.val, string, strlen(string)) == 0;
}

static bool
has_value(Jsonb *json, const char *name)
{
	JsonbValue *value = oauth_member_value(json, name);

	return value != NULL && value->type != jbvNull;
}

/*
 * "MUST contain a client_id property whose value MUST match the URL of the document using simple
 * string comparison"
 */
static OAuthFault *
check_client_id(Jsonb *json, const char *client_id)
{
	return is_string(oauth_member_value(json, "client_id"), client_id) ? NULL :
		oauth2_bad_metadata("its client_id is not its URL, character by character.");
}

/* "the client_secret and client_secret_expires_at properties MUST NOT be used" */
static OAuthFault *
check_has_no_secret(Jsonb *json)
{
	if (oauth_member_value(json, "client_secret") != NULL ||
		oauth_member_value(json, "client_secret_expires_at") != NULL)
		return oauth2_bad_metadata("it has a client_secret, which everybody can read.");
	return NULL;
}

/*
 * "MUST NOT include client_secret_post, client_secret_basic, client_secret_jwt, or any other method
 * based around a shared symmetric secret"
 */
static OAuthFault *
check_method(Jsonb *json)
{
	JsonbValue *method = oauth_member_value(json, "token_endpoint_auth_method");
	bool		signs = is_string(method, PRIVATE_KEY_JWT);

	if (has_value(json, "token_endpoint_auth_method") && !signs && !is_string(method, "none"))
		return oauth2_bad_metadata("its token_endpoint_auth_method is neither none nor "
								   PRIVATE_KEY_JWT ".");
	if (signs && !has_value(json, "jwks") && !has_value(json, "jwks_uri"))
		return oauth2_bad_metadata("its token_endpoint_auth_method is " PRIVATE_KEY_JWT
								   ", and it has neither jwks nor jwks_uri.");
	return NULL;
}

/* The object with that member, if it has none of that name. */
static Jsonb *
with_default(Jsonb *json, const char *name, const char *value)
{
	StringInfoData member;
	Datum		object;

	if (has_value(json, name))
		return json;
	initStringInfo(&member);
	appendStringInfoChar(&member, '{');
	oauth_json_member(&member, name, value);
	appendStringInfoChar(&member, '}');
	object = DirectFunctionCall1(jsonb_in, CStringGetDatum(member.data));
	return DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(json), object));
}

/* Reads the members as those of a client that registers itself. */
static OAuthFault *
read_client(Jsonb *json, const char *client_id, const OAuthClient *before, OAuthClient *client)
{
	OAuthFault *fault;

	json = with_default(json, "token_endpoint_auth_method", "none");
	json = with_default(json, "client_name", oauth2_client_id_host(client_id));
	oauth_client_metadata_defaults(client);
	client->client_id = pstrdup(client_id);
	client->is_document = true;
	if ((fault = oauth2_registration_check(NULL, client, json, before, false)) != NULL)
		return fault;
	if (client->token_endpoint_auth_method == NULL)
		return oauth2_bad_metadata("this server has no " PRIVATE_KEY_JWT ".");
	client->require_pkce = true;
	return oauth_client_check_sector_document(client, before);
}

/* Fills in the client from the document at its client_id.  before: as it was; NULL: it is new. */
OAuthFault *
oauth2_client_document_check(const char *client_id, const char *body, const OAuthClient *before,
							 OAuthClient *client)
{
	const char *problem;
	Jsonb	   *json = oauth_json_read(body, strlen(body), &problem);
	OAuthFault *fault;

	if (json == NULL || !JB_ROOT_IS_OBJECT(json))
		return oauth2_bad_metadata("it is not a JSON object in which each member comes once.");
	if ((fault = check_client_id(json, client_id)) != NULL ||
		(fault = check_has_no_secret(json)) != NULL ||
		(fault = check_method(json)) != NULL)
		return fault;
	return read_client(json, client_id, before, client);
}
