/*
 * undo.c
 *		HEAD is answered like GET, and whatever the GET would write is undone (RFC 9110, sections
 *		9.2.1 and 9.3.2).
 *
 * The answer to a GET may write: a code where consent is remembered, the session of somebody who
 * returns from the application's login, anything that a function of the application does.  A HEAD
 * runs all of it, so that status and fields are those of GET, and undoes it afterwards.  A refusal
 * is kept: otherwise HEAD would be a way to guess without being counted.  So is what a request
 * notes that is to be repeated: which document it needs.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"

/* Call before the work of a GET.  Does nothing for other methods. */
void
oauth_undo_begin(const OAuthRequest *request, OAuthUndo *undo)
{
	undo->is_head = strcmp(request->method, "HEAD") == 0;
	if (undo->is_head)
		oauth_subtransaction_begin(&undo->subtransaction);
}

/* Call after that work: for a HEAD the writes are undone unless is_kept. */
void
oauth_undo_end(const OAuthUndo *undo, bool is_kept)
{
	if (undo->is_head)
		oauth_subtransaction_end(&undo->subtransaction, is_kept);
}

static bool
is_cookie(const char *line)
{
	return strncmp(line, "Set-Cookie: ", strlen("Set-Cookie: ")) == 0;
}

/* Drops cookies of a session that is undone: they would replace the ones that the browser has. */
static void
keep_cookies_of_browser(OAuthResponse *response)
{
	bool		has_session = false;
	ListCell   *cell;

	foreach(cell, response->headers)
		has_session |= is_cookie(lfirst(cell)) && strstr(lfirst(cell), "oauth_session=") != NULL;
	foreach(cell, response->headers)
		if (has_session && is_cookie(lfirst(cell)))
			response->headers = foreach_delete_current(response->headers, cell);
}

/* A HEAD that is being answered. */
typedef struct Answering
{
	const OAuthRequest *request;
	OAuthResponse *(*answer) (const OAuthRequest *request);
	OAuthResponse *response;
} Answering;

static bool
answer_head(void *argument)
{
	Answering  *answering = argument;

	answering->response = answering->answer(answering->request);
	return answering->response->status >= 400 || answering->response->status == 0;
}

/* The answer to a request that may be a HEAD. */
OAuthResponse *
oauth_undo_head(const OAuthRequest *request, OAuthResponse *(*answer) (const OAuthRequest *request))
{
	Answering	answering = {.request = request, .answer = answer};

	if (strcmp(request->method, "HEAD") != 0)
		return answer(request);
	oauth_in_subtransaction(answer_head, &answering);
	keep_cookies_of_browser(answering.response);
	return answering.response;
}
