/*
 * registration_request.c
 *		What a request of dynamic client registration brings: a bearer token, and metadata (RFC
 *		7591, section 3.1).
 *
 * - the body is one JSON object, UTF-8, in which no member comes twice, at any depth
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"
#include "jose/jose.h"
#include "oauth2/registration.h"

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

/*
 * The metadata that was sent: one JSON object, UTF-8, in which no member comes twice, at any depth.
 */
OAuthFault *
oauth2_registration_body(const OAuthRequest *request, Jsonb **metadata)
{
	static const char wanted[] = "The body must be a JSON object, sent as application/json.";
	char	   *type;
	const char *problem;

	if (oauth_request_header(request, "Content-Type", &type) != 1 ||
		pg_strncasecmp(type, "application/json", strlen("application/json")) != 0 ||
		strchr("; ", type[strlen("application/json")]) == NULL)
		return oauth2_bad_metadata(wanted);
	*metadata = oauth_json_read(request->body, request->body_length, &problem);
	if (*metadata == NULL)
		return oauth2_bad_metadata(problem);
	if (!JB_ROOT_IS_OBJECT(*metadata))
		return oauth2_bad_metadata(wanted);
	return NULL;
}
