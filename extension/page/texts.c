/*
 * texts.c
 *		The words of the pages, in the language of the reader (RFC 9110, section 12.5.4).
 *
 * A text of oauth_set_page() takes the place of the one here.  Texts are text: no markup gets through.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

static const char *const languages[] = {"en", "de"};

#define N_LANGUAGES ((int) lengthof(languages))

typedef struct Text
{
	const char *name;
	const char *words[lengthof(languages)];
} Text;

static const Text texts[] = {
	[OAUTH_TEXT_LOGIN] = {"login", {"Log in", "Anmelden"}},
	[OAUTH_TEXT_USERNAME] = {"username", {"Username", "Benutzername"}},
	[OAUTH_TEXT_PASSWORD] = {"password", {"Password", "Passwort"}},
	[OAUTH_TEXT_WRONG_PASSWORD] = {"wrong_password", {
			"The username or the password is wrong.", "Der Benutzername oder das Passwort ist falsch."
	}},
	[OAUTH_TEXT_LOGOUT] = {"logout", {"Log out", "Abmelden"}},
	[OAUTH_TEXT_LOGGED_OUT] = {"logged_out", {"You are logged out.", "Sie sind abgemeldet."}},
	[OAUTH_TEXT_LOGGED_IN_AS] = {"logged_in_as", {"You are logged in as", "Sie sind angemeldet als"}},
	[OAUTH_TEXT_NOT_YOU] = {"not_you", {"Not you?", "Nicht Sie?"}},
	[OAUTH_TEXT_SWITCH] = {"switch", {"Use another account", "Anderes Konto verwenden"}},
	[OAUTH_TEXT_CONSENT] = {"consent", {"Allow access?", "Zugriff erlauben?"}},
	[OAUTH_TEXT_WANTS] = {"wants", {"asks for permission to:", "bittet um die Erlaubnis:"}},
	[OAUTH_TEXT_ALLOW] = {"allow", {"Allow", "Erlauben"}},
	[OAUTH_TEXT_DENY] = {"deny", {"Deny", "Ablehnen"}},
	[OAUTH_TEXT_GOES_TO] = {"goes_to", {"You will be sent back to", "Danach geht es zurück zu"}},
	[OAUTH_TEXT_GO_ON] = {"go_on", {"Continue", "Weiter"}},
	[OAUTH_TEXT_DENIED] = {"denied", {"Access was denied.", "Der Zugriff wurde abgelehnt."}},
	[OAUTH_TEXT_DENIED_TOLD] = {"denied_told", {
			"The application got nothing. You can close this page.",
			"Die Anwendung hat nichts erhalten. Sie können diese Seite schließen."
	}},
	[OAUTH_TEXT_CODE] = {"code", {"One more step", "Noch ein Schritt"}},
	[OAUTH_TEXT_CODE_TOLD] = {"code_told", {
			"Type this code into the application:", "Geben Sie diesen Code in der Anwendung ein:"
	}},
	[OAUTH_TEXT_ACCOUNT] = {"account", {"Your account", "Ihr Konto"}},
	[OAUTH_TEXT_APPLICATIONS] = {"applications", {"Connected applications", "Verbundene Anwendungen"}},
	[OAUTH_TEXT_NO_APPLICATIONS] = {"no_applications", {
			"No application has access to your account.", "Keine Anwendung hat Zugriff auf Ihr Konto."
	}},
	[OAUTH_TEXT_LAST_USED] = {"last_used", {"Last got a token:", "Zuletzt ein Token erhalten:"}},
	[OAUTH_TEXT_REVOKE] = {"revoke", {"Remove access", "Zugriff entfernen"}},
	[OAUTH_TEXT_REVOKED] = {"revoked", {"The access was removed.", "Der Zugriff wurde entfernt."}},
	[OAUTH_TEXT_CHANGE_PASSWORD] = {"change_password", {"Change password", "Passwort ändern"}},
	[OAUTH_TEXT_OLD_PASSWORD] = {"old_password", {"Present password", "Bisheriges Passwort"}},
	[OAUTH_TEXT_NEW_PASSWORD] = {"new_password", {"New password", "Neues Passwort"}},
	[OAUTH_TEXT_PASSWORD_CHANGED] = {"password_changed", {
			"The password was changed. All applications and browsers are logged out.",
			"Das Passwort wurde geändert. Alle Anwendungen und Browser sind abgemeldet."
	}},
	[OAUTH_TEXT_PASSWORD_REFUSED] = {"password_refused", {
			"A password has 8 to 72 bytes.", "Ein Passwort hat 8 bis 72 Bytes."
	}},
	[OAUTH_TEXT_ERROR] = {"error", {"This did not work", "Das hat nicht geklappt"}},
	[OAUTH_TEXT_ERROR_TOLD] = {"error_told", {
			"The application sent a request that cannot be answered. Go back to it and start again.",
			"Die Anwendung hat eine Anfrage geschickt, die nicht beantwortet werden kann. Beginnen Sie dort noch einmal."
	}},
	[OAUTH_TEXT_STALE] = {"stale", {
			"This page was open for too long, or belongs to another login. Please try again.",
			"Diese Seite war zu lange offen oder gehört zu einer anderen Anmeldung. Bitte versuchen Sie es noch einmal."
	}},
	[OAUTH_TEXT_DEVICE] = {"device", {"Connect a device", "Gerät verbinden"}},
	[OAUTH_TEXT_DEVICE_TOLD] = {"device_told", {
			"Type the code that the device shows.", "Geben Sie den Code ein, den das Gerät anzeigt."
	}},
	[OAUTH_TEXT_DEVICE_COMPARE] = {"device_compare", {
			"Does a device of yours show this very code? If you did not begin this yourself, close the page.",
			"Zeigt ein Gerät von Ihnen genau diesen Code? Wenn Sie das nicht selbst begonnen haben, schließen Sie die Seite."
	}},
	[OAUTH_TEXT_USER_CODE] = {"user_code", {"Code on the device", "Code auf dem Gerät"}},
	[OAUTH_TEXT_WRONG_USER_CODE] = {"wrong_user_code", {
			"No device waits with this code. It may have expired: begin again on the device.",
			"Kein Gerät wartet mit diesem Code. Vielleicht ist er abgelaufen: Beginnen Sie am Gerät noch einmal."
	}},
	[OAUTH_TEXT_TOO_MANY_CODES] = {"too_many_codes", {
			"Too many wrong codes. Log out and in again to go on.",
			"Zu viele falsche Codes. Melden Sie sich ab und wieder an, um fortzufahren."
	}},
	[OAUTH_TEXT_DEVICE_DONE] = {"device_done", {"The device is connected", "Das Gerät ist verbunden"}},
	[OAUTH_TEXT_DEVICE_DONE_TOLD] = {"device_done_told", {
			"Go back to it; it will go on in a moment.", "Gehen Sie zum Gerät zurück; es macht gleich weiter."
	}},
};

/* The quality value behind a language, in thousandths: ";q=0.8" is 800. */
static int
quality(const char *parameters, const char *end)
{
	const char *c = parameters;
	int			value = 0;

	while (c < end && *c != '=')
		c++;
	if (c == end)
		return 1000;
	if (++c < end && *c == '1')
		return 1000;
	for (int unit = 100, i = 0; i < 3 && c + 2 + i < end; i++, unit /= 10)
		if (c[2 + i] >= '0' && c[2 + i] <= '9')
			value += (c[2 + i] - '0') * unit;
	return value;
}

