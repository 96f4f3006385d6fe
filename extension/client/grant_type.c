/*
 * grant_type.c
 *		Every grant type that a client can have.
 *
 * introspection and oauth1...  are names of this server for what has no standard grant type.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "store/client.h"
#include "text/text.h"

static const OAuthGrantType grant_types[] = {
	{.name = OAUTH_GRANT_AUTHORIZATION_CODE, .given_by = OAUTH_GIVEN_BY_ITSELF},
	{.name = OAUTH_GRANT_REFRESH_TOKEN, .given_by = OAUTH_GIVEN_BY_ITSELF},
	{.name = OAUTH_GRANT_PASSWORD},
	{.name = OAUTH_GRANT_CLIENT_CREDENTIALS,
		.needs_secret = true,
	.given_by = OAUTH_GIVEN_BY_TOKEN},
	{.name = OAUTH_GRANT_DEVICE_CODE, .given_by = OAUTH_GIVEN_BY_ITSELF},
	{.name = OAUTH_GRANT_TOKEN_EXCHANGE, .needs_secret = true},
	{.name = OAUTH_GRANT_JWT_BEARER},
	{.name = OAUTH_GRANT_INTROSPECTION, .needs_secret = true},
	{.name = OAUTH_GRANT_OAUTH1, .needs_secret = true, .signs = true},
	{.name = OAUTH_GRANT_OAUTH1_TWO_LEGGED, .needs_secret = true, .signs = true},
	{.name = OAUTH_GRANT_OAUTH1_XAUTH, .needs_secret = true, .signs = true},
};

/* The grant type of that name; NULL if there is none. */
const OAuthGrantType *
oauth_grant_type(const char *name)
{
	return OAUTH_FIND_NAMED(grant_types, name);
}

/* The names, for people: "authorization_code, ...  and oauth1_xauth". */
const char *
oauth_grant_types(void)
{
	return OAUTH_ENUMERATE(grant_types);
}

/* Whether the client is registered for that grant type. */
bool
oauth_client_may(const OAuthClient *client, const char *grant_type)
{
	return oauth_list_has(client->grant_types, grant_type);
}

/* Whether it makes OAuth 1.0a signatures, which needs a secret that can be recovered. */
bool
oauth_client_signs(const OAuthClient *client)
{
	for (size_t i = 0; i < lengthof(grant_types); i++)
		if (grant_types[i].signs && oauth_client_may(client, grant_types[i].name))
			return true;
	return false;
}
