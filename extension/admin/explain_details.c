/*
 * explain_details.c
 *		Why authorization_details would be refused (RFC 9396): which type is unknown, or not the
 *		client's, and what a grant has of what a token is asked for.
 *
 * Functions of the application are named and not called.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/admin.h"
#include "client/client.h"
#include "oauth2/oauth2.h"
#include "store/authorization_details.h"
#include "store/client.h"
#include "store/code.h"
#include "store/token.h"
#include "text/text.h"
#include "token/token.h"

#include "utils/builtins.h"
#include "utils/json.h"

#define CHECK "authorization_details"

/* The array of a client's types with one more, as JSON. */
static char *
types_with(const OAuthClient *client, const char *another)
{
	StringInfoData json;
	ListCell   *cell;

	initStringInfo(&json);
	appendStringInfoChar(&json, '[');
	foreach(cell, client->authorization_details_types)
	{
		escape_json(&json, lfirst(cell));
		appendStringInfoString(&json, ", ");
	}
	escape_json(&json, another);
	appendStringInfoChar(&json, ']');
	return json.data;
}

/* What lets the client ask; NULL if the form is what is wrong. */
static const char *
remedy_for(const OAuthClient *client, const List *types)
{
	ListCell   *cell;

	foreach(cell, types)
	{
		const char *type = lfirst(cell);

		if (oauth_store_find_details_type(type) == NULL)
			return psprintf("SELECT oauth_register_authorization_details_type(%s, '...');",
							quote_literal_cstr(type));
		if (!oauth_list_has(client->authorization_details_types, type))
			return oauth_explain_update(client, "authorization_details_types",
										types_with(client, type));
	}
	return NULL;
}

/* Says which functions of the application decide, if any does. */
static void
explain_functions(OAuthExplanation *explanation, const List *types)
{
	ListCell   *cell;

	foreach(cell, types)
	{
		OAuthAuthorizationDetailsType *type = oauth_store_find_details_type(lfirst(cell));

		if (type != NULL && type->function.name != NULL)
			oauth_explain_step(explanation, CHECK, OAUTH_EXPLAIN_OPEN,
							   psprintf("%s.%s decides about type %s; it is not called here",
										type->function.schema, type->function.name, type->type),
							   NULL);
	}
}

/*
 * What is asked for.  is_decided: functions of the application would be called for the answer,
 * which is not asked for then.
 */
void
oauth_explain_details(OAuthExplanation *explanation, const OAuthClient *client,
					  const OAuthParams *params, bool is_decided)
{
	const char *sent;
	const char *details = NULL;
	List	   *types;
	OAuthFault *fault = oauth_params_get(params, "authorization_details", &sent);

	if (fault != NULL || sent == NULL)
		return;
	types = oauth_details_types(sent);
	fault = oauth2_details_read(client, params, &details);
	oauth_explain_step(explanation, CHECK, fault ? OAUTH_EXPLAIN_REFUSED : OAUTH_EXPLAIN_OK,
					   fault ? fault->description :
					   psprintf("of type %s", oauth_words_join(types)),
					   fault ? remedy_for(client, types) : NULL);
	if (fault != NULL)
		return;
	explain_functions(explanation, types);
	if (is_decided && oauth_details_need_application(details))
		explanation->not_asked = "a function of the application would run";
}

/* The grant of a code or a refresh token of that client; NULL if there is none. */
static const OAuthGrant *
grant_of(const OAuthClient *client, const OAuthParams *params)
{
	const char *code;
	const char *token;
	OAuthTokenString string;
	OAuthAuthorizationCode *found;
	OAuthRefreshToken *refresh = NULL;
	const OAuthGrant *grant = NULL;

	if (oauth_params_get(params, "code", &code) == NULL && code != NULL &&
		oauth_token_parse(code, strlen(code), OAUTH_AUTHORIZATION_CODE, &string) &&
		(found = oauth_store_find_code(&string)) != NULL)
		grant = &found->grant;
	else if (oauth_params_get(params, "refresh_token", &token) == NULL && token != NULL &&
			 (refresh = oauth_find_refresh_token(token, strlen(token), true)) != NULL)
		grant = &refresh->grant;
	return grant && strcmp(grant->client_id, client->client_id) == 0 ? grant : NULL;
}

/* What a token is asked for, of what was granted. */
void
oauth_explain_narrowing(OAuthExplanation *explanation, const OAuthClient *client,
						const OAuthParams *params)
{
	const OAuthGrant *grant = grant_of(client, params);
	const char *sent;
	const char *details;

	if (grant == NULL || oauth_params_get(params, "authorization_details", &sent) != NULL ||
		sent == NULL)
		return;
	(void) oauth_explain_fault(explanation, CHECK, oauth2_details_narrow(grant, params, &details),
							   grant->authorization_details ?
							   psprintf("granted were %s",
										oauth_explain_shown(grant->authorization_details)) :
							   "none were granted");
}
