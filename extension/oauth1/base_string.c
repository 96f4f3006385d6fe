/*
 * base_string.c
 *		The signature base string (RFC 5849, section 3.4.1): method, URI and parameters in one
 *		canonical form.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth1/oauth1.h"
#include "text/text.h"

/* A parameter as it stands in the normalized string: "name=value", encoded. */
typedef struct Encoded
{
	const char *name;
	const char *value;
} Encoded;

/*
 * "sorted by name, using ascending byte value ordering.  If two or more parameters share the same
 * name, they are sorted by their value."  (section 3.4.1.3.2)
 */
static int
compare_parameters(const void *a, const void *b)
{
	const Encoded *left = a;
	const Encoded *right = b;
	int			by_name = strcmp(left->name, right->name);

	return by_name ? by_name : strcmp(left->value, right->value);
}

/* Leaves the signature out, wherever it stands; the realm never gets here (section 3.4.1.3.1). */
static int
encode_all(const OAuth1Parameters *parameters, Encoded *encoded)
{
	int			n = 0;

	for (int i = 0; i < parameters->n; i++)
	{
		if (strcmp(parameters->items[i].name, "oauth_signature") == 0)
			continue;
		encoded[n].name = oauth1_encoded(parameters->items[i].name);
		encoded[n++].value = oauth1_encoded(parameters->items[i].value);
	}
	return n;
}

static char *
normalized(const OAuth1Parameters *parameters)
{
	Encoded    *encoded = palloc(Max(parameters->n, 1) * sizeof(Encoded));
	int			n = encode_all(parameters, encoded);
	StringInfoData string;

	qsort(encoded, n, sizeof(Encoded), compare_parameters);
	initStringInfo(&string);
	for (int i = 0; i < n; i++)
	{
		if (i > 0)
			appendStringInfoChar(&string, '&');
		appendStringInfoString(&string, encoded[i].name);
		appendStringInfoChar(&string, '=');
		appendStringInfoString(&string, encoded[i].value);
	}
	return string.data;
}

/* Whether the port, with its colon, is the default port of the scheme, which is left out. */
static bool
is_default_port(const char *scheme, const char *port)
{
	return strcmp(port, strcmp(scheme, "https") == 0 ? ":443" : ":80") == 0;
}

/*
 * host [ ":" port ], where host may be an IPv6 literal in brackets.  Returns where the port begins,
 * NULL if this is malformed.
 */
static const char *
find_port(const char *host)
{
	const char *end = host;

	if (*host == '[')
	{
		end = strchr(host, ']');
		if (end == NULL ||
			strspn(host + 1, "0123456789abcdefABCDEF:.") != (size_t) (end - host - 1))
			return NULL;
		end++;
	}
	else
		end += strcspn(host, ":");
	if (end == host || (*end != '\0' && (*end != ':' || end[1] == '\0' ||
										 end[1 + strspn(end + 1, "0123456789")] != '\0')))
		return NULL;
	for (const char *c = host; c < end; c++)
		if ((unsigned char) *c <= ' ' || (unsigned char) *c >= 0x7F ||
			strchr("/?#@\\\"<>", *c) != NULL)
			return NULL;
	return end;
}

/*
 * Base string URI, section 3.4.1.2: "The scheme and host MUST be in lowercase [...]. The port MUST
 * be included if it is not the default port for the scheme".  The path stays as it was sent; query
 * and fragment are no part of it.
 */
static char *
base_string_uri(const char *scheme, const char *host, const char *target)
{
	const char *port = find_port(host);
	StringInfoData uri;

	if (port == NULL)
		return NULL;
	initStringInfo(&uri);
	appendStringInfo(&uri, "%s://", scheme);
	for (const char *c = host; c < port; c++)
		appendStringInfoChar(&uri, pg_ascii_tolower((unsigned char) *c));
	if (!is_default_port(scheme, port))
		appendStringInfoString(&uri, port);
	if (target[0] != '/')
		appendStringInfoChar(&uri, '/');
	appendBinaryStringInfo(&uri, target, strcspn(target, "?#"));
	return uri.data;
}

/*
 * The base string of a request with those parameters.  scheme is http or https, host the value of
 * the Host field.
 */
OAuthFault *
oauth1_base_string(const char *method, const char *scheme, const char *host, const char *target,
				   const OAuth1Parameters *parameters, char **base_string)
{
	char	   *uri = base_string_uri(scheme, host, target);
	char	   *upper = pstrdup(method);
	StringInfoData string;

	if (uri == NULL)
		return oauth_fault(OAUTH1_PARAMETER_REJECTED, "The host is malformed.");
	for (char *c = upper; *c; c++)
		*c = pg_ascii_toupper((unsigned char) *c);
	initStringInfo(&string);
	oauth1_append_encoded(&string, upper);
	appendStringInfoChar(&string, '&');
	oauth1_append_encoded(&string, uri);
	appendStringInfoChar(&string, '&');
	oauth1_append_encoded(&string, normalized(parameters));
	*base_string = string.data;
	return NULL;
}
