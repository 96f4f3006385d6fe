/*
 * names.c
 *		Tables whose rows begin with a name: finding a row, and printing the names.
 *
 * A plain array of names is one too.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "text/text.h"

static const char *
name_at(const void *table, size_t size, size_t row)
{
	return *(const char *const *) ((const char *) table + row * size);
}

/* The row of that name; NULL if there is none.  Names are compared to the letter. */
const void *
oauth_find_named(const void *table, size_t n, size_t size, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name_at(table, size, i), name) == 0)
			return (const char *) table + i * size;
	return NULL;
}

/* The names as people write them: "a, b and c". */
char *
oauth_enumerate(const void *table, size_t n, size_t size)
{
	StringInfoData names;

	initStringInfo(&names);
	for (size_t i = 0; i < n; i++)
		appendStringInfo(&names, "%s%s", i == 0 ? "" : i == n - 1 ? " and " : ", ",
						 name_at(table, size, i));
	return names.data;
}

/* The names with a space between each two. */
char *
oauth_names_join(const void *table, size_t n, size_t size)
{
	StringInfoData names;

	initStringInfo(&names);
	for (size_t i = 0; i < n; i++)
		appendStringInfo(&names, "%s%s", i == 0 ? "" : " ", name_at(table, size, i));
	return names.data;
}
