/*
 * grant_password.c
 *		The resource owner's password (RFC 6749, section 4.3).
 *
 * RFC 9700, section 2.4 and OAuth 2.1 withdraw this grant; it is here for the clients of old, and only for those that list
 * it among their grant types.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

/*
 * Setting a password ends the tokens issued under the old one.  Hashing takes a while, in which that may have happened;
 * from here on it waits until these tokens are there to be ended.
 */
static bool
still_holds(const OAuthUser *user, const char *username)
{
	const OAuthUser *held = oauth_store_hold_user(username);

	return held != NULL && !held->is_disabled && strcmp(held->password_hash, user->password_hash) == 0;
}

/* One answer, and one time, for unknown users, wrong passwords and disabled users. */
static OAuthFault *
check_password(const char *username, const char *password, OAuthUser **user)
{
	bool		matches = false;

	*user = oauth_store_find_user(username);
	if (*user == NULL)
		oauth_password_burn(password);
	else
		matches = oauth_password_matches(password, (*user)->password_hash);
	if (!matches || !still_holds(*user, username))
		return oauth_fault(OAUTH_INVALID_GRANT, "The username or the password is wrong.");
	return NULL;
}

OAuthFault *
oauth2_grant_password(const OAuthClient *client, const OAuthParams *params, OAuthIssued **issued)
{
	OAuthIssue	issue = {.client = client, .grant_type = "password"};
	const char *username;
	const char *password;
	const char *scope;
	OAuthUser  *user;
	OAuthFault *fault;

	if ((fault = oauth_params_get(params, "username", &username)) != NULL ||
		(fault = oauth_params_get(params, "password", &password)) != NULL ||
		(fault = oauth_params_get(params, "scope", &scope)) != NULL)
		return fault;
	if (username == NULL || password == NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST, "username and password must both be sent.");
	if ((fault = oauth2_scope_decide(client, scope, &issue.scope)) != NULL ||
		(fault = check_password(username, password, &user)) != NULL)
		return fault;
	issue.subject = user->subject;
	issue.refresh = oauth_client_may(client, "refresh_token");
	*issued = oauth_issue(&issue);
	return NULL;
}
