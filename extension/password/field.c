/*
 * field.c
 *		Reading the fields of a stored password hash, strictly: each value has one spelling.
 *
 * A reader takes *rest, advances it past the field and the character that ends it ('\0' is the end
 * of the hash), and says whether the field was what it should be.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "password/scheme.h"

#include "common/base64.h"

#define MAX_DIGITS	9			/* fits a uint32 */
#define MAX_TEXT	255
#define MAX_BASE64	400

/* The field up to the character that ends it, or NULL if that is missing; advances behind it. */
static const char *
take_field(const char **rest, char end, int max, int *length)
{
	const char *field = *rest;
	const char *stop = strchr(field, end);

	if (stop == NULL || stop - field > max)
		return NULL;
	*length = (int) (stop - field);
	*rest = end == '\0' ? stop : stop + 1;
	return field;
}

/* Reads exactly this word. */
bool
oauth_password_word(const char **rest, const char *word)
{
	size_t		length = strlen(word);

	if (strncmp(*rest, word, length) != 0)
		return false;
	*rest += length;
	return true;
}

/* A decimal number from 1, without sign or leading zeros. */
bool
oauth_password_number(const char **rest, char end, uint32 *number)
{
	int			length;
	const char *digits = take_field(rest, end, MAX_DIGITS, &length);

	if (digits == NULL || length == 0 || digits[0] == '0')
		return false;
	*number = 0;
	for (int i = 0; i < length; i++)
	{
		if (digits[i] < '0' || digits[i] > '9')
			return false;
		*number = *number * 10 + (digits[i] - '0');
	}
	return true;
}

/* Reads any text, the empty one too. */
bool
oauth_password_text(const char **rest, char end, uint8 **value, int *length)
{
	const char *field = take_field(rest, end, MAX_TEXT, length);

	if (field == NULL)
		return false;
	*value = (uint8 *) pnstrdup(field, *length);
	return true;
}

/*
 * Base64: padded, or as PHC strings have it, without padding; there '.' is another spelling of '+'.
 *
 * What was read must be spelled the same way when it is written again, which leaves no other
 * characters and no stray bits.
 */
bool
oauth_password_base64(const char **rest, char end, bool padded, uint8 **value, int *length)
{
	int			n;
	const char *field = take_field(rest, end, MAX_BASE64, &n);
	char		encoded[MAX_BASE64 + 4];
	char		again[MAX_BASE64 + 8];
	int			total;

	if (field == NULL || n == 0 || n % 4 == 1 || (padded && n % 4 != 0) ||
		(!padded && memchr(field, '=', n) != NULL))
		return false;
	total = (n + 3) / 4 * 4;
	memset(encoded, '=', sizeof(encoded));
	for (int i = 0; i < n; i++)
		encoded[i] = field[i] == '.' && !padded ? '+' : field[i];
	*value = palloc(total);
	*length = pg_b64_decode(encoded, total, (void *) *value, total);
	return *length > 0 && pg_b64_encode((void *) *value, *length, again, sizeof(again)) == total &&
		memcmp(encoded, again, total) == 0;
}

/* Reads lower-case hexadecimal up to the end of the hash. */
bool
oauth_password_hex(const char **rest, uint8 **value, int *length)
{
	static const char digits[] = "0123456789abcdef";
	int			n;
	const char *field = take_field(rest, '\0', 2 * OAUTH_MAX_PASSWORD_KEY, &n);

	if (field == NULL || n == 0 || n % 2 != 0 || strspn(field, digits) != (size_t) n)
		return false;
	*length = n / 2;
	*value = palloc(*length);
	for (int i = 0; i < *length; i++)
		(*value)[i] = (strchr(digits, field[2 * i]) - digits) << 4 |
			(strchr(digits, field[2 * i + 1]) - digits);
	return true;
}
