/*
 * form.c
 *		The tokens of forms, which bind a form to the browser and the session that it was shown to.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "http/http.h"
#include "page/page.h"
#include "secret/secret.h"
#include "store/session.h"
#include "text/text.h"

#define FORM_LABEL "oauth form token"

/*
 * The browser's own random value; the page sets it if the browser has none.  Call this once for
 * each page, because every call would make another value.
 */
char *
oauth_browser(const OAuthRequest *request, OAuthResponse *page)
{
	char	   *browser = oauth_cookie(request, "browser");

	if (browser == NULL || strlen(browser) != 32 || strspn(browser, "0123456789abcdef") != 32)
	{
		browser = oauth_random_id();
		oauth_set_cookie(request, page, "browser", browser, -1);
	}
	return browser;
}

/* The token of a form; purpose names the form and everything that it is about. */
char *
oauth_form_token(const char *browser, const OAuthSession *session, const char *purpose)
{
	uint8		mac[OAUTH_HASH_LENGTH];
	int64		handle = session ? session->handle : 0;
	const void *parts[] = {&handle, browser, "\n", purpose};
	size_t		lengths[] = {sizeof(handle), strlen(browser), 1, strlen(purpose)};

	oauth_master_key_mac(NULL, FORM_LABEL, parts, lengths, lengthof(parts), mac);
	return oauth_base64url(mac, sizeof(mac));
}

/*
 * Whether a form came from one of our pages: judged by its token, and by what the browser says of
 * its origin.
 */
bool
oauth_form_is_ours(const OAuthRequest *request, const OAuthSession *session, const char *purpose,
				   const char *token)
{
	char	   *browser = oauth_cookie(request, "browser");
	char	   *site;

	if (browser == NULL || token == NULL)
		return false;
	if (oauth_request_header(request, "Sec-Fetch-Site", &site) > 0 &&
		strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
		return false;
	return oauth_secrets_match(token, oauth_form_token(browser, session, purpose));
}
