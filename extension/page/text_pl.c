/*
 * text_pl.c
 *		The words of the pages in Polish.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "page/page.h"

const OAuthLanguage oauth_language_pl =
{.tag = "pl",
	.texts = {
		[OAUTH_TEXT_BRAND] = "",
		[OAUTH_TEXT_LOGIN] = "Zaloguj się",
		[OAUTH_TEXT_CONTINUE_TO] = "aby przejść do: {application}",
		[OAUTH_TEXT_LOG_IN] = "Zaloguj się",
		[OAUTH_TEXT_USERNAME] = "Nazwa użytkownika",
		[OAUTH_TEXT_PASSWORD] = "Hasło",
		[OAUTH_TEXT_FORGOT_PASSWORD] = "Nie pamiętasz hasła?",
		[OAUTH_TEXT_SIGN_UP] = "Utwórz konto",
		[OAUTH_TEXT_HELP] = "Pomoc",
		[OAUTH_TEXT_WRONG_PASSWORD] = "Nazwa użytkownika lub hasło są nieprawidłowe.",
		[OAUTH_TEXT_LOGOUT] = "Wyloguj się",
		[OAUTH_TEXT_LOGGED_OUT] = "Wylogowano.",
		[OAUTH_TEXT_LOGGED_IN_AS] = "Zalogowano jako",
		[OAUTH_TEXT_NOT_YOU] = "To nie Ty?",
		[OAUTH_TEXT_SWITCH] = "Użyj innego konta",
		[OAUTH_TEXT_CONSENT] = "Zezwolić na dostęp?",
		[OAUTH_TEXT_WANTS] = "prosi o zezwolenie na:",
		[OAUTH_TEXT_SCOPE_READ] = "Odczytywanie Twoich danych",
		[OAUTH_TEXT_SCOPE_WRITE] = "Zmienianie Twoich danych",
		[OAUTH_TEXT_SCOPE_OPENID] = "Poznanie Twojej tożsamości",
		[OAUTH_TEXT_SCOPE_PROFILE] = "Poznanie Twojego imienia, nazwiska i profilu",
		[OAUTH_TEXT_SCOPE_EMAIL] = "Poznanie Twojego adresu e-mail",
		[OAUTH_TEXT_SCOPE_ADDRESS] = "Poznanie Twojego adresu pocztowego",
		[OAUTH_TEXT_SCOPE_PHONE] = "Poznanie Twojego numeru telefonu",
		[OAUTH_TEXT_SCOPE_OFFLINE] = "Działanie podczas Twojej nieobecności",
		[OAUTH_TEXT_CLAIMS] = "Poznanie Twoich danych",
		[OAUTH_TEXT_CLAIM_NAME] = "imię i nazwisko",
		[OAUTH_TEXT_CLAIM_NICKNAME] = "pseudonim",
		[OAUTH_TEXT_CLAIM_USERNAME] = "nazwa użytkownika",
		[OAUTH_TEXT_CLAIM_PROFILE] = "strona profilu",
		[OAUTH_TEXT_CLAIM_PICTURE] = "zdjęcie",
		[OAUTH_TEXT_CLAIM_WEBSITE] = "strona internetowa",
		[OAUTH_TEXT_CLAIM_GENDER] = "płeć",
		[OAUTH_TEXT_CLAIM_BIRTHDATE] = "data urodzenia",
		[OAUTH_TEXT_CLAIM_ZONEINFO] = "strefa czasowa",
		[OAUTH_TEXT_CLAIM_LOCALE] = "język",
		[OAUTH_TEXT_CLAIM_UPDATED_AT] = "czas ostatniej zmiany",
		[OAUTH_TEXT_CLAIM_EMAIL] = "adres e-mail",
		[OAUTH_TEXT_CLAIM_ADDRESS] = "adres pocztowy",
		[OAUTH_TEXT_CLAIM_PHONE] = "numer telefonu",
		[OAUTH_TEXT_ABOUT] = "O tej aplikacji",
		[OAUTH_TEXT_POLICY] = "Polityka prywatności",
		[OAUTH_TEXT_TERMS] = "Warunki korzystania",
		[OAUTH_TEXT_ALLOW] = "Zezwól",
		[OAUTH_TEXT_DENY] = "Odmów",
		[OAUTH_TEXT_GOES_TO] = "Następnie nastąpi powrót do",
		[OAUTH_TEXT_COMES_FROM] = "Nikt tutaj nie sprawdził tej aplikacji. Pochodzi z",
		[OAUTH_TEXT_ON_THIS_DEVICE] = "Działa na tym urządzeniu. Zezwól tylko wtedy, gdy "
		"właśnie uruchomiono ją samodzielnie.",
		[OAUTH_TEXT_GO_ON] = "Dalej",
		[OAUTH_TEXT_DENIED] = "Odmówiono dostępu.",
		[OAUTH_TEXT_DENIED_TOLD] = "Aplikacja niczego nie otrzymała. Możesz zamknąć tę stronę.",
		[OAUTH_TEXT_CODE] = "Jeszcze jeden krok",
		[OAUTH_TEXT_CODE_TOLD] = "Wpisz ten kod w aplikacji:",
		[OAUTH_TEXT_ACCOUNT] = "Twoje konto",
		[OAUTH_TEXT_APPLICATIONS] = "Połączone aplikacje",
		[OAUTH_TEXT_NO_APPLICATIONS] = "Żadna aplikacja nie ma dostępu do Twojego konta.",
		[OAUTH_TEXT_LAST_USED] = "Ostatni token otrzymano:",
		[OAUTH_TEXT_REVOKE] = "Usuń dostęp",
		[OAUTH_TEXT_REVOKED] = "Dostęp został usunięty.",
		[OAUTH_TEXT_SESSIONS] = "Otwarte sesje",
		[OAUTH_TEXT_THIS_BROWSER] = "Ta przeglądarka",
		[OAUTH_TEXT_UNKNOWN_BROWSER] = "Nieznana przeglądarka",
		[OAUTH_TEXT_LOGGED_IN_AT] = "Zalogowano:",
		[OAUTH_TEXT_LOG_OUT_EVERYWHERE] = "Wyloguj się wszędzie",
		[OAUTH_TEXT_LOGGED_OUT_EVERYWHERE] = "Wylogowano we wszystkich przeglądarkach.",
		[OAUTH_TEXT_CHANGE_PASSWORD] = "Zmień hasło",
		[OAUTH_TEXT_OLD_PASSWORD] = "Obecne hasło",
		[OAUTH_TEXT_NEW_PASSWORD] = "Nowe hasło",
		[OAUTH_TEXT_PASSWORD_CHANGED] = "Hasło zostało zmienione. Wylogowano wszystkie aplikacje "
		"i przeglądarki.",
		[OAUTH_TEXT_PASSWORD_REFUSED] = "Hasło ma co najmniej 8 znaków i najwyżej 72 bajty.",
		[OAUTH_TEXT_ERROR] = "Nie udało się",
		[OAUTH_TEXT_ERROR_TOLD] = "Aplikacja wysłała żądanie, na które nie można odpowiedzieć. "
		"Wróć do niej i zacznij od nowa.",
		[OAUTH_TEXT_STALE] = "Ta strona była otwarta zbyt długo albo należy do innej sesji. "
		"Spróbuj ponownie.",
		[OAUTH_TEXT_NO_COOKIE] = "Przeglądarka nie wysłała pliku cookie tej strony. Zezwól na "
		"pliki cookie w tej witrynie i przejdź "
		"dalej.",
		[OAUTH_TEXT_DEVICE] = "Połącz urządzenie",
		[OAUTH_TEXT_DEVICE_TOLD] = "Wpisz kod wyświetlany przez urządzenie.",
		[OAUTH_TEXT_DEVICE_COMPARE] = "Czy Twoje urządzenie wyświetla dokładnie ten kod? Jeśli to "
		"nie Ty zaczynasz połączenie, zamknij "
		"stronę.",
		[OAUTH_TEXT_USER_CODE] = "Kod na urządzeniu",
		[OAUTH_TEXT_WRONG_USER_CODE] = "Żadne urządzenie nie czeka z tym kodem. Mógł wygasnąć: "
		"zacznij od nowa na urządzeniu.",
		[OAUTH_TEXT_TOO_MANY_ATTEMPTS] = "Zbyt wiele nieudanych prób. Odczekaj chwilę i spróbuj "
		"ponownie.",
		[OAUTH_TEXT_DEVICE_DONE] = "Urządzenie jest połączone",
		[OAUTH_TEXT_DEVICE_DONE_TOLD] = "Wróć do urządzenia; za chwilę będzie działać dalej.",
		[OAUTH_TEXT_SECOND_FACTOR] = "Weryfikacja dwuetapowa",
		[OAUTH_TEXT_FACTOR_CODE] = "Kod",
		[OAUTH_TEXT_FACTOR_CODE_TOLD] = "Wpisz kod, który pokazuje aplikacja uwierzytelniająca, "
		"albo jeden z kodów odzyskiwania.",
		[OAUTH_TEXT_WRONG_FACTOR_CODE] = "Kod jest błędny albo był już użyty.",
		[OAUTH_TEXT_FACTOR_OFF] = "Z aplikacją uwierzytelniającą w telefonie samo hasło nie "
		"wystarczy, aby się zalogować.",
		[OAUTH_TEXT_FACTOR_ON] = "Aplikacja uwierzytelniająca jest skonfigurowana.",
		[OAUTH_TEXT_FACTOR_REQUIRED] = "To konto wymaga weryfikacji dwuetapowej. Skonfiguruj "
		"aplikację uwierzytelniającą.",
		[OAUTH_TEXT_FACTOR_SET_UP] = "Skonfiguruj aplikację uwierzytelniającą",
		[OAUTH_TEXT_FACTOR_SCAN] = "Zeskanuj ten obraz aplikacją uwierzytelniającą albo wpisz w "
		"niej klucz. Następnie wpisz kod, który pokazuje aplikacja.",
		[OAUTH_TEXT_FACTOR_KEY] = "Klucz",
		[OAUTH_TEXT_FACTOR_CONFIRM] = "Potwierdź",
		[OAUTH_TEXT_FACTOR_REMOVE] = "Usuń aplikację uwierzytelniającą",
		[OAUTH_TEXT_FACTOR_REMOVED] = "Aplikacja uwierzytelniająca została usunięta.",
		[OAUTH_TEXT_RECOVERY_CODES] = "Kody odzyskiwania",
		[OAUTH_TEXT_RECOVERY_CODES_TOLD] = "Każdy z tych kodów działa raz, gdy nie masz telefonu "
		"pod ręką. Przechowuj je w bezpiecznym miejscu: nie zostaną pokazane ponownie.",
		[OAUTH_TEXT_RECOVERY_CODES_LEFT] = "Pozostałe kody odzyskiwania:",
		[OAUTH_TEXT_RECOVERY_CODES_NEW] = "Nowe kody odzyskiwania",
}};
