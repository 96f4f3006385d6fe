/*
 * liboauth_client.c
 *	  Signs a call of OAuth 1.0a with liboauth, for curl to make: the parameters are in the query.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include <stddef.h>

#include <oauth.h>
#include <stdio.h>
#include <stdlib.h>

int
main(void)
{
	char		url[1000];

	snprintf(url, sizeof(url), "%s/api/?b=1%%202&a=%%C3%%BC", getenv("OAUTH_URL"));
	puts(oauth_sign_url2(url, NULL, OA_HMAC, "GET", getenv("CLIENT_ID"), getenv("CLIENT_SECRET"),
						 getenv("TOKEN"), getenv("TOKEN_SECRET")));
	return 0;
}
