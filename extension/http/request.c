/*
 * request.c
 *		Reading an oauth.http_request.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "http/http.h"
#include "text/text.h"

#include <sys/socket.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "nodes/makefuncs.h"
#include "parser/parse_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inet.h"
#include "utils/typcache.h"

/* The attributes of the type, in their order. */
enum
{
	METHOD, TARGET, HEADERS, BODY, SCHEME, PEER, N_ATTRIBUTES
};

static const Oid attribute_types[] = {TEXTOID, TEXTOID, TEXTARRAYOID, BYTEAOID, TEXTOID, INETOID};

/* The row type of oauth.http_request, which has exactly the layout that this file knows. */
static TupleDesc
layout(Oid type, int32 type_modifier)
{
	TupleDesc	desc = lookup_rowtype_tupdesc(type, type_modifier);
	bool		fits = desc->natts == N_ATTRIBUTES;

	for (int i = 0; fits && i < N_ATTRIBUTES; i++)
		fits = TupleDescAttr(desc, i)->atttypid == attribute_types[i];
	if (!fits)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("type oauth.http_request is not the one this library was built for"),
				 errhint("ALTER EXTENSION oauth UPDATE")));
	return desc;
}

static void
deform(Datum datum, Datum *values, bool *nulls)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(datum);
	TupleDesc	desc = layout(HeapTupleHeaderGetTypeId(header), HeapTupleHeaderGetTypMod(header));
	HeapTupleData tuple;

	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = header;
	heap_deform_tuple(&tuple, desc, values, nulls);
	ReleaseTupleDesc(desc);
}

static void
read_headers(OAuthRequest *request, Datum headers)
{
	bool	   *nulls;

	deconstruct_array(DatumGetArrayTypeP(headers), TEXTOID, -1, false, TYPALIGN_INT,
					  &request->headers, &nulls, &request->n_headers);
	for (int i = 0; i < request->n_headers; i++)
		if (nulls[i])
			request->headers[i] = CStringGetTextDatum("");
}

/* Splits the target into path and query.  A trailing slash is ignored, except that "/" stays. */
static void
split_target(OAuthRequest *request)
{
	const char *mark = strchr(request->target, '?');
	size_t		length = mark ? (size_t) (mark - request->target) : strlen(request->target);

	request->query = mark ? mark + 1 : NULL;
	if (length > 1 && request->target[length - 1] == '/')
		length--;
	request->path = pnstrdup(request->target, length);
}

/* Whether the address is in 127.0.0.0/8 or is ::1. */
static bool
is_loopback(Datum peer)
{
	static const uint8 one[16] = {[15] = 1};
	inet	   *address = DatumGetInetPP(peer);

	if (ip_family(address) == PGSQL_AF_INET)
		return ip_addr(address)[0] == 127;
	return memcmp(ip_addr(address), one, sizeof(one)) == 0;
}

/* The request as a C struct.  Raises 22004 if method or target is null. */
OAuthRequest *
oauth_request_from_datum(Datum datum)
{
	OAuthRequest *request = palloc0(sizeof(OAuthRequest));
	Datum		values[N_ATTRIBUTES];
	bool		nulls[N_ATTRIBUTES];

	request->datum = datum;
	deform(datum, values, nulls);
	if (nulls[METHOD] || nulls[TARGET])
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("method and target of an oauth.http_request cannot be null"),
						errhint("For example ROW('GET', '/api/', ARRAY['Name: value'], NULL, "
								"'https', NULL).")));
	request->method = TextDatumGetCString(values[METHOD]);
	request->target = TextDatumGetCString(values[TARGET]);
	split_target(request);
	if (!nulls[HEADERS])
		read_headers(request, values[HEADERS]);
	request->body = "";
	if (!nulls[BODY])
	{
		bytea	   *body = DatumGetByteaPP(values[BODY]);

		request->body = VARDATA_ANY(body);
		request->body_length = VARSIZE_ANY_EXHDR(body);
	}
	if (!nulls[PEER])
		request->peer = values[PEER];
	request->scheme = nulls[SCHEME] ? "http" : TextDatumGetCString(values[SCHEME]);
	request->is_confidential = strcmp(request->scheme, "https") == 0 ||
		(!nulls[PEER] && is_loopback(values[PEER]));
	return request;
}

Oid
oauth_request_type(void)
{
	List	   *name = list_make2(makeString("oauth"), makeString("http_request"));

	return typenameTypeId(NULL, makeTypeNameFromNameList(name));
}

