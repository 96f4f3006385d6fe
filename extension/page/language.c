/*
 * language.c
 *		The language of a page: the one that the application asked for (ui_locales, OpenID Connect
 *		Core, section 3.1.2.1), otherwise the one that the browser accepts (RFC 9110, section
 *		12.5.4).
 *
 * Both name languages by tags (RFC 5646), of which the primary subtag counts: de-CH is de.  The
 * known languages are those that come with the pages, and every other one in which the application
 * set a text.  If a list names none of them, or is malformed, the page is in English.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"
#include "page/page.h"
#include "store/page.h"
#include "text/text.h"

/*
 * The languages written from right to left, including those in which only the application can set
 * texts.
 */
static const char *const right_to_left[] = {
	"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "nqo", "pnb", "ps", "sd", "syr", "ug", "ur",
	"yi"
};

bool
oauth_language_is_rtl(const char *language)
{
	return OAUTH_FIND_NAMED(right_to_left, language) != NULL;
}

/*
 * Whether the application can set a text in that language: a primary tag, or one that comes with
 * the pages.
 */
bool
oauth_is_language(const char *tag)
{
	for (int i = 0; i < OAUTH_N_LANGUAGES; i++)
		if (strcmp(oauth_languages[i]->tag, tag) == 0)
			return true;
	return tag[0] != '\0' && strlen(tag) <= 8 &&
		strspn(tag, "abcdefghijklmnopqrstuvwxyz") == strlen(tag);
}

static List *
known_languages(void)
{
	List	   *known = NIL;

	for (int i = 0; i < OAUTH_N_LANGUAGES; i++)
		known = lappend(known, unconstify(char *, oauth_languages[i]->tag));
	return list_concat(known, oauth_store_page_languages());
}

/* Whether the tag has that subtag after its primary one. */
static bool
has_subtag(const char *tag, const char *subtag)
{
	size_t		end = strcspn(tag, ",; \t");

	for (size_t i = strcspn(tag, "-"); i < end; i += 1 + strcspn(tag + i + 1, "-,; \t"))
		if (pg_strncasecmp(tag + i + 1, subtag, strlen(subtag)) == 0 &&
			strchr("-,; \t", tag[i + 1 + strlen(subtag)]) != NULL)
			return true;
	return false;
}

/* Chinese has two scripts; if the tag does not say which, its region does. */
static bool
is_traditional(const char *tag)
{
	return has_subtag(tag, "Hant") ||
		(!has_subtag(tag, "Hans") &&
		 (has_subtag(tag, "TW") || has_subtag(tag, "HK") || has_subtag(tag, "MO")));
}

/* The language with that tag, or NULL. */
static const char *
language_of_tag(const char *tag, List *known)
{
	size_t		length = strcspn(tag, "-,; \t");
	ListCell   *cell;

	if (length == 2 && pg_strncasecmp(tag, "zh", 2) == 0 && is_traditional(tag))
		return oauth_language_zh_hant.tag;

	foreach(cell, known)
		if (strlen(lfirst(cell)) == length && pg_strncasecmp(tag, lfirst(cell), length) == 0)
			return lfirst(cell);
	return NULL;
}

/*
 * "a space-separated list of BCP47 language tag values, ordered by preference": the first known
 * one, or NULL.
 */
static const char *
first_known(const char *locales, List *known)
{
	const char *language = NULL;

	for (const char *c = locales; *c != '\0' && language == NULL; c += strcspn(c, " "))
	{
		c += strspn(c, " ");
		language = language_of_tag(c, known);
	}
	return language;
}

/* The quality value that follows a language, in thousandths: ";q=0.8" is 800. */
static int
quality(const char *parameters, const char *end)
{
	const char *c = parameters;
	int			value = 0;

	while (c < end && *c != '=')
		c++;
	if (c == end)
		return 1000;
	if (++c < end && *c == '1')
		return 1000;
	for (int unit = 100, i = 0; i < 3 && c + 2 + i < end; i++, unit /= 10)
		if (c[2 + i] >= '0' && c[2 + i] <= '9')
			value += (c[2 + i] - '0') * unit;
	return value;
}

/*
 * Accept-Language: the known language with the highest quality, the first one if there are several.
 */
static const char *
most_accepted(const OAuthRequest *request, List *known)
{
	char	   *accepted;
	const char *best = oauth_languages[0]->tag;
	int			best_quality = 0;

	if (oauth_request_header(request, "Accept-Language", &accepted) == 0)
		return best;
	for (const char *c = accepted; *c;)
	{
		const char *start = c + strspn(c, " \t");
		const char *end = start + strcspn(start, ",");
		const char *language = language_of_tag(start, known);

		if (language != NULL && quality(start, end) > best_quality)
		{
			best = language;
			best_quality = quality(start, end);
		}
		c = end + (*end == ',');
	}
	return best;
}

/* The language for this reader; was_asked says whether the address of the page asked for it. */
const char *
oauth_language(const OAuthRequest *request, bool *was_asked)
{
	List	   *known = known_languages();
	OAuthParams query;
	const char *language;

	oauth_page_query(request, &query);
	language = first_known(oauth_page_parameter(&query, "ui_locales"), known);
	*was_asked = language != NULL;
	return *was_asked ? language : most_accepted(request, known);
}

/*
 * The address of a page of ours for a form or a link, with the language that this page was asked
 * for.
 */
char *
oauth_page_address(const OAuthWords *words, const char *address)
{
	if (!words->was_asked)
		return pstrdup(address);
	return psprintf("%s%cui_locales=%s", address, strchr(address, '?') ? '&' : '?',
					words->language);
}