/* Accept-Language: a list of language ranges, of which the primary tag decides. */
static int
language_of(const OAuthRequest *request)
{
	char	   *accepted;
	int			best = 0;
	int			best_quality = 0;

	if (oauth_request_header(request, "Accept-Language", &accepted) == 0)
		return 0;
	for (const char *c = accepted; *c;)
	{
		const char *start = c + strspn(c, " \t");
		size_t		length = strcspn(start, ",");
		size_t		tag = strcspn(start, ",;- \t");

		for (int i = 0; i < N_LANGUAGES; i++)
			if (strlen(languages[i]) == tag && pg_strncasecmp(start, languages[i], tag) == 0 &&
				quality(start + tag, start + length) > best_quality)
			{
				best = i;
				best_quality = quality(start + tag, start + length);
			}
		c = start + length + (start[length] == ',');
	}
	return best;
}

/* The words for this reader. */
OAuthWords *
oauth_words(const OAuthRequest *request)
{
	OAuthWords *words = palloc0(sizeof(OAuthWords));
	int			language = language_of(request);

	words->language = languages[language];
	for (int i = 0; i < OAUTH_N_TEXTS; i++)
		words->texts[i] = texts[i].words[language];
	oauth_store_page_texts(words);
	return words;
}

/* The number of the text of that name, or -1. */
int
oauth_text_of_name(const char *name)
{
	for (int i = 0; i < OAUTH_N_TEXTS; i++)
		if (strcmp(texts[i].name, name) == 0)
			return i;
	return -1;
}

/* The names of all texts, for the hint of an error. */
char *
oauth_text_names(void)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < OAUTH_N_TEXTS; i++)
		appendStringInfo(&names, "%s%s", i > 0 ? ", " : "", texts[i].name);
	return names.data;
}
