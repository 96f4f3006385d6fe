/*
 * cookie.c
 *		Cookies (RFC 6265), and the tokens in forms that depend on them.
 *
 * There are two cookies: one tells a browser from others before anybody has logged in, the other is
 * that of the session.  Forms of other sites send neither (SameSite=Lax), and over TLS the prefix
 * of both ties them to this host.
 *
 * A form carries a token that is an HMAC over the form's purpose and both cookies.  Another site
 * can make a browser send the form, but cannot know the token; and a token of one login, form or
 * request does not fit another.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"

static char *
full_name(const OAuthRequest *request, const char *name)
{
	return psprintf("%soauth_%s", strcmp(request->scheme, "https") == 0 ? "__Host-" : "", name);
}

/*
 * Whether a cookie is one of ours, with or without the prefix.  A browser sends a cookie without a
 * name as the bare value, which can then look like one of ours.
 */
bool
oauth_is_own_cookie(const char *cookie)
{
	static const char prefix[] = "__Host-";

	cookie += strspn(cookie, " \t=");
	if (strncmp(cookie, prefix, strlen(prefix)) == 0)
		cookie += strlen(prefix);
	return strncmp(cookie, "oauth_", strlen("oauth_")) == 0;
}

/* The value of a Cookie field without our own cookies. */
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

/* The value of a cookie, NULL if it is absent.  Of two cookies with one name the first counts. */
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

/*
 * max_age is in seconds; 0 makes the browser forget the cookie, -1 keeps it until the browser is
 * closed.
 */
void
oauth_set_cookie(const OAuthRequest *request, OAuthResponse *response, const char *name,
				 const char *value, int max_age)
{
	const char *secure = strcmp(request->scheme, "https") == 0 ? "; Secure" : "";
	char	   *age = max_age >= 0 ? psprintf("; Max-Age=%d", max_age) : "";

	oauth_response_header(response, "Set-Cookie",
						  psprintf("%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s",
								   full_name(request, name), value, secure, age));
}
