/*
 * head.c
 *	  Parse the head of a request (RFC 9112, sections 2 to 7), strictly.
 *
 * The only parser a client's bytes meet. Where the RFC lets a recipient be
 * lenient (bare LF, leading blank lines, white space around the colon, folded
 * lines, equal repeated Content-Lengths) it is not: leniency that a proxy in
 * front does not share is a way to smuggle requests past it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

#include <stdlib.h>
#include <string.h>

#define BAD(why) ((ShimFault) {400, why})

/* More digits than any length we could take; what has more is not a number for us. */
#define MAX_LENGTH_DIGITS 15
#define FIRST_FIELDS 16

/* token characters, RFC 9110, section 5.6.2 */
static bool
is_token_char(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		(c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

bool
shim_head_is_token(char c)
{
	return is_token_char((unsigned char) c);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex_digit(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/*
 * Look for the end of the head in what has arrived so far; *scanned keeps the place.
 * What can never become a head is reported at once, not at the deadline.
 */
ShimScan
shim_head_scan(const char *bytes, size_t len, size_t *scanned, size_t *head_len)
{
	/* RFC 9112, section 2.2, would let us skip blank lines here. CivetWeb did. */
	if (len > 0 && !is_token_char((unsigned char) bytes[0]))
		return SHIM_SCAN_BAD;
	for (; *scanned < len; ++*scanned)
	{
		size_t		i = *scanned;

		if (bytes[i] == '\0')
			return SHIM_SCAN_BAD;
		if (i > 0 && bytes[i - 1] == '\r' && bytes[i] != '\n')
			return SHIM_SCAN_BAD;
		if (bytes[i] != '\n')
			continue;
		if (i == 0 || bytes[i - 1] != '\r')
			return SHIM_SCAN_BAD;
		if (i >= 3 && memcmp(bytes + i - 3, "\r\n\r\n", 4) == 0)
		{
			*head_len = i + 1;
			return SHIM_SCAN_WHOLE;
		}
	}
	return SHIM_SCAN_MORE;
}

/* Cut the next line, without its CRLF, off the head. */
static ShimSlice
next_line(ShimSlice *rest)
{
	const char *end = memchr(rest->at, '\r', rest->len);
	ShimSlice	line = {rest->at, (size_t) (end - rest->at)};

	rest->len -= line.len + 2;
	rest->at += line.len + 2;
	return line;
}

/*
 * uri-host [ ":" port ], RFC 9110, section 7.2: names, IPv4, and IPv6 in brackets.
 * No user information, no percent-encoding, nothing that needs escaping anywhere.
 */
bool
shim_head_valid_host(ShimSlice host)
{
	size_t		i = 0;
	size_t		start;

	if (host.len == 0 || host.len > 255)
		return false;
	if (host.at[0] == '[')
	{
		for (i = 1;
			 i < host.len && (is_hex_digit(host.at[i]) || host.at[i] == ':' || host.at[i] == '.');)
			i++;
		if (i < 4 || i >= host.len || host.at[i++] != ']')
			return false;
	}
	else
	{
		while (i < host.len && host.at[i] != ':' && is_token_char((unsigned char) host.at[i]) &&
			   strchr("!#$%&'*+^`|", host.at[i]) == NULL)
			i++;
		if (i == 0)
			return false;
	}
	if (i == host.len)
		return true;
	start = i + 1;
	if (host.at[i] != ':' || start == host.len || host.len - start > 5)
		return false;
	for (i = start; i < host.len; i++)
		if (!is_digit(host.at[i]))
			return false;
	return true;
}

/* HTTP/1.0 and HTTP/1.1; other versions are 505, what is no version is 400. */
static ShimFault
parse_version(ShimSlice version, ShimHead *head)
{
	if (shim_slice_is(version, "HTTP/1.1") || shim_slice_is(version, "HTTP/1.0"))
	{
		head->minor = version.at[7] - '0';
		return SHIM_NO_FAULT;
	}
	if (version.len == 8 && memcmp(version.at, "HTTP/", 5) == 0 &&
		is_digit(version.at[5]) && version.at[6] == '.' && is_digit(version.at[7]))
		return (ShimFault) {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
	return BAD("the HTTP version is malformed");
}

/*
 * Reduce the four forms of RFC 9112, section 3.2, to path and query. The authority
 * of an absolute-form target takes the place of Host (section 3.2.2).
 */
static ShimFault
parse_target(ShimHead *head)
{
	ShimSlice	target = head->target;
	const char *query;

	for (size_t i = 0; i < target.len; i++)
		if (target.at[i] < 0x21 || target.at[i] > 0x7e || target.at[i] == '#')
			return BAD("the request target has bytes that do not belong there");
	if (shim_slice_starts_nocase(target, "http://") || shim_slice_starts_nocase(target, "https://"))
	{
		const char *authority = strchr(target.at, ':') + 3;
		const char *end = target.at + target.len;
		const char *at = authority;

		while (at < end && *at != '/' && *at != '?')
			at++;
		head->host = (ShimSlice) {authority, (size_t) (at - authority)};
		if (!shim_head_valid_host(head->host))
			return BAD("the authority of the request target is invalid");
		if (at < end && *at == '?')
			return BAD("the request target has no path");
		target = at == end ? shim_slice("/") : (ShimSlice) {at, (size_t) (end - at)};
	}
	else if (shim_slice_is(target, "*") && shim_slice_is(head->method, "OPTIONS"))
		;
	else if (shim_slice_is(head->method, "CONNECT"))
		return (ShimFault) {501, "CONNECT is not served here"};
	else if (target.len == 0 || target.at[0] != '/')
		return BAD("the request target is not a path");
	head->target = target;
	query = memchr(target.at, '?', target.len);
	head->path = (ShimSlice) {target.at, query ? (size_t) (query - target.at) : target.len};
	return SHIM_NO_FAULT;
}

/* request-line = method SP request-target SP HTTP-version */
static ShimFault
parse_request_line(ShimSlice line, ShimHead *head)
{
	const char *end = line.at + line.len;
	const char *first = memchr(line.at, ' ', line.len);
	const char *second;
	ShimFault	fault;

	if (first == NULL)
		return BAD("the request line is malformed");
	second = memchr(first + 1, ' ', (size_t) (end - first - 1));
	if (second == NULL)
		return BAD("the request line is malformed");
	head->method = (ShimSlice) {line.at, (size_t) (first - line.at)};
	head->target = (ShimSlice) {first + 1, (size_t) (second - first - 1)};
	for (size_t i = 0; i < head->method.len; i++)
		if (!is_token_char((unsigned char) head->method.at[i]))
			return BAD("the method is malformed");
	fault = parse_version((ShimSlice) {second + 1, (size_t) (end - second - 1)}, head);
	return fault.status ? fault : parse_target(head);
}

/*
 * Any bytes but control characters (RFC 9110, section 5.5): what those above 0x7f mean is
 * not known here, and does not matter to a reader of other fields.
 */
static bool
is_field_value(ShimSlice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (((unsigned char) s.at[i] < 0x20 && s.at[i] != '\t') || s.at[i] == 0x7f)
			return false;
	return true;
}

/* field-line = field-name ":" OWS field-value OWS, no space before the colon, no folding */
static ShimFault
parse_field(ShimSlice line, ShimField *field)
{
	const char *colon = memchr(line.at, ':', line.len);
	size_t		i;

	if (line.at[0] == ' ' || line.at[0] == '\t')
		return BAD("folded header lines are not accepted");
	if (colon == NULL || colon == line.at)
		return BAD("a header line has no name");
	field->name = (ShimSlice) {line.at, (size_t) (colon - line.at)};
	for (i = 0; i < field->name.len; i++)
		if (!is_token_char((unsigned char) field->name.at[i]))
			return BAD("a header name is malformed");
	field->value = shim_slice_trim((ShimSlice) {colon + 1, line.len - i - 1});
	if (!is_field_value(field->value))
		return BAD("a header value has control characters");
	return SHIM_NO_FAULT;
}

/* RFC 9110, section 8.6: digits, and nothing else */
static ShimFault
read_length(ShimSlice value, ShimHead *head)
{
	if (value.len == 0 || value.len > MAX_LENGTH_DIGITS)
		return BAD("Content-Length is malformed");
	for (size_t i = 0; i < value.len; i++)
	{
		if (!is_digit(value.at[i]))
			return BAD("Content-Length is malformed");
		head->content_length = head->content_length * 10 + (size_t) (value.at[i] - '0');
	}
	head->has_length = true;
	return SHIM_NO_FAULT;
}

/* RFC 9112, section 6.1: the one coding that is decoded here; others are 501, also beside it */
static ShimFault
read_coding(ShimSlice value, ShimHead *head)
{
	head->is_chunked = shim_slice_is_nocase(value, "chunked");
	if (!head->is_chunked)
		return (ShimFault) {501, "no transfer coding but chunked is known here"};
	return SHIM_NO_FAULT;
}

static ShimFault
read_host(ShimSlice value, ShimHead *head)
{
	if (!shim_head_valid_host(value))
		return BAD("Host is invalid");
	if (head->host.at == NULL)
		head->host = value;
	return SHIM_NO_FAULT;
}

static ShimFault
read_expect(ShimSlice value, ShimHead *head)
{
	head->expects_continue = shim_slice_is_nocase(value, "100-continue");
	head->expects_other = !head->expects_continue;
	return SHIM_NO_FAULT;
}

static ShimFault
read_connection(ShimSlice value, ShimHead *head)
{
	ShimSlice	option;

	while (shim_slice_next(&value, &option))
	{
		if (shim_slice_is_nocase(option, "close"))
			head->keep_alive = false;
		else if (shim_slice_is_nocase(option, "keep-alive") && head->minor == 0)
			head->keep_alive = true;
	}
	return SHIM_NO_FAULT;
}

/*
 * The fields that mean something here. Those that may occur once only are refused
 * when repeated: which of two counts would be anybody's guess.
 */
static const struct
{
	ShimSlice	name;
	bool		once;
	ShimFault	(*read) (ShimSlice value, ShimHead *head);
}			known_fields[] =
{
	{SHIM_SLICE("Content-Length"), true, read_length},
	{SHIM_SLICE("Transfer-Encoding"), true, read_coding},
	{SHIM_SLICE("Host"), true, read_host},
	{SHIM_SLICE("Expect"), true, read_expect},
	{SHIM_SLICE("Connection"), false, read_connection},
	{SHIM_SLICE("Content-Type"), true, NULL},
	{SHIM_SLICE("Authorization"), true, NULL},
};

const ShimField *
shim_head_field(const ShimHead *head, const char *name)
{
	for (int i = 0; i < head->nfields; i++)
		if (shim_slice_is_nocase(head->fields[i].name, name))
			return &head->fields[i];
	return NULL;
}

static ShimFault
read_field(const ShimField *field, ShimHead *head)
{
	for (size_t i = 0; i < sizeof(known_fields) / sizeof(known_fields[0]); i++)
	{
		if (!shim_slice_equals_nocase(field->name, known_fields[i].name))
			continue;
		if (known_fields[i].once && shim_head_field(head, known_fields[i].name.at) != field)
			return BAD("a header field that may occur once is repeated");
		if (known_fields[i].read != NULL)
			return known_fields[i].read(field->value, head);
	}
	return SHIM_NO_FAULT;
}

/*
 * What concerns several fields. RFC 9112, section 6.1: a message with both Content-Length
 * and Transfer-Encoding "ought to be handled as an error", and one of HTTP/1.0 with a
 * transfer coding must be treated "as if the framing is faulty".
 */
static ShimFault
check_fields(const ShimHead *head)
{
	if (head->is_chunked && (head->has_length || head->minor == 0))
		return BAD("Transfer-Encoding does not belong here");
	if (head->minor == 1 && shim_head_field(head, "Host") == NULL)
		return BAD("Host is missing");
	return SHIM_NO_FAULT;
}

/* There are hundreds of these, and few of them have more than the first fields. */
static bool
make_room(ShimHead *head)
{
	int			room = head->room ? 2 * head->room : FIRST_FIELDS;
	ShimField  *fields = realloc(head->fields, (size_t) room * sizeof(*fields));

	if (fields == NULL)
		return false;
	head->fields = fields;
	head->room = room;
	return true;
}

void
shim_head_free(ShimHead *head)
{
	free(head->fields);
	head->fields = NULL;
	head->nfields = head->room = 0;
}

/* bytes[0..len) is a whole head, as shim_head_scan found it. */
ShimFault
shim_head_parse(const char *bytes, size_t len, ShimHead *head)
{
	ShimSlice	rest = {bytes, len};
	ShimSlice	line = next_line(&rest);
	ShimFault	fault;

	memset(head, 0, offsetof(ShimHead, fields));
	fault = parse_request_line(line, head);
	head->keep_alive = head->minor == 1;
	for (line = next_line(&rest); line.len > 0 && fault.status == 0; line = next_line(&rest))
	{
		if (head->nfields == SHIM_MAX_FIELDS)
			return (ShimFault) {431, "there are too many header fields"};
		if (head->nfields == head->room && !make_room(head))
			return (ShimFault) {503, "there is no memory for the header fields"};
		fault = parse_field(line, &head->fields[head->nfields]);
		/* what counts is whole: behind it are fields of requests before */
		if (fault.status == 0)
			fault = read_field(&head->fields[head->nfields++], head);
	}
	return fault.status ? fault : check_fields(head);
}

/* Append a field that is not as the client sent it; there are SHIM_OWN_FIELDS at most. */
void
shim_request_add(ShimRequest *request, ShimField field)
{
	request->fields[request->nfields++] = (unsigned char) (SHIM_MAX_FIELDS + request->nown);
	request->own[request->nown++] = field;
}

/* One of the fields that SQL sees. */
const ShimField *
shim_request_field(const ShimRequest *request, int i)
{
	int			place = request->fields[i];

	return place < SHIM_MAX_FIELDS ? &request->head->fields[place] :
		&request->own[place - SHIM_MAX_FIELDS];
}
