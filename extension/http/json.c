/*
 * json.c
 *		Writing JSON: the members of an object, one after the other.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"

#include "mb/pg_wchar.h"
#include "utils/json.h"

/* Most texts have nothing to be escaped, and are appended as they are, which is faster. */
static void
json_text(StringInfo json, const char *text, size_t length)
{
	bool		is_plain = true;

	for (size_t i = 0; i < length && is_plain; i++)
		is_plain = (unsigned char) text[i] >= ' ' && text[i] != '"' && text[i] != '\\';

	if (!is_plain)
	{
		escape_json(json, pnstrdup(text, length));
		return;
	}
	appendStringInfoChar(json, '"');
	appendBinaryStringInfo(json, text, length);
	appendStringInfoChar(json, '"');
}

static void
json_name(StringInfo json, const char *name)
{
	if (json->data[json->len - 1] != '{')
		appendStringInfoString(json, ", ");
	json_text(json, name, strlen(name));
	appendStringInfoString(json, ": ");
}

/* Appends "name": "value" to an object that was opened with '{'. */
void
oauth_json_member(StringInfo json, const char *name, const char *value)
{
	json_name(json, name);
	json_text(json, value, strlen(value));
}

void
oauth_json_number(StringInfo json, const char *name, int64 value)
{
	json_name(json, name);
	appendStringInfo(json, INT64_FORMAT, value);
}

/* Appends "name": ["a", "b"] of words that are separated by spaces. */
void
oauth_json_words(StringInfo json, const char *name, const char *words)
{
	const char *separator = "";

	json_name(json, name);
	appendStringInfoChar(json, '[');
	for (const char *c = words + strspn(words, " "); *c; c += strspn(c, " "))
	{
		size_t		length = strcspn(c, " ");

		appendStringInfoString(json, separator);
		json_text(json, c, length);
		separator = ", ";
		c += length;
	}
	appendStringInfoChar(json, ']');
}

/* A member whose value is JSON already; NULL: none. */
void
oauth_json_raw(StringInfo json, const char *name, const char *value)
{
	if (value == NULL)
		return;
	json_name(json, name);
	appendStringInfoString(json, value);
}

/* JSON with an escape for each character beyond ASCII (RFC 8259, section 7), which fits a field. */
char *
oauth_json_ascii(const char *json)
{
	StringInfoData ascii;

	initStringInfo(&ascii);
	for (const char *c = json; *c; c += pg_utf_mblen((const unsigned char *) c))
	{
		pg_wchar	point = utf8_to_unicode((const unsigned char *) c);

		if (point < 0x7F)
			appendStringInfoChar(&ascii, (char) point);
		else if (point < 0x10000)
			appendStringInfo(&ascii, "\\u%04x", point);
		else
			appendStringInfo(&ascii, "\\u%04x\\u%04x", 0xD7C0 + (point >> 10),
							 0xDC00 + (point & 0x3FF));
	}
	return ascii.data;
}
