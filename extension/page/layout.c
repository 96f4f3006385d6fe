/*
 * layout.c
 *		The frame of every page: head, stylesheet, and the headers that keep a page to itself.
 *
 * There is no script on any page, and nothing is loaded from anywhere: the one stylesheet is in the page, allowed by its
 * digest.  No page can be framed, none is stored, and none tells its address to others (RFC 9700, sections 4.2 and 4.16).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

#include "common/base64.h"

static const char default_stylesheet[] =
":root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--ground:#f3f4f6;--line:#8a919c;--accent:#0b57d0;--on:#fff;"
"--soft:#4b5563;--bad:#b3261e}"
"@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--paper:#1e2227;--ground:#121417;--line:#767d87;--accent:#8ab4f8;"
"--on:#10233f;--soft:#b4bac3;--bad:#f2b8b5}}"
"*{box-sizing:border-box}"
"body{margin:0;padding:1.5rem 1rem;background:var(--ground);color:var(--ink);font:1.0625rem/1.5 system-ui,sans-serif}"
"main{max-width:28rem;margin:4vh auto;padding:1.75rem;background:var(--paper);border-radius:.75rem;"
"box-shadow:0 1px 4px rgba(0,0,0,.18)}"
"h1{margin:0 0 1rem;font-size:1.5rem;line-height:1.25}h2{margin:2rem 0 .5rem;font-size:1.125rem}"
"p{margin:.75rem 0}ul{margin:.5rem 0 1rem;padding-left:1.25rem}li{margin:.25rem 0}"
"label{display:block;margin:1rem 0 .25rem;font-weight:600}"
"input{width:100%;padding:.625rem .75rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);"
"border-radius:.5rem}"
"button{width:100%;margin-top:1rem;padding:.75rem;font:inherit;font-weight:600;border:1px solid var(--accent);"
"border-radius:.5rem;background:var(--accent);color:var(--on);cursor:pointer}"
"button.plain{background:transparent;color:var(--accent)}"
":focus-visible{outline:3px solid var(--accent);outline-offset:2px}"
".who, .when{color:var(--soft);overflow-wrap:anywhere}.bad{color:var(--bad);font-weight:600}"
".code{font:600 1.75rem/1.4 ui-monospace,monospace;letter-spacing:.1em;text-align:center;overflow-wrap:anywhere}"
"strong{overflow-wrap:anywhere}.apps{list-style:none;padding:0}.apps li{padding:.75rem 0;border-top:1px solid var(--line)}"
"a{color:var(--accent)}"
		   ;

/* What the stylesheet may be used by: "sha256-<base64>" of exactly its bytes (CSP Level 3, section 2.3.1). */
static char *
digest_source(const char *stylesheet)
{
	uint8		hash[OAUTH_HASH_LENGTH];
	char	   *base64 = palloc0(pg_b64_enc_len(sizeof(hash)) + 1);

	oauth_sha256(stylesheet, strlen(stylesheet), hash);
	if (pg_b64_encode((const void *) hash, sizeof(hash), base64, pg_b64_enc_len(sizeof(hash)) + 1) < 0)
		elog(ERROR, "base64 buffer is too small");
	return psprintf("'sha256-%s'", base64);
}

/* The name of the application, if it was set, stands above each page and in its title. */
static void
write_head(StringInfo html, const OAuthWords *words, const char *title, const char *stylesheet)
{
	const char *brand = words->texts[OAUTH_TEXT_BRAND];

	oauth_html(html, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
			   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>%s%s%s</title>\n<style>",
			   words->language, title, brand[0] ? " \u2013 " : "", brand);
	/* a stylesheet of the application's is not escaped, but cannot have a '<' (oauth_set_page) */
	appendStringInfoString(html, stylesheet);
	appendStringInfoString(html, "</style>\n</head>\n<body>\n<main>\n");
	if (brand[0] != '\0')
		oauth_html(html, "<p class=\"brand\">%s</p>\n", brand);
	oauth_html(html, "<h1>%s</h1>\n", title);
}

/*
 * What a page may load: its stylesheet and nothing else.  One of the application's may have pictures in it, as data: URIs,
 * for a logo.
 */
static char *
source_list(const OAuthWords *words, const char *stylesheet)
{
	return psprintf("default-src 'none'; style-src %s%s", digest_source(stylesheet), words->stylesheet ? "; img-src data:" : "");
}

/*
 * Opens a page.  form_action is where its forms may lead beside here, as a source list of CSP.  NULL leaves it open, on the
 * pages that lead to an application: Chromium holds it against all redirects behind a form, those of the application too.
 */
OAuthResponse *
oauth_page_open(int status, const OAuthWords *words, const char *title, const char *form_action)
{
	OAuthResponse *response = oauth_response(status);
	const char *stylesheet = words->stylesheet ? words->stylesheet : default_stylesheet;
	char	   *action = form_action ? psprintf("; form-action 'self' %s", form_action) : "";

	oauth_response_header(response, "Content-Type", "text/html; charset=utf-8");
	oauth_response_header(response, "Content-Security-Policy",
						  psprintf("%s; base-uri 'none'; frame-ancestors 'none'%s", source_list(words, stylesheet), action));
	oauth_page_headers(response);
	write_head(&response->body, words, title, stylesheet);
	return response;
}

/* What pages and the redirects between them have in common. */
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

/* A page that only says something. */
OAuthResponse *
oauth_page_message(int status, const OAuthWords *words, OAuthText title, const char *message)
{
	OAuthResponse *page = oauth_page_open(status, words, words->texts[title], "");

	oauth_html(&page->body, "<p>%s</p>\n", message);
	return oauth_page_close(page);
}

/* A page that shows something to be typed elsewhere. */
OAuthResponse *
oauth_page_code(const OAuthWords *words, const char *code)
{
	OAuthResponse *page = oauth_page_open(200, words, words->texts[OAUTH_TEXT_CODE], "");

	oauth_html(&page->body, "<p>%s</p>\n<p class=\"code\">%s</p>\n", words->texts[OAUTH_TEXT_CODE_TOLD], code);
	return oauth_page_close(page);
}

/* 303: what is there is got with GET, whatever the method was that led here (RFC 9700, section 4.12). */
OAuthResponse *
oauth_page_redirect(const char *location)
{
	OAuthResponse *response = oauth_response(303);

	oauth_response_header(response, "Location", location);
	oauth_page_headers(response);
	return response;
}
