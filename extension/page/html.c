/*
 * html.c
 *		Writing HTML: literal markup from here, everything else escaped.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "page/page.h"
#include "text/text.h"

#include <stdarg.h>

#include "mb/pg_wchar.h"

/* Escapes text, for an element or a quoted attribute. */
void
oauth_html_text(StringInfo html, const char *text)
{
	for (const char *c = text; *c; c++)
		switch (*c)
		{
			case '&':
				appendStringInfoString(html, "&amp;");
				break;
			case '<':
				appendStringInfoString(html, "&lt;");
				break;
			case '>':
				appendStringInfoString(html, "&gt;");
				break;
			case '"':
				appendStringInfoString(html, "&quot;");
				break;
			case '\'':
				appendStringInfoString(html, "&#39;");
				break;
			default:
				appendStringInfoCharMacro(html, *c);
		}
}

/*
 * The emblem of an application is the first letter of its name; screen readers read the name only.
 */
void
oauth_html_mark(StringInfo html, const char *name)
{
	const char *shown = oauth_readable(name, OAUTH_MAX_SHOWN);

	oauth_html(html, "<span class=\"mark\" aria-hidden=\"true\">%s</span>",
			   pnstrdup(shown, shown[0] ? pg_mblen(shown) : 0));
}

/*
 * Writes words that others chose, in an element: invisible characters are left out, and their
 * direction does not affect the text around them (HTML, the bdi element).
 */
static void
write_isolated(StringInfo html, const char *words)
{
	appendStringInfoString(html, "<bdi>");
	oauth_html_text(html, oauth_readable(words, OAUTH_MAX_SHOWN));
	appendStringInfoString(html, "</bdi>");
}

/* Writes a sentence with the name in the place of {application}, or at its end. */
void
oauth_html_sentence(StringInfo html, const char *text, const char *name)
{
	static const char place[] = "{application}";
	const char *found = strstr(text, place);

	oauth_html_text(html, found ? pnstrdup(text, found - text) : psprintf("%s ", text));
	oauth_html(html, "<strong>%n</strong>", name);
	if (found != NULL)
		oauth_html_text(html, found + strlen(place));
}

/*
 * Writes markup with an escaped text for each %s, and for each %n one that others chose.  There is
 * no way to write anything unescaped.
 */
void
oauth_html(StringInfo html, const char *markup,...)
{
	va_list		texts;

	va_start(texts, markup);
	for (const char *c = markup; *c; c++)
	{
		if (c[0] == '%' && c[1] == 's')
			oauth_html_text(html, va_arg(texts, const char *));
		else if (c[0] == '%' && c[1] == 'n')
			write_isolated(html, va_arg(texts, const char *));
		else
		{
			appendStringInfoCharMacro(html, *c);
			continue;
		}
		c++;
	}
	va_end(texts);
}
