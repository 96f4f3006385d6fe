/*
 * accept.c
 *	  Who reads the answer, by the Accept field (RFC 9110, section 12.5.1): a person with a browser,
 *	  or a program.
 *
 * Browsers name text/html. Programs name JSON, or take anything, and get JSON.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

#include <string.h>

/* Cut a parameter or the media type itself off the front: everything up to the next semicolon. */
static ShimSlice
next_part(ShimSlice *rest)
{
	const char *semicolon = memchr(rest->at, ';', rest->len);
	size_t		len = semicolon ? (size_t) (semicolon - rest->at) : rest->len;
	size_t		used = semicolon ? len + 1 : len;
	ShimSlice	part = {rest->at, len};

	rest->at += used;
	rest->len -= used;
	return shim_slice_trim(part);
}

/*
 * qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ), in thousandths; 0 for what is none
 */
static int
quality(ShimSlice value)
{
	int			thousandths = 0;
	int			weight = 100;

	if (value.len == 0 || value.len > 5 || (value.at[0] != '0' && value.at[0] != '1') ||
		(value.len > 1 && value.at[1] != '.'))
		return 0;
	for (size_t i = 2; i < value.len; i++, weight /= 10)
	{
		if (value.at[i] < '0' || value.at[i] > '9')
			return 0;
		thousandths += (value.at[i] - '0') * weight;
	}
	return value.at[0] == '1' ? 1000 : thousandths;
}

/* How much the client wants this entry of the list, if it is of that type; 0 if it is not. */
static int
wanted(ShimSlice entry, const char *type)
{
	int			q = 1000;

	if (!shim_slice_is_nocase(next_part(&entry), type))
		return 0;
	while (entry.len > 0)
	{
		ShimSlice	parameter = next_part(&entry);

		if (shim_slice_starts_nocase(parameter, "q="))
			q = quality((ShimSlice) {parameter.at + 2, parameter.len - 2});
	}
	return q;
}

/* HTML is wanted by name, and more than JSON; if as much, it is named first. */
bool
shim_accept_html(const ShimHead *head)
{
	int			html = 0;
	int			json = 0;

	for (int i = 0; i < head->nfields; i++)
	{
		ShimSlice	list = head->fields[i].value;
		ShimSlice	entry;

		if (!shim_slice_is_nocase(head->fields[i].name, "Accept"))
			continue;
		while (shim_slice_next(&list, &entry))
		{
			int			q = wanted(entry, "text/html");

			if (q > html && q > json)
				html = q;
			if ((q = wanted(entry, "application/json")) > json)
				json = q;
		}
	}
	return html > 0 && html >= json;
}
