/*
 * readable.c
 *		Text for people to read: names and descriptions that others chose, on a page, in a log, in a
 *		header.
 *
 * Invisible characters are refused, and so is whatever changes the order of visible ones.
 * Otherwise two different names could look alike, and "Photo album" could be shown where something
 * else is written (Unicode Technical Report 36, section 2; RFC 8264, sections 9.12 and 9.13).  So
 * there are no controls, C1 among them, no marks of direction, no fillers, tags, private characters
 * or noncharacters; and no unassigned ones that Unicode reserves to be invisible.
 *
 * Three kinds are needed where they have an effect, and refused where they would not be seen:
 *
 * - ZERO WIDTH NON-JOINER between letters of Arabic script that it keeps apart (Persian), and both
 * joiners after a virama (the scripts of India), as RFC 5892, appendix A.1 and A.2 allow, and a
 * joiner before one (Bengali);
 *
 * - ZERO WIDTH JOINER between two emoji, which makes them one;
 *
 * - a variation selector after a character that has variants: emoji, Han, Mongolian, Myanmar and
 * Phags-pa.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "text/text.h"

#include "mb/pg_wchar.h"

#define MAX_MARKS	8			/* on one letter; more would cover the lines around it */

#define ZERO_WIDTH_NON_JOINER	0x200C
#define ZERO_WIDTH_JOINER		0x200D
#define KEYCAP					0x20E3

typedef struct Range
{
	pg_wchar	first;
	pg_wchar	last;
} Range;

/* Never allowed. */
static const Range hidden[] = {{0x0000, 0x001F}, {0x007F, 0x009F}, {0x00AD, 0x00AD},
{0x034F, 0x034F}, {0x061C, 0x061C}, {0x070F, 0x070F},
{0x115F, 0x1160}, {0x17B4, 0x17B5}, {0x180E, 0x180E},
{0x200B, 0x200B}, {0x200E, 0x200F}, {0x2028, 0x202E},
{0x2060, 0x206F}, {0x2D7F, 0x2D7F}, {0x3164, 0x3164},
{0xE000, 0xF8FF}, {0xFDD0, 0xFDEF}, {0xFEFF, 0xFEFF},
{0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFC}, {0x1107F, 0x1107F},
{0x13430, 0x13440}, {0x16FE4, 0x16FE4}, {0x1BCA0, 0x1BCA3},
{0x1D159, 0x1D159}, {0x1D173, 0x1D17A}, {0x40000, 0xE00FF},
{0xE01F0, 0x7FFFFFFF}};

/* They have width and no ink: not allowed alone. */
static const Range blank[] = {{0x0020, 0x0020}, {0x00A0, 0x00A0}, {0x1680, 0x1680},
{0x2000, 0x200A}, {0x202F, 0x202F}, {0x205F, 0x205F},
{0x2800, 0x2800}, {0x3000, 0x3000}, {0x13441, 0x13446}};

static const Range selectors[] = {
	{0x180B, 0x180D}, {0x180F, 0x180F}, {0xFE00, 0xFE0F}, {0xE0100, 0xE01EF}
};

static const Range emoji[] = {{0x00A9, 0x00A9}, {0x00AE, 0x00AE}, {0x203C, 0x203C},
{0x2049, 0x2049}, {0x2122, 0x2122}, {0x2139, 0x2139},
{0x2194, 0x21AA}, {0x231A, 0x23FF}, {0x24C2, 0x24C2},
{0x25AA, 0x27BF}, {0x2934, 0x2935}, {0x2B05, 0x2B55},
{0x3030, 0x3030}, {0x303D, 0x303D}, {0x3297, 0x3299},
{0x1F000, 0x1FAFF}};

static const Range has_variants[] = {{0x1000, 0x109F}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF},
{0xA840, 0xA877}, {0xAA60, 0xAA7F}, {0xF900, 0xFAFF},
{0x20000, 0x323AF}};

static const Range mongolian[] = {{0x1807, 0x1807}, {0x1820, 0x18AA}};

static const Range arabic[] = {{0x0620, 0x064A}, {0x066E, 0x06D3}, {0x06D5, 0x06D5},
{0x06FA, 0x06FF}, {0x0750, 0x077F}, {0x08A0, 0x08C9}};

/* Arabic letters that do not join the next letter, so that keeping them apart would not be seen. */
static const Range arabic_ends[] = {{0x0621, 0x0625}, {0x0627, 0x0627}, {0x0629, 0x0629},
{0x062F, 0x0632}, {0x0648, 0x0648}, {0x0671, 0x0677},
{0x0688, 0x0699}, {0x06C0, 0x06C0}, {0x06C3, 0x06CB},
{0x06CD, 0x06CD}, {0x06CF, 0x06CF}, {0x06D2, 0x06D5},
{0x0759, 0x075B}, {0x076B, 0x076C}, {0x0771, 0x0771},
{0x0773, 0x0774}, {0x0778, 0x0779}, {0x08AA, 0x08AE},
{0x08B1, 0x08B2}, {0x08B9, 0x08B9}};

