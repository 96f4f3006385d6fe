/*
 * check_max_age.c
 *		Check of an authorization request: how old a login may be.
 *
 * - max_age is a number of seconds (OpenID Connect Core, section 3.1.2.1)
 * - without it, it is the default_max_age that the client registered (OpenID Connect Dynamic Client
 *   Registration, section 2)
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth2/authorization.h"

#define MAX_DIGITS 9

OAuthFault *
oauth2_check_max_age(OAuth2Authorization *request)
{
	const char *max_age;
	OAuthFault *fault = oauth_params_get(&request->params, "max_age", &max_age);

	request->max_age = request->client->default_max_age;
	if (fault != NULL || max_age == NULL)
		return fault;
	if (strspn(max_age, "0123456789") != strlen(max_age) || strlen(max_age) > MAX_DIGITS)
		return oauth_fault(OAUTH_INVALID_REQUEST, "max_age must be a number of seconds.");
	request->max_age = (int) strtol(max_age, NULL, 10);
	return NULL;
}
