/*
 * registration_request.c
 *		What a request of dynamic client registration brings: a bearer token, and metadata (RFC
 *		7591, section 3.1).
 *
 * - the body is one JSON object, UTF-8, in which no member comes twice
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"
#include "oauth2/registration.h"

#include "mb/pg_wchar.h"
#include "utils/fmgrprotos.h"

OAuthFault *
oauth2_bad_metadata(const char *description)
{
	return oauth_fault(OAUTH_INVALID_CLIENT_METADATA, description);
}

/* The bearer token of the request, NULL if there is none; *fault if it is malformed. */
char *
oauth2_registration_bearer(const OAuthRequest *request, OAuthFault **fault)
{
	char	   *authorization;
	char	   *token = NULL;
	int			n = oauth_request_header(request, "Authorization", &authorization);

	if (n > 1)
		*fault = oauth_fault(OAUTH_INVALID_REQUEST,
							 "The request has more than one Authorization header.");
	else if (n == 1)
		*fault = oauth2_bearer_from_header(authorization, &token);
	return token;
}

/* A text that may not be JSON. */
typedef struct JsonText
{
	const char *string;
	Jsonb	   *value;
} JsonText;

static void
read_json(void *argument)
{
	JsonText   *json = argument;

	json->value = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(json->string)));
}

/*
 * jsonb_in in a subtransaction: what it does not take (class 22, or too deep: 54) is the client's
 * mistake.
 */
static Jsonb *
parse_json(const char *string)
{
	JsonText	json = {string, NULL};
	ErrorData  *error = oauth_try(read_json, &json, true);
	int			category;

	if (error == NULL)
		return json.value;
	category = ERRCODE_TO_CATEGORY(error->sqlerrcode);
	if (category != ERRCODE_DATA_EXCEPTION && category != ERRCODE_PROGRAM_LIMIT_EXCEEDED)
		ReThrowError(error);
	return NULL;
}

/* The metadata that was sent: one JSON object, UTF-8, in which no member comes twice. */
OAuthFault *
oauth2_registration_body(const OAuthRequest *request, Jsonb **metadata)
{
	static const char wanted[] = "The body must be a JSON object, sent as application/json.";
	char	   *type;
	char	   *text;

	if (oauth_request_header(request, "Content-Type", &type) != 1 ||
		pg_strncasecmp(type, "application/json", strlen("application/json")) != 0 ||
		strchr("; ", type[strlen("application/json")]) == NULL)
		return oauth2_bad_metadata(wanted);
	if (!pg_verify_mbstr(PG_UTF8, request->body, request->body_length, true))
		return oauth2_bad_metadata("The body must be UTF-8.");
	text = pnstrdup(request->body, request->body_length);

	*metadata = parse_json(text);
	if (*metadata == NULL || !JB_ROOT_IS_OBJECT(*metadata))
		return oauth2_bad_metadata(wanted);
	if (oauth_store_json_members(text) != JB_ROOT_COUNT(*metadata))
		return oauth2_bad_metadata("A member comes twice.");
	return NULL;
}
