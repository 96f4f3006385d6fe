/*
 * layout.c
 *		The frame of every page: head, stylesheet, and the headers that isolate a page.
 *
 * No page has a script, and none loads anything: the one stylesheet is in the page, allowed by its
 * digest.  No page can be framed, none is stored, and none tells its address to others (RFC 9700,
 * sections 4.2 and 4.16).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "http/http.h"
#include "page/page.h"

#include "common/base64.h"

/*
 * The CSP source of the stylesheet: "sha256-<base64>" of exactly its bytes (CSP Level 3, section
 * 2.3.1).
 */
static char *
digest_source(const char *stylesheet)
{
	uint8		hash[OAUTH_HASH_LENGTH];
	char	   *base64 = palloc0(pg_b64_enc_len(sizeof(hash)) + 1);

	oauth_sha256(stylesheet, strlen(stylesheet), hash);
	if (pg_b64_encode((const void *) hash, sizeof(hash), base64, pg_b64_enc_len(sizeof(hash)) + 1) <
		0)
		elog(ERROR, "base64 buffer is too small");
	return psprintf("'sha256-%s'", base64);
}

/* The name of the application, if it was set, stands above each page and in its title. */
static void
write_head(StringInfo html, const OAuthWords *words, const char *title, const char *stylesheet)
{
	const char *brand = words->texts[OAUTH_TEXT_BRAND];

	oauth_html(html,
			   "<!DOCTYPE html>\n<html lang=\"%s\" dir=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
			   "<meta name=\"viewport\" content=\"width=device-width, "
			   "initial-scale=1\">\n<title>%s%s%s</title>\n<style>",
			   words->language, words->is_rtl ? "rtl" : "ltr", title, brand[0] ? " \u2013 " : "",
			   brand);
	/* the application's stylesheet is not escaped, but cannot contain a '<' (oauth_set_page) */
	appendStringInfoString(html, stylesheet);
	appendStringInfoString(html, "</style>\n</head>\n<body>\n<main>\n");
	if (brand[0] != '\0')
		oauth_html(html, "<p class=\"brand\">%s</p>\n", brand);
	oauth_html(html, "<h1>%s</h1>\n", title);
}

/*
 * What a page may load: only its stylesheet.  A stylesheet of the application may also contain
 * pictures, as data: URIs, for a logo.
 */
static char *
source_list(const OAuthWords *words, const char *stylesheet)
{
	return psprintf("default-src 'none'; style-src %s%s", digest_source(stylesheet),
					words->stylesheet ? "; img-src data:" : "");
}

/*
 * Opens a page.  form_action says, as a source list of CSP, where its forms may lead apart from
 * here.  NULL leaves that open, on the pages that lead to an application: Chromium applies it to
 * every redirect that follows a form, those of the application included.
 */
OAuthResponse *
oauth_page_open(int status, const OAuthWords *words, const char *title, const char *form_action)
{
	OAuthResponse *response = oauth_response(status);
	const char *stylesheet = words->stylesheet ? words->stylesheet : oauth_stylesheet;
	char	   *action = "";

	if (form_action != NULL)
		action = psprintf("; form-action 'self'%s%s", form_action[0] ? " " : "", form_action);
	oauth_response_header(response, "Content-Type", "text/html; charset=utf-8");
	oauth_response_header(response, "Content-Security-Policy",
						  psprintf("%s; base-uri 'none'; frame-ancestors 'none'%s",
								   source_list(words, stylesheet), action));
	oauth_page_headers(response);
	write_head(&response->body, words, title, stylesheet);
	return response;
}

/* The headers of pages and of redirects between them. */
void
oauth_page_headers(OAuthResponse *response)
{
	oauth_response_header(response, "Cache-Control", "no-store");
	oauth_response_header(response, "Referrer-Policy", "no-referrer");
	oauth_response_header(response, "X-Frame-Options", "DENY");
}

OAuthResponse *
oauth_page_close(OAuthResponse *response)
{
	appendStringInfoString(&response->body, "</main>\n</body>\n</html>\n");
	return response;
}

/* A page with one message. */
OAuthResponse *
oauth_page_message(const OAuthRequest *request, int status, OAuthText title, OAuthText message)
{
	const OAuthWords *words = oauth_words(request);
	OAuthResponse *page = oauth_page_open(status, words, words->texts[title], "");

	oauth_html(&page->body, "<p>%s</p>\n", words->texts[message]);
	return oauth_page_close(page);
}

/* The same with a link to a page of ours, address. */
OAuthResponse *
oauth_page_way_on(int status, const OAuthWords *words, OAuthText message, const char *address)
{
	OAuthResponse *page = oauth_page_open(status, words, words->texts[OAUTH_TEXT_ERROR], "");

	oauth_html(&page->body, "<p>%s</p>\n<a class=\"button\" href=\"%s\">%s</a>\n",
			   words->texts[message], oauth_page_address(words, address),
			   words->texts[OAUTH_TEXT_GO_ON]);
	return oauth_page_close(page);
}

/*
 * The answer to a form that cannot be accepted: it belongs to another login, or to none.  The user
 * begins anew, at address.  Another site can make a browser come here with an address of its
 * choice, but that is no more than a link of its own could do, and nothing is set or changed.
 */
OAuthResponse *
oauth_page_stale(const OAuthRequest *request, const char *address)
{
	bool		has_cookie = oauth_cookie(request, "browser") != NULL;
	OAuthText	message = has_cookie ? OAUTH_TEXT_STALE : OAUTH_TEXT_NO_COOKIE;

	return oauth_page_way_on(403, oauth_words(request), message,
							 oauth_login_returns_to(address) ? address : "/account");
}

/* A page with a message and a link to the account, for a user who is logged out. */
OAuthResponse *
oauth_page_farewell(const OAuthWords *words, OAuthText title, OAuthText message)
{
	OAuthResponse *page = oauth_page_open(200, words, words->texts[title], "");

	oauth_html(&page->body, "<p>%s</p>\n<a class=\"button plain\" href=\"%s\">%s</a>\n",
			   words->texts[message], oauth_page_address(words, "/account"),
			   words->texts[OAUTH_TEXT_LOG_IN]);
	return oauth_page_close(page);
}

/* A page that shows something to be typed elsewhere. */
OAuthResponse *
oauth_page_code(const OAuthWords *words, const char *code)
{
	OAuthResponse *page = oauth_page_open(200, words, words->texts[OAUTH_TEXT_CODE], "");

	oauth_html(&page->body, "<p>%s</p>\n<p class=\"code\">%s</p>\n",
			   words->texts[OAUTH_TEXT_CODE_TOLD], code);
	return oauth_page_close(page);
}

/*
 * 303: the browser uses GET for the next page, whatever the method was here (RFC 9700, section
 * 4.12).
 */
OAuthResponse *
oauth_page_redirect(const char *location)
{
	OAuthResponse *response = oauth_response(303);

	oauth_response_header(response, "Location", location);
	oauth_page_headers(response);
	return response;
}
