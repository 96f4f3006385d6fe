/*
 * parameters.c
 *		The parameters of a signed request, from its header, its query and its body (RFC 5849,
 *		sections 3.1, 3.4.1.3.1 and 3.5).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"
#include "oauth1/oauth1.h"

#define MAX_PARAMETERS			1000
#define MAX_OAUTH_PARAMETERS	50

/* Appends a parameter; false if there are too many. */
bool
oauth1_add_parameter(OAuth1Parameters *parameters, char *name, char *value, OAuth1Source source)
{
	OAuth1Parameter *added;

	if (parameters->n == MAX_PARAMETERS)
		return false;
	if (parameters->n == parameters->room)
	{
		parameters->room = parameters->room ? parameters->room * 4 : 16;
		parameters->items = parameters->items ?
			repalloc(parameters->items, parameters->room * sizeof(OAuth1Parameter)) :
			palloc(parameters->room * sizeof(OAuth1Parameter));
	}
	added = &parameters->items[parameters->n++];
	added->name = name;
	added->value = value;
	added->source = source;
	added->is_oauth = strncmp(name, "oauth_", strlen("oauth_")) == 0;
	return true;
}

/* Adds the parameters of a query or a form body. */
OAuthFault *
oauth1_add_form(OAuth1Parameters *parameters, const char *encoded, int length, OAuth1Source source)
{
	OAuthParams form;

	if (oauth_params_parse(encoded, length, &form) != NULL)
		return oauth_fault(OAUTH1_PARAMETER_REJECTED,
						   "The query or the body has a malformed percent-encoding, a NUL, bytes "
						   "that are not UTF-8, or "
						   "more than 1000 parameters.");
	for (int i = 0; i < form.n; i++)
		if (!oauth1_add_parameter(parameters, form.items[i].name, form.items[i].value, source))
			return oauth_fault(OAUTH1_PARAMETER_REJECTED,
							   "The request has more than 1000 parameters.");
	return NULL;
}

/*
 * "protocol parameters as well as any other parameter using the "oauth_" prefix SHALL be included
 * in the request using one and only one of the following locations" (section 3.5)
 */
static bool
are_in_one_place(const OAuth1Parameters *parameters)
{
	OAuth1Source source = OAUTH1_NOWHERE;

	for (int i = 0; i < parameters->n; i++)
		if (parameters->items[i].is_oauth)
		{
			if (source != OAUTH1_NOWHERE && parameters->items[i].source != source)
				return false;
			source = parameters->items[i].source;
		}
	return true;
}

/*
 * "Each parameter MUST NOT appear more than once per request" (section 3.1), which concerns the
 * parameters of OAuth.
 */
OAuthFault *
oauth1_check_parameters(const OAuth1Parameters *parameters)
{
	const char *seen[MAX_OAUTH_PARAMETERS];
	int			n = 0;

	for (int i = 0; i < parameters->n; i++)
	{
		const char *name = parameters->items[i].name;

		if (!parameters->items[i].is_oauth)
			continue;
		for (int j = 0; j < n; j++)
			if (strcmp(seen[j], name) == 0)
				return oauth_fault(OAUTH1_PARAMETER_REJECTED,
								   "An oauth parameter was sent more than once.");
		if (n == MAX_OAUTH_PARAMETERS)
			return oauth_fault(OAUTH1_PARAMETER_REJECTED,
							   "The request has more than 50 oauth parameters.");
		seen[n++] = name;
	}
	if (!are_in_one_place(parameters))
		return oauth_fault(OAUTH1_PARAMETER_REJECTED,
						   "The oauth parameters are in more than one place: header, query or "
						   "body.");
	return NULL;
}

/* The first parameter of that name; a parameter of OAuth has no second.  NULL if it is absent. */
const char *
oauth1_parameter(const OAuth1Parameters *parameters, const char *name)
{
	for (int i = 0; i < parameters->n; i++)
		if (strcmp(parameters->items[i].name, name) == 0)
			return parameters->items[i].value;
	return NULL;
}

/* Whether the header has the scheme OAuth. */
bool
oauth1_is_scheme(const char *authorization)
{
	return pg_strncasecmp(authorization, "OAuth", 5) == 0 &&
		(authorization[5] == ' ' || authorization[5] == '\t');
}

/* All parameters of a request that the base string covers. */
OAuthFault *
oauth1_parameters_from_request(const OAuthRequest *request, OAuth1Parameters *parameters)
{
	char	   *authorization;
	int			n = oauth_request_header(request, "Authorization", &authorization);
	OAuthFault *fault;

	if (n > 1)
		return oauth_fault(OAUTH1_PARAMETER_REJECTED,
						   "The request has more than one Authorization header.");
	if (n == 1 && oauth1_is_scheme(authorization) &&
		(fault = oauth1_header_parse(authorization, parameters)) != NULL)
		return fault;
	if (request->query != NULL &&
		(fault = oauth1_add_form(parameters, request->query, strlen(request->query),
								 OAUTH1_QUERY)) != NULL)
		return fault;

	/*
	 * "The entity-body is single-part [and has] the Content-Type [...]
	 * "application/x-www-form-urlencoded"" (3.4.1.3.1)
	 */
	if (oauth_request_has_form(request) &&
		(fault = oauth1_add_form(parameters, request->body, request->body_length,
								 OAUTH1_BODY)) != NULL)
		return fault;
	return oauth1_check_parameters(parameters);
}

/* Whether a request without the header attempts OAuth 1.0a in its query or body, even malformed. */
bool
oauth1_is_attempted(const OAuthRequest *request)
{
	OAuth1Parameters parameters = {0};

	(void) oauth1_parameters_from_request(request, &parameters);
	return oauth1_parameter(&parameters, "oauth_signature") != NULL ||
		oauth1_parameter(&parameters, "oauth_consumer_key") != NULL;
}
