/*
 * cookie.c
 *		Cookies (RFC 6265), and the tokens in forms that go with them.
 *
 * There are two: one that tells a browser from others before anybody has logged in, and that of the session.  Neither
 * is sent by other sites' forms (SameSite=Lax), and over TLS both have the prefix that ties them to this host.
 *
 * A form carries a token that is an HMAC over what it is for and both cookies.  Another site can make a browser send the
 * form, but cannot know the token; and a token of one login, one form or one request is of no use with another.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

#define FORM_LABEL "oauth form token"

static char *
full_name(const OAuthRequest *request, const char *name)
{
	return psprintf("%soauth_%s", strcmp(request->scheme, "https") == 0 ? "__Host-" : "", name);
}

/* Whether a cookie is one of these, with or without the prefix.  A browser sends one without a name as it was set. */
bool
oauth_is_own_cookie(const char *cookie)
{
	static const char prefix[] = "__Host-";

	cookie += strspn(cookie, " \t=");
	if (strncmp(cookie, prefix, strlen(prefix)) == 0)
		cookie += strlen(prefix);
	return strncmp(cookie, "oauth_", strlen("oauth_")) == 0;
}

/* The cookies of a Cookie field that are none of these. */
char *
oauth_cookies_of_others(const char *cookies)
{
	StringInfoData others;

	initStringInfo(&others);
	for (const char *c = cookies + strspn(cookies, "; "); *c; c += strspn(c, "; "))
	{
		int			length = strcspn(c, ";");

		if (!oauth_is_own_cookie(c))
			appendStringInfo(&others, "%s%.*s", others.len > 0 ? "; " : "", length, c);
		c += length;
	}
	return others.data;
}

/* The value of a cookie, NULL if it is not there.  Of two with one name the first counts. */
char *
oauth_cookie(const OAuthRequest *request, const char *name)
{
	char	   *wanted = full_name(request, name);
	size_t		length = strlen(wanted);
	char	   *cookies;

	if (oauth_request_header(request, "Cookie", &cookies) == 0)
		return NULL;
	for (const char *c = cookies + strspn(cookies, " "); *c; c += strspn(c, "; "))
	{
		size_t		here = strcspn(c, ";");

		if (here > length && strncmp(c, wanted, length) == 0 && c[length] == '=')
			return pnstrdup(c + length + 1, here - length - 1);
		c += here;
	}
	return NULL;
}

/* max_age in seconds; 0 makes the browser forget it, -1 keeps it until the browser is closed. */
void
oauth_set_cookie(const OAuthRequest *request, OAuthResponse *response, const char *name, const char *value, int max_age)
{
	const char *secure = strcmp(request->scheme, "https") == 0 ? "; Secure" : "";
	char	   *age = max_age >= 0 ? psprintf("; Max-Age=%d", max_age) : "";

	oauth_response_header(response, "Set-Cookie",
						  psprintf("%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s", full_name(request, name), value, secure,
								   age));
}

/* The browser's own value, which the page sets if it has none yet.  Once a page: every call would make another one. */
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

/* The token of a form: purpose names the form and all that it is about. */
char *
oauth_form_token(const char *browser, const OAuthSession *session, const char *purpose)
{
	uint8		key_id[OAUTH_KEY_ID_LENGTH];
	uint8		key[OAUTH_HASH_LENGTH];
	uint8		mac[OAUTH_HASH_LENGTH];
	int64		handle = session ? session->handle : 0;
	const void *parts[] = {&handle, browser, "\n", purpose};
	size_t		lengths[] = {sizeof(handle), strlen(browser), 1, strlen(purpose)};

	oauth_master_key_current(key_id, false);
	oauth_master_key_derive(key_id, FORM_LABEL, key);
	oauth_hmac_sha256(key, parts, lengths, 4, mac);
	oauth_wipe(key, sizeof(key));
	return oauth_base64url(mac, sizeof(mac));
}

/* Whether a form came from one of our pages: by its token, and by what the browser says of its origin. */
bool
oauth_form_is_ours(const OAuthRequest *request, const OAuthSession *session, const char *purpose, const char *token)
{
	char	   *browser = oauth_cookie(request, "browser");
	char	   *site;
	char	   *expected;

	if (browser == NULL || token == NULL)
		return false;
	if (oauth_request_header(request, "Sec-Fetch-Site", &site) > 0 && strcmp(site, "same-origin") != 0 &&
		strcmp(site, "none") != 0)
		return false;
	expected = oauth_form_token(browser, session, purpose);
	return strlen(token) == strlen(expected) && timingsafe_bcmp(token, expected, strlen(expected)) == 0;
}
