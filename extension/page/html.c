/*
 * html.c
 *		Writing HTML: literal markup from here, everything else escaped.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

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

/* An application is known by the first letter of its name; who listens to the page gets the name only. */
void
oauth_html_mark(StringInfo html, const char *name)
{
	oauth_html(html, "<span class=\"mark\" aria-hidden=\"true\">%s</span>", name[0] ? pnstrdup(name, pg_mblen(name)) : "");
}

/* Markup with %s for each text that follows.  There is no way to put in anything unescaped. */
void
oauth_html(StringInfo html, const char *markup,...)
{
	va_list		texts;

	va_start(texts, markup);
	for (const char *c = markup; *c; c++)
	{
		if (c[0] == '%' && c[1] == 's')
		{
			oauth_html_text(html, va_arg(texts, const char *));
			c++;
		}
		else
			appendStringInfoCharMacro(html, *c);
	}
	va_end(texts);
}
