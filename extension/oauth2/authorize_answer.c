/*
 * authorize_answer.c
 *		Answers to an authorization request: to the client by its redirect URI, or to the person
 *		where that URI is not known to be good (RFC 6749, section 4.1.2).
 *
 * - every answer to the client has its state, and iss (RFC 9207), and is signed where the client
 *   wants that (authorize_jwt.c)
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth2/authorization.h"
#include "text/text.h"

/* What is wrong with client or redirect URI is for the eyes of the person only. */
OAuthResponse *
oauth2_authorize_tell_user(const OAuthRequest *http, const OAuthFault *fault)
{
	OAuthWords *words;
	OAuthResponse *page;
	bool		is_early = fault->code == OAUTH_TOO_MANY_ATTEMPTS;

	/* no faults: the request is asked again */
	if (fault->code == OAUTH_FETCH || fault->code == OAUTH_OTHER_LANE)
		return oauth_response_fault(fault);
	words = oauth_words(http);
	page = oauth_page_open(is_early ? oauth_fault_status(fault) : 400, words,
						   words->texts[OAUTH_TEXT_ERROR], "");
	oauth_html(&page->body, "<p>%s</p>\n<p class=\"who\" lang=\"en\">%s</p>\n",
			   words->texts[OAUTH_TEXT_ERROR_TOLD], fault->description);
	oauth_response_retry_after(page, fault);
	return oauth_page_close(page);
}

/*
 * response_mode form_post, with a button: there is no script to press it (OAuth 2.0 Form Post
 * Response Mode).
 */
static OAuthResponse *
answer_by_post(const OAuthRequest *http, const OAuth2Authorization *request, List *names,
			   List *values)
{
	OAuthWords *words = oauth_words(http);
	OAuthResponse *page = oauth_page_open(200, words, words->texts[OAUTH_TEXT_GO_ON], NULL);
	ListCell   *name;
	ListCell   *value;

	oauth_html(&page->body,
			   "<p class=\"who\">%s <strong>%n</strong></p>\n<form method=\"post\" "
			   "action=\"%s\">\n",
			   words->texts[OAUTH_TEXT_GOES_TO], oauth_origin(request->redirect_uri),
			   request->redirect_uri);
	forboth(name, names, value, values)
		oauth_html(&page->body, "<input type=\"hidden\" name=\"%s\" value=\"%s\">\n", lfirst(name),
				   lfirst(value));
	oauth_html(&page->body, "<button>%s</button>\n</form>\n", words->texts[OAUTH_TEXT_GO_ON]);
	return oauth_page_close(page);
}

/* response_mode query. */
static OAuthResponse *
answer_by_query(const OAuth2Authorization *request, List *names, List *values)
{
	StringInfoData location;
	ListCell   *name;
	ListCell   *value;

	initStringInfo(&location);
	appendStringInfoString(&location, request->redirect_uri);
	forboth(name, names, value, values)
		appendStringInfo(&location, "%c%s=%s", strchr(location.data, '?') ? '&' : '?',
						 (char *) lfirst(name), oauth1_encode(lfirst(value)));
	return oauth_page_redirect(location.data);
}

/* description is NULL for none. */
static OAuthResponse *
answer(const OAuthRequest *http, const OAuth2Authorization *request, const char *name,
	   const char *value, const char *description)
{
	List	   *names = list_make1(unconstify(char *, name));
	List	   *values = list_make1(unconstify(char *, value));

	if (description != NULL)
	{
		names = lappend(names, "error_description");
		values = lappend(values, unconstify(char *, description));
	}
	if (request->state != NULL)
	{
		names = lappend(names, "state");
		values = lappend(values, unconstify(char *, request->state));
	}
	names = lappend(names, "iss");
	values = lappend(values, unconstify(char *, oauth_issuer()));
	if (request->by_jwt)
	{
		values = list_make1(oauth2_authorize_jwt(request, names, values));
		names = list_make1("response");
	}
	return request->by_post ? answer_by_post(http, request, names, values) :
		answer_by_query(request, names, values);
}

OAuthResponse *
oauth2_authorize_tell_client(const OAuthRequest *http, OAuth2Authorization *request,
							 const OAuthFault *fault)
{
	OAuthResponse *elsewhere = oauth2_authorize_jwt_elsewhere(request);
	OAuthFault *used = elsewhere ? NULL : oauth2_pushed_request_use(request);

	if (elsewhere != NULL)
		return elsewhere;
	return used ? oauth2_authorize_tell_user(http, used) :
		answer(http, request, "error", oauth_fault_name(fault), fault->description);
}

OAuthResponse *
oauth2_authorize_code(const OAuthRequest *http, const OAuth2Authorization *request,
					  const char *code)
{
	return answer(http, request, "code", code, NULL);
}
