/*
 * client_cert.c
 *	  The certificate that a client has shown to the proxy in front, in one form.
 *
 * Proxies write it as Client-Cert (RFC 9440), or as nginx does, as PEM with percent signs in
 * X-SSL-Client-Cert; X-SSL-Client-Verify says whether it was verified. SQL gets it as
 * Client-Cert, and the word of the proxy. Only the form is looked at here: what a certificate says
 * is for SQL.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

#include <string.h>

#define MAX_BASE64 10924		/* of a certificate of 8 KiB */

static const char begin[] = "-----BEGIN CERTIFICATE-----";
static const char end[] = "-----END CERTIFICATE-----";

/* Fields about the certificate, which SQL gets from here, or not at all. */
bool
shim_client_cert_is_field(ShimSlice name)
{
	return shim_slice_is_nocase(name, "Client-Cert") ||
		shim_slice_is_nocase(name, "Client-Cert-Chain") ||
		shim_slice_is_nocase(name, "X-SSL-Client-Cert") ||
		shim_slice_is_nocase(name, "X-SSL-Client-Verify");
}

static bool
is_base64(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
		c == '/';
}

/* Base64 with its padding, and nothing else. */
static bool
is_encoded(ShimSlice s)
{
	size_t		len = s.len;

	if (len == 0 || len > MAX_BASE64 || len % 4 != 0)
		return false;
	for (int i = 0; i < 2 && s.at[len - 1] == '='; i++)
		len--;
	for (size_t i = 0; i < len; i++)
		if (!is_base64(s.at[i]))
			return false;
	return true;
}

/* sf-binary = ":" *(base64) ":" (RFC 8941, section 3.3.5) */
static bool
is_binary(ShimSlice s)
{
	return s.len > 2 && s.at[0] == ':' && s.at[s.len - 1] == ':' &&
		is_encoded((ShimSlice) {s.at + 1, s.len - 2});
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *found = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);

	return found ? (int) (found - digits) : -1;
}

/* Undo percent-encoding in place; false if it is malformed. */
static bool
unescape(char *at, size_t *len)
{
	size_t		to = 0;

	for (size_t from = 0; from < *len; from++)
	{
		int			high,
					low;

		at[to] = at[from];
		if (at[from] == '%')
		{
			if (from + 2 >= *len || (high = hex_digit(at[from + 1])) < 0 ||
				(low = hex_digit(at[from + 2])) < 0)
				return false;
			at[to] = (char) (high * 16 + low);
			from += 2;
		}
		to++;
	}
	*len = to;
	return true;
}

/*
 * Make one Client-Cert of PEM with percent signs, in its place: it becomes shorter. False if that
 * is not one certificate.
 */
static bool
from_pem(ShimSlice *s)
{
	char	   *at = (char *) s->at;
	size_t		len = s->len;
	size_t		to = 1;

	if (!unescape(at, &len))
		return false;
	while (len > 0 && (at[len - 1] == '\n' || at[len - 1] == '\r'))
		len--;
	if (len < sizeof(begin) + sizeof(end) || memcmp(at, begin, sizeof(begin) - 1) != 0 ||
		memcmp(at + len - (sizeof(end) - 1), end, sizeof(end) - 1) != 0)
		return false;
	for (size_t from = sizeof(begin) - 1; from < len - (sizeof(end) - 1); from++)
		if (at[from] != '\n' && at[from] != '\r')
			at[to++] = at[from];
	at[0] = at[to++] = ':';
	s->len = to;
	return true;
}

/*
 * What a trusted proxy says about the certificate, as up to two fields. NONE is nginx's word for a
 * client without one; then what stands in the other fields is not of the proxy.
 */
ShimFault
shim_client_cert_take(ShimRequest *request)
{
	const ShimHead *head = request->head;
	const ShimField *plain = shim_head_field(head, "Client-Cert");
	const ShimField *escaped = shim_head_field(head, "X-SSL-Client-Cert");
	const ShimField *verify = shim_head_field(head, "X-SSL-Client-Verify");
	ShimSlice	value;

	if (verify != NULL && shim_slice_is(verify->value, "NONE"))
		return SHIM_NO_FAULT;
	if (plain != NULL && escaped != NULL)
		return (ShimFault) {400, "the proxy passes a certificate in two fields"};
	if (plain == NULL && (escaped == NULL || escaped->value.len == 0))
		return SHIM_NO_FAULT;
	value = plain ? plain->value : escaped->value;
	if ((plain == NULL && !from_pem(&value)) || !is_binary(value))
		return (ShimFault) {400, "the proxy passes a certificate that cannot be read"};
	shim_request_add(request, (ShimField) {{"Client-Cert", 11}, value});
	if (verify != NULL)
		shim_request_add(request, *verify);
	return SHIM_NO_FAULT;
}
