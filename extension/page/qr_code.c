/*
 * qr_code.c
 *		A QR code as a picture in the page: SVG of one path, dark on light whatever the colours of
 *		the page are.
 *
 * It needs nothing that the page's Content-Security-Policy does not allow anyway: no script, no
 * style, nothing that is loaded.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "page/page.h"

#include <qrencode.h>

#define QUIET_ZONE 4			/* modules around the code, as ISO/IEC 18004 has it */

static void
write_modules(StringInfo html, const QRcode * code)
{
	for (int row = 0; row < code->width; row++)
		for (int column = 0; column < code->width; column++)
			if (code->data[row * code->width + column] & 1)
				appendStringInfo(html, "M%d %dh1v1h-1z", column, row);
}

/*
 * Writes the code of a text.  A screen reader leaves it out, so the page must have the text in
 * another form too.  Writes nothing if the text is too long.
 */
void
oauth_html_qr_code(StringInfo html, const char *text)
{
	QRcode	   *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);

	if (code == NULL)
		return;
	PG_TRY();
	{
		int			size = code->width + 2 * QUIET_ZONE;

		appendStringInfo(html,
						 "<svg class=\"qr\" viewBox=\"%d %d %d %d\" aria-hidden=\"true\" "
						 "shape-rendering=\"crispEdges\">\n<rect x=\"%d\" y=\"%d\" width=\"%d\" "
						 "height=\"%d\" fill=\"#fff\"/>\n<path fill=\"#000\" d=\"",
						 -QUIET_ZONE, -QUIET_ZONE, size, size, -QUIET_ZONE, -QUIET_ZONE, size,
						 size);
		write_modules(html, code);
		appendStringInfoString(html, "\"/>\n</svg>\n");
	}
	PG_FINALLY();
	{
		QRcode_free(code);
	}
	PG_END_TRY();
}
