/*
 * check_prompt.c
 *		Check of an authorization request: which pages it wants to be shown.
 *
 * - prompt is none, or one or more of login, consent, select_account (OpenID Connect Core, section
 *   3.1.2.1)
 * - "If this parameter contains none with any other value, an error is returned."
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "oauth2/authorization.h"
#include "text/text.h"

static const char *const prompts[] = {"none", "login", "consent", "select_account"};

/* The values of prompt, separated by spaces. */
const char *
oauth2_prompt_values(void)
{
	return OAUTH_NAMES_JOIN(prompts);
}

static bool
is_prompt(const char *word)
{
	return OAUTH_FIND_NAMED(prompts, word) != NULL;
}

OAuthFault *
oauth2_check_prompt(OAuth2Authorization *request)
{
	List	   *words = NIL;
	ListCell   *cell;
	OAuthFault *fault = oauth_params_get(&request->params, "prompt", &request->prompt);

	if (fault != NULL || request->prompt == NULL)
		return fault;
	if (oauth2_scope_parse(request->prompt, &words) != NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST, "prompt is malformed.");
	foreach(cell, words)
		if (!is_prompt(lfirst(cell)) ||
			(strcmp(lfirst(cell), "none") == 0 && list_length(words) > 1))
			return oauth_fault(OAUTH_INVALID_REQUEST,
							   "prompt is none, or one or more of login, consent, select_account.");
	return NULL;
}

/* Whether the request has that prompt. */
bool
oauth2_prompts(const OAuth2Authorization *request, const char *what)
{
	return request->prompt != NULL && oauth_words_include(request->prompt, what);
}
