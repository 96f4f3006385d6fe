/*
 * accept.c
 *		Which media types a client wants (RFC 9110, section 12.5.1).
 *
 * Only what is named counts, and ranges (application, slash, star) do not: an answer of an unusual
 * type goes to those who ask for it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"

#include "utils/builtins.h"

#define SPACE " \t"

/*
 * qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )  (section 12.4.2), in thousandths; 0
 * for anything else, so that nobody gets what they may not have meant.
 */
static int
read_quality(const char *value, size_t length)
{
	int			thousandths = 0;
	int			place = 100;

	if (length == 0 || length > 5 || (value[0] != '0' && value[0] != '1') ||
		(length > 1 && value[1] != '.'))
		return 0;
	for (size_t i = 2; i < length; i++)
	{
		if (value[i] < '0' || value[i] > '9')
			return 0;
		thousandths += (value[i] - '0') * place;
		place /= 10;
	}
	if (value[0] == '1')
		return thousandths == 0 ? 1000 : 0;
	return thousandths;
}

/* The weight among the parameters behind a media range; 1000 if there is none. */
static int
quality_of(const char *parameters, const char *end)
{
	for (const char *c = parameters; c < end; c++)
	{
		size_t		length;

		if (*c != ';')
			continue;
		c++;
		c += strspn(c, SPACE);
		if ((c[0] != 'q' && c[0] != 'Q') || c[1] != '=')
		{
			c--;
			continue;
		}
		length = strcspn(c + 2, SPACE ";,");
		return read_quality(c + 2, length);
	}
	return 1000;
}

/* The weight that one field gives to the media type; -1: it does not name it. */
static int
quality_in(const char *field, const char *media_type)
{
	size_t		length = strlen(media_type);
	int			quality = -1;

	for (const char *c = field + strspn(field, SPACE ","); *c; c += strspn(c, SPACE ","))
	{
		const char *end = c + strcspn(c, ",");

		if (pg_strncasecmp(c, media_type, length) == 0 && strchr(SPACE ";,", c[length]) != NULL)
			quality = Max(quality, quality_of(c + length, end));
		c = end;
	}
	return quality;
}

/*
 * How much the request wants that media type, in thousandths: 0 is not at all, -1 that it does not
 * name it.
 */
int
oauth_request_accepts(const OAuthRequest *request, const char *media_type)
{
	int			quality = -1;

	for (int i = 0; i < request->n_headers; i++)
	{
		char	   *line = TextDatumGetCString(request->headers[i]);

		if (pg_strncasecmp(line, "Accept:", strlen("Accept:")) == 0)
			quality = Max(quality, quality_in(line + strlen("Accept:"), media_type));
	}
	return quality;
}
