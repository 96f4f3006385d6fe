/*
 * issue.c
 *		Issuing tokens, and rotating refresh tokens (RFC 6749, section 6; RFC 9700, section 4.14).
 *
 * A refresh token is good once.  Whoever presents a used one again ends its family, with one
 * exception: a client that lost the answer and asks again within oauth.refresh_grace, while nobody
 * has used what that answer brought, gets the same answer.  So the tokens of a rotation are not
 * random but derived, by HMAC, from the master key, a salt of that rotation and the token
 * presented; the salt is stored with the successor and erased once that is used or the grace has
 * ended, so that an old token derives nothing later.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "secret/secret.h"
#include "store/store.h"
#include "text/text.h"
#include "token/token.h"

#define ACCESS_LABEL	"oauth access token of a rotation"
#define REFRESH_LABEL	"oauth refresh token of a rotation"

/* A grant can end earlier than its tokens would. */
static TimestampTz
within_grant(int64 grant, TimestampTz expires_at)
{
	if (oauth_setting_grant_lifetime == 0)
		return expires_at;
	return Min(expires_at, oauth_handle_time(grant) + oauth_setting_grant_lifetime * USECS_PER_SEC);
}

static TimestampTz
access_token_end(const OAuthClient *client, int lifetime)
{
	if (lifetime == 0)
		lifetime = client->access_token_lifetime ? client->access_token_lifetime :
			oauth_setting_access_token_lifetime;
	return oauth_seconds_from_now(lifetime);
}

static TimestampTz
refresh_token_end(const OAuthClient *client, int64 grant)
{
	int			lifetime = client->refresh_token_lifetime ? client->refresh_token_lifetime :
		oauth_setting_refresh_token_lifetime;

	return within_grant(grant, oauth_seconds_from_now(lifetime));
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
	issued->expires_at = access_token_end(issue->client, issue->lifetime);
	issued->access_token = oauth_random_token(OAUTH_ACCESS_TOKEN, access);
	oauth_store_insert_access_token(access, grant, issued->access_token, issue->scope,
									issue->resource, issued->expires_at);
	if (issue->refresh)
	{
		int64		refresh = oauth_handle_next();

		issued->refresh_token = oauth_random_token(OAUTH_REFRESH_TOKEN, refresh);
		oauth_store_insert_refresh_token(refresh, grant, issued->refresh_token, access, NULL,
										 refresh_token_end(issue->client, grant));
	}
	return issued;
}

/* A rotation: what its two tokens are derived from. */
typedef struct Rotation
{
	const char *presented;
	uint8		salt[OAUTH_SALT_LENGTH];	/* key id and random bytes */
	int64		access;
	int64		refresh;
} Rotation;

static char *
derived_token(const Rotation *rotation, OAuthTokenKind kind, int64 handle)
{
	const void *parts[] = {rotation->salt, rotation->presented};
	size_t		lengths[] = {OAUTH_SALT_LENGTH, strlen(rotation->presented)};
	uint8		key[OAUTH_HASH_LENGTH];
	uint8		secret[OAUTH_HASH_LENGTH];
	char	   *token;

	oauth_master_key_derive(rotation->salt,
							kind == OAUTH_ACCESS_TOKEN ? ACCESS_LABEL : REFRESH_LABEL, key);
	oauth_hmac_sha256(key, parts, lengths, 2, secret);
	token = oauth_token_string(kind, handle, secret);
	oauth_wipe(key, sizeof(key));
	oauth_wipe(secret, sizeof(secret));
	return token;
}

static void
derive_tokens(const Rotation *rotation, OAuthIssued *issued)
{
	issued->access_token = derived_token(rotation, OAUTH_ACCESS_TOKEN, rotation->access);
	issued->refresh_token = derived_token(rotation, OAUTH_REFRESH_TOKEN, rotation->refresh);
}

/*
 * Uses the token up and issues its successors; NULL if another request was first.
 *
 * Narrowing the scope, or the resources (RFC 8707, section 2.2), narrows this access token only:
 * "If a new refresh token is issued, the refresh token scope MUST be identical to that of the
 * refresh token included by the client in the request."  (RFC 6749, section 6)
 */
