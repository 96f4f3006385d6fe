/*
 * subject.c
 *		The subject, and the session, as a client sees them (OpenID Connect Core, section 8).
 *
 * A client of subject_type pairwise sees a keyed digest of the subject and of its sector, so that
 * clients of different sectors cannot find out that they have the same user: "The Subject
 * Identifier value MUST NOT be reversible by any party other than the OpenID Provider" (section
 * 8.1).  The key is a row of its own, sealed under the master key, and is never replaced: "Distinct
 * Sector Identifier values MUST result in distinct Subject Identifier values" and "the algorithm
 * MUST be deterministic", also after a rotation of the master key.
 *
 * The sid of a session would tell as much: clients that have the same sid have the same user.  So
 * such a client sees another sid, too: 16 bytes that are a digest of sector and sid, and the sid
 * under a mask that these 16 bytes make.  The server, which has the key, takes the mask off again.
 *
 * SQL, policies and the audit log always see the subject and the sid themselves.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "secret/secret.h"
#include "store/client.h"
#include "store/key.h"
#include "text/text.h"

#include "access/xact.h"
#include "access/xlog.h"

/* Makes the key of pairwise subjects, once, also if several sessions need it at the same time. */
void
oauth_pairwise_key_make(void)
{
	uint8		key[OAUTH_HASH_LENGTH];
	char	   *encoded;

	if (oauth_store_pairwise_key() != NULL)
		return;
	if (RecoveryInProgress() || XactReadOnly)
		ereport(ERROR, (errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
						errmsg("there is no key for pairwise subjects yet, and none can be made "
							   "in a read-only transaction"),
						errhint("SELECT oauth_update_client(client_id, '{\"subject_type\": "
								"\"pairwise\"}') on the primary makes it.")));
	oauth_random(key, sizeof(key));
	encoded = oauth_base64url(key, sizeof(key));
	oauth_store_insert_pairwise_key(oauth_seal(encoded, OAUTH_PAIRWISE_KEY_BINDING));
	oauth_wipe(key, sizeof(key));
	oauth_wipe(encoded, strlen(encoded));
}

static void
read_key(uint8 *key)
{
	bytea	   *sealed = oauth_store_pairwise_key();
	char	   *encoded;
	uint8	   *decoded;
	int			length = 0;

	if (sealed == NULL)
	{
		oauth_pairwise_key_make();
		sealed = oauth_store_pairwise_key();
	}
	encoded = oauth_unseal(sealed, OAUTH_PAIRWISE_KEY_BINDING);
	decoded = oauth_base64url_decode(encoded, strlen(encoded), &length);
	if (decoded == NULL || length != OAUTH_HASH_LENGTH)
		elog(ERROR, "the key of pairwise subjects is malformed");
	memcpy(key, decoded, OAUTH_HASH_LENGTH);
	oauth_wipe(decoded, length);
	oauth_wipe(encoded, strlen(encoded));
}

/* The base64url of HMAC-SHA-256(key, sector || 0 || subject). */
static char *
pairwise_subject(const char *sector, const char *subject)
{
	const void *parts[] = {sector, subject};
	size_t		lengths[] = {strlen(sector) + 1, strlen(subject)};
	uint8		key[OAUTH_HASH_LENGTH];
	uint8		digest[OAUTH_HASH_LENGTH];

	read_key(key);
	oauth_hmac_sha256(key, parts, lengths, lengthof(parts), digest);
	oauth_wipe(key, sizeof(key));
	return oauth_base64url(digest, sizeof(digest));
}

bool
oauth_client_is_pairwise(const OAuthClient *client)
{
	return client->subject_type != NULL && strcmp(client->subject_type, "pairwise") == 0;
}

/* The subject as that client sees it. */
const char *
oauth_subject_for(const OAuthClient *client, const char *subject)
{
	return oauth_client_is_pairwise(client) ?
		pairwise_subject(client->sector_identifier, subject) : subject;
}

/* The same for a client of which only the id is known; *is_pairwise unless that is NULL. */
const char *
oauth_subject_seen_by(const char *client_id, const char *subject, bool *is_pairwise)
{
	const char *sector = oauth_store_pairwise_sector(client_id);

	if (is_pairwise != NULL)
		*is_pairwise = sector != NULL;
	return sector != NULL ? pairwise_subject(sector, subject) : subject;
}

/* ---- sessions ---- */

#define TAG_LENGTH	16
#define MAX_SID		OAUTH_HASH_LENGTH	/* that of a session here has as many characters */

/* Puts the mask that the tag makes over the sid, or takes it off. */
static void
mask(const uint8 *key, const uint8 *tag, uint8 *sid, int length)
{
	static const char label[] = "mask of a session";
	const void *parts[] = {label, tag};
	size_t		lengths[] = {sizeof(label), TAG_LENGTH};
	uint8		digest[OAUTH_HASH_LENGTH];

	oauth_hmac_sha256(key, parts, lengths, lengthof(parts), digest);
	for (int i = 0; i < length; i++)
		sid[i] ^= digest[i];
}

static char *
pairwise_sid(const char *sector, const char *sid)
{
	static const char label[] = "tag of a session";
	int			length = strlen(sid);
	const void *parts[] = {label, sector, sid};
	size_t		lengths[] = {sizeof(label), strlen(sector) + 1, length};
	uint8		key[OAUTH_HASH_LENGTH];
	uint8		digest[OAUTH_HASH_LENGTH];
	uint8		seen[TAG_LENGTH + MAX_SID];

	if (length > MAX_SID)
		elog(ERROR, "the sid of a session is too long");
	read_key(key);
	oauth_hmac_sha256(key, parts, lengths, lengthof(parts), digest);
	memcpy(seen, digest, TAG_LENGTH);
	memcpy(seen + TAG_LENGTH, sid, length);
	mask(key, seen, seen + TAG_LENGTH, length);
	oauth_wipe(key, sizeof(key));
	return oauth_base64url(seen, TAG_LENGTH + length);
}

/* The sid of a session as that client sees it. */
const char *
oauth_sid_for(const OAuthClient *client, const char *sid)
{
	return oauth_client_is_pairwise(client) ? pairwise_sid(client->sector_identifier, sid) : sid;
}

/* The sid of a session that the client sees as that; NULL if it could see none so. */
const char *
oauth_sid_of(const OAuthClient *client, const char *seen)
{
	return oauth_client_is_pairwise(client) ? oauth_sid_of_pairwise(seen) : seen;
}

/* The sid that a client with pairwise subjects sees as that; NULL if none could. */
char *
oauth_sid_of_pairwise(const char *seen)
{
	int			length = 0;
	uint8	   *decoded = oauth_base64url_decode(seen, strlen(seen), &length);
	uint8		key[OAUTH_HASH_LENGTH];
	char	   *sid;

	if (decoded == NULL || length <= TAG_LENGTH || length > TAG_LENGTH + MAX_SID ||
		oauth_store_pairwise_key() == NULL)
		return NULL;
	read_key(key);
	mask(key, decoded, decoded + TAG_LENGTH, length - TAG_LENGTH);
	oauth_wipe(key, sizeof(key));
	sid = pnstrdup((char *) decoded + TAG_LENGTH, length - TAG_LENGTH);
	return oauth_is_plain(sid, MAX_SID) ? sid : NULL;
}
