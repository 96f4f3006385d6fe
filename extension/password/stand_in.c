/*
 * stand_in.c
 *		Whose hash the password for an unknown name is compared with.
 *
 * A refusal must take as long for a name that nobody has as for a user's.  Where stored hashes cost
 * more and less, what an unknown name costs must be as stable and as various as what users cost.
 * So each name has a place of its own between them, the same each time and in every session, and
 * takes the cost of whoever is there.  The place is an HMAC under a key that is derived from the
 * master key: whoever could compute it could tell which users are not what their name says.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "password/password.h"
#include "secret/secret.h"

#define LABEL "oauth stand-in for a user"

/*
 * The place of a name, in the spelling that attempts at it are counted under: OAUTH_HASH_LENGTH
 * bytes.
 */
void
oauth_stand_in(const char *name, uint8 *place)
{
	uint8		key_id[OAUTH_KEY_ID_LENGTH];
	uint8		key[OAUTH_HASH_LENGTH];
	const void *parts[] = {name};
	size_t		lengths[] = {strlen(name)};

	oauth_master_key_current(key_id, false);
	oauth_master_key_derive(key_id, LABEL, key);
	oauth_hmac_sha256(key, parts, lengths, 1, place);
	oauth_wipe(key, sizeof(key));
}