static OAuthIssued *
rotate(const OAuthClient *client, const OAuthRefreshToken *old, const char *presented,
	   const char *scope, const char *resource)
{
	OAuthIssued *issued = palloc0(sizeof(OAuthIssued));
	int64		grant = old->grant.handle;
	Rotation	rotation = {.presented = presented};

	rotation.access = oauth_handle_next();
	rotation.refresh = oauth_handle_next();
	if (!oauth_store_use_refresh_token(old->handle, rotation.refresh))
		return NULL;
	oauth_master_key_current(rotation.salt, false);
	oauth_random(rotation.salt + OAUTH_KEY_ID_LENGTH, OAUTH_SALT_LENGTH - OAUTH_KEY_ID_LENGTH);
	derive_tokens(&rotation, issued);
	issued->grant = grant;
	issued->scope = pstrdup(scope);
	issued->expires_at = within_grant(grant, access_token_end(client, 0));
	oauth_store_insert_access_token(rotation.access, grant, issued->access_token, scope, resource,
									issued->expires_at);
	oauth_store_insert_refresh_token(rotation.refresh, grant, issued->refresh_token,
									 rotation.access, rotation.salt,
									 refresh_token_end(client, grant));
	return issued;
}

/* The answer of the rotation that used the token, as long as it may be given again; else NULL. */
static OAuthIssued *
repeat_rotation(const OAuthRefreshToken *old, const char *presented)
{
	OAuthIssued *issued = palloc0(sizeof(OAuthIssued));
	Rotation	rotation = {.presented = presented, .refresh = old->successor};
	OAuthRefreshToken *successor;

	if (GetCurrentTimestamp() - old->used_at > oauth_setting_refresh_grace * USECS_PER_SEC)
		return NULL;
	successor = oauth_store_find_refresh_token(old->successor, NULL, false);
	if (successor == NULL || successor->used_at != 0 || !successor->has_salt ||
		!oauth_store_access_token_scope(successor->access_token, &issued->scope,
										&issued->expires_at))
		return NULL;
	memcpy(rotation.salt, successor->salt, OAUTH_SALT_LENGTH);
	rotation.access = successor->access_token;
	derive_tokens(&rotation, issued);
	return issued;
}

/*
 * What was granted, or less: "the requested scope MUST NOT include any scope not originally
 * granted" (section 6).
 */
static OAuthFault *
decide_scope(const OAuthRefreshToken *token, const char **scope)
{
	List	   *words;
	OAuthFault *fault;

	if (*scope == NULL)
	{
		*scope = token->grant.scope;
		return NULL;
	}
	if ((fault = oauth2_scope_parse(*scope, &words)) != NULL)
		return fault;
	*scope = oauth_words_join(words);
	return oauth2_scope_refuse(OAUTH_INVALID_SCOPE, token->grant.scope, *scope,
							   "This scope was not granted");
}

static OAuthRefreshToken *
find_presented(const char *presented)
{
	OAuthTokenString string;

	oauth_token_locate(presented, strlen(presented), OAUTH_REFRESH_TOKEN, &string);
	return string.handle > 0 ? oauth_store_find_refresh_token(string.handle, string.hash, false) :
		NULL;
}

/*
 * Answers a refresh token with new tokens.  scope and resource NULL ask for all that was granted.
 *
 * "The refresh token is bound to the client to which it was issued" (section 6): another client
 * learns nothing and changes nothing.  A used token ends its family, unless it is a retry; "used"
 * is looked at before "expired", because an old token that appears again was copied, however old it
 * is.
 */
OAuthFault *
oauth_reissue(const OAuthClient *client, const char *presented, const char *scope,
			  const char *resource, OAuthIssued **issued)
{
	OAuthRefreshToken *token = find_presented(presented);
	OAuthFault *fault;

	if (token == NULL || strcmp(token->grant.client_id, client->client_id) != 0 || token->is_ended)
		return oauth_fault(OAUTH_INVALID_GRANT,
						   "The refresh token is unknown, has ended or belongs to another client.");
	if (token->used_at == 0)
	{
		if (token->expires_at <= GetCurrentTimestamp() ||
			within_grant(token->grant.handle, DT_NOEND) <= GetCurrentTimestamp())
			return oauth_fault(OAUTH_INVALID_GRANT, "The refresh token has expired.");
		if ((fault = decide_scope(token, &scope)) != NULL ||
			(fault = oauth2_resource_narrow(&token->grant, &resource)) != NULL)
			return fault;
		*issued = rotate(client, token, presented, scope, resource);
		if (*issued != NULL)
			return NULL;
		token = find_presented(presented);
		if (token == NULL || token->is_ended || token->used_at == 0)
			return oauth_fault(OAUTH_INVALID_GRANT, "The refresh token has ended.");
	}
	*issued = repeat_rotation(token, presented);
	if (*issued != NULL)
		return NULL;
	oauth_store_end_grant(token->grant.handle, "refresh token used twice");
	fault = oauth_fault(OAUTH_INVALID_GRANT,
						"The refresh token was used before. All tokens of its grant have ended.");
	fault->grant = token->grant.handle;
	return fault;
}
