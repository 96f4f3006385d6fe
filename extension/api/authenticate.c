/*
 * authenticate.c
 *		oauth_authenticate(): makes a token the identity of the transaction, for the application's
 *		SQL; oauth_challenge() is the answer to a caller whose token will not do.
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
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(oauth_authenticate);
PG_FUNCTION_INFO_V1(oauth_authenticate_request);
PG_FUNCTION_INFO_V1(oauth_challenge);

/* The refusal of the last call in this transaction, and where it lives; NULL: there was none. */
static OAuthResponse *refusal;
static MemoryContext refusal_context;

static void
forget_refusal(void *argument)
{
	refusal = NULL;
	refusal_context = NULL;
}

/* The refusals of a transaction go with it; of one transaction, only the last is kept. */
static MemoryContext
context_of_refusal(void)
{
	MemoryContextCallback *callback;

	refusal = NULL;
	if (refusal_context != NULL)
	{
		MemoryContextResetOnly(refusal_context);
		return refusal_context;
	}
	refusal_context = AllocSetContextCreate(TopTransactionContext, "refusal of oauth",
											ALLOCSET_SMALL_SIZES);
	callback = MemoryContextAllocZero(TopTransactionContext, sizeof(MemoryContextCallback));
	callback->func = forget_refusal;
	MemoryContextRegisterResetCallback(TopTransactionContext, callback);
	return refusal_context;
}

/*
 * Keeps the answer for oauth_challenge(); fault NULL: nobody is refused.  A scope that no token can
 * hold is not named.
 */
static void
keep_refusal(const OAuthRequest *request, const OAuthFault *fault, const char *required_scope,
			 const char *resource)
{
	MemoryContext old = MemoryContextSwitchTo(context_of_refusal());
	List	   *words;

	if (required_scope != NULL && oauth2_scope_parse(required_scope, &words) != NULL)
		required_scope = NULL;
	if (fault != NULL)
		refusal = oauth_caller_challenge(request, fault, required_scope,
										 oauth2_metadata_uri_of(resource));
	MemoryContextSwitchTo(old);
}

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

/* What is wrong with the caller; fault: what is known so far. */
static const OAuthFault *
check_caller(const OAuthFault *fault, const OAuthToken *caller, const char *required_scope,
			 const OAuthLoginNeeded *needed)
{
	if (fault != NULL)
		return fault;
	if (caller == NULL)
		return oauth_fault(OAUTH_NO_CREDENTIALS,
						   "Send an access token: Authorization: Bearer <token>");
	fault = oauth_caller_check_scope(caller, required_scope);
	return fault ? fault : oauth_caller_check_login(caller, needed);
}

/*
 * Takes the caller's identity if it has required_scope and the login that is needed, the arguments
 * number 1, 3 and 4; otherwise forgets the identity of before.
 */
static bool
take_identity(FunctionCallInfo fcinfo, const OAuthRequest *request, const OAuthFault *fault,
			  const OAuthToken *caller, const char *resource)
{
	OAuthLoginNeeded needed = oauth2_step_up_arguments(fcinfo, 3);
	const char *required_scope = oauth_optional_argument(fcinfo, 1);

	oauth_identity_clear();
	fault = check_caller(fault, caller, required_scope, &needed);
	keep_refusal(request, fault, required_scope, resource);
	if (fault != NULL)
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
	PG_RETURN_BOOL(take_identity(fcinfo, NULL, fault, caller, resource));
}

/*
 * oauth_authenticate_request(request oauth.http_request, required_scope text, resource text,
 *		acr_values text, max_age interval) RETURNS boolean
 */
Datum
oauth_authenticate_request(PG_FUNCTION_ARGS)
{
	OAuthRequest *request = NULL;
	OAuthToken *caller = NULL;
	OAuthFault *fault = NULL;
	OAuthLane	lane;
	const char *resource = oauth2_resource_argument(fcinfo, 2);

	warn_outside_transaction("oauth_authenticate_request");
	if (!PG_ARGISNULL(0))
	{
		request = oauth_request_from_datum(PG_GETARG_DATUM(0));
		fault = oauth_caller(request, request, resource, OAUTH_LANE_ANY, &caller, &lane);
	}
	PG_RETURN_BOOL(take_identity(fcinfo, request, fault, caller, resource));
}

/* oauth_challenge() RETURNS oauth.http_response */
Datum
oauth_challenge(PG_FUNCTION_ARGS)
{
	if (refusal == NULL)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(oauth_response_datum(fcinfo, refusal));
}
