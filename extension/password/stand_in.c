/*
 * stand_in.c
 *		Which stored hash the password for an unknown username is compared with.
 *
 * A refusal must take as long for an unknown name as for a user's.  Where stored hashes have
 * different costs, the cost of an unknown name must vary between names as those costs do, and stay
 * the same for one name.  So each name has a fixed place among the users, and costs what the user
 * at that place costs.  The place is an HMAC under a key derived from the master key: an attacker
 * who could compute it could tell which names do not cost what their place says.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "password/password.h"
#include "secret/secret.h"

#define LABEL "oauth stand-in for a user"

/* The place of a name, in the spelling that attempts are counted under: OAUTH_HASH_LENGTH bytes. */
void
oauth_stand_in(const char *name, uint8 *place)
{
	const void *parts[] = {name};
	size_t		lengths[] = {strlen(name)};

	oauth_master_key_mac(NULL, LABEL, parts, lengths, lengthof(parts), place);
}
