/*
 * texts.c
 *		The words of the pages, in the language of the reader (language.c).
 *
 * A text of oauth_set_page() takes the place of the one here.  Texts are text: no markup gets through.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

typedef struct Text
{
	const char *name;
	const char *words[OAUTH_N_LANGUAGES];
} Text;

static const Text texts[] = {
	[OAUTH_TEXT_BRAND] = {"brand", {"", "", ""}},
	[OAUTH_TEXT_LOGIN] = {"login", {"Log in", "Anmelden", "Se connecter"}},
	[OAUTH_TEXT_LOG_IN] = {"log_in", {"Log in", "Anmelden", "Se connecter"}},
	[OAUTH_TEXT_USERNAME] = {"username", {"Username", "Benutzername", "Nom d’utilisateur"}},
	[OAUTH_TEXT_PASSWORD] = {"password", {"Password", "Passwort", "Mot de passe"}},
	[OAUTH_TEXT_WRONG_PASSWORD] = {"wrong_password", {
			"The username or the password is wrong.",
			"Der Benutzername oder das Passwort ist falsch.",
			"Le nom d’utilisateur ou le mot de passe est incorrect."
	}},
	[OAUTH_TEXT_LOGOUT] = {"logout", {"Log out", "Abmelden", "Se déconnecter"}},
	[OAUTH_TEXT_LOGGED_OUT] = {"logged_out", {
			"You are logged out.",
			"Sie sind abgemeldet.",
			"Votre session est fermée."
	}},
	[OAUTH_TEXT_LOGGED_IN_AS] = {"logged_in_as", {
			"You are logged in as",
			"Sie sind angemeldet als",
			"Session ouverte en tant que"
	}},
	[OAUTH_TEXT_NOT_YOU] = {"not_you", {"Not you?", "Nicht Sie?", "Ce n’est pas vous\u202f?"}},
	[OAUTH_TEXT_SWITCH] = {"switch", {"Use another account", "Anderes Konto verwenden", "Utiliser un autre compte"}},
	[OAUTH_TEXT_CONSENT] = {"consent", {"Allow access?", "Zugriff erlauben?", "Autoriser l’accès\u202f?"}},
	[OAUTH_TEXT_WANTS] = {"wants", {
			"asks for permission to:",
			"bittet um die Erlaubnis:",
			"demande les autorisations suivantes\u00a0:"
	}},
	[OAUTH_TEXT_ABOUT] = {"about", {"About this application", "Über die Anwendung", "À propos de l’application"}},
	[OAUTH_TEXT_POLICY] = {"policy", {"Privacy policy", "Datenschutzerklärung", "Politique de confidentialité"}},
	[OAUTH_TEXT_TERMS] = {"terms", {"Terms of service", "Nutzungsbedingungen", "Conditions d’utilisation"}},
	[OAUTH_TEXT_ALLOW] = {"allow", {"Allow", "Erlauben", "Autoriser"}},
	[OAUTH_TEXT_DENY] = {"deny", {"Deny", "Ablehnen", "Refuser"}},
	[OAUTH_TEXT_GOES_TO] = {"goes_to", {
			"You will be sent back to",
			"Danach geht es zurück zu",
			"Vous retournerez ensuite vers"
	}},
	[OAUTH_TEXT_GO_ON] = {"go_on", {"Continue", "Weiter", "Continuer"}},
	[OAUTH_TEXT_DENIED] = {"denied", {"Access was denied.", "Der Zugriff wurde abgelehnt.", "L’accès a été refusé."}},
	[OAUTH_TEXT_DENIED_TOLD] = {"denied_told", {
			"The application got nothing. You can close this page.",
			"Die Anwendung hat nichts erhalten. Sie können diese Seite schließen.",
			"L’application n’a rien reçu. Vous pouvez fermer cette page."
	}},
	[OAUTH_TEXT_CODE] = {"code", {"One more step", "Noch ein Schritt", "Encore une étape"}},
	[OAUTH_TEXT_CODE_TOLD] = {"code_told", {
			"Type this code into the application:",
			"Geben Sie diesen Code in der Anwendung ein:",
			"Saisissez ce code dans l’application\u00a0:"
	}},
	[OAUTH_TEXT_ACCOUNT] = {"account", {"Your account", "Ihr Konto", "Votre compte"}},
	[OAUTH_TEXT_APPLICATIONS] = {"applications", {
			"Connected applications",
			"Verbundene Anwendungen",
			"Applications connectées"
	}},
	[OAUTH_TEXT_NO_APPLICATIONS] = {"no_applications", {
			"No application has access to your account.",
			"Keine Anwendung hat Zugriff auf Ihr Konto.",
			"Aucune application n’a accès à votre compte."
	}},
	[OAUTH_TEXT_LAST_USED] = {"last_used", {
			"Last got a token:",
			"Zuletzt ein Token erhalten:",
			"Dernier jeton obtenu\u00a0:"
	}},
	[OAUTH_TEXT_REVOKE] = {"revoke", {"Remove access", "Zugriff entfernen", "Retirer l’accès"}},
	[OAUTH_TEXT_REVOKED] = {"revoked", {
			"The access was removed.",
			"Der Zugriff wurde entfernt.",
			"L’accès a été retiré."
	}},
	[OAUTH_TEXT_CHANGE_PASSWORD] = {"change_password", {
			"Change password",
			"Passwort ändern",
			"Changer le mot de passe"
	}},
	[OAUTH_TEXT_OLD_PASSWORD] = {"old_password", {"Present password", "Bisheriges Passwort", "Mot de passe actuel"}},
	[OAUTH_TEXT_NEW_PASSWORD] = {"new_password", {"New password", "Neues Passwort", "Nouveau mot de passe"}},
	[OAUTH_TEXT_PASSWORD_CHANGED] = {"password_changed", {
			"The password was changed. All applications and browsers are logged out.",
			"Das Passwort wurde geändert. Alle Anwendungen und Browser sind abgemeldet.",
			"Le mot de passe a été changé. Toutes les applications et tous les navigateurs sont déconnectés."
	}},
	[OAUTH_TEXT_PASSWORD_REFUSED] = {"password_refused", {
			"A password has at least 8 characters, and at most 72 bytes.",
			"Ein Passwort hat mindestens 8 Zeichen und höchstens 72 Bytes.",
			"Un mot de passe compte au moins 8 caractères, et 72 octets au plus."
	}},
	[OAUTH_TEXT_ERROR] = {"error", {"This did not work", "Das hat nicht geklappt", "Cela n’a pas fonctionné"}},
	[OAUTH_TEXT_ERROR_TOLD] = {"error_told", {
			"The application sent a request that cannot be answered. Go back to it and start again.",
			"Die Anwendung hat eine Anfrage geschickt, die nicht beantwortet werden kann. Beginnen Sie dort noch einmal.",
			"L’application a envoyé une demande à laquelle il est impossible de répondre. Retournez-y et recommencez."
	}},
	[OAUTH_TEXT_STALE] = {"stale", {
			"This page was open for too long, or belongs to another login. Please try again.",
			"Diese Seite war zu lange offen oder gehört zu einer anderen Anmeldung. Bitte versuchen Sie es noch einmal.",
			"Cette page est restée ouverte trop longtemps, ou appartient à une autre session. Veuillez réessayer."
	}},
	[OAUTH_TEXT_NO_COOKIE] = {"no_cookie", {
			"Your browser did not send the cookie of this page. Please allow cookies for this site, then continue.",
			"Ihr Browser hat das Cookie dieser Seite nicht geschickt. Erlauben Sie Cookies für diese Seite, dann geht es weiter.",
			"Votre navigateur n’a pas envoyé le cookie de cette page. Autorisez les cookies pour ce site, puis continuez."
	}},
	[OAUTH_TEXT_DEVICE] = {"device", {"Connect a device", "Gerät verbinden", "Connecter un appareil"}},
	[OAUTH_TEXT_DEVICE_TOLD] = {"device_told", {
			"Type the code that the device shows.",
			"Geben Sie den Code ein, den das Gerät anzeigt.",
			"Saisissez le code que l’appareil affiche."
	}},
	[OAUTH_TEXT_DEVICE_COMPARE] = {"device_compare", {
			"Does a device of yours show this very code? If you did not begin this yourself, close the page.",
			"Zeigt ein Gerät von Ihnen genau diesen Code? Wenn Sie das nicht selbst begonnen haben, schließen Sie die Seite.",
			"L’un de vos appareils affiche-t-il exactement ce code\u202f? Si vous n’avez rien demandé vous-même, fermez la page."
	}},
	[OAUTH_TEXT_USER_CODE] = {"user_code", {"Code on the device", "Code auf dem Gerät", "Code affiché par l’appareil"}},
	[OAUTH_TEXT_WRONG_USER_CODE] = {"wrong_user_code", {
			"No device waits with this code. It may have expired: begin again on the device.",
			"Kein Gerät wartet mit diesem Code. Vielleicht ist er abgelaufen: Beginnen Sie am Gerät noch einmal.",
			"Aucun appareil n’attend avec ce code. Il a peut-être expiré\u00a0: recommencez sur l’appareil."
	}},
	[OAUTH_TEXT_TOO_MANY_ATTEMPTS] = {"too_many_attempts", {
			"Too many failed attempts. Please wait a while, then try again.",
			"Zu viele Fehlversuche. Bitte warten Sie eine Weile und versuchen Sie es dann noch einmal.",
			"Trop de tentatives échouées. Patientez un moment, puis réessayez."
	}},
	[OAUTH_TEXT_DEVICE_DONE] = {"device_done", {
			"The device is connected",
			"Das Gerät ist verbunden",
			"L’appareil est connecté"
	}},
	[OAUTH_TEXT_DEVICE_DONE_TOLD] = {"device_done_told", {
			"Go back to it; it will go on in a moment.",
			"Gehen Sie zum Gerät zurück; es macht gleich weiter.",
			"Retournez à l’appareil\u202f; il poursuit dans un instant."
	}},
};

/* The words for this reader: those of the application, or of the language, or else the English ones. */
OAuthWords *
oauth_words(const OAuthRequest *request)
{
	OAuthWords *words = palloc0(sizeof(OAuthWords));
	int			language = OAUTH_N_LANGUAGES;

	words->language = oauth_language(request, &words->was_asked);
	while (--language > 0 && strcmp(words->language, oauth_languages[language]) != 0)
		;
	for (int i = 0; i < OAUTH_N_TEXTS; i++)
		words->texts[i] = texts[i].words[language];
	oauth_store_page_texts(words);
	return words;
}

/* What to tell a person who could not log in. */
OAuthText
oauth_text_of_fault(const OAuthFault *fault)
{
	return fault->code == OAUTH_TOO_MANY_ATTEMPTS ? OAUTH_TEXT_TOO_MANY_ATTEMPTS : OAUTH_TEXT_WRONG_PASSWORD;
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
