/*
 * browser.c
 *		What people call the browser of a User-Agent field: "Firefox, Linux".
 *
 * Nothing but these two words is kept of what a browser says about itself.  Each browser also names
 * others, for the sake of old web pages, so the more particular name comes first here (RFC 9110,
 * section 10.1.5).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"

typedef struct Mark
{
	const char *mark;
	const char *name;
} Mark;

static const Mark browsers[] = {
	{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"},
	{"Vivaldi/", "Vivaldi"}, {"YaBrowser/", "Yandex"}, {"FxiOS/", "Firefox"},
	{"Firefox/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chromium/", "Chromium"},
	{"HeadlessChrome/", "Chrome"}, {"Chrome/", "Chrome"}, {"Epiphany/", "Epiphany"},
	{"Safari/", "Safari"}, {"Lynx/", "Lynx"}, {"w3m/", "w3m"}, {"curl/", "curl"}
};

static const Mark systems[] = {
	{"Windows", "Windows"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"},
	{"CrOS", "ChromeOS"}, {"Macintosh", "macOS"}, {"Linux", "Linux"}, {"FreeBSD", "FreeBSD"},
	{"OpenBSD", "OpenBSD"}
};

static const char *
name_of(const char *user_agent, const Mark *marks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(user_agent, marks[i].mark) != NULL)
			return marks[i].name;
	return NULL;
}

/* NULL if the field names nothing that is known here. */
char *
oauth_browser_name(const OAuthRequest *request)
{
	char	   *user_agent;
	const char *browser;
	const char *system;

	if (oauth_request_header(request, "User-Agent", &user_agent) == 0)
		return NULL;
	browser = name_of(user_agent, browsers, lengthof(browsers));
	system = name_of(user_agent, systems, lengthof(systems));
	if (browser != NULL && system != NULL)
		return psprintf("%s, %s", browser, system);
	return browser || system ? pstrdup(browser ? browser : system) : NULL;
}
