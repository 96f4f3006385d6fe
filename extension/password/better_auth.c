/*
 * better_auth.c
 *		The hashes of better-auth: salt:key, both in hexadecimal, by scrypt with N, r and p of
 *		16384, 16 and 1.
 *
 * The salt is used as the text that it is, and the password in the normalization form NFKC.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "password/scheme.h"

#include "common/unicode_norm.h"
#include "mb/pg_wchar.h"

#define SALT_DIGITS	32
#define KEY_LENGTH	64

bool
oauth_password_read_better_auth(const char *rest, OAuthPasswordHash *hash)
{
	hash->memory = 16384;
	hash->block_size = 16;
	hash->lanes = 1;
	return strspn(rest, "0123456789abcdef") == SALT_DIGITS && rest[SALT_DIGITS] == ':' &&
		oauth_password_text(&rest, ':', &hash->salt, &hash->salt_length) &&
		oauth_password_hex(&rest, &hash->key, &hash->key_length) &&
		hash->key_length == KEY_LENGTH && oauth_password_cost_scrypt(hash);
}

/* The password in NFKC, as JavaScript's normalize("NFKC") writes it. */
static char *
normalized(const char *password)
{
	pg_wchar   *wide = palloc((strlen(password) + 1) * sizeof(pg_wchar));
	pg_wchar   *composed;
	char	   *result;
	int			n = 0;
	char	   *end;

	for (const char *c = password; *c; c += pg_utf_mblen((const unsigned char *) c))
		wide[n++] = utf8_to_unicode((const unsigned char *) c);
	wide[n] = 0;
	composed = unicode_normalize(UNICODE_NFKC, wide);
	for (n = 0; composed[n] != 0;)
		n++;
	result = end = oauth_secret_alloc(n * 4 + 1);
	for (int i = 0; i < n; i++)
	{
		unicode_to_utf8(composed[i], (unsigned char *) end);
		end += pg_utf_mblen((unsigned char *) end);
	}
	return result;
}

void
oauth_password_better_auth(const char *password, const OAuthPasswordHash *hash, uint8 *key)
{
	oauth_password_scrypt(normalized(password), hash, key);
}
