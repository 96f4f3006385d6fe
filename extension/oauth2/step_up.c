/*
 * step_up.c
 *		Step-up authentication (RFC 9470): a resource may need a login that is stronger or newer
 *		than the one behind the token.
 *
 * The client sends the person to the authorization endpoint with the acr_values and the max_age
 * that the refusal names, and comes back with another token.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "oauth2/oauth2.h"
#include "store/token.h"
#include "text/text.h"
#include "user/user.h"

#define MAX_DIGITS 9

static bool
is_strong_enough(const char *acr, const char *acr_values)
{
	List	   *words;
	ListCell   *cell;

	if (acr_values == NULL)
		return true;
	if (oauth2_scope_parse(acr_values, &words) != NULL)
		return false;
	foreach(cell, words)
		if (oauth_acr_satisfies(acr, lfirst(cell)))
			return true;
	return false;
}

/* A login of unknown age is too old. */
static bool
is_new_enough(TimestampTz at, int max_age)
{
	return max_age == 0 ||
		(at != 0 && at + max_age * USECS_PER_SEC >= GetCurrentTimestamp());
}

/* Whether the login behind the token is what is needed.  OAuth 1.0a knows nothing of logins. */
OAuthFault *
oauth_caller_check_login(const OAuthToken *caller, const OAuthLoginNeeded *needed)
{
	bool		is_strong = is_strong_enough(caller->authentication.acr, needed->acr_values);
	OAuthFault *fault;

	if (is_strong && is_new_enough(caller->authentication.at, needed->max_age))
		return NULL;
	fault = oauth_fault(caller->is_signed ? OAUTH1_PERMISSION_DENIED :
						OAUTH_INSUFFICIENT_USER_AUTHENTICATION,
						is_strong ? "The user logged in too long ago for this." :
						"The user has not logged in strongly enough for this.");
	fault->acr_values = needed->acr_values;
	fault->max_age = needed->max_age;
	return fault;
}

/* What the proxy asks for: acr_values and max_age in seconds. */
OAuthFault *
oauth2_step_up_read(const OAuthParams *params, OAuthLoginNeeded *needed)
{
	const char *max_age;
	List	   *words;
	OAuthFault *fault;

	if ((fault = oauth_params_get(params, "acr_values", &needed->acr_values)) != NULL ||
		(fault = oauth_params_get(params, "max_age", &max_age)) != NULL)
		return fault;
	if (needed->acr_values != NULL && oauth2_scope_parse(needed->acr_values, &words) != NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST, "acr_values is malformed.");
	if (max_age == NULL)
		return NULL;
	if (strspn(max_age, "0123456789") != strlen(max_age) || strlen(max_age) > MAX_DIGITS ||
		(needed->max_age = (int) strtol(max_age, NULL, 10)) == 0)
		return oauth_fault(OAUTH_INVALID_REQUEST, "max_age must be a number of seconds.");
	return NULL;
}

/* The arguments acr_values text and max_age interval of SQL functions. */
OAuthLoginNeeded
oauth2_step_up_arguments(FunctionCallInfo fcinfo, int n)
{
	OAuthLoginNeeded needed = {.max_age = oauth_seconds_argument(fcinfo, n + 1, "max_age")};
	char	   *acr_values = oauth_optional_argument(fcinfo, n);
	List	   *words;

	if (acr_values == NULL)
		return needed;
	if (oauth2_scope_parse(acr_values, &words) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("acr_values is malformed"),
				 errhint("It is one or more names, separated by spaces: urn:oauth:acr:pwd.")));
	needed.acr_values = oauth_words_join(words);
	return needed;
}
