/*
 * authorize_login.c
 *		The first step of an authorization request that is in order: somebody is logged in.
 *
 * - prompt=login and prompt=select_account bring the login page to whoever is logged in (OpenID
 *   Connect Core, section 3.1.2.1)
 * - max_age brings it to whoever logged in longer ago
 * - prompt=none shows no page: login_required
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "oauth2/authorization.h"
#include "text/text.h"

/* The request as a query, without the prompts for a login, once that has been done. */
char *
oauth2_authorize_query(const OAuth2Authorization *request)
{
	StringInfoData query;

	initStringInfo(&query);
	for (int i = 0; i < request->params.n; i++)
	{
		const OAuthParam *param = &request->params.items[i];

		if (strcmp(param->name, "prompt") == 0 && oauth2_prompts(request, "consent"))
			appendStringInfo(&query, "%sprompt=consent", query.len > 0 ? "&" : "");
		else if (strcmp(param->name, "prompt") != 0 && strcmp(param->name, "max_age") != 0)
			appendStringInfo(&query, "%s%s=%s", query.len > 0 ? "&" : "",
							 oauth1_encode(param->name), oauth1_encode(param->value));
	}
	return query.data;
}

/* Whether this login is too old for the request. */
static bool
must_log_in(const OAuth2Authorization *request, const OAuthSession *session)
{
	if (session == NULL || oauth2_prompts(request, "login") ||
		oauth2_prompts(request, "select_account"))
		return true;
	return request->max_age >= 0 &&
		oauth_handle_time(session->handle) + request->max_age * USECS_PER_SEC <
		GetCurrentTimestamp();
}

/* For the application that takes over: what the request is about. */
OAuthLoginRequest *
oauth2_authorize_about(const OAuth2Authorization *request, const char *address)
{
	OAuthLoginRequest *login = palloc0(sizeof(OAuthLoginRequest));

	login->address = unconstify(char *, address);
	login->client_id = request->client->client_id;
	login->scope = unconstify(char *, request->scope);
	login->is_login = true;
	login->max_age = request->max_age;
	login->prompt = unconstify(char *, request->prompt);
	return login;
}

/* NULL if whoever is logged in will do; else the way to the login, or the refusal. */
OAuthResponse *
oauth2_authorize_login(const OAuthRequest *http, const OAuth2Authorization *request,
					   const OAuthSession *session)
{
	char	   *address;

	if (!must_log_in(request, session))
		return NULL;
	if (oauth2_prompts(request, "none"))
		return oauth2_authorize_tell_client(http, request,
											oauth_fault(OAUTH_LOGIN_REQUIRED,
														"Nobody is logged in."));
	address = psprintf(OAUTH2_AUTHORIZE "?%s", oauth2_authorize_query(request));
	if (!oauth_login_returns_to(address))
		return oauth2_authorize_tell_client(http, request,
											oauth_fault(OAUTH_INVALID_REQUEST,
														"The request is too long for a login."));
	return oauth_login_redirect(http, oauth2_authorize_about(request, address), session != NULL);
}
