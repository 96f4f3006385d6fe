/*
 * check_response_mode.c
 *		Check of an authorization request: how the answer gets there.
 *
 * - response_mode is query, which is also the default, or form_post (OAuth 2.0 Multiple Response
 *   Type Encoding Practices, section 2.1; OAuth 2.0 Form Post Response Mode)
 * - or one of those with a signed answer: query.jwt, form_post.jwt, and jwt, which is "the default
 *   redirect encoding (query, fragment) for the requested response type" (JWT Secured Authorization
 *   Response Mode, section 2.3.4), and for a code that is query.jwt
 * - a client with FAPI 2.0 Message Signing gets signed answers only (section 5.4.2 there)
 * - fragment and fragment.jwt are refused: a code has no business there.  That is told by query
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "oauth2/authorization.h"
#include "text/text.h"

static const struct
{
	const char *name;
	bool		by_post;
	bool		by_jwt;
}			modes[] = {
	{"query", false, false}, {"form_post", true, false}, {"jwt", false, true},
	{"query.jwt", false, true}, {"form_post.jwt", true, true}
};

/* The values of response_mode, separated by spaces. */
const char *
oauth2_response_modes(void)
{
	return OAUTH_NAMES_JOIN(modes);
}

/* Reads it as far as it can be read: also what is wrong with the request is told that way. */
void
oauth2_read_response_mode(OAuth2Authorization *request)
{
	const char *mode = oauth_page_parameter(&request->params, "response_mode");

	request->by_jwt = oauth_client_signs_messages(request->client);
	for (size_t i = 0; i < lengthof(modes); i++)
		if (strcmp(modes[i].name, mode) == 0)
		{
			request->by_post = modes[i].by_post;
			request->by_jwt |= modes[i].by_jwt;
		}
}

static bool
is_signed(const char *mode)
{
	const char *dot = strrchr(mode, '.');

	return strcmp(dot ? dot + 1 : mode, "jwt") == 0;
}

OAuthFault *
oauth2_check_response_mode(OAuth2Authorization *request)
{
	const char *mode;
	OAuthFault *fault = oauth_params_get(&request->params, "response_mode", &mode);

	if (fault != NULL || mode == NULL)
		return fault;
	if (oauth_client_signs_messages(request->client) && !is_signed(mode))
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "The client gets signed answers: response_mode is jwt, query.jwt or "
						   "form_post.jwt.");
	if (OAUTH_FIND_NAMED(modes, mode) != NULL)
		return NULL;
	return oauth_fault(OAUTH_INVALID_REQUEST,
					   "response_mode is query, form_post, jwt, query.jwt or form_post.jwt.");
}
