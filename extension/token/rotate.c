/*
 * rotate.c
 *		Rotating a refresh token: deriving its successors, using it up, and repeating the answer.
 *
 * A refresh token works once.  But a client that lost the answer may ask again within
 * oauth.refresh_grace, and gets the same answer as long as nobody has used its tokens.  So the
 * tokens of a rotation are not random.  They are derived, by HMAC, from the master key, a salt of
 * that rotation and the presented token.  The salt is stored with the successor and erased once
 * that is used or the grace has ended, so that an old token derives nothing later.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "secret/secret.h"
#include "store/store.h"
#include "token/token.h"

#define ACCESS_LABEL	"oauth access token of a rotation"
#define REFRESH_LABEL	"oauth refresh token of a rotation"

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
 * scope and resource are those of the access token.  The refresh token has no scope of its own, but
 * that of its grant: "If a new refresh token is issued, the refresh token scope MUST be identical
 * to that of the refresh token included by the client in the request."  (RFC 6749, section 6)
 */
OAuthIssued *
oauth_rotate(const OAuthClient *client, const OAuthRefreshToken *old, const char *presented,
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
	issued->expires_at = oauth_within_grant(grant, oauth_access_token_end(client, 0));
	oauth_store_insert_access_token(rotation.access, grant, issued->access_token, scope, resource,
									issued->expires_at);
	oauth_store_insert_refresh_token(rotation.refresh, grant, issued->refresh_token,
									 rotation.access, rotation.salt,
									 oauth_refresh_token_end(client, grant));
	return issued;
}

/* The answer of the rotation that used the token, while it may be given again; otherwise NULL. */
OAuthIssued *
oauth_repeat_rotation(const OAuthRefreshToken *old, const char *presented)
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