static const Range viramas[] = {{0x094D, 0x094D}, {0x09CD, 0x09CD}, {0x0A4D, 0x0A4D},
{0x0ACD, 0x0ACD}, {0x0B4D, 0x0B4D}, {0x0BCD, 0x0BCD},
{0x0C4D, 0x0C4D}, {0x0CCD, 0x0CCD}, {0x0D3B, 0x0D3C},
{0x0D4D, 0x0D4D}, {0x0DCA, 0x0DCA}, {0x1039, 0x103A},
{0x17D2, 0x17D2}, {0xA8C4, 0xA8C4}, {0xA9C0, 0xA9C0},
{0xABED, 0xABED}, {0x11046, 0x11046}, {0x110B9, 0x110B9}};

#define IS_IN(c, ranges) is_in(c, ranges, lengthof(ranges))

static bool
is_in(pg_wchar c, const Range *ranges, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

/* One character, as a string. */
static const char *
encode(pg_wchar c)
{
	static unsigned char utf8[8];

	memset(utf8, 0, sizeof(utf8));
	unicode_to_utf8(c, utf8);
	return (const char *) utf8;
}

/* Whether it is a space of any width. */
bool
oauth_is_blank(uint32 c)
{
	return IS_IN(c, blank);
}

/* Whether it is a mark on the character before it. */
static bool
is_mark(pg_wchar c)
{
	return c >= 0x300 && c != ZERO_WIDTH_JOINER && c != ZERO_WIDTH_NON_JOINER &&
		pg_encoding_dsplen(PG_UTF8, encode(c)) == 0;
}

/* The nearest character before, or after, place i that is not a mark; 0 if there is none. */
static pg_wchar
letter_beside(const pg_wchar *text, int i, int step)
{
	for (i += step; i >= 0 && text[i] != 0; i += step)
		if (!is_mark(text[i]))
			return text[i];

	return 0;
}

/* Whether the joiner at place i has an effect. */
static bool
joins(const pg_wchar *text, int i)
{
	pg_wchar	before = letter_beside(text, i, -1);
	pg_wchar	behind = letter_beside(text, i, 1);

	if (i == 0)
		return false;
	if (IS_IN(text[i - 1], viramas))
		return true;
	if (text[i] == ZERO_WIDTH_JOINER && IS_IN(text[i + 1], viramas))
		return text[i - 1] >= 0x0900 && text[i - 1] < 0x0E00;

	if (text[i] == ZERO_WIDTH_JOINER)
		return IS_IN(before, emoji) && IS_IN(behind, emoji);
	return IS_IN(before, arabic) && !IS_IN(before, arabic_ends) && IS_IN(behind, arabic) &&
		behind != 0x0621;
}

/* Whether the variation selector at place i selects a variant. */
static bool
selects(const pg_wchar *text, int i)
{
	pg_wchar	before = i > 0 ? text[i - 1] : 0;

	if (text[i] < 0xFE00)
		return IS_IN(before, mongolian);
	if (text[i] == 0xFE0F && text[i + 1] == KEYCAP)
		return before < 0x80 && before != 0 && strchr("0123456789#*", (int) before) != NULL;
	if (text[i] == 0xFE0E || text[i] == 0xFE0F)
		return IS_IN(before, emoji);
	return IS_IN(before, has_variants);
}

/* How many marks end at place i, one after the other. */
static int
count_marks(const pg_wchar *text, int i)
{
	int			n = 0;

	while (i - n >= 0 && n <= MAX_MARKS && is_mark(text[i - n]))
		n++;
	return n;
}

/* What is wrong with the character at place i; NULL if nothing is.  text ends with 0. */
static const char *
problem_at(const pg_wchar *text, int i)
{
	pg_wchar	c = text[i];

	if (c >= 0x20 && c < 0x7F)
		return NULL;
	if (IS_IN(c, hidden) || (c & 0xFFFE) == 0xFFFE)
		return "cannot be seen, or changes how the rest is seen";
	if (c == ZERO_WIDTH_JOINER || c == ZERO_WIDTH_NON_JOINER)
		return joins(text, i) ? NULL : "joins or parts nothing here";
	if (IS_IN(c, selectors))
		return selects(text, i) ? NULL : "selects no variant here";
	if (count_marks(text, i) > MAX_MARKS)
		return "is one mark too many on a letter";
	if (is_mark(c) && (i == 0 || IS_IN(text[i - 1], blank)))
		return "is a mark on no letter";
	return NULL;
}

/* The string as code points, the last one 0. */
static pg_wchar *
decode(const char *words, int *n)
{
	size_t		length = strlen(words);
	pg_wchar   *text = palloc((length + 1) * sizeof(pg_wchar));

	*n = pg_encoding_mb2wchar_with_len(PG_UTF8, words, text, length);
	return text;
}

static bool
shows_nothing(const pg_wchar *text)
{
	for (int i = 0; text[i] != 0; i++)
		if (!IS_IN(text[i], blank) && !IS_IN(text[i], hidden) && !is_mark(text[i]))
			return false;
	return true;
}

/*
 * Why people cannot be shown these words, as the end of an English sentence; NULL if they can.
 * may_wrap allows line breaks and tabs, as in a text of several lines.
 */
char *
oauth_why_unreadable(const char *words, bool may_wrap)
{
	int			n;
	pg_wchar   *text = decode(words, &n);
	const char *problem;

	for (int i = 0; i < n; i++)
	{
		if (may_wrap && text[i] < 0x20 && strchr("\t\n\r", (int) text[i]) != NULL)
			continue;
		if ((problem = problem_at(text, i)) != NULL)
			return psprintf("has U+%04X as character %d, which %s", text[i], i + 1, problem);
	}
	return shows_nothing(text) ? pstrdup("has nothing that can be seen") : NULL;
}

/* The same for one line of at most max bytes. */
char *
oauth_why_not_plain(const char *words, size_t max)
{
	if (words[0] == '\0')
		return pstrdup("is empty");
	if (strlen(words) > max)
		return psprintf("has more than %zu bytes", max);
	return oauth_why_unreadable(words, false);
}

/*
 * Whether words have 1 to max bytes and can be shown to people, so that they fit into a header, a
 * log line or a page.
 */
bool
oauth_is_plain(const char *words, size_t max)
{
	return oauth_why_not_plain(words, max) == NULL;
}

/*
 * Removes the characters that may not be shown; n becomes the number of those left.  False if none
 * was removed.
 */
static bool
take_out(pg_wchar *text, int *n)
{
	int			were = *n;

	for (int i = 0; i < *n;)
	{
		/* a line break still separates two words */
		if (text[i] < ' ' || text[i] == 0x7F || text[i] == 0x2028 || text[i] == 0x2029)
			text[		i] = ' ';

		if (problem_at(text, i) == NULL)
			i++;
		else
			memmove(text +i, text +i + 1, ((*n)-- - i) * sizeof(pg_wchar));
	}
	return *n < were;
}

/* Words that somebody else wrote, made fit to be shown: "" if nothing visible is left. */
char *
oauth_readable(const char *words, size_t max)
{
	StringInfoData result;
	int			n;
	pg_wchar   *text;

	text = decode(pnstrdup(words, pg_encoding_mbcliplen(PG_UTF8, words, strlen(words), (int) max)),
				  &n);

	/* removing a character can take away what the next joiner joined */
	while (take_out(text, &n))
		;
	initStringInfo(&result);
	for (int i = 0; i < n && !shows_nothing(text); i++)
		appendStringInfoString(&result, encode(text[i]));
	return oauth_single_spaced(result.data);
}

/*
 * Words with one ASCII space for each run of blanks of any kind, and no blanks around them: "
 * Photo\u2003 album" would be a different name that looks like "Photo album".  Returns words itself
 * if nothing changes.
 */
char *
oauth_single_spaced(const char *words)
{
	int			n;
	pg_wchar   *text = decode(words, &n);
	bool		is_apart = false;
	StringInfoData result;

	initStringInfo(&result);
	for (int i = 0; i < n; i++)
	{
		if (!IS_IN(text[i], blank))
			appendStringInfo(&result, "%s%s", is_apart && result.len > 0 ? " " : "",
							 encode(text[i]));
		is_apart = IS_IN(text[i], blank);
	}
	return result.len > 0 ? result.data : pstrdup(words);
}

/* A name as it can be shown, or the other word if nothing of it can be. */
const char *
oauth_readable_name(const char *name, const char *otherwise)
{
	const char *shown = oauth_readable(name, OAUTH_MAX_SHOWN);

	return shown[0] != '\0' ? shown : oauth_readable(otherwise, OAUTH_MAX_SHOWN);
}

/*
 * Whether the text can be a subject.  A subject travels as the value of a header, X-OAuth-Subject,
 * which readers trim: " 42" would be taken for 42, and a line break would begin another header.
 */
bool
oauth_is_subject(const char *text)
{
	return oauth_is_plain(text, OAUTH_MAX_SUBJECT) && text[0] != ' ' &&
	text[		strlen(text) - 1] != ' ';
}
