/*
 * typed.c
 *		What people type: a username or a password must be the same from every keyboard.
 *
 * Two spellings of a username are the same name if they differ in case, in spaces around it, in the
 * width of East Asian letters, or in how letters are composed (RFC 8265, section 3.3,
 * UsernameCaseMapped); the spelling that was registered is shown.  The mapping does not depend on
 * the locale of the database, which may change: letters are lowered as C.UTF-8 does it.  Beyond the
 * RFC, spaces around a name are ignored, and a final sigma is a sigma.
 *
 * Passwords are composed, and every kind of space in them becomes the ASCII space (RFC 8265,
 * section 4.2, OpaqueString).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "text/text.h"

#include <locale.h>
#include <wctype.h>

#include "common/string.h"
#include "common/unicode_norm.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_username_key_sql);

#define MAX_NAME		1020	/* bytes: 255 characters */
#define MAX_PASSWORD	1024	/* bytes; a longer password is hashed as it was typed */

#define FINAL_SIGMA		0x03C2
#define SIGMA			0x03C3
#define I_WITH_DOT		0x0130
#define DOT_ABOVE		0x0307

/* The string as code points, the last one 0, with room for one more each. */
static pg_wchar *
decode(const char *typed)
{
	size_t		length = strlen(typed);
	pg_wchar   *points = palloc((2 * length + 1) * sizeof(pg_wchar));

	pg_encoding_mb2wchar_with_len(PG_UTF8, typed, points, length);
	return points;
}

static char *
encode(const pg_wchar *points)
{
	StringInfoData result;

	initStringInfo(&result);
	for (; *points != 0; points++)
	{
		unsigned char utf8[8] = {0};

		unicode_to_utf8(*points, utf8);
		appendStringInfoString(&result, (char *) utf8);
	}
	return result.data;
}

static pg_wchar *
trim(pg_wchar *points)
{
	int			n = 0;

	while (oauth_is_blank(*points))
		points++;
	while (points[n] != 0)
		n++;
	while (n > 0 && oauth_is_blank(points[n - 1]))
		n--;
	points[n] = 0;
	return points;
}

/*
 * "Map fullwidth and halfwidth code points to their decomposition mappings" (section 3.3.1), and
 * every space to the ASCII space.
 */
static pg_wchar
narrow(pg_wchar c)
{
	pg_wchar	one[] = {c, 0};

	if (oauth_is_blank(c))
		return ' ';
	return c >= 0xFF00 && c <= 0xFFEF ? unicode_normalize(UNICODE_NFKC, one)[0] : c;
}

static pg_wchar
lowered(pg_wchar c)
{
	static locale_t locale;

	if (c < 0x80)
		return pg_ascii_tolower((unsigned char) c);
	if (locale == (locale_t) 0)
		locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0);
	if (locale == (locale_t) 0)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("the locale C.UTF-8 does not exist on this machine"),
						errhint("It is part of the C library (package libc-bin); usernames are "
								"compared with it.")));
	c = towlower_l(c, locale);
	return c == FINAL_SIGMA ? SIGMA : c;
}

/* The key by which a built-in user is found. */
char *
oauth_username_key(const char *username)
{
	pg_wchar   *points;
	pg_wchar   *mapped;
	int			n = 0;

	if (strlen(username) > MAX_NAME)
		return pstrdup(username);
	points = trim(decode(username));
	mapped = palloc((2 * strlen(username) + 1) * sizeof(pg_wchar));
	for (; *points != 0; points++)
	{
		pg_wchar	c = narrow(*points);

		if (c == I_WITH_DOT)
			mapped[n++] = 'i';
		mapped[n++] = c == I_WITH_DOT ? DOT_ABOVE : lowered(c);
	}
	mapped[n] = 0;
	return encode(unicode_normalize(UNICODE_NFC, mapped));
}

/* A username as it was typed, without the spaces around it. */
char *
oauth_username_trimmed(const char *username)
{
	return encode(trim(decode(username)));
}

/* A new username as it is stored: its case is kept. */
char *
oauth_username_stored(const char *username)
{
	return strlen(username) > MAX_NAME ?
		pstrdup(username) :
		encode(unicode_normalize(UNICODE_NFC, trim(decode(username))));
}

static const char *
username_problem_at(const pg_wchar *points, int i)
{
	pg_wchar	one[] = {narrow(points[i]), 0};
	pg_wchar   *plain = unicode_normalize(UNICODE_NFKC, one);

	if (oauth_is_blank(points[i]))
		return points[i] != ' ' ? "is a blank other than the space" :
			i > 0 && points[i - 1] == ' ' ? "is a second space in a row" : NULL;
	return plain[0] != one[0] || plain[1] != 0 ? "is a compatibility form of other characters" :
		NULL;
}

/*
 * Why a stored spelling cannot be the name of a new user, as the end of an English sentence; NULL
 * if it can.  "HasCompat" characters such as the ligature of f and i are not in the IdentifierClass
 * (RFC 8264, sections 4.2.3 and 9.17); wide and narrow ones are allowed, because they are mapped
 * before (RFC 8265, section 3.3.1).
 */
char *
oauth_why_no_username(const char *stored)
{
	pg_wchar   *points = decode(stored);
	const char *problem;

	for (int i = 0; points[i] != 0; i++)
		if ((problem = username_problem_at(points, i)) != NULL)
			return psprintf("has U+%04X as character %d, which %s", points[i], i + 1, problem);
	return NULL;
}

/* A password in the form that is hashed. */
char *
oauth_password_composed(const char *password)
{
	pg_wchar   *points;

	if (strlen(password) > MAX_PASSWORD || pg_is_ascii(password))
		return pstrdup(password);
	points = decode(password);
	for (pg_wchar *c = points; *c != 0; c++)
		if (*c >= 0x80 && oauth_is_blank(*c))
			*c = ' ';
	return encode(unicode_normalize(UNICODE_NFC, points));
}

/* _oauth_username_key(username text) RETURNS text */
Datum
oauth_username_key_sql(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(oauth_username_key(text_to_cstring(PG_GETARG_TEXT_PP(0)))));
}
