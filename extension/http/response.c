/*
 * response.c
 *		Building an oauth.http_response: status, header lines, body.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "http/http.h"
#include "setting.h"

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/typcache.h"

#define SHARED_MS	"100"

OAuthResponse *
oauth_response(int status)
{
	OAuthResponse *response = palloc0(sizeof(OAuthResponse));

	response->status = status;
	initStringInfo(&response->body);
	return response;
}

/*
 * Refuses control characters in a field.  Values come from our own words and from columns that
 * exclude such characters; this makes sure of it.
 */
void
oauth_response_header(OAuthResponse *response, const char *name, const char *value)
{
	size_t		name_length = strlen(name);
	size_t		length = strlen(value);
	char	   *line = palloc(name_length + length + 3);

	for (const char *c = value; *c; c++)
		if ((unsigned char) *c < ' ' || *c == 0x7F)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("value of header \"%s\" has a control character", name)));
	memcpy(line, name, name_length);
	memcpy(line + name_length, ": ", 2);
	memcpy(line + name_length + 2, value, length + 1);
	response->headers = lappend(response->headers, line);
}

/*
 * The shim may give this answer to every request that asks the same within so many milliseconds, so
 * that many at once cost one.  Only for answers that do not depend on who asks.  With a query
 * anybody could make many requests that differ, and each would take the place of another.
 */
void
oauth_response_shared(const OAuthRequest *request, OAuthResponse *response)
{
	if (request->query == NULL)
		oauth_response_header(response, "Shared", SHARED_MS);
}

/* "no-store" and "no-cache", which RFC 6749, section 5.1 asks of every answer with credentials. */
OAuthResponse *
oauth_response_uncached(int status, const char *content_type)
{
	OAuthResponse *response = oauth_response(status);

	oauth_response_header(response, "Content-Type", content_type);
	oauth_response_header(response, "Cache-Control", "no-store");
	oauth_response_header(response, "Pragma", "no-cache");
	return response;
}

OAuthResponse *
oauth_response_json(int status)
{
	return oauth_response_uncached(status, "application/json");
}

/* Adds Retry-After (RFC 9110, section 10.2.3) if the fault has a delay. */
void
oauth_response_retry_after(OAuthResponse *response, const OAuthFault *fault)
{
	if (fault->retry_after > 0)
		oauth_response_header(response, "Retry-After", psprintf("%d", fault->retry_after));
}

/* The JSON error body of RFC 6749, section 5.2; the caller adds a challenge where one belongs. */
OAuthResponse *
oauth_response_fault(const OAuthFault *fault)
{
	OAuthResponse *response = oauth_response_json(oauth_fault_status(fault));
	StringInfo	body = &response->body;

	if (fault->code == OAUTH_OTHER_LANE)
		return oauth_response_lane(fault->lane);
	if (fault->code == OAUTH_FETCH)
		return oauth_response_fetch(fault->description);
	appendStringInfoChar(body, '{');
	if (oauth_fault_name(fault) != NULL)
		oauth_json_member(body, "error", oauth_fault_name(fault));
	oauth_json_member(body, "error_description", fault->description);
	appendStringInfoChar(body, '}');
	oauth_response_retry_after(response, fault);
	return response;
}

/*
 * "The origin server MUST generate an Allow header field in a 405 response" (RFC 9110, section
 * 15.5.6).
 */
OAuthResponse *
oauth_response_wrong_method(const char *allowed)
{
	OAuthResponse *response = oauth_response_fault(oauth_fault(OAUTH_METHOD_NOT_ALLOWED,
															   "This path does not take that "
															   "method."));

	oauth_response_header(response, "Allow", allowed);
	return response;
}

/*
 * Whether this connection is for other work than that of the lane.  Work that takes long may also
 * write and sign; and the application lane may hash a secret, but no function of the application
 * runs on the lane where people wait to log in.  So no request moves in a circle.
 */
