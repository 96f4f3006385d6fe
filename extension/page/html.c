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

/* Text, in an element or in a quoted attribute. */
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
 * An application is known by the first letter of its name; who listens to the page gets the name
 * only.
 */
void
oauth_html_mark(StringInfo html, const char *name)
{
	const char *shown = oauth_readable(name, OAUTH_MAX_SHOWN);

	oauth_html(html, "<span class=\"mark\" aria-hidden=\"true\">%s</span>",
			   pnstrdup(shown, shown[0] ? pg_mblen(shown) : 0));
}

/*
 * Words that others chose, in an element: what cannot be seen is left out, however it was written
 * down, and which way they run is nobody else's matter (HTML, the bdi element).
 */
static void
write_isolated(StringInfo html, const char *words)
{
	appendStringInfoString(html, "<bdi>");
	oauth_html_text(html, oauth_readable(words, OAUTH_MAX_SHOWN));
	appendStringInfoString(html, "</bdi>");
}

/* A sentence that has an {application} in it, or before its end. */
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
 * Markup with a text that follows for each %s, and for each %n one that others chose.  There is no
 * way to put in anything unescaped.
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
