/*
 * text_it.c
 *		The words of the pages in Italian.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "page/page.h"

const OAuthLanguage oauth_language_it =
{.tag = "it",
	.texts = {
		[OAUTH_TEXT_BRAND] = "",
		[OAUTH_TEXT_LOGIN] = "Accedi",
		[OAUTH_TEXT_CONTINUE_TO] = "per continuare su {application}",
		[OAUTH_TEXT_LOG_IN] = "Accedi",
		[OAUTH_TEXT_USERNAME] = "Nome utente",
		[OAUTH_TEXT_PASSWORD] = "Password",
		[OAUTH_TEXT_FORGOT_PASSWORD] = "Password dimenticata?",
		[OAUTH_TEXT_SIGN_UP] = "Crea un account",
		[OAUTH_TEXT_HELP] = "Aiuto",
		[OAUTH_TEXT_WRONG_PASSWORD] = "Il nome utente o la password non sono corretti.",
		[OAUTH_TEXT_LOGOUT] = "Esci",
		[OAUTH_TEXT_LOGGED_OUT] = "La sessione è stata chiusa.",
		[OAUTH_TEXT_LOGGED_IN_AS] = "Accesso effettuato come",
		[OAUTH_TEXT_NOT_YOU] = "Non sei tu?",
		[OAUTH_TEXT_SWITCH] = "Usa un altro account",
		[OAUTH_TEXT_CONSENT] = "Consentire l’accesso?",
		[OAUTH_TEXT_WANTS] = "chiede l’autorizzazione a:",
		[OAUTH_TEXT_SCOPE_READ] = "Leggere i tuoi dati",
		[OAUTH_TEXT_SCOPE_WRITE] = "Modificare i tuoi dati",
		[OAUTH_TEXT_SCOPE_OPENID] = "Sapere chi sei",
		[OAUTH_TEXT_SCOPE_PROFILE] = "Conoscere il tuo nome e il tuo profilo",
		[OAUTH_TEXT_SCOPE_EMAIL] = "Conoscere il tuo indirizzo e-mail",
		[OAUTH_TEXT_SCOPE_ADDRESS] = "Conoscere il tuo indirizzo postale",
		[OAUTH_TEXT_SCOPE_PHONE] = "Conoscere il tuo numero di telefono",
		[OAUTH_TEXT_SCOPE_OFFLINE] = "Continuare mentre non ci sei",
		[OAUTH_TEXT_CLAIMS] = "Sapere di te",
		[OAUTH_TEXT_CLAIM_NAME] = "nome",
		[OAUTH_TEXT_CLAIM_NICKNAME] = "soprannome",
		[OAUTH_TEXT_CLAIM_USERNAME] = "nome utente",
		[OAUTH_TEXT_CLAIM_PROFILE] = "pagina del profilo",
		[OAUTH_TEXT_CLAIM_PICTURE] = "foto",
		[OAUTH_TEXT_CLAIM_WEBSITE] = "sito web",
		[OAUTH_TEXT_CLAIM_GENDER] = "genere",
		[OAUTH_TEXT_CLAIM_BIRTHDATE] = "data di nascita",
		[OAUTH_TEXT_CLAIM_ZONEINFO] = "fuso orario",
		[OAUTH_TEXT_CLAIM_LOCALE] = "lingua",
		[OAUTH_TEXT_CLAIM_UPDATED_AT] = "data dell’ultima modifica",
		[OAUTH_TEXT_CLAIM_EMAIL] = "indirizzo e-mail",
		[OAUTH_TEXT_CLAIM_ADDRESS] = "indirizzo postale",
		[OAUTH_TEXT_CLAIM_PHONE] = "numero di telefono",
		[OAUTH_TEXT_ABOUT] = "Informazioni sull’applicazione",
		[OAUTH_TEXT_POLICY] = "Informativa sulla privacy",
		[OAUTH_TEXT_TERMS] = "Termini di servizio",
		[OAUTH_TEXT_ALLOW] = "Consenti",
		[OAUTH_TEXT_DENY] = "Nega",
		[OAUTH_TEXT_GOES_TO] = "Poi tornerai a",
		[OAUTH_TEXT_COMES_FROM] = "Nessuno qui ha verificato questa applicazione. Proviene da",
		[OAUTH_TEXT_ON_THIS_DEVICE] = "È in esecuzione su questo dispositivo. Consenta solo "
		"se l’ha appena avviata lei.",
		[OAUTH_TEXT_GO_ON] = "Continua",
		[OAUTH_TEXT_DENIED] = "L’accesso è stato negato.",
		[OAUTH_TEXT_DENIED_TOLD] = "L’applicazione non ha ricevuto nulla. Puoi chiudere questa "
		"pagina.",
		[OAUTH_TEXT_CODE] = "Ancora un passaggio",
		[OAUTH_TEXT_CODE_TOLD] = "Inserisci questo codice nell’applicazione:",
		[OAUTH_TEXT_ACCOUNT] = "Il tuo account",
		[OAUTH_TEXT_APPLICATIONS] = "Applicazioni collegate",
		[OAUTH_TEXT_NO_APPLICATIONS] = "Nessuna applicazione ha accesso al tuo account.",
		[OAUTH_TEXT_LAST_USED] = "Ultimo token ottenuto:",
		[OAUTH_TEXT_REVOKE] = "Revoca l’accesso",
		[OAUTH_TEXT_REVOKED] = "L’accesso è stato revocato.",
		[OAUTH_TEXT_SESSIONS] = "Sessioni aperte",
		[OAUTH_TEXT_THIS_BROWSER] = "Questo browser",
		[OAUTH_TEXT_UNKNOWN_BROWSER] = "Browser sconosciuto",
		[OAUTH_TEXT_LOGGED_IN_AT] = "Accesso:",
		[OAUTH_TEXT_LOG_OUT_EVERYWHERE] = "Esci ovunque",
		[OAUTH_TEXT_LOGGED_OUT_EVERYWHERE] = "La sessione è stata chiusa in tutti i browser.",
		[OAUTH_TEXT_CHANGE_PASSWORD] = "Cambia password",
		[OAUTH_TEXT_OLD_PASSWORD] = "Password attuale",
		[OAUTH_TEXT_NEW_PASSWORD] = "Nuova password",
		[OAUTH_TEXT_PASSWORD_CHANGED] = "La password è stata cambiata. Tutte le applicazioni e "
		"tutti i browser sono stati disconnessi.",
		[OAUTH_TEXT_PASSWORD_REFUSED] = "Una password ha almeno 8 caratteri e al massimo 72 byte.",
		[OAUTH_TEXT_ERROR] = "Non ha funzionato",
		[OAUTH_TEXT_ERROR_TOLD] = "L’applicazione ha inviato una richiesta a cui non è possibile "
		"rispondere. Torna all’applicazione e "
		"ricomincia.",
		[OAUTH_TEXT_STALE] = "Questa pagina è rimasta aperta troppo a lungo o appartiene a "
		"un’altra sessione. Riprova.",
		[OAUTH_TEXT_NO_COOKIE] = "Il browser non ha inviato il cookie di questa pagina. Consenti "
		"i cookie per questo sito, poi "
		"continua.",
		[OAUTH_TEXT_DEVICE] = "Collega un dispositivo",
		[OAUTH_TEXT_DEVICE_TOLD] = "Inserisci il codice mostrato dal dispositivo.",
		[OAUTH_TEXT_DEVICE_COMPARE] = "Uno dei tuoi dispositivi mostra esattamente questo codice? "
		"Se non hai iniziato tu, chiudi la pagina.",
		[OAUTH_TEXT_USER_CODE] = "Codice sul dispositivo",
		[OAUTH_TEXT_WRONG_USER_CODE] = "Nessun dispositivo è in attesa con questo codice. "
		"Potrebbe essere scaduto: ricomincia dal "
		"dispositivo.",
		[OAUTH_TEXT_TOO_MANY_ATTEMPTS] = "Troppi tentativi falliti. Attendi un momento, poi "
		"riprova.",
		[OAUTH_TEXT_DEVICE_DONE] = "Il dispositivo è collegato",
		[OAUTH_TEXT_DEVICE_DONE_TOLD] = "Torna al dispositivo: proseguirà tra un istante.",
		[OAUTH_TEXT_SECOND_FACTOR] = "Verifica in due passaggi",
		[OAUTH_TEXT_FACTOR_CODE] = "Codice",
		[OAUTH_TEXT_FACTOR_CODE_TOLD] = "Digiti il codice mostrato dalla sua app di "
		"autenticazione, oppure uno dei suoi codici di recupero.",
		[OAUTH_TEXT_WRONG_FACTOR_CODE] = "Il codice è errato o è già stato usato.",
		[OAUTH_TEXT_FACTOR_OFF] = "Con un’app di autenticazione sul telefono, la sola password "
		"non basta per entrare.",
		[OAUTH_TEXT_FACTOR_ON] = "Un’app di autenticazione è configurata.",
		[OAUTH_TEXT_FACTOR_REQUIRED] = "Il suo account richiede la verifica in due passaggi. "
		"Configuri un’app di autenticazione.",
		[OAUTH_TEXT_FACTOR_SET_UP] = "Configura un’app di autenticazione",
		[OAUTH_TEXT_FACTOR_SCAN] = "Inquadri questa immagine con un’app di autenticazione, oppure "
		"vi digiti la chiave. Poi digiti il codice mostrato dall’app.",
		[OAUTH_TEXT_FACTOR_KEY] = "Chiave",
		[OAUTH_TEXT_FACTOR_CONFIRM] = "Conferma",
		[OAUTH_TEXT_FACTOR_REMOVE] = "Rimuovi l’app di autenticazione",
		[OAUTH_TEXT_FACTOR_REMOVED] = "L’app di autenticazione è stata rimossa.",
		[OAUTH_TEXT_RECOVERY_CODES] = "Codici di recupero",
		[OAUTH_TEXT_RECOVERY_CODES_TOLD] = "Ognuno di questi codici vale una volta, quando non ha "
		"con sé il telefono. Li conservi in un luogo sicuro: non saranno più mostrati.",
		[OAUTH_TEXT_RECOVERY_CODES_LEFT] = "Codici di recupero rimasti:",
		[OAUTH_TEXT_RECOVERY_CODES_NEW] = "Nuovi codici di recupero",
}};