bool
oauth_response_is_other_lane(OAuthLane lane)
{
	return oauth_setting_lane != OAUTH_LANE_ANY && (int) lane > oauth_setting_lane;
}

/* Status 0: nothing was done; the shim asks again on that lane. */
OAuthResponse *
oauth_response_lane(OAuthLane lane)
{
	OAuthResponse *response = oauth_response(0);

	oauth_response_header(response, "Lane", oauth_lane_name(lane));
	return response;
}

/*
 * The same, and so it is for all requests of that scheme of Authorization, of all
 * clients: the next may begin there.
 */
OAuthResponse *
oauth_response_lane_of_scheme(OAuthLane lane)
{
	OAuthResponse *response = oauth_response_lane(lane);

	oauth_response_header(response, "Kind", "scheme");
	return response;
}

/*
 * Status 0: nothing was done; the shim fetches that document and asks again.  A lane that only
 * reads cannot note that it is wanted, so first the request moves to one that writes.
 */
OAuthResponse *
oauth_response_fetch(const char *url)
{
	OAuthResponse *response;

	if (oauth_response_is_other_lane(OAUTH_LANE_WRITING))
		return oauth_response_lane(OAUTH_LANE_WRITING);
	response = oauth_response(0);
	oauth_response_header(response, "Fetch", url);
	return response;
}

static OAuthResponse *
make_key_first(const char *header, const char *alg)
{
	OAuthResponse *response;

	if (oauth_response_is_other_lane(OAUTH_LANE_SLOW))
		return oauth_response_lane(OAUTH_LANE_SLOW);
	response = oauth_response_lane(oauth_setting_lane);
	oauth_response_header(response, header, alg);
	return response;
}

/*
 * Status 0: a signing key is made, in a transaction that does nothing else (endpoint.c), and then
 * the shim asks again.  That may take a second, so it happens where a request may take long.
 */
OAuthResponse *
oauth_response_key(const char *alg)
{
	return make_key_first("Key", alg);
}

/* The same for a key without which the request can be answered too, if it cannot be made. */
OAuthResponse *
oauth_response_wanted_key(const char *alg)
{
	return make_key_first("Wanted-Key", alg);
}

/*
 * The lane of functions of the application, which is shared out among those whose requests they
 * are.  The shim compares the share and learns nothing from it.
 */
OAuthResponse *
oauth_response_application_of(const char *whose)
{
	OAuthResponse *response = oauth_response_lane(OAUTH_LANE_APPLICATION);
	uint8		hash[OAUTH_HASH_LENGTH];
	char		share[2 * OAUTH_SHARE_LENGTH + 1] = "";

	oauth_sha256(whose, strlen(whose), hash);
	hex_encode((const char *) hash, OAUTH_SHARE_LENGTH, share);
	oauth_response_header(response, "Share", share);
	return response;
}

/*
 * The share of a user, whichever clients act for that user; with subject NULL that of the client.
 */
OAuthResponse *
oauth_response_application(const char *client_id, const char *subject)
{
	return oauth_response_application_of(subject ? psprintf("subject\n%s", subject) :
										 psprintf("client\n%s", client_id));
}

/* Whether it is 'Name: value' with a name that the shim does not set itself. */
static void
check_header_line(const char *line)
{
	static const char *const of_the_shim[] = {
		"Connection", "Content-Length", "Date", "Transfer-Encoding"
	};
	size_t		length = strspn(line, "!#$%&'*+-.^_`|~"
								"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
	bool		is_wrong = length == 0 || line[length] != ':';

	for (const char *c = line; *c && !is_wrong; c++)
		is_wrong = (unsigned char) *c < ' ' || *c == 0x7F;
	for (size_t i = 0; i < lengthof(of_the_shim) && !is_wrong; i++)
		is_wrong = strlen(of_the_shim[i]) == length &&
			pg_strncasecmp(line, of_the_shim[i], length) == 0;
	/* a cookie of ours could log the caller in as somebody else */
	if (!is_wrong && length == strlen("Set-Cookie") &&
		pg_strncasecmp(line, "Set-Cookie", length) == 0)
		is_wrong = oauth_is_own_cookie(line + length + 1);
	if (is_wrong)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a function answered with a malformed or forbidden header line"),
						errhint("Lines are 'Name: value' without control characters; length, date "
								"and connection are added for "
								"you, and cookies oauth_* are not yours.")));
}

