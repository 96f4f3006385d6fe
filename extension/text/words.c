/*
 * words.c
 *		Lists of words, and strings of words separated by single spaces, as scopes are.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "text/text.h"

/* Whether the list contains exactly this word. */
bool
oauth_list_has(const List *list, const char *word)
{
	ListCell   *cell;

	foreach(cell, list)
		if (strcmp(lfirst(cell), word) == 0)
			return true;
	return false;
}

/* The words of the list, separated by single spaces. */
char *
oauth_words_join(List *words)
{
	StringInfoData scope;
	ListCell   *cell;

	initStringInfo(&scope);
	foreach(cell, words)
		appendStringInfo(&scope, "%s%s", scope.len > 0 ? " " : "", (char *) lfirst(cell));
	return scope.data;
}

/* The words as people name a choice: "a, b or c". */
char *
oauth_words_as_choice(const char *words)
{
	StringInfoData choice;

	initStringInfo(&choice);
	for (const char *c = words; *c; c += strspn(c, " "))
	{
		size_t		length = strcspn(c, " ");

		appendStringInfo(&choice, "%s%.*s",
						 c == words ? "" : c[length] == '\0' ? " or " : ", ", (int) length, c);
		c += length;
	}
	return choice.data;
}

/* Whether the space-separated words contain the word of that length. */
bool
oauth_words_have(const char *words, const char *word, size_t length)
{
	for (const char *c = words; *c;)
	{
		size_t		here = strcspn(c, " ");

		if (here == length && memcmp(c, word, length) == 0)
			return true;
		c += here;
		c += strspn(c, " ");
	}
	return false;
}

/*
 * Whether words contain every word of required.  NULL requires nothing; an empty string is a word
 * that nobody has.
 */
bool
oauth_words_include(const char *words, const char *required)
{
	if (required == NULL)
		return true;
	if (required[strspn(required, " ")] == '\0')
		return false;
	for (const char *c = required + strspn(required, " "); *c;)
	{
		size_t		length = strcspn(c, " ");

		if (!oauth_words_have(words, c, length))
			return false;
		c += length;
		c += strspn(c, " ");
	}
	return true;
}
