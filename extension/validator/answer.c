/*
 * answer.c
 *		oauth.validate_login(): what the database that knows the tokens says of one that somebody
 *		logs in with.
 *
 * It says the same of a token as /api/ does, and refuses more: who logs in is a person, with a
 * scope that was asked for.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "store/scope.h"
#include "store/token.h"
#include "text/text.h"
#include "user/user.h"
#include "validator/validator.h"

#include "access/xlog.h"
#include "miscadmin.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_validate_login);

/* Scopes that say something else: OpenID Connect Core, sections 5.4 and 11. */
static const char *const of_openid[] = {
	"openid", "profile", "email", "address", "phone", "offline_access"
};

/*
 * Whether a word of the scope is for logging in to a database, and not what every client asks for,
 * or gets without asking: otherwise any token of a person would open it.
 */
static bool
is_dedicated(const char *scope)
{
	const char *defaults = oauth_store_default_scope();

	for (const char *c = scope + strspn(scope, " "); *c; c += strspn(c, " "))
	{
		const char *word = pnstrdup(c, strcspn(c, " "));

		if (OAUTH_FIND_NAMED(of_openid, word) == NULL &&
			(defaults == NULL || !oauth_words_include(defaults, word)))
			return true;
		c += strlen(word);
	}
	return false;
}

/* Why the token may not log in; NULL: it may. */
static const char *
refuse(const OAuthToken *token, const char *scope)
{
	if (!is_dedicated(scope))
		return psprintf("the scope \"%s\" of the line of pg_hba.conf is not a dedicated one: "
						"tokens for other purposes have it too", scope);
	if (token == NULL)
		return "the token is unknown, expired or revoked";
	if (!oauth2_resource_admits(token->resource, NULL))
		return psprintf("the token is for another resource: %s", token->resource);
	if (token->cnf != NULL)
		return "the token is bound to a key, of which a login to PostgreSQL has no proof";
	if (token->subject == NULL)
		return psprintf("the token belongs to client \"%s\" itself, and to no person",
						token->client_id);
	if (!oauth_words_include(token->scope, scope))
		return psprintf("the token of subject \"%s\" does not have scope \"%s\"", token->subject,
						scope);
	return NULL;
}

/* The token of the arguments, if it lives. */
static OAuthToken *
token_of(FunctionCallInfo fcinfo)
{
	OAuthTokenString string = {.handle = PG_GETARG_INT64(0)};
	bytea	   *hash = PG_GETARG_BYTEA_PP(1);

	if (VARSIZE_ANY_EXHDR(hash) != OAUTH_HASH_LENGTH)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("token_hash must have %d bytes", OAUTH_HASH_LENGTH),
						errhint("It is the SHA-256 of the whole token.")));
	memcpy(string.hash, VARDATA_ANY(hash), OAUTH_HASH_LENGTH);
	return oauth_store_find_access_token(&string);
}

/*
 * oauth.validate_login(handle bigint, token_hash bytea, required_scope text)
 *		RETURNS TABLE (refusal text, subject text, username text, client_id text,
 *		grant_handle bigint, database oid, system_identifier text)
 */
Datum
oauth_validate_login(PG_FUNCTION_ARGS)
{
	OAuthToken *token = token_of(fcinfo);
	const char *refusal = refuse(token, text_to_cstring(PG_GETARG_TEXT_PP(2)));
	OAuthResult row = {0};

	oauth_row_text(&row, refusal);
	if (refusal == NULL)
	{
		oauth_row_text(&row, token->subject);
		oauth_row_text(&row, oauth_username(token->subject));
		oauth_row_text(&row, token->client_id);
		oauth_row_int64(&row, token->grant);
	}
	else
		for (int i = 0; i < 4; i++)
			oauth_row_null(&row);
	oauth_row_value(&row, ObjectIdGetDatum(MyDatabaseId));
	oauth_row_text(&row, psprintf(UINT64_FORMAT, GetSystemIdentifier()));
	return oauth_row_return(fcinfo, &row);
}
