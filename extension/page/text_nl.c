/*
 * text_nl.c
 *		The words of the pages in Dutch.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "page/page.h"

const OAuthLanguage oauth_language_nl =
{.tag = "nl",
	.texts = {
		[OAUTH_TEXT_BRAND] = "",
		[OAUTH_TEXT_LOGIN] = "Inloggen",
		[OAUTH_TEXT_CONTINUE_TO] = "om door te gaan naar {application}",
		[OAUTH_TEXT_LOG_IN] = "Inloggen",
		[OAUTH_TEXT_USERNAME] = "Gebruikersnaam",
		[OAUTH_TEXT_PASSWORD] = "Wachtwoord",
		[OAUTH_TEXT_FORGOT_PASSWORD] = "Wachtwoord vergeten?",
		[OAUTH_TEXT_SIGN_UP] = "Account aanmaken",
		[OAUTH_TEXT_HELP] = "Hulp",
		[OAUTH_TEXT_WRONG_PASSWORD] = "De gebruikersnaam of het wachtwoord is onjuist.",
		[OAUTH_TEXT_LOGOUT] = "Uitloggen",
		[OAUTH_TEXT_LOGGED_OUT] = "U bent uitgelogd.",
		[OAUTH_TEXT_LOGGED_IN_AS] = "U bent ingelogd als",
		[OAUTH_TEXT_NOT_YOU] = "Bent u dit niet?",
		[OAUTH_TEXT_SWITCH] = "Een ander account gebruiken",
		[OAUTH_TEXT_CONSENT] = "Toegang toestaan?",
		[OAUTH_TEXT_WANTS] = "vraagt toestemming om:",
		[OAUTH_TEXT_SCOPE_READ] = "Uw gegevens te lezen",
		[OAUTH_TEXT_SCOPE_WRITE] = "Uw gegevens te wijzigen",
		[OAUTH_TEXT_SCOPE_OPENID] = "Te weten wie u bent",
		[OAUTH_TEXT_SCOPE_PROFILE] = "Uw naam en profiel te kennen",
		[OAUTH_TEXT_SCOPE_EMAIL] = "Uw e-mailadres te kennen",
		[OAUTH_TEXT_SCOPE_ADDRESS] = "Uw postadres te kennen",
		[OAUTH_TEXT_SCOPE_PHONE] = "Uw telefoonnummer te kennen",
		[OAUTH_TEXT_SCOPE_OFFLINE] = "Door te gaan terwijl u weg bent",
		[OAUTH_TEXT_CLAIMS] = "Over u te weten",
		[OAUTH_TEXT_CLAIM_NAME] = "naam",
		[OAUTH_TEXT_CLAIM_NICKNAME] = "bijnaam",
		[OAUTH_TEXT_CLAIM_USERNAME] = "gebruikersnaam",
		[OAUTH_TEXT_CLAIM_PROFILE] = "profielpagina",
		[OAUTH_TEXT_CLAIM_PICTURE] = "foto",
		[OAUTH_TEXT_CLAIM_WEBSITE] = "eigen website",
		[OAUTH_TEXT_CLAIM_GENDER] = "geslacht",
		[OAUTH_TEXT_CLAIM_BIRTHDATE] = "geboortedatum",
		[OAUTH_TEXT_CLAIM_ZONEINFO] = "tijdzone",
		[OAUTH_TEXT_CLAIM_LOCALE] = "taal",
		[OAUTH_TEXT_CLAIM_UPDATED_AT] = "tijdstip van de laatste wijziging",
		[OAUTH_TEXT_CLAIM_EMAIL] = "e-mailadres",
		[OAUTH_TEXT_CLAIM_ADDRESS] = "postadres",
		[OAUTH_TEXT_CLAIM_PHONE] = "telefoonnummer",
		[OAUTH_TEXT_ABOUT] = "Over deze toepassing",
		[OAUTH_TEXT_POLICY] = "Privacybeleid",
		[OAUTH_TEXT_TERMS] = "Servicevoorwaarden",
		[OAUTH_TEXT_ALLOW] = "Toestaan",
		[OAUTH_TEXT_DENY] = "Weigeren",
		[OAUTH_TEXT_GOES_TO] = "Daarna keert u terug naar",
		[OAUTH_TEXT_COMES_FROM] = "Niemand heeft deze toepassing hier gecontroleerd. Ze komt van",
		[OAUTH_TEXT_ON_THIS_DEVICE] = "Ze draait op dit apparaat. Sta dit alleen toe als u "
		"haar zojuist zelf hebt gestart.",
		[OAUTH_TEXT_GO_ON] = "Doorgaan",
		[OAUTH_TEXT_DENIED] = "De toegang is geweigerd.",
		[OAUTH_TEXT_DENIED_TOLD] = "De toepassing heeft niets ontvangen. U kunt deze pagina "
		"sluiten.",
		[OAUTH_TEXT_CODE] = "Nog één stap",
		[OAUTH_TEXT_CODE_TOLD] = "Typ deze code in de toepassing:",
		[OAUTH_TEXT_ACCOUNT] = "Uw account",
		[OAUTH_TEXT_APPLICATIONS] = "Verbonden toepassingen",
		[OAUTH_TEXT_NO_APPLICATIONS] = "Geen enkele toepassing heeft toegang tot uw account.",
		[OAUTH_TEXT_LAST_USED] = "Laatste token ontvangen:",
		[OAUTH_TEXT_REVOKE] = "Toegang intrekken",
		[OAUTH_TEXT_REVOKED] = "De toegang is ingetrokken.",
		[OAUTH_TEXT_SESSIONS] = "Waar u bent ingelogd",
		[OAUTH_TEXT_THIS_BROWSER] = "Deze browser",
		[OAUTH_TEXT_UNKNOWN_BROWSER] = "Onbekende browser",
		[OAUTH_TEXT_LOGGED_IN_AT] = "Ingelogd:",
		[OAUTH_TEXT_LOG_OUT_EVERYWHERE] = "Overal uitloggen",
		[OAUTH_TEXT_LOGGED_OUT_EVERYWHERE] = "U bent in alle browsers uitgelogd.",
		[OAUTH_TEXT_CHANGE_PASSWORD] = "Wachtwoord wijzigen",
		[OAUTH_TEXT_OLD_PASSWORD] = "Huidig wachtwoord",
		[OAUTH_TEXT_NEW_PASSWORD] = "Nieuw wachtwoord",
		[OAUTH_TEXT_PASSWORD_CHANGED] = "Het wachtwoord is gewijzigd. Alle toepassingen en "
		"browsers zijn uitgelogd.",
		[OAUTH_TEXT_PASSWORD_REFUSED] = "Een wachtwoord heeft minstens 8 tekens en hoogstens 72 "
		"bytes.",
		[OAUTH_TEXT_ERROR] = "Dit is niet gelukt",
		[OAUTH_TEXT_ERROR_TOLD] = "De toepassing heeft een verzoek gestuurd dat niet kan worden "
		"beantwoord. Ga ernaar terug en begin "
		"opnieuw.",
		[OAUTH_TEXT_STALE] = "Deze pagina stond te lang open of hoort bij een andere sessie. "
		"Probeer het opnieuw.",
		[OAUTH_TEXT_NO_COOKIE] = "Uw browser heeft de cookie van deze pagina niet meegestuurd. "
		"Sta cookies toe voor deze site en ga "
		"dan door.",
		[OAUTH_TEXT_DEVICE] = "Een apparaat verbinden",
		[OAUTH_TEXT_DEVICE_TOLD] = "Typ de code die het apparaat toont.",
		[OAUTH_TEXT_DEVICE_COMPARE] = "Toont een van uw apparaten precies deze code? Als u dit "
		"niet zelf bent begonnen, sluit dan de "
		"pagina.",
		[OAUTH_TEXT_USER_CODE] = "Code op het apparaat",
		[OAUTH_TEXT_WRONG_USER_CODE] = "Er wacht geen apparaat met deze code. Misschien is de "
		"code verlopen: begin opnieuw op het apparaat.",
		[OAUTH_TEXT_TOO_MANY_ATTEMPTS] = "Te veel mislukte pogingen. Wacht even en probeer het "
		"dan opnieuw.",
		[OAUTH_TEXT_DEVICE_DONE] = "Het apparaat is verbonden",
		[OAUTH_TEXT_DEVICE_DONE_TOLD] = "Ga terug naar het apparaat; het gaat zo verder.",
		[OAUTH_TEXT_SECOND_FACTOR] = "Verificatie in twee stappen",
		[OAUTH_TEXT_FACTOR_CODE] = "Eenmalige code",
		[OAUTH_TEXT_FACTOR_CODE_TOLD] = "Typ de code die uw authenticator-app toont, of een van "
		"uw herstelcodes.",
		[OAUTH_TEXT_WRONG_FACTOR_CODE] = "De code is onjuist of is al gebruikt.",
		[OAUTH_TEXT_FACTOR_OFF] = "Met een authenticator-app op uw telefoon is alleen het "
		"wachtwoord niet genoeg om binnen te komen.",
		[OAUTH_TEXT_FACTOR_ON] = "Er is een authenticator-app ingesteld.",
		[OAUTH_TEXT_FACTOR_REQUIRED] = "Uw account vereist verificatie in twee stappen. Stel een "
		"authenticator-app in.",
		[OAUTH_TEXT_FACTOR_SET_UP] = "Authenticator-app instellen",
		[OAUTH_TEXT_FACTOR_SCAN] = "Scan deze afbeelding met een authenticator-app, of typ er de "
		"sleutel in. Typ daarna de code die de app toont.",
		[OAUTH_TEXT_FACTOR_KEY] = "Sleutel",
		[OAUTH_TEXT_FACTOR_CONFIRM] = "Bevestigen",
		[OAUTH_TEXT_FACTOR_REMOVE] = "Authenticator-app verwijderen",
		[OAUTH_TEXT_FACTOR_REMOVED] = "De authenticator-app is verwijderd.",
		[OAUTH_TEXT_RECOVERY_CODES] = "Herstelcodes",
		[OAUTH_TEXT_RECOVERY_CODES_TOLD] = "Elk van deze codes werkt één keer, als u uw telefoon "
		"niet bij de hand hebt. Bewaar ze op een veilige plaats: ze worden niet opnieuw getoond.",
		[OAUTH_TEXT_RECOVERY_CODES_LEFT] = "Resterende herstelcodes:",
		[OAUTH_TEXT_RECOVERY_CODES_NEW] = "Nieuwe herstelcodes",
}};
