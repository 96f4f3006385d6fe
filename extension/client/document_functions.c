/*
 * document_functions.c
 *		The SQL functions that store documents: those of the shim, which has fetched one, and those
 *		of administrators, who put one there by hand.
 *
 * What the shim brings was written by another server, perhaps a hostile one.  It is kept if it is
 * the JSON that was asked for, and otherwise the fetch has failed: that is an answer too, and for a
 * minute nobody asks again.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "http/http.h"
#include "store/document.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#define MAX_DOCUMENT	65536	/* bytes */
#define MIN_FRESH		3600	/* seconds */
#define MAX_FRESH		86400
#define DEFAULT_TYPE	"application/json"

PG_FUNCTION_INFO_V1(oauth_claim_document);
PG_FUNCTION_INFO_V1(oauth_keep_fetched_document);
PG_FUNCTION_INFO_V1(oauth_keep_document);
PG_FUNCTION_INFO_V1(oauth_forget_document);

/* The value of that header field, or NULL. */
static const char *
field(List *headers, const char *name)
{
	size_t		length = strlen(name);
	ListCell   *cell;

	foreach(cell, headers)
	{
		const char *line = lfirst(cell);

		if (pg_strncasecmp(line, name, length) == 0 && line[length] == ':')
			return line + length + 1 + strspn(line + length + 1, " \t");
	}
	return NULL;
}

/* type/subtype of Content-Type, in lower case (RFC 9110, section 8.3.1); NULL if there is none. */
static char *
media_type(List *headers)
{
	const char *value = field(headers, "Content-Type");
	char	   *type = value ? pnstrdup(value, strcspn(value, "; \t")) : NULL;

	for (char *c = type; c != NULL && *c; c++)
		*c = pg_ascii_tolower(*c);
	return type;
}

/* application/json, or a type whose name says that it is JSON (RFC 6839, section 3.1). */
static bool
is_json_type(const char *type)
{
	size_t		length = type ? strlen(type) : 0;

	return length > 0 && strncmp(type, "application/", 12) == 0 &&
		(strcmp(type + 12, "json") == 0 || strcmp(type + length - 5, "+json") == 0);
}

/*
 * For how long the document is fresh: what Cache-Control says in max-age (RFC 9111, section
 * 5.2.2.1), but an hour at least, so that nobody makes us fetch all the time, and a day at most.
 */
static int
fresh_seconds(List *headers)
{
	const char *control = field(headers, "Cache-Control");
	long		seconds = 0;

	for (const char *c = control; c != NULL && *c; c += strspn(c, ", \t"))
	{
		if (pg_strncasecmp(c, "max-age=", 8) == 0)
			seconds = strtol(c + 8 + (c[8] == '"'), NULL, 10);
		c += strcspn(c, ",");
	}
	return Min(Max(seconds, MIN_FRESH), MAX_FRESH);
}

static void
read_json(void *argument)
{
	DirectFunctionCall1(jsonb_in, CStringGetDatum((char *) argument));
}

/* Refused is what jsonb_in does not take (class 22), or finds too deep (54). */
static bool
is_json(char *body)
{
	ErrorData  *error = oauth_try(read_json, body, false);

	if (error != NULL && ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_DATA_EXCEPTION &&
		ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_PROGRAM_LIMIT_EXCEEDED)
		ReThrowError(error);
	return error == NULL;
}

/* What is wrong with a body; NULL: nothing. */
static const char *
why_no_document(const char *body, int length)
{
	if (length > MAX_DOCUMENT)
		return "the document is larger than 64 KiB";
	if (memchr(body, '\0', length) != NULL ||
		!pg_verify_mbstr(PG_UTF8, body, length, true))
		return "the document is not UTF-8";
	return is_json(pnstrdup(body, length)) ? NULL : "the document is not JSON";
}

/* Why a fetch that has come to an end has brought no document; NULL: it has. */
static const char *
why_failed(int status, const char *type, const bytea *body, const char *problem)
{
	if (problem != NULL)
		return problem;
	if (status != 200)
		return status == 0 ? "there was no answer" :
			psprintf("the answer had status %d", status);
	if (!is_json_type(type))
		return "the answer is not application/json";
	if (body == NULL)
		return "the answer had no body";
	return why_no_document(VARDATA_ANY(body), VARSIZE_ANY_EXHDR(body));
}

/* oauth.claim_document(url text) RETURNS text */
Datum
oauth_claim_document(PG_FUNCTION_ARGS)
{
	static const char *const answers[] = {[OAUTH_CLAIM_NOT_WANTED] = "ask",
		[OAUTH_CLAIM_OF_OTHERS] = "wait",
	[OAUTH_CLAIM_OURS] = "fetch"};
	char	   *url = text_to_cstring(PG_GETARG_TEXT_PP(0));

	return CStringGetTextDatum(answers[oauth_store_claim_document(url)]);
}

/*
 * oauth.keep_document(url text, status integer, headers text[], body bytea, problem text) RETURNS
 * boolean
 */
Datum
oauth_keep_fetched_document(PG_FUNCTION_ARGS)
{
	char	   *url = oauth_argument(fcinfo, 0, "url");
	int			status = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1);
	List	   *headers = PG_ARGISNULL(2) ? NIL : oauth_list_from_array(PG_GETARG_ARRAYTYPE_P(2));
	bytea	   *body = PG_ARGISNULL(3) ? NULL : PG_GETARG_BYTEA_PP(3);
	char	   *type = media_type(headers);
	const char *problem = why_failed(status, type, body, oauth_optional_argument(fcinfo, 4));

	if (problem != NULL)
		PG_RETURN_BOOL(oauth_store_fail_document(url, problem));
	PG_RETURN_BOOL(oauth_store_keep_document(url, text_to_cstring((text *) body), type,
											 fresh_seconds(headers)));
}

/*
 * oauth_keep_document(url text, body text, media_type text, fresh_until timestamptz)
 */
Datum
oauth_keep_document(PG_FUNCTION_ARGS)
{
	char	   *url = oauth_argument(fcinfo, 0, "url");
	char	   *body = oauth_argument(fcinfo, 1, "body");
	char	   *type = oauth_optional_argument(fcinfo, 2);
	const char *problem = why_no_document(body, strlen(body));
	const char *why_not = oauth_server_uri_why_not(url);

	if (why_not != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the URL of a document %s", why_not),
						errhint("Only the documents of such URLs are asked for: "
								"https://app.example.com/client.json.")));
	if (type != NULL && !is_json_type(type))
		problem = "media_type is application/json, or a type that ends in +json";
	if (problem != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s", problem),
						errhint("Documents are what the server at the URL answers: JSON of at "
								"most 64 KiB.")));
	oauth_store_put_document(url, body, type ? type : DEFAULT_TYPE,
							 oauth_argument_is_null(fcinfo, 3) ? 0 : PG_GETARG_TIMESTAMPTZ(3));
	PG_RETURN_VOID();
}

/* oauth_forget_document(url text) RETURNS boolean */
Datum
oauth_forget_document(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(oauth_store_forget_document(oauth_argument(fcinfo, 0, "url")));
}
