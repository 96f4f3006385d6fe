/*
 * consent.c
 *		The page that asks the user whether an application may have access (RFC 6749, section 10.2;
 *		RFC 5849, section 2.2), for both flows.
 *
 * The form carries the request back as it came, and a token over that request, this session and
 * this showing of the page: nothing in it can be changed, and another login or another request
 * needs another form.  The scope is not in the form at all; of authorization details, which an
 * application may grant differently from one moment to the next, there is a digest.  The token also
 * names the answer, so that a form that is sent twice, by a double click, is answered once.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "page/page.h"
#include "store/client.h"
#include "store/session.h"
#include "text/text.h"
#include "user/user.h"

#define PURPOSE "consent "

/*
 * "The authorization server SHOULD display this URL to the end-user if it is provided" (RFC 7591,
 * section 2).  The link opens a window of its own without access to this one, and the question
 * stays open.
 */
static void
show_links(StringInfo html, const OAuthWords *words, const OAuthClient *client)
{
	static const struct
	{
		const char *member;
		OAuthText text;
	}			links[] = {
		{"client_uri", OAUTH_TEXT_ABOUT}, {"policy_uri", OAUTH_TEXT_POLICY},
		{"tos_uri", OAUTH_TEXT_TERMS}
	};
	bool		any = false;

	for (size_t i = 0; i < lengthof(links); i++)
	{
		char	   *uri = oauth_client_web_page(client,
												oauth_client_member_in(client, links[i].member,
																	   words->language));

		if (uri == NULL)
			continue;
		appendStringInfoString(html, any ? " " : "<p class=\"who links\">");
		oauth_html(html, "<a href=\"%s\" target=\"_blank\" rel=\"noopener noreferrer\">%s</a>", uri,
				   words->texts[links[i].text]);
		any = true;
	}
	if (any)
		appendStringInfoString(html, "</p>\n");
}

/*
 * "The authorization server SHOULD display the hostname of the client_id on the authorization
 * interface" (draft-ietf-oauth-client-id-metadata-document): of all that such a client says of
 * itself it is the only thing that is known to be true.  The redirect URI on the person's own
 * device says nothing of who listens there.
 */
static void
show_origin(StringInfo html, const OAuthWords *words, const OAuthConsent *consent)
{
	if (!consent->client->is_document)
		return;
	oauth_html(html, "<p class=\"who\">%s <strong>%n</strong></p>\n",
			   words->texts[OAUTH_TEXT_COMES_FROM], oauth_origin(consent->client->client_id));
	if (consent->redirect_uri != NULL && oauth2_redirect_uri_is_loopback(consent->redirect_uri))
		oauth_html(html, "<p class=\"who\"><strong>%s</strong></p>\n",
				   words->texts[OAUTH_TEXT_ON_THIS_DEVICE]);
}

/* The purpose that the token of the form is bound to. */
static char *
purpose_of(const char *showing, const char *action, const char *about, const char *shown_details)
{
	return psprintf(PURPOSE "%s %s %s %s", showing, action, shown_details, about);
}

/* What the form says of the authorization details that the page shows; "" for none. */
static char *
digest_of(const char *details)
{
	uint8		hash[OAUTH_HASH_LENGTH];

	if (details == NULL)
		return pstrdup("");
	oauth_sha256(details, strlen(details), hash);
	return oauth_base64url(hash, sizeof(hash));
}

/* Whether the page that was answered showed these authorization details. */
bool
oauth_page_consent_showed(const OAuthConsentAnswer *answer, const char *details)
{
	return strcmp(answer->shown_details, digest_of(details)) == 0;
}

