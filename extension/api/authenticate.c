/*
 * authenticate.c
 *		oauth_authenticate(): makes a token the identity of the transaction, for the application's
 *		SQL.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "api/api.h"
#include "application/application.h"
#include "client/client.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/token.h"

#include "access/xact.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_authenticate);
PG_FUNCTION_INFO_V1(oauth_authenticate_request);

/* Works as SET LOCAL does: outside a transaction block the identity ends with the statement. */
static void
warn_outside_transaction(const char *function)
{
	if (!IsTransactionBlock())
		ereport(WARNING, (errcode(ERRCODE_NO_ACTIVE_SQL_TRANSACTION),
						  errmsg("%s has no effect on later statements outside a transaction block",
								 function),
						  errhint("BEGIN")));
}

/*
 * Takes the caller's identity if it has required_scope and the login that is needed, the arguments
 * number 1, 3 and 4; otherwise forgets the identity of before.
 */
static bool
take_identity(FunctionCallInfo fcinfo, const OAuthFault *fault, const OAuthToken *caller)
{
	OAuthLoginNeeded needed = oauth2_step_up_arguments(fcinfo, 3);

	oauth_identity_clear();
	if (fault != NULL || caller == NULL ||
		oauth_caller_check_scope(caller, oauth_optional_argument(fcinfo, 1)) != NULL ||
		oauth_caller_check_login(caller, &needed) != NULL)
		return false;
	oauth_identity_set(caller);
	return true;
}

/* A bare token is not the value of an Authorization header, and authenticates nobody. */
static void
notice_token(const char *authorization)
{
	if (strncmp(authorization, "oat_", 4) == 0)
		ereport(NOTICE,
				(errmsg("the argument is a token, and not the value of an Authorization header"),
				 errhint("SELECT oauth_authenticate('Bearer ' || token);")));
}

/*
 * oauth_authenticate("authorization" text, required_scope text, resource text, acr_values text,
 *		max_age interval) RETURNS boolean
 */
Datum
oauth_authenticate(PG_FUNCTION_ARGS)
{
	OAuthToken *caller = NULL;
	OAuthFault *fault = NULL;
	char	   *bearer = NULL;
	const char *resource = oauth2_resource_argument(fcinfo, 2);

	warn_outside_transaction("oauth_authenticate");
	if (!PG_ARGISNULL(0))
	{
		char	   *authorization = text_to_cstring(PG_GETARG_TEXT_PP(0));

		notice_token(authorization);
		fault = oauth2_bearer_from_header(authorization, &bearer);
	}
	if (fault == NULL && bearer != NULL)
	{
		OAuth2Presented presented = {.token = bearer};

		if ((fault = oauth2_token_verify(bearer, resource, &caller)) == NULL)
			fault = oauth2_confirm(NULL, &presented, caller);
	}
	PG_RETURN_BOOL(take_identity(fcinfo, fault, caller));
}

/*
 * oauth_authenticate_request(request oauth.http_request, required_scope text, resource text,
 *		acr_values text, max_age interval) RETURNS boolean
 */
Datum
oauth_authenticate_request(PG_FUNCTION_ARGS)
{
	OAuthToken *caller = NULL;
	OAuthFault *fault = NULL;
	OAuthLane	lane;
	const char *resource = oauth2_resource_argument(fcinfo, 2);

	warn_outside_transaction("oauth_authenticate_request");
	if (!PG_ARGISNULL(0))
	{
		OAuthRequest *request = oauth_request_from_datum(PG_GETARG_DATUM(0));

		fault = oauth_caller(request, request, resource, OAUTH_LANE_ANY, &caller, &lane);
	}
	PG_RETURN_BOOL(take_identity(fcinfo, fault, caller));
}
