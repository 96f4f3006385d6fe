/*
 * issue.c
 *		Issuing tokens: a grant and its tokens.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "setting.h"
#include "store/client.h"
#include "store/token.h"
#include "token/token.h"

/* A grant can end earlier than its tokens would. */
TimestampTz
oauth_within_grant(int64 grant, TimestampTz expires_at)
{
	if (oauth_setting_grant_lifetime == 0)
		return expires_at;
	return Min(expires_at, oauth_handle_time(grant) + oauth_setting_grant_lifetime * USECS_PER_SEC);
}

/*
 * When an access token ends; lifetime 0: as its resource and its client say, whichever is shorter,
 * and the setting where neither does.
 */
TimestampTz
oauth_access_token_end(const OAuthClient *client, const OAuthTokenRules *rules, int lifetime)
{
	if (lifetime == 0)
		lifetime = client->access_token_lifetime;
	if (rules->lifetime != 0 && (lifetime == 0 || rules->lifetime < lifetime))
		lifetime = rules->lifetime;
	return oauth_seconds_from_now(lifetime ? lifetime : oauth_setting_access_token_lifetime);
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
		.resource = issue->resource,
		.authorization_details = issue->authorization_details,
		.issuer = issue->issuer};

	if (issue->client->is_public)
		grant.cnf = issue->cnf;
	if (issue->authentication != NULL)
		grant.authentication = *issue->authentication;
	if (issue->grant != 0)
		return issue->grant;
	if (issue->subject == NULL)
		return oauth_store_standing_grant(issue->client->client_id);
	oauth_store_insert_grant(&grant);
	return grant.handle;
}

/* Makes the refresh token that goes with an access token. */
static char *
issue_refresh_token(const OAuthIssue *issue, const OAuthAccessToken *access)
{
	int64		handle = oauth_handle_next();
	char	   *token = oauth_random_token(OAUTH_REFRESH_TOKEN, handle);

	oauth_store_insert_refresh_token(handle, access->grant, token, access->handle, NULL,
									 oauth_refresh_token_end(issue->client, access->grant));
	return token;
}

/* Notes the outcome of a request for tokens, unless tokens of the client are not to be noted. */
void
oauth_issue_note(const OAuthRequest *request, const OAuthClient *client, const OAuthEvent *event)
{
	if (event->fault == NULL && client->omit_issue_events)
		return;
	oauth_event_note(request, event);
}

/*
 * Makes a grant, unless there is one already, and its first tokens.  The caller has checked
 * everything.  The access token has the words of the scope that its resources know, the grant has
 * all.
 */
OAuthIssued *
oauth_issue(const OAuthIssue *issue)
{
	OAuthIssued *issued = palloc0(sizeof(OAuthIssued));
	OAuthTokenRules rules = oauth_token_rules(issue->client, issue->resource);
	OAuthAccessToken access = {
		.client = issue->client, .subject = issue->subject, .resource = issue->resource,
		.authentication = issue->authentication, .cnf = issue->cnf,
		.authorization_details = issue->authorization_details, .act = issue->act
	};

	access.grant = grant_for(issue);
	access.handle = oauth_handle_next();
	access.audience = rules.audience;
	access.scope = oauth_token_scope(&rules, issue->scope);
	access.expires_at = oauth_access_token_end(issue->client, &rules, issue->lifetime);
	if (issue->grant != 0)
		access.expires_at = oauth_within_grant(issue->grant, access.expires_at);
	if (issue->not_after != 0)
		access.expires_at = Min(access.expires_at, issue->not_after);
	issued->access_token = rules.is_jwt ? oauth_access_token_jwt(&access, rules.signing_alg) :
		oauth_random_token(OAUTH_ACCESS_TOKEN, access.handle);
	oauth_store_insert_access_token(&access, issued->access_token);
	if (issue->refresh)
		issued->refresh_token = issue_refresh_token(issue, &access);
	issued->grant = access.grant;
	issued->scope = pstrdup(access.scope);
	issued->asked_scope = issue->scope;
	issued->expires_at = access.expires_at;
	issued->cnf = access.cnf;
	issued->authorization_details = access.authorization_details;
	return issued;
}
