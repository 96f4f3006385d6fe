/*
 * user_code.c
 *		User codes (RFC 8628, section 6.1): a device shows one, and a person types it elsewhere.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "oauth2/oauth2.h"

/*
 * No vowels, so that no words arise, and no letters that look like others (section 6.1): 20^8
 * codes, 34 bits.
 */
static const char letters[] = "BCDFGHJKLMNPQRSTVWXZ";

#define N_LETTERS	((int) sizeof(letters) - 1)

/* One of these letters, all with the same probability. */
static char
random_letter(void)
{
	uint8		byte;

	do
		oauth_random(&byte, 1);
	while (byte >= 256 / N_LETTERS * N_LETTERS);
	return letters[byte % N_LETTERS];
}

/* A new code. */
char *
oauth2_new_user_code(void)
{
	char	   *code = palloc0(OAUTH_USER_CODE_LENGTH + 1);

	for (int i = 0; i < OAUTH_USER_CODE_LENGTH; i++)
		code[i] = random_letter();
	return code;
}

/*
 * What a person typed, as it is stored: only the letters, in upper case; NULL if there are not
 * eight.  "the server SHOULD [...] strip out punctuation, and perform case-insensitive matching"
 * (section 6.1)
 */
char *
oauth2_user_code(const char *typed)
{
	char	   *code = palloc0(OAUTH_USER_CODE_LENGTH + 1);
	int			n = 0;

	for (const char *c = typed; *c; c++)
	{
		char		letter = pg_ascii_toupper((unsigned char) *c);

		if (strchr(letters, letter) != NULL && n < OAUTH_USER_CODE_LENGTH)
			code[n++] = letter;
		else if (strchr(letters, letter) != NULL || strchr("- ._\t", *c) == NULL)
			return NULL;
	}
	return n == OAUTH_USER_CODE_LENGTH ? code : NULL;
}

/* WDJB-MJHT */
char *
oauth2_user_code_shown(const char *code)
{
	return psprintf("%.4s-%s", code, code + 4);
}
