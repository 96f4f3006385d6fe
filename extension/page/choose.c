/*
 * choose.c
 *		The page that says who is logged in, and asks whether it is to be that one.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "page/page.h"
#include "store/session.h"
#include "user/user.h"

/* go_on, other: addresses of pages here. */
OAuthResponse *
oauth_page_choose(const OAuthRequest *request, int status, const OAuthSession *session,
				  const char *go_on, const char *other)
{
	OAuthWords *words = oauth_words(request);
	OAuthResponse *page = oauth_page_open(status, words, words->texts[OAUTH_TEXT_LOGIN], "");

	oauth_html(&page->body,
			   "<p class=\"who\">%s <strong>%n</strong></p>\n<a class=\"button\" "
			   "href=\"%s\">%s</a>\n"
			   "<a class=\"button plain\" href=\"%s\">%s</a>\n",
			   words->texts[OAUTH_TEXT_LOGGED_IN_AS], oauth_session_name(session),
			   oauth_page_address(words, go_on), words->texts[OAUTH_TEXT_GO_ON],
			   oauth_page_address(words, other), words->texts[OAUTH_TEXT_SWITCH]);
	return oauth_page_close(page);
}
