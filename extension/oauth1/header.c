/*
 * header.c
 *		The Authorization header of OAuth 1.0a (RFC 5849, section 3.5.1).
 *
 *		credentials = "OAuth" 1*WSP parameter *( *WSP "," *WSP parameter )
 *		parameter   = name "=" DQUOTE value DQUOTE
 *		name, value = *( unreserved / pct-encoded )
 *
 * Clients that leave a character in a value unencoded are understood, except for the quote and
 * control characters.  The realm is a quoted-string of RFC 9110, and no parameter of the signature.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth1/oauth1.h"
#include "text/text.h"

static OAuthFault *
malformed(void)
{
	return oauth_fault(OAUTH1_PARAMETER_REJECTED,
					   "Authorization: OAuth needs parameters name=\"value\" with commas between, "
					   "percent-encoded UTF-8.");
}

static const char *
skip_space(const char *c)
{
	return c + strspn(c, " \t");
}

/* The end of the quoted-string that begins at c, after its closing quote; NULL if it has none. */
static const char *
end_of_quoted(const char *c)
{
	for (c++; *c != '\0' && *c != '"'; c++)
		if ((unsigned char) *c < ' ' || *c == 0x7F || (*c == '\\' && *++c == '\0'))
			return NULL;
	return *c == '"' ? c + 1 : NULL;
}

/*
 * Appends one parameter, unless it is the realm.  Returns what follows it, NULL if it is malformed.
 */
static const char *
parse_parameter(const char *c, OAuth1Parameters *parameters)
{
	size_t		length = strcspn(c, "=\", \t");
	const char *value = c + length + 1;
	const char *end;
	char	   *name;
	char	   *decoded;

	if (length == 0 || c[length] != '=' || *value != '"')
		return NULL;
	if ((end = end_of_quoted(value)) == NULL)
		return NULL;
	if (length == strlen("realm") && pg_strncasecmp(c, "realm", length) == 0)
		return end;
	if (memchr(value, '\\', end - value) != NULL)
		return NULL;
	name = oauth_percent_decode(c, length, false);
	decoded = oauth_percent_decode(value + 1, end - value - 2, false);
	if (name == NULL || decoded == NULL)
		return NULL;
	return oauth1_add_parameter(parameters, name, decoded, OAUTH1_HEADER) ? end : NULL;
}

/* Adds the parameters of a header that begins with the scheme. */
OAuthFault *
oauth1_header_parse(const char *authorization, OAuth1Parameters *parameters)
{
	const char *c = skip_space(authorization + strlen("OAuth"));

	for (;;)
	{
		if ((c = parse_parameter(c, parameters)) == NULL)
			return malformed();
		c = skip_space(c);
		if (*c == '\0')
			return NULL;
		if (*c != ',')
			return malformed();
		c = skip_space(c + 1);
	}
}
