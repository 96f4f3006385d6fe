/*
 * password.c
 *		Passwords of built-in users: bcrypt, computed by pgcrypto.
 *
 * pgcrypto reads $2a$; given the $2b$ or $2y$ of other libraries, it silently computes traditional
 * DES, so those are rewritten as $2a$ here (for passwords in valid UTF-8 the three mean the same).
 * bcrypt stops at 72 bytes, so longer passwords are refused.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "password/password.h"
#include "setting.h"
#include "store/store.h"

#include "utils/builtins.h"

#define PREFIX_LENGTH	7		/* $2a$10$ */
#define HASH_LENGTH		60
#define MIN_COST		4
#define MAX_COST		14		/* of a given hash: about a second */


/* crypt(password, salt) of pgcrypto, whatever the salt makes it compute. */
char *
oauth_pgcrypto_crypt(const char *password, const char *salt)
{
	Oid			crypt = oauth_store_pgcrypto_function("crypt(text,text)");
	Datum		result = OidFunctionCall2(crypt, CStringGetTextDatum(password),
										  CStringGetTextDatum(salt));

	return TextDatumGetCString(result);
}

/* The hash; NULL unless the result is bcrypt with exactly this salt. */
static char *
bcrypt(const char *password, const char *salt)
{
	char	   *hash = oauth_pgcrypto_crypt(password, salt);

	if (strlen(hash) != HASH_LENGTH || memcmp(hash, salt, PREFIX_LENGTH) != 0)
		return NULL;
	return hash;
}

/* A new bcrypt salt with the cost of the setting. */
char *
oauth_bcrypt_salt(void)
{
	Oid			gen_salt = oauth_store_pgcrypto_function("gen_salt(text,integer)");

	return TextDatumGetCString(OidFunctionCall2(gen_salt, CStringGetTextDatum("bf"),
												Int32GetDatum(oauth_setting_bcrypt_cost)));
}

/* Whether it is a bcrypt hash of any library; *cost is its cost. */
static bool
is_ready_hash(const char *password, int *cost)
{
	if (strlen(password) != HASH_LENGTH || strncmp(password, "$2", 2) != 0 ||
		strchr("aby", password[2]) == NULL || password[3] != '$' ||
		!isdigit((unsigned char) password[4]) || !isdigit((unsigned char) password[5]) ||
		password[6] != '$')
		return false;
	*cost = (password[4] - '0') * 10 + (password[5] - '0');
	return strspn(password + PREFIX_LENGTH, oauth_crypt_alphabet) == HASH_LENGTH - PREFIX_LENGTH;
}

/*
 * Whether the text was meant to be a hash: a truncated one, or $2x$ with its known flaw.  Stored as
 * a password, it would be the password, and everybody who can read the hash could log in with it.
 */
static bool
is_damaged_hash(const char *password)
{
	const char *c = password;

	if (strncmp(c, "$2", 2) != 0)
		return false;
	c += 2;
	if (islower((unsigned char) *c))
		c++;
	return c[0] == '$' && isdigit((unsigned char) c[1]) && isdigit((unsigned char) c[2]) &&
		c[3] == '$';
}

/* Whether the text is a hash that is stored as it is, not a password. */
bool
oauth_password_is_ready_hash(const char *password)
{
	int			cost;

	return is_ready_hash(password, &cost);
}

/*
 * What to store for a new password, or for a ready bcrypt hash.  Raises 22023 if it cannot be
 * stored.
 */
char *
oauth_password_hash(const char *password)
{
	char	   *hash;
	int			cost;

	if (is_ready_hash(password, &cost))
	{
		if (cost < MIN_COST || cost > MAX_COST)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("cost %d of the bcrypt hash is out of range", cost),
					 errhint("Costs from %d to %d are accepted.", MIN_COST, MAX_COST)));
		hash = pstrdup(password);
		hash[2] = 'a';
		return hash;
	}
	if (is_damaged_hash(password))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the password looks like a bcrypt hash, but is not one that can be used"),
				 errhint("A ready hash begins with $2a$, $2b$ or $2y$ and has 60 characters.")));
	if (password[0] == '\0' || strlen(password) > OAUTH_MAX_BCRYPT_PASSWORD)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a password has 1 to %d bytes", OAUTH_MAX_BCRYPT_PASSWORD),
						errhint("bcrypt does not look at what comes after byte %d.",
								OAUTH_MAX_BCRYPT_PASSWORD)));
	hash = bcrypt(password, oauth_bcrypt_salt());
	if (hash == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("pgcrypto did not answer with a bcrypt hash")));
	return hash;
}

/*
 * Whether this is the password.  A password that is too long to have been set still costs a hash.
 */
bool
oauth_password_matches(const char *password, const char *password_hash)
{
	char	   *hash = bcrypt(password, password_hash);

	return hash != NULL && strlen(password) <= OAUTH_MAX_BCRYPT_PASSWORD &&
		timingsafe_bcmp(hash, password_hash, HASH_LENGTH) == 0;
}

/* Takes the time of a comparison with that hash, or with a new one if it is NULL. */
void
oauth_password_dummy_check(const char *password, const char *like)
{
	bcrypt(password, like ? like : oauth_bcrypt_salt());
}

/*
 * A hash of the same password with the cost of the setting; NULL if the old one already has that
 * cost.
 */
char *
oauth_password_with_cost_set(const char *password, const char *password_hash)
{
	int			cost;

	if (is_ready_hash(password_hash, &cost) && cost == oauth_setting_bcrypt_cost)
		return NULL;
	return bcrypt(password, oauth_bcrypt_salt());
}