static bool
is_response_type(TupleDesc desc)
{
	return desc->natts == 3 && TupleDescAttr(desc, 0)->atttypid == INT4OID &&
		TupleDescAttr(desc, 1)->atttypid == TEXTARRAYOID &&
		TupleDescAttr(desc, 2)->atttypid == BYTEAOID;
}

/* The answer of a function of the application, checked before it reaches a client. */
OAuthResponse *
oauth_response_from_datum(Datum datum)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(datum);
	TupleDesc	desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header),
											  HeapTupleHeaderGetTypMod(header));
	HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(header), .t_data = header};
	Datum		values[3];
	bool		nulls[3] = {true, true, true};
	OAuthResponse *response = oauth_response(200);
	ListCell   *cell;

	if (is_response_type(desc))
		heap_deform_tuple(&tuple, desc, values, nulls);
	ReleaseTupleDesc(desc);
	if (!nulls[0])
		response->status = DatumGetInt32(values[0]);
	if (nulls[0] || response->status < 200 || response->status > 599)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a function answered without an HTTP status from 200 to 599")));
	if (!nulls[1])
		response->headers = oauth_list_from_array(DatumGetArrayTypeP(values[1]));
	foreach(cell, response->headers)
		check_header_line(lfirst(cell));
	if (!nulls[2])
		appendBinaryStringInfo(&response->body, VARDATA_ANY(DatumGetByteaPP(values[2])),
							   VARSIZE_ANY_EXHDR(DatumGetByteaPP(values[2])));
	return response;
}

static Datum
headers_datum(List *headers)
{
	Datum	   *lines = palloc(sizeof(Datum) * Max(list_length(headers), 1));
	int			n = 0;
	ListCell   *cell;

	foreach(cell, headers)
		lines[n++] = CStringGetTextDatum((char *) lfirst(cell));
	return PointerGetDatum(construct_array(lines, n, TEXTOID, -1, false, TYPALIGN_INT));
}

static void
refuse_type(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("type oauth.http_response is not the one this library was built for"),
			 errhint("ALTER EXTENSION oauth UPDATE")));
}

/* The row type is looked up once for each query, not for each request of a batch. */
static TupleDesc
response_type(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
		TupleDesc	desc;

		if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE ||
			!is_response_type(desc))
			refuse_type();
		fcinfo->flinfo->fn_extra = BlessTupleDesc(desc);
		MemoryContextSwitchTo(old);
	}
	return fcinfo->flinfo->fn_extra;
}

static void
response_values(const OAuthResponse *response, Datum *values)
{
	values[0] = Int32GetDatum(response->status);
	values[1] = headers_datum(response->headers);
	values[2] = PointerGetDatum(oauth_bytea(response->body.data, response->body.len));
}

Datum
oauth_response_datum(FunctionCallInfo fcinfo, const OAuthResponse *response)
{
	Datum		values[3];
	bool		nulls[3] = {false};

	response_values(response, values);
	return HeapTupleGetDatum(heap_form_tuple(response_type(fcinfo), values, nulls));
}

/* Adds the response to those of a function that returns a set; NULL: a row that is null. */
void
oauth_response_put(FunctionCallInfo fcinfo, const OAuthResponse *response)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum		values[3] = {0};
	bool		nulls[3] = {true, true, true};

	if (!is_response_type(set->setDesc))
		refuse_type();
	if (response != NULL)
	{
		response_values(response, values);
		memset(nulls, false, sizeof(nulls));
	}
	tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
}