/* A request as a value of its SQL type.  headers 0, body NULL and scheme NULL become null. */
Datum
oauth_request_datum(const char *method, const char *target, Datum headers, const char *body,
					const char *scheme)
{
	TupleDesc	desc = layout(oauth_request_type(), -1);
	Datum		values[N_ATTRIBUTES] = {0};
	bool		nulls[N_ATTRIBUTES] = {false};
	HeapTuple	tuple;

	values[METHOD] = CStringGetTextDatum(method);
	values[TARGET] = CStringGetTextDatum(target);
	values[HEADERS] = headers;
	nulls[HEADERS] = headers == 0;
	nulls[BODY] = body == NULL;
	if (body != NULL)
		values[BODY] = PointerGetDatum(oauth_bytea(body, strlen(body)));
	nulls[SCHEME] = scheme == NULL;
	if (scheme != NULL)
		values[SCHEME] = CStringGetTextDatum(scheme);
	nulls[PEER] = true;
	tuple = heap_form_tuple(desc, values, nulls);
	ReleaseTupleDesc(desc);
	return HeapTupleGetDatum(tuple);
}

/* The request that a proxy asks about: the same fields, another method and target, and no body. */
OAuthRequest *
oauth_request_about(const OAuthRequest *request, const char *method, const char *target)
{
	OAuthRequest *about = palloc(sizeof(OAuthRequest));

	*about = *request;
	about->method = method;
	about->target = target;
	about->is_original = true;
	about->body = "";
	about->body_length = 0;
	split_target(about);
	return about;
}

/*
 * Whether line is a field of that name; if so, *value is its value without the white space around
 * it.
 */
static bool
is_field(text *line, const char *name, char **value)
{
	const char *start = VARDATA_ANY(line);
	const char *end = start + VARSIZE_ANY_EXHDR(line);
	size_t		length = strlen(name);

	if ((size_t) (end - start) <= length || start[length] != ':' ||
		pg_strncasecmp(start, name, length) != 0)
		return false;
	for (start += length + 1; start < end && (*start == ' ' || *start == '\t');)
		start++;
	while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*value = pnstrdup(start, end - start);
	return true;
}

/* How many fields have that name; *value is that of the first, or NULL. */
int
oauth_request_header(const OAuthRequest *request, const char *name, char **value)
{
	int			n = 0;

	*value = NULL;
	for (int i = 0; i < request->n_headers; i++)
	{
		char	   *found;

		if (is_field(DatumGetTextPP(request->headers[i]), name, &found) && n++ == 0)
			*value = found;
	}
	return n;
}

/*
 * Whether the body is a form: one Content-Type, application/x-www-form-urlencoded, with or without
 * parameters.
 */
bool
oauth_request_has_form(const OAuthRequest *request)
{
	static const char form[] = "application/x-www-form-urlencoded";
	char	   *type;

	if (oauth_request_header(request, "Content-Type", &type) != 1 ||
		pg_strncasecmp(type, form, strlen(form)) != 0)
		return false;
	return strchr(" \t;", type[strlen(form)]) != NULL;
}

static Datum
headers_without_proof(const OAuthRequest *request)
{
	Datum	   *lines = palloc(sizeof(Datum) * Max(request->n_headers, 1));
	int			n = 0;

	for (int i = 0; i < request->n_headers; i++)
	{
		text	   *line = DatumGetTextPP(request->headers[i]);
		char	   *value;

		if (is_field(line, "Authorization", &value) ||
			is_field(line, "Proxy-Authorization", &value) || is_field(line, "DPoP", &value))
			continue;
		if (!is_field(line, "Cookie", &value))
			lines[n++] = request->headers[i];
		else if ((value = oauth_cookies_of_others(value))[0] != '\0')
			lines[n++] = CStringGetTextDatum(psprintf("Cookie: %s", value));
	}
	return PointerGetDatum(construct_array(lines, n, TEXTOID, -1, false, TYPALIGN_INT));
}

/*
 * The request as a function of the application receives it, without the caller's proof: the
 * function's owner must not be able to act elsewhere as the caller (RFC 9700, section 4.9).
 * oauth_subject() says who calls.
 */
Datum
oauth_request_without_proof(const OAuthRequest *request, Datum datum)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(datum);
	Datum		values[N_ATTRIBUTES];
	bool		nulls[N_ATTRIBUTES];
	TupleDesc	desc;
	HeapTuple	tuple;

	deform(datum, values, nulls);
	values[METHOD] = CStringGetTextDatum(request->method);
	values[TARGET] = PointerGetDatum(oauth_target_without_proof(request));
	if (!nulls[HEADERS])
		values[HEADERS] = headers_without_proof(request);
	if (!nulls[BODY] && oauth_request_has_form(request))
		values[BODY] = PointerGetDatum(oauth_body_without_proof(request));
	desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header),
								  HeapTupleHeaderGetTypMod(header));
	tuple = heap_form_tuple(desc, values, nulls);
	ReleaseTupleDesc(desc);
	return HeapTupleGetDatum(tuple);
}
