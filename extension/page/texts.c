/*
 * texts.c
 *		The texts of the pages, in the language of the reader (language.c); each language has a file
 *		text_*.c.
 *
 * A text of oauth_set_page() replaces the one here.  Texts are plain text: markup in them is
 * escaped.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"
#include "page/page.h"
#include "store/page.h"
#include "text/text.h"

/* English comes first: it is used where another language has no text. */
const OAuthLanguage *const oauth_languages[OAUTH_N_LANGUAGES] =
{&oauth_language_en, &oauth_language_ar, &oauth_language_de, &oauth_language_es,
	&oauth_language_fr, &oauth_language_it, &oauth_language_ja, &oauth_language_nl,
&oauth_language_pl, &oauth_language_pt, &oauth_language_zh, &oauth_language_zh_hant};

/* The tags of the languages, separated by spaces. */
char *
oauth_language_tags(void)
{
	List	   *tags = NIL;

	for (int i = 0; i < OAUTH_N_LANGUAGES; i++)
		tags = lappend(tags, unconstify(char *, oauth_languages[i]->tag));
	return oauth_words_join(tags);
}

/* The names of the texts for oauth_set_page(). */
static const char *const names[OAUTH_N_TEXTS] = {
	[OAUTH_TEXT_BRAND] = "brand",
	[OAUTH_TEXT_LOGIN] = "login",
	[OAUTH_TEXT_CONTINUE_TO] = "continue_to",
	[OAUTH_TEXT_LOG_IN] = "log_in",
	[OAUTH_TEXT_USERNAME] = "username",
	[OAUTH_TEXT_PASSWORD] = "password",
	[OAUTH_TEXT_FORGOT_PASSWORD] = "forgot_password",
	[OAUTH_TEXT_SIGN_UP] = "sign_up",
	[OAUTH_TEXT_HELP] = "help",
	[OAUTH_TEXT_WRONG_PASSWORD] = "wrong_password",
	[OAUTH_TEXT_LOGOUT] = "logout",
	[OAUTH_TEXT_LOGGED_OUT] = "logged_out",
	[OAUTH_TEXT_LOGGED_IN_AS] = "logged_in_as",
	[OAUTH_TEXT_NOT_YOU] = "not_you",
	[OAUTH_TEXT_SWITCH] = "switch",
	[OAUTH_TEXT_CONSENT] = "consent",
	[OAUTH_TEXT_WANTS] = "wants",
	[OAUTH_TEXT_SCOPE_READ] = "scope_read",
	[OAUTH_TEXT_SCOPE_WRITE] = "scope_write",
	[OAUTH_TEXT_SCOPE_OPENID] = "scope_openid",
	[OAUTH_TEXT_SCOPE_PROFILE] = "scope_profile",
	[OAUTH_TEXT_SCOPE_EMAIL] = "scope_email",
	[OAUTH_TEXT_SCOPE_ADDRESS] = "scope_address",
	[OAUTH_TEXT_SCOPE_PHONE] = "scope_phone",
	[OAUTH_TEXT_SCOPE_OFFLINE] = "scope_offline",
	[OAUTH_TEXT_CLAIMS] = "claims",
	[OAUTH_TEXT_CLAIM_NAME] = "claim_name",
	[OAUTH_TEXT_CLAIM_NICKNAME] = "claim_nickname",
	[OAUTH_TEXT_CLAIM_USERNAME] = "claim_username",
	[OAUTH_TEXT_CLAIM_PROFILE] = "claim_profile",
	[OAUTH_TEXT_CLAIM_PICTURE] = "claim_picture",
	[OAUTH_TEXT_CLAIM_WEBSITE] = "claim_website",
	[OAUTH_TEXT_CLAIM_GENDER] = "claim_gender",
	[OAUTH_TEXT_CLAIM_BIRTHDATE] = "claim_birthdate",
	[OAUTH_TEXT_CLAIM_ZONEINFO] = "claim_zoneinfo",
	[OAUTH_TEXT_CLAIM_LOCALE] = "claim_locale",
	[OAUTH_TEXT_CLAIM_UPDATED_AT] = "claim_updated_at",
	[OAUTH_TEXT_CLAIM_EMAIL] = "claim_email",
	[OAUTH_TEXT_CLAIM_ADDRESS] = "claim_address",
	[OAUTH_TEXT_CLAIM_PHONE] = "claim_phone",
	[OAUTH_TEXT_ABOUT] = "about",
	[OAUTH_TEXT_POLICY] = "policy",
	[OAUTH_TEXT_TERMS] = "terms",
	[OAUTH_TEXT_ALLOW] = "allow",
	[OAUTH_TEXT_DENY] = "deny",
	[OAUTH_TEXT_GOES_TO] = "goes_to",
	[OAUTH_TEXT_COMES_FROM] = "comes_from",
	[OAUTH_TEXT_ON_THIS_DEVICE] = "on_this_device",
	[OAUTH_TEXT_GO_ON] = "go_on",
	[OAUTH_TEXT_DENIED] = "denied",
	[OAUTH_TEXT_DENIED_TOLD] = "denied_told",
	[OAUTH_TEXT_CODE] = "code",
	[OAUTH_TEXT_CODE_TOLD] = "code_told",
	[OAUTH_TEXT_ACCOUNT] = "account",
	[OAUTH_TEXT_APPLICATIONS] = "applications",
	[OAUTH_TEXT_NO_APPLICATIONS] = "no_applications",
	[OAUTH_TEXT_LAST_USED] = "last_used",
	[OAUTH_TEXT_REVOKE] = "revoke",
	[OAUTH_TEXT_REVOKED] = "revoked",
	[OAUTH_TEXT_SESSIONS] = "sessions",
	[OAUTH_TEXT_THIS_BROWSER] = "this_browser",
	[OAUTH_TEXT_UNKNOWN_BROWSER] = "unknown_browser",
	[OAUTH_TEXT_LOGGED_IN_AT] = "logged_in_at",
	[OAUTH_TEXT_LOG_OUT_EVERYWHERE] = "log_out_everywhere",
	[OAUTH_TEXT_LOGGED_OUT_EVERYWHERE] = "logged_out_everywhere",
	[OAUTH_TEXT_CHANGE_PASSWORD] = "change_password",
	[OAUTH_TEXT_OLD_PASSWORD] = "old_password",
	[OAUTH_TEXT_NEW_PASSWORD] = "new_password",
	[OAUTH_TEXT_PASSWORD_CHANGED] = "password_changed",
	[OAUTH_TEXT_PASSWORD_REFUSED] = "password_refused",
	[OAUTH_TEXT_ERROR] = "error",
	[OAUTH_TEXT_ERROR_TOLD] = "error_told",
	[OAUTH_TEXT_STALE] = "stale",
	[OAUTH_TEXT_NO_COOKIE] = "no_cookie",
	[OAUTH_TEXT_DEVICE] = "device",
	[OAUTH_TEXT_DEVICE_TOLD] = "device_told",
	[OAUTH_TEXT_DEVICE_COMPARE] = "device_compare",
	[OAUTH_TEXT_USER_CODE] = "user_code",
	[OAUTH_TEXT_WRONG_USER_CODE] = "wrong_user_code",
	[OAUTH_TEXT_TOO_MANY_ATTEMPTS] = "too_many_attempts",
	[OAUTH_TEXT_DEVICE_DONE] = "device_done",
	[OAUTH_TEXT_DEVICE_DONE_TOLD] = "device_done_told",
	[OAUTH_TEXT_SECOND_FACTOR] = "second_factor",
	[OAUTH_TEXT_FACTOR_CODE] = "factor_code",
	[OAUTH_TEXT_FACTOR_CODE_TOLD] = "factor_code_told",
	[OAUTH_TEXT_WRONG_FACTOR_CODE] = "wrong_factor_code",
	[OAUTH_TEXT_FACTOR_OFF] = "factor_off",
	[OAUTH_TEXT_FACTOR_ON] = "factor_on",
	[OAUTH_TEXT_FACTOR_REQUIRED] = "factor_required",
	[OAUTH_TEXT_FACTOR_SET_UP] = "factor_set_up",
	[OAUTH_TEXT_FACTOR_SCAN] = "factor_scan",
	[OAUTH_TEXT_FACTOR_KEY] = "factor_key",
	[OAUTH_TEXT_FACTOR_CONFIRM] = "factor_confirm",
	[OAUTH_TEXT_FACTOR_REMOVE] = "factor_remove",
	[OAUTH_TEXT_FACTOR_REMOVED] = "factor_removed",
	[OAUTH_TEXT_RECOVERY_CODES] = "recovery_codes",
	[OAUTH_TEXT_RECOVERY_CODES_TOLD] = "recovery_codes_told",
	[OAUTH_TEXT_RECOVERY_CODES_LEFT] = "recovery_codes_left",
	[OAUTH_TEXT_RECOVERY_CODES_NEW] = "recovery_codes_new",
};

