/*
 * issue.c
 *		Issuing tokens: a grant and its tokens.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "store/store.h"
#include "token/token.h"

/* A grant can end earlier than its tokens would. */
TimestampTz
oauth_within_grant(int64 grant, TimestampTz expires_at)
{
	if (oauth_setting_grant_lifetime == 0)
		return expires_at;
	return Min(expires_at, oauth_handle_time(grant) + oauth_setting_grant_lifetime * USECS_PER_SEC);
}

/* When an access token of the client ends; lifetime 0: that of the client, or of the setting. */
TimestampTz
oauth_access_token_end(const OAuthClient *client, int lifetime)
{
	if (lifetime == 0)
		lifetime = client->access_token_lifetime ? client->access_token_lifetime :
			oauth_setting_access_token_lifetime;
	return oauth_seconds_from_now(lifetime);
}

TimestampTz
oauth_refresh_token_end(const OAuthClient *client, int64 grant)
{
	int			lifetime = client->refresh_token_lifetime ? client->refresh_token_lifetime :
		oauth_setting_refresh_token_lifetime;

	return oauth_within_grant(grant, oauth_seconds_from_now(lifetime));
}

static int64
grant_for(const OAuthIssue *issue)
{
	OAuthGrant	grant = {.handle = oauth_handle_next(),
		.client_id = issue->client->client_id,
		.subject = issue->subject,
		.grant_type = issue->grant_type,
		.scope = issue->scope,
		.resource = issue->resource};

	if (issue->authentication != NULL)
		grant.authentication = *issue->authentication;
	if (issue->grant != 0)
		return issue->grant;
	if (issue->subject == NULL)
		return oauth_store_standing_grant(issue->client->client_id);
	oauth_store_insert_grant(&grant);
	return grant.handle;
}

/*
 * Makes a grant, unless there is one already, and its first tokens.  The caller has checked
 * everything.
 */
OAuthIssued *
oauth_issue(const OAuthIssue *issue)
{
	OAuthIssued *issued = palloc0(sizeof(OAuthIssued));
	int64		grant = grant_for(issue);
	int64		access = oauth_handle_next();

	issued->grant = grant;
	issued->scope = pstrdup(issue->scope);
	issued->expires_at = oauth_access_token_end(issue->client, issue->lifetime);
	issued->access_token = oauth_random_token(OAUTH_ACCESS_TOKEN, access);
	oauth_store_insert_access_token(access, grant, issued->access_token, issue->scope,
									issue->resource, issued->expires_at);
	if (issue->refresh)
	{
		int64		refresh = oauth_handle_next();

		issued->refresh_token = oauth_random_token(OAUTH_REFRESH_TOKEN, refresh);
		oauth_store_insert_refresh_token(refresh, grant, issued->refresh_token, access, NULL,
										 oauth_refresh_token_end(issue->client, grant));
	}
	return issued;
}
