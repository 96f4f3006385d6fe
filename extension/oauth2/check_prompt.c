/*
 * check_prompt.c
 *		Check of an authorization request: what the person is to be asked.
 *
 * - prompt holds none, or one or more of login, consent, select_account (OpenID Connect Core,
 * section
 *   3.1.2.1)
 * - max_age is a number of seconds
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "oauth2/authorization.h"
#include "text/text.h"

static OAuthFault *
read_max_age(OAuth2Authorization *request)
{
	const char *max_age;
	OAuthFault *fault = oauth_params_get(&request->params, "max_age", &max_age);

	request->max_age = -1;
	if (fault != NULL || max_age == NULL)
		return fault;
	if (strspn(max_age, "0123456789") != strlen(max_age) || strlen(max_age) > 9)
		return oauth_fault(OAUTH_INVALID_REQUEST, "max_age must be a number of seconds.");
	request->max_age = (int) strtol(max_age, NULL, 10);
	return NULL;
}

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
	OAuthFault *fault;

	if ((fault = oauth_params_get(&request->params, "prompt", &request->prompt)) != NULL ||
		(fault = read_max_age(request)) != NULL || request->prompt == NULL)
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