/* Replaces texts by those that the application set. */
static void
lay_texts_over(OAuthWords *words)
{
	ListCell   *cell;

	foreach(cell, oauth_store_page_texts(words->language))
	{
		const OAuthPageText *set = lfirst(cell);
		int			number = oauth_text_of_name(set->name);

		if (number >= 0)
			words->texts[number] = set->body;
		else if (oauth_is_details_text(set->name))
			words->of_details = lappend(words->of_details, lfirst(cell));
		else
			words->stylesheet = set->body;
	}
}

/* The texts of a language; English ones where it is unknown. */
static const OAuthLanguage *
language_of(const char *tag)
{
	for (int i = 0; i < OAUTH_N_LANGUAGES; i++)
		if (strcmp(oauth_languages[i]->tag, tag) == 0)
			return oauth_languages[i];
	return oauth_languages[0];
}

/*
 * The texts for this reader: those of the application, then those of the language, then the English
 * ones.
 */
OAuthWords *
oauth_words(const OAuthRequest *request)
{
	OAuthWords *words = palloc0(sizeof(OAuthWords));
	const OAuthLanguage *language;

	words->language = oauth_language(request, &words->was_asked);
	words->is_rtl = oauth_language_is_rtl(words->language);
	language = language_of(words->language);
	for (int i = 0; i < OAUTH_N_TEXTS; i++)
		words->texts[i] = language->texts[i];
	lay_texts_over(words);
	return words;
}

/* The text for a person who could not log in. */
OAuthText
oauth_text_of_fault(const OAuthFault *fault)
{
	return fault->code == OAUTH_TOO_MANY_ATTEMPTS ? OAUTH_TEXT_TOO_MANY_ATTEMPTS :
		OAUTH_TEXT_WRONG_PASSWORD;
}

/* The number of the text of that name, or -1. */
int
oauth_text_of_name(const char *name)
{
	const char *const *found = OAUTH_FIND_NAMED(names, name);

	return found ? found - names : -1;
}

/* The names of all texts, for the hint of an error. */
char *
oauth_text_names(void)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < OAUTH_N_TEXTS; i++)
		appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", names[i]);
	return list.data;
}
