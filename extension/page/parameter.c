/*
 * parameter.c
 *		What a page is asked with: the parameters of its query, and of the form that it showed.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"
#include "page/page.h"

/* A parameter of a page's query or form; "" if it is absent, repeated or malformed. */
const char *
oauth_page_parameter(const OAuthParams *params, const char *name)
{
	const char *value;

	return oauth_params_get(params, name, &value) == NULL && value != NULL ? value : "";
}

/* Reads the posted form; false if the request has none. */
bool
oauth_page_form(const OAuthRequest *request, OAuthParams *form)
{
	return oauth_request_has_form(request) &&
		oauth_params_parse(request->body, request->body_length, form) == NULL;
}

/* Reads the query; it is empty if it is absent or malformed. */
void
oauth_page_query(const OAuthRequest *request, OAuthParams *query)
{
	if (request->query == NULL ||
		oauth_params_parse(request->query, strlen(request->query), query) != NULL)
		query->n = 0;
}
