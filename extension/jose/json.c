/*
 * json.c
 *		JSON as strictly as signed texts want it (RFC 8259; RFC 7515, section 4; RFC 7519, section
 *		4).
 *
 * jsonb keeps the last of two members with one name and drops the other.  Two readers that choose
 * differently see two different tokens, so a text in which a name comes twice is refused, at any
 * depth.  PostgreSQL's lexer reads the tokens and its parser the grammar; before that, nesting is
 * bounded, because the parser calls itself.  After that, jsonb_in() has nothing left to refuse.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "jose/jose.h"

#include <math.h>

#include "common/jsonapi.h"
#include "mb/pg_wchar.h"
#include "utils/fmgrprotos.h"

#define MAX_DEPTH	32
#define MAX_NUMBER	64			/* characters */
#define MAX_EXPONENT 400		/* of zero, which a double takes with any */

static const char no_json[] = "That is no JSON (RFC 8259).";

/* The names of the objects that are open, each object's behind those of the one around it. */
typedef struct Names
{
	char	  **items;
	int			n;
	int			room;
} Names;

/* What the tokens so far have opened. */
typedef struct Scan
{
	Names		names;
	int			depth;
	bool		is_object[MAX_DEPTH];
	int			first_name[MAX_DEPTH];	/* in names */
	bool		name_is_next;
} Scan;

static JsonLexContext *
lexer(const char *json, int length)
{
#if PG_VERSION_NUM >= 170000
	return makeJsonLexContextCstringLen(NULL, json, length, PG_UTF8, true);
#else
	return makeJsonLexContextCstringLen(unconstify(char *, json), length, PG_UTF8, true);
#endif
}

static void
add_name(Names *names, const char *name)
{
	if (names->n == names->room)
	{
		names->room = Max(names->room * 2, 16);
		names->items = names->items ? repalloc(names->items, names->room * sizeof(char *)) :
			palloc(names->room * sizeof(char *));
	}
	names->items[names->n++] = pstrdup(name);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

/* The object ends: compare its names, and forget them. */
static const char *
close_object(Names *names, int first)
{
	const char *problem = NULL;

	if (names->n == first)
		return NULL;
	qsort(names->items + first, names->n - first, sizeof(char *), compare_names);
	for (int i = first + 1; i < names->n; i++)
		if (strcmp(names->items[i - 1], names->items[i]) == 0)
			problem = "The JSON has a member twice.";
	for (int i = first; i < names->n; i++)
		pfree(names->items[i]);
	names->n = first;
	return problem;
}

static const char *
open_level(Scan *scan, bool is_object)
{
	if (scan->depth == MAX_DEPTH)
		return "The JSON is nested too deeply.";
	scan->is_object[scan->depth] = is_object;
	scan->first_name[scan->depth++] = scan->names.n;
	scan->name_is_next = is_object;
	return NULL;
}

static const char *
close_level(Scan *scan, bool is_object)
{
	if (scan->depth == 0 || scan->is_object[scan->depth - 1] != is_object)
		return no_json;
	scan->name_is_next = false;
	scan->depth--;
	return is_object ? close_object(&scan->names, scan->first_name[scan->depth]) : NULL;
}

/* The exponent of a zero says nothing, and numeric_in() refuses it like any other. */
static bool
has_huge_exponent(const char *number)
{
	const char *letter = strpbrk(number, "eE");
	long		exponent = letter ? strtol(letter + 1, NULL, 10) : 0;

	return exponent > MAX_EXPONENT || exponent < -MAX_EXPONENT;
}

/* What a double cannot hold is a different number to each reader, and costs numeric_in() much. */
static const char *
number_problem(const JsonLexContext * lex)
{
	char		number[MAX_NUMBER + 1];
	int			length = lex->token_terminator - lex->token_start;

	if (length <= MAX_NUMBER)
	{
		memcpy(number, lex->token_start, length);
		number[length] = '\0';
		errno = 0;
		if (isfinite(strtod(number, NULL)) && errno == 0 && !has_huge_exponent(number))
			return NULL;
	}
	return "The JSON has a number that is too long, too large or too small.";
}

static const char *
take_token(Scan *scan, const JsonLexContext * lex)
{
	bool		is_in_object = scan->depth > 0 && scan->is_object[scan->depth - 1];

	switch (lex->token_type)
	{
		case JSON_TOKEN_OBJECT_START:
			return open_level(scan, true);
		case JSON_TOKEN_ARRAY_START:
			return open_level(scan, false);
		case JSON_TOKEN_OBJECT_END:
			return close_level(scan, true);
		case JSON_TOKEN_ARRAY_END:
			return close_level(scan, false);
		case JSON_TOKEN_COMMA:
			scan->name_is_next = is_in_object;
			return NULL;
		case JSON_TOKEN_STRING:
			if (scan->name_is_next)
				add_name(&scan->names, lex->strval->data);
			scan->name_is_next = false;
			return NULL;
		case JSON_TOKEN_NUMBER:
			return number_problem(lex);
		default:
			return NULL;
	}
}

/* Depth, names and numbers; the grammar is not looked at. */
static const char *
scan_problem(const char *json, int length)
{
	JsonLexContext *lex = lexer(json, length);
	Scan		scan = {.depth = 0};
	const char *problem = NULL;

	do
	{
		if (json_lex(lex) != JSON_SUCCESS)
			return no_json;
		problem = take_token(&scan, lex);
	} while (problem == NULL && lex->token_type != JSON_TOKEN_END);
	return problem;
}

/* NULL if it is one JSON text of UTF-8 in which no member comes twice; never an error. */
const char *
oauth_json_problem(const char *json, int length)
{
	const char *problem;

	if (memchr(json, '\0', length) != NULL ||
		pg_encoding_verifymbstr(PG_UTF8, json, length) != length)
		return "The JSON is not UTF-8 (RFC 8259, section 8.1).";
	if ((problem = scan_problem(json, length)) != NULL)
		return problem;
	return pg_parse_json(lexer(json, length), &nullSemAction) == JSON_SUCCESS ? NULL : no_json;
}

/* The value, or NULL and a problem. */
Jsonb *
oauth_json_read(const char *json, int length, const char **problem)
{
	*problem = oauth_json_problem(json, length);
	if (*problem != NULL)
		return NULL;
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(pnstrdup(json, length))));
}
