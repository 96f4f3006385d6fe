/*
 * make.c
 *		Making new hashes in a form that the application understands as well.
 *
 * An old hash of Django becomes PBKDF2 with SHA-256, Django's default; every hash of Spring becomes
 * bcrypt; bcrypt and Argon2 stay what they are.  No hashes are made in other forms.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "password/password.h"
#include "password/scheme.h"

#include <argon2.h>

#include "common/base64.h"

#define DJANGO_SALT_LENGTH	22
#define ARGON2_MEMORY		19456	/* KiB, for two passes: OWASP's first recommendation */
#define ARGON2_PASSES		2
#define ARGON2_SALT_LENGTH	16
#define ARGON2_KEY_LENGTH	32

/* $2y$12$..., after the prefix that comes before it. */
static char *
bcrypt(const char *password, const char *before, int letter)
{
	char	   *hash = oauth_pgcrypto_crypt(password, oauth_bcrypt_salt());

	/* $2x$ is the flawed variant, $2y$ the correct one */
	return psprintf("%s$2%c%s", before, letter == 'x' ? 'y' : letter, hash + strlen("$2a"));
}

/* NULL for a password that bcrypt would truncate. */
char *
oauth_password_make_bcrypt(const char *password, const OAuthPasswordHash *old)
{
	return strlen(password) > OAUTH_MAX_BCRYPT_PASSWORD ? NULL : bcrypt(password, "", old->variant);
}

char *
oauth_password_make_django_bcrypt(const char *password, const OAuthPasswordHash *old)
{
	return strlen(password) > OAUTH_MAX_BCRYPT_PASSWORD ? NULL :
		bcrypt(password, "bcrypt$", old->variant);
}

/* For every encoder of Spring, which are told apart by the id: bcrypt, Spring's default. */
char *
oauth_password_make_spring(const char *password, const OAuthPasswordHash *old)
{
	int			letter = old->setting != NULL ? old->variant : 'a';

	return strlen(password) > OAUTH_MAX_BCRYPT_PASSWORD ? NULL :
		bcrypt(password, "{bcrypt}", letter);
}

char *
oauth_password_make_wordpress(const char *password, const OAuthPasswordHash *old)
{
	return bcrypt(oauth_password_wordpress_mac(password), "$wp", old->variant);
}

char *
oauth_password_make_bcrypt_sha256(const char *password, const OAuthPasswordHash *old)
{
	return bcrypt(oauth_password_sha256_hex(password), "bcrypt_sha256$", old->variant);
}

/* base64 of data; without padding, as in PHC strings. */
static char *
base64(const uint8 *data, int length, bool padded)
{
	int			room = pg_b64_enc_len(length) + 1;
	char	   *encoded = palloc0(room);
	int			n = pg_b64_encode((const void *) data, length, encoded, room);

	while (!padded && n > 0 && encoded[n - 1] == '=')
		encoded[--n] = '\0';
	return encoded;
}

/* Letters and digits, as Django's own salts have. */
static char *
django_salt(void)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	char	   *salt = palloc0(DJANGO_SALT_LENGTH + 1);
	uint8		byte;

	for (int i = 0; i < DJANGO_SALT_LENGTH;)
	{
		oauth_random(&byte, 1);
		byte &= 63;
		if (byte < sizeof(letters) - 1)
			salt[i++] = letters[byte];
	}
	return salt;
}

/* pbkdf2_sha256$iterations$salt$base64 */
char *
oauth_password_make_django(const char *password, const OAuthPasswordHash *old)
{
	char	   *salt = django_salt();
	uint8		key[OAUTH_HASH_LENGTH];
	OAuthPasswordHash new = {
		.digest = "SHA256", .iterations = OAUTH_PBKDF2_SHA256_ENOUGH, .salt = (uint8 *) salt,
		.salt_length = DJANGO_SALT_LENGTH, .key_length = sizeof(key)
	};
	char	   *hash;

	oauth_password_pbkdf2(password, &new, key);
	hash = psprintf("pbkdf2_sha256$%u$%s$%s", new.iterations, salt, base64(key, sizeof(key), true));
	oauth_wipe(key, sizeof(key));
	return hash;
}

static char *
argon2(const char *password, const char *before, const OAuthPasswordHash *old)
{
	uint8		salt[ARGON2_SALT_LENGTH];
	uint8		key[ARGON2_KEY_LENGTH];
	bool		is_weak = old->work < OAUTH_ARGON2_ENOUGH;
	OAuthPasswordHash new = {.salt = salt,
		.salt_length = sizeof(salt),
		.key_length = sizeof(key),
		.version = ARGON2_VERSION_13,
		.memory = is_weak ? ARGON2_MEMORY : old->memory,
		.iterations = is_weak ? ARGON2_PASSES : old->iterations,
		.lanes = is_weak ? 1 : old->lanes,
		.variant = old->variant};
	char	   *hash;

	oauth_random(salt, sizeof(salt));
	oauth_password_argon2(password, &new, key);
	hash = psprintf("%s$%s$v=%u$m=%u,t=%u,p=%u$%s$%s", before, argon2_type2string(new.variant, 0),
					new.version, new.memory, new.iterations, new.lanes,
					base64(salt, sizeof(salt), false), base64(key, sizeof(key), false));
	oauth_wipe(key, sizeof(key));
	return hash;
}

/* With the parameters of the old hash, unless those are too weak. */
char *
oauth_password_make_argon2(const char *password, const OAuthPasswordHash *old)
{
	return argon2(password, "", old);
}

char *
oauth_password_make_django_argon2(const char *password, const OAuthPasswordHash *old)
{
	return argon2(password, "argon2", old);
}
