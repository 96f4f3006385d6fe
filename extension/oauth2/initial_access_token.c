/*
 * initial_access_token.c
 *		Initial access tokens (RFC 7591, section 1.2): a holder may register as many clients as the
 *		token has uses.
 *
 * An administrator makes them.  A registration checks the token first and uses it up last, so that
 * bad metadata costs nothing.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "crypto/crypto.h"
#include "oauth2/registration.h"
#include "store/client.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_create_initial_access_token);

static OAuthFault *
refused(void)
{
	return oauth_fault(OAUTH_INVALID_TOKEN,
					   "The initial access token is unknown, expired or used up.");
}

/* Whether the token can be used. */
OAuthFault *
oauth2_initial_token_check(const char *token, OAuthTokenString *parsed)
{
	oauth_token_parse(token, strlen(token), OAUTH_INITIAL_TOKEN, parsed);
	return parsed->handle > 0 && oauth_store_initial_token_is_good(parsed) ? NULL : refused();
}

/* Takes one use of the token; another registration may have taken the last one meanwhile. */
OAuthFault *
oauth2_initial_token_use(const OAuthTokenString *token)
{
	return oauth_store_use_initial_token(token->handle) ? NULL : refused();
}

/* oauth_create_initial_access_token(lifetime interval, uses integer) RETURNS text */
Datum
oauth_create_initial_access_token(PG_FUNCTION_ARGS)
{
	int			lifetime = oauth_seconds_argument(fcinfo, 0, "lifetime");
	int			uses = oauth_argument_is_null(fcinfo, 1) ? 1 : PG_GETARG_INT32(1);
	int64		handle = oauth_handle_next();
	char	   *token = oauth_random_token(OAUTH_INITIAL_TOKEN, handle);

	if (uses < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("uses must be at least 1"),
				 errhint("uses => 10 lets its holder register ten clients.")));
	oauth_store_insert_initial_token(handle, token, uses,
									 oauth_seconds_from_now(lifetime ? lifetime : SECS_PER_DAY));
	oauth_event_configured(NULL, NULL,
						   psprintf("initial access token for %d registrations was created", uses));
	PG_RETURN_TEXT_P(cstring_to_text(token));
}