/* The page. */
OAuthResponse *
oauth_page_consent(const OAuthRequest *request, const OAuthSession *session,
				   const OAuthConsent *consent)
{
	OAuthWords *words = oauth_words(request);

	/* no form-action: after the application the browser may follow redirects to any place */
	OAuthResponse *page = oauth_page_open(200, words, words->texts[OAUTH_TEXT_CONSENT],
										  consent->redirect_uri ? NULL : "");
	StringInfo	html = &page->body;
	char	   *browser = oauth_browser(request, page);
	char	   *showing = oauth_random_id();
	const char *name = oauth_client_name_in(consent->client, words->language);
	char	   *shown_details = digest_of(consent->authorization_details);

	appendStringInfoString(html, "<div class=\"app\">");
	oauth_html_mark(html, name);
	oauth_html(html, "\n<p><strong>%n</strong> %s</p></div>\n", name,
			   words->texts[OAUTH_TEXT_WANTS]);
	show_origin(html, words, consent);
	oauth_page_released(html, words, consent->scope, consent->claims);
	oauth_page_details(html, words, consent->authorization_details);
	if (consent->redirect_uri != NULL)
		oauth_html(html, "<p class=\"who\">%s <strong>%n</strong></p>\n",
				   words->texts[OAUTH_TEXT_GOES_TO], oauth_origin(consent->redirect_uri));
	show_links(html, words, consent->client);
	oauth_html(html,
			   "<form method=\"post\" action=\"%s\" class=\"choice\">\n<input type=\"hidden\" "
			   "name=\"request\" value=\"%s\">\n"
			   "<input type=\"hidden\" name=\"token\" value=\"%s.%s\">\n",
			   oauth_page_address(words, consent->action), consent->request, showing,
			   oauth_form_token(browser, session,
								purpose_of(showing, consent->action, consent->request,
										   shown_details)));
	if (shown_details[0] != '\0')
		oauth_html(html, "<input type=\"hidden\" name=\"details\" value=\"%s\">\n", shown_details);
	oauth_html(html,
			   "<button name=\"decision\" value=\"approve\">%s</button>\n"
			   "<button class=\"plain\" name=\"decision\" value=\"deny\">%s</button>\n</form>\n",
			   words->texts[OAUTH_TEXT_ALLOW], words->texts[OAUTH_TEXT_DENY]);
	oauth_html(html, "<p class=\"who foot\">%s <strong>%n</strong>. %s <a href=\"%s\">%s</a></p>\n",
			   words->texts[OAUTH_TEXT_LOGGED_IN_AS], oauth_session_name(session),
			   words->texts[OAUTH_TEXT_NOT_YOU],
			   oauth_page_address(words, psprintf("/login?again=1&return=%s",
												  oauth1_encode(consent->page))),
			   words->texts[OAUTH_TEXT_SWITCH]);
	return oauth_page_close(page);
}

/* What an answer is about that this session was not asked for: just enough to ask again. */
const char *
oauth_page_consent_about(const OAuthRequest *request)
{
	OAuthParams form;

	return oauth_page_form(request, &form) ? oauth_page_parameter(&form, "request") : "";
}

/*
 * Reads the answer to the page; NULL if this session was not asked that question in this browser.
 */
OAuthConsentAnswer *
oauth_page_consent_answer(const OAuthRequest *request, const OAuthSession *session,
						  const char *action)
{
	OAuthConsentAnswer *answer = palloc0(sizeof(OAuthConsentAnswer));
	OAuthParams form;
	const char *decision;
	const char *dot;
	char	   *showing;

	if (!oauth_page_form(request, &form))
		return NULL;
	answer->request = oauth_page_parameter(&form, "request");
	answer->token = oauth_page_parameter(&form, "token");
	answer->shown_details = oauth_page_parameter(&form, "details");
	decision = oauth_page_parameter(&form, "decision");
	answer->is_approval = strcmp(decision, "approve") == 0;
	dot = strchr(answer->token, '.');
	if (dot == NULL || (!answer->is_approval && strcmp(decision, "deny") != 0))
		return NULL;
	showing = pnstrdup(answer->token, dot - answer->token);
	return oauth_form_is_ours(request, session,
							  purpose_of(showing, action, answer->request, answer->shown_details),
							  dot + 1) ?
		answer :
		NULL;
}
