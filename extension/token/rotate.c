/*
 * rotate.c
 *		Rotating a refresh token: deriving its successors, using it up, and repeating the answer.
 *
 * A refresh token works once.  But a client that lost the answer may ask again within
 * oauth.refresh_grace, and gets the same answer as long as nobody has used its tokens.  So the
 * tokens of a rotation are not random, but for a JWT.  They are derived, by HMAC, from the master
 * key, a salt of that rotation and the presented token.  The salt is stored with the successor and
 * erased once that is used or the grace has ended, so that an old token derives nothing later.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "secret/secret.h"
#include "setting.h"
#include "store/client.h"
#include "store/token.h"
#include "token/token.h"

#define ACCESS_LABEL	"oauth access token of a rotation"
#define REFRESH_LABEL	"oauth refresh token of a rotation"

/* A rotation: what its two tokens are derived from. */
typedef struct Rotation
{
	const char *presented;
	uint8		salt[OAUTH_SALT_LENGTH];	/* key id and random bytes */
	int64		refresh;
} Rotation;

/* What all access tokens of the grant of a refresh token have in common. */
static OAuthAccessToken
of_grant(const OAuthClient *client, const OAuthRefreshToken *refresh)
{
	OAuthAccessToken access = {
		.grant = refresh->grant.handle, .client = client, .subject = refresh->grant.subject,
		.authentication = &refresh->grant.authentication
	};

	return access;
}

static char *
derived_token(const Rotation *rotation, OAuthTokenKind kind, int64 handle)
{
	const void *parts[] = {rotation->salt, rotation->presented};
	size_t		lengths[] = {OAUTH_SALT_LENGTH, strlen(rotation->presented)};
	uint8		secret[OAUTH_HASH_LENGTH];
	char	   *token;

	oauth_master_key_mac(rotation->salt, kind == OAUTH_ACCESS_TOKEN ? ACCESS_LABEL : REFRESH_LABEL,
						 parts, lengths, lengthof(parts), secret);
	token = oauth_token_string(kind, handle, secret);
	oauth_wipe(secret, sizeof(secret));
	return token;
}

/*
 * Uses the token up and issues its successors; NULL if another request was first.
 *
 * scope, resource and authorization details are those of the access token.  The refresh token has
 * none of its own, but those of its grant: "If a new refresh token is issued, the refresh token
 * scope MUST be identical to that of the refresh token included by the client in the request."
 * (RFC 6749, section 6)
 */
OAuthIssued *
oauth_rotate(const OAuthClient *client, const OAuthRefreshToken *old, const char *presented,
			 const char *scope, const char *resource, const char *details, const char *cnf)
{
	OAuthIssued *issued = palloc0(sizeof(OAuthIssued));
	Rotation	rotation = {.presented = presented};
	OAuthTokenRules rules;
	OAuthAccessToken access = of_grant(client, old);

	access.handle = oauth_handle_next();
	rotation.refresh = oauth_handle_next();
	if (!oauth_store_use_refresh_token(old->handle, rotation.refresh))
		return NULL;
	oauth_master_key_current(rotation.salt, false);
	oauth_random(rotation.salt + OAUTH_KEY_ID_LENGTH, OAUTH_SALT_LENGTH - OAUTH_KEY_ID_LENGTH);
	rules = oauth_token_rules(client, resource);
	access.scope = oauth_token_scope(&rules, scope);
	access.resource = resource;
	access.authorization_details = details;
	access.cnf = cnf;
	access.audience = rules.audience;
	access.expires_at = oauth_within_grant(access.grant,
										   oauth_access_token_end(client, &rules, 0));
	issued->access_token = rules.is_jwt ? oauth_access_token_jwt(&access, rules.signing_alg) :
		derived_token(&rotation, OAUTH_ACCESS_TOKEN, access.handle);
	issued->refresh_token = derived_token(&rotation, OAUTH_REFRESH_TOKEN, rotation.refresh);
	issued->grant = access.grant;
	issued->scope = pstrdup(access.scope);
	issued->asked_scope = scope;
	issued->expires_at = access.expires_at;
	issued->cnf = access.cnf;
	issued->authorization_details = access.authorization_details;
	oauth_store_insert_access_token(&access, issued->access_token);
	oauth_store_insert_refresh_token(rotation.refresh, access.grant, issued->refresh_token,
									 access.handle, rotation.salt,
									 oauth_refresh_token_end(client, access.grant));
	return issued;
}

static bool
has_hash(const char *token, const uint8 *hash)
{
	uint8		actual[OAUTH_HASH_LENGTH];

	oauth_sha256(token, strlen(token), actual);
	return timingsafe_bcmp(actual, hash, OAUTH_HASH_LENGTH) == 0;
}

/*
 * The access token of the rotation once more; hash is that of its row.
 *
 * A signature of ECDSA is never made the same way twice.  So in the place of a JWT there is another
 * one that is as good: with the scope, the resources and the expiry of the first, and a row of its
 * own.
 */
static char *
repeat_access_token(const Rotation *rotation, OAuthAccessToken *access, const uint8 *hash)
{
	char	   *derived = derived_token(rotation, OAUTH_ACCESS_TOKEN, access->handle);
	OAuthTokenRules rules;
	char	   *jwt;

	if (has_hash(derived, hash))
		return derived;
	rules = oauth_token_rules(access->client, access->resource);
	access->audience = rules.audience;
	access->handle = oauth_handle_next();
	jwt = oauth_access_token_jwt(access, rules.signing_alg);
	oauth_store_insert_access_token(access, jwt);
	return jwt;
}

/*
 * The answer of the rotation that used the token, while it may be given again; otherwise NULL.  The
 * request must prove the same key as the one before.
 */
OAuthIssued *
oauth_repeat_rotation(const OAuthClient *client, const OAuthRefreshToken *old,
					  const char *presented, const char *cnf)
{
	OAuthIssued *issued = palloc0(sizeof(OAuthIssued));
	Rotation	rotation = {.presented = presented, .refresh = old->successor};
	OAuthAccessToken access = of_grant(client, old);
	OAuthRefreshToken *successor;
	uint8		hash[OAUTH_HASH_LENGTH];

	if (GetCurrentTimestamp() - old->used_at > oauth_setting_refresh_grace * USECS_PER_SEC)
		return NULL;
	successor = oauth_store_find_refresh_token(old->successor, NULL, false);
	if (successor == NULL || successor->used_at != 0 || !successor->has_salt)
		return NULL;
	access.handle = successor->access_token;
	if (!oauth_store_issued_before(&access, hash) || !oauth_cnf_equals(access.cnf, cnf))
		return NULL;
	memcpy(rotation.salt, successor->salt, OAUTH_SALT_LENGTH);
	issued->access_token = repeat_access_token(&rotation, &access, hash);
	issued->refresh_token = derived_token(&rotation, OAUTH_REFRESH_TOKEN, rotation.refresh);
	issued->scope = pstrdup(access.scope);
	issued->asked_scope = issued->scope;
	issued->expires_at = access.expires_at;
	issued->cnf = access.cnf;
	issued->authorization_details = access.authorization_details;
	return issued;
}
