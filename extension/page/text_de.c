/*
 * text_de.c
 *		The words of the pages in German.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "page/page.h"

const OAuthLanguage oauth_language_de =
{.tag = "de",
	.texts = {
		[OAUTH_TEXT_BRAND] = "",
		[OAUTH_TEXT_LOGIN] = "Anmelden",
		[OAUTH_TEXT_CONTINUE_TO] = "weiter zu {application}",
		[OAUTH_TEXT_LOG_IN] = "Anmelden",
		[OAUTH_TEXT_USERNAME] = "Benutzername",
		[OAUTH_TEXT_PASSWORD] = "Passwort",
		[OAUTH_TEXT_FORGOT_PASSWORD] = "Passwort vergessen?",
		[OAUTH_TEXT_SIGN_UP] = "Konto anlegen",
		[OAUTH_TEXT_HELP] = "Hilfe",
		[OAUTH_TEXT_WRONG_PASSWORD] = "Der Benutzername oder das Passwort ist falsch.",
		[OAUTH_TEXT_LOGOUT] = "Abmelden",
		[OAUTH_TEXT_LOGGED_OUT] = "Sie sind abgemeldet.",
		[OAUTH_TEXT_LOGGED_IN_AS] = "Sie sind angemeldet als",
		[OAUTH_TEXT_NOT_YOU] = "Nicht Sie?",
		[OAUTH_TEXT_SWITCH] = "Anderes Konto verwenden",
		[OAUTH_TEXT_CONSENT] = "Zugriff erlauben?",
		[OAUTH_TEXT_WANTS] = "bittet um die Erlaubnis:",
		[OAUTH_TEXT_SCOPE_READ] = "Ihre Daten lesen",
		[OAUTH_TEXT_SCOPE_WRITE] = "Ihre Daten ändern",
		[OAUTH_TEXT_SCOPE_OPENID] = "Erfahren, wer Sie sind",
		[OAUTH_TEXT_SCOPE_PROFILE] = "Ihren Namen und Ihr Profil erfahren",
		[OAUTH_TEXT_SCOPE_EMAIL] = "Ihre E-Mail-Adresse erfahren",
		[OAUTH_TEXT_SCOPE_ADDRESS] = "Ihre Postanschrift erfahren",
		[OAUTH_TEXT_SCOPE_PHONE] = "Ihre Telefonnummer erfahren",
		[OAUTH_TEXT_SCOPE_OFFLINE] = "Weiterarbeiten, während Sie abwesend sind",
		[OAUTH_TEXT_CLAIMS] = "Über Sie erfahren",
		[OAUTH_TEXT_CLAIM_NAME] = "Name",
		[OAUTH_TEXT_CLAIM_NICKNAME] = "Spitzname",
		[OAUTH_TEXT_CLAIM_USERNAME] = "Benutzername",
		[OAUTH_TEXT_CLAIM_PROFILE] = "Profilseite",
		[OAUTH_TEXT_CLAIM_PICTURE] = "Bild",
		[OAUTH_TEXT_CLAIM_WEBSITE] = "Website",
		[OAUTH_TEXT_CLAIM_GENDER] = "Geschlecht",
		[OAUTH_TEXT_CLAIM_BIRTHDATE] = "Geburtsdatum",
		[OAUTH_TEXT_CLAIM_ZONEINFO] = "Zeitzone",
		[OAUTH_TEXT_CLAIM_LOCALE] = "Sprache",
		[OAUTH_TEXT_CLAIM_UPDATED_AT] = "Zeit der letzten Änderung",
		[OAUTH_TEXT_CLAIM_EMAIL] = "E-Mail-Adresse",
		[OAUTH_TEXT_CLAIM_ADDRESS] = "Postanschrift",
		[OAUTH_TEXT_CLAIM_PHONE] = "Telefonnummer",
		[OAUTH_TEXT_ABOUT] = "Über die Anwendung",
		[OAUTH_TEXT_POLICY] = "Datenschutzerklärung",
		[OAUTH_TEXT_TERMS] = "Nutzungsbedingungen",
		[OAUTH_TEXT_ALLOW] = "Erlauben",
		[OAUTH_TEXT_DENY] = "Ablehnen",
		[OAUTH_TEXT_GOES_TO] = "Danach geht es zurück zu",
		[OAUTH_TEXT_COMES_FROM] = "Niemand hat diese Anwendung hier geprüft. Sie kommt von",
		[OAUTH_TEXT_ON_THIS_DEVICE] = "Sie läuft auf diesem Gerät. Erlauben Sie es nur, wenn "
		"Sie sie gerade selbst gestartet haben.",
		[OAUTH_TEXT_GO_ON] = "Weiter",
		[OAUTH_TEXT_DENIED] = "Der Zugriff wurde abgelehnt.",
		[OAUTH_TEXT_DENIED_TOLD] = "Die Anwendung hat nichts erhalten. Sie können diese Seite "
		"schließen.",
		[OAUTH_TEXT_CODE] = "Noch ein Schritt",
		[OAUTH_TEXT_CODE_TOLD] = "Geben Sie diesen Code in der Anwendung ein:",
		[OAUTH_TEXT_ACCOUNT] = "Ihr Konto",
		[OAUTH_TEXT_APPLICATIONS] = "Verbundene Anwendungen",
		[OAUTH_TEXT_NO_APPLICATIONS] = "Keine Anwendung hat Zugriff auf Ihr Konto.",
		[OAUTH_TEXT_LAST_USED] = "Zuletzt ein Token erhalten:",
		[OAUTH_TEXT_REVOKE] = "Zugriff entfernen",
		[OAUTH_TEXT_REVOKED] = "Der Zugriff wurde entfernt.",
		[OAUTH_TEXT_SESSIONS] = "Wo Sie angemeldet sind",
		[OAUTH_TEXT_THIS_BROWSER] = "Dieser Browser",
		[OAUTH_TEXT_UNKNOWN_BROWSER] = "Unbekannter Browser",
		[OAUTH_TEXT_LOGGED_IN_AT] = "Angemeldet:",
		[OAUTH_TEXT_LOG_OUT_EVERYWHERE] = "Überall abmelden",
		[OAUTH_TEXT_LOGGED_OUT_EVERYWHERE] = "Sie sind in allen Browsern abgemeldet.",
		[OAUTH_TEXT_CHANGE_PASSWORD] = "Passwort ändern",
		[OAUTH_TEXT_OLD_PASSWORD] = "Bisheriges Passwort",
		[OAUTH_TEXT_NEW_PASSWORD] = "Neues Passwort",
		[OAUTH_TEXT_PASSWORD_CHANGED] = "Das Passwort wurde geändert. Alle Anwendungen und "
		"Browser sind abgemeldet.",
		[OAUTH_TEXT_PASSWORD_REFUSED] = "Ein Passwort hat mindestens 8 Zeichen und höchstens 72 "
		"Bytes.",
		[OAUTH_TEXT_ERROR] = "Das hat nicht geklappt",
		[OAUTH_TEXT_ERROR_TOLD] = "Die Anwendung hat eine Anfrage geschickt, die nicht "
		"beantwortet werden kann. Beginnen Sie dort noch "
		"einmal.",
		[OAUTH_TEXT_STALE] = "Diese Seite war zu lange offen oder gehört zu einer anderen "
		"Anmeldung. Bitte versuchen Sie es noch "
		"einmal.",
		[OAUTH_TEXT_NO_COOKIE] = "Ihr Browser hat das Cookie dieser Seite nicht geschickt. Bitte "
		"erlauben Sie Cookies für diese "
		"Seite, dann geht es weiter.",
		[OAUTH_TEXT_DEVICE] = "Gerät verbinden",
		[OAUTH_TEXT_DEVICE_TOLD] = "Geben Sie den Code ein, den das Gerät anzeigt.",
		[OAUTH_TEXT_DEVICE_COMPARE] = "Zeigt ein Gerät von Ihnen genau diesen Code? Wenn Sie das "
		"nicht selbst begonnen haben, schließen "
		"Sie die Seite.",
		[OAUTH_TEXT_USER_CODE] = "Code auf dem Gerät",
		[OAUTH_TEXT_WRONG_USER_CODE] = "Kein Gerät wartet mit diesem Code. Vielleicht ist er "
		"abgelaufen: Beginnen Sie am Gerät noch einmal.",
		[OAUTH_TEXT_TOO_MANY_ATTEMPTS] = "Zu viele Fehlversuche. Bitte warten Sie eine Weile und "
		"versuchen Sie es dann noch einmal.",
		[OAUTH_TEXT_DEVICE_DONE] = "Das Gerät ist verbunden",
		[OAUTH_TEXT_DEVICE_DONE_TOLD] = "Gehen Sie zum Gerät zurück; es macht gleich weiter.",
		[OAUTH_TEXT_SECOND_FACTOR] = "Anmeldung in zwei Schritten",
		[OAUTH_TEXT_FACTOR_CODE] = "Einmalcode",
		[OAUTH_TEXT_FACTOR_CODE_TOLD] = "Geben Sie den Code ein, den Ihre Authenticator-App "
		"zeigt, oder einen Ihrer Wiederherstellungscodes.",
		[OAUTH_TEXT_WRONG_FACTOR_CODE] = "Der Code ist falsch oder wurde schon benutzt.",
		[OAUTH_TEXT_FACTOR_OFF] = "Mit einer Authenticator-App auf Ihrem Telefon genügt das "
		"Passwort allein nicht mehr, um hineinzukommen.",
		[OAUTH_TEXT_FACTOR_ON] = "Eine Authenticator-App ist eingerichtet.",
		[OAUTH_TEXT_FACTOR_REQUIRED] = "Ihr Konto verlangt eine Anmeldung in zwei Schritten. "
		"Bitte richten Sie eine Authenticator-App ein.",
		[OAUTH_TEXT_FACTOR_SET_UP] = "Authenticator-App einrichten",
		[OAUTH_TEXT_FACTOR_SCAN] = "Scannen Sie dieses Bild mit einer Authenticator-App oder "
		"geben Sie dort den Schlüssel ein. Geben Sie dann den Code ein, den die App zeigt.",
		[OAUTH_TEXT_FACTOR_KEY] = "Schlüssel",
		[OAUTH_TEXT_FACTOR_CONFIRM] = "Bestätigen",
		[OAUTH_TEXT_FACTOR_REMOVE] = "Authenticator-App entfernen",
		[OAUTH_TEXT_FACTOR_REMOVED] = "Die Authenticator-App wurde entfernt.",
		[OAUTH_TEXT_RECOVERY_CODES] = "Wiederherstellungscodes",
		[OAUTH_TEXT_RECOVERY_CODES_TOLD] = "Jeder dieser Codes gilt einmal, wenn Ihr Telefon "
		"nicht zur Hand ist. Bewahren Sie sie sicher auf: Sie werden nicht noch einmal gezeigt.",
		[OAUTH_TEXT_RECOVERY_CODES_LEFT] = "Übrige Wiederherstellungscodes:",
		[OAUTH_TEXT_RECOVERY_CODES_NEW] = "Neue Wiederherstellungscodes",
}};
