/*
 * page.h
 *		What a person sees: HTML, words, login, consent, account.  Knows no protocol.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_PAGE_H
#define OAUTH_PAGE_H

#include "endpoint/endpoint.h"
#include "http/http.h"
#include "store/client.h"
#include "store/request.h"
#include "store/session.h"
#include "store/user.h"

/* ---- html.c ---- */

/* The texts of the pages. */
typedef enum OAuthText
{
	OAUTH_TEXT_BRAND,
	OAUTH_TEXT_LOGIN,
	OAUTH_TEXT_CONTINUE_TO,
	OAUTH_TEXT_LOG_IN,
	OAUTH_TEXT_USERNAME,
	OAUTH_TEXT_PASSWORD,
	OAUTH_TEXT_FORGOT_PASSWORD,
	OAUTH_TEXT_SIGN_UP,
	OAUTH_TEXT_HELP,
	OAUTH_TEXT_WRONG_PASSWORD,
	OAUTH_TEXT_LOGOUT,
	OAUTH_TEXT_LOGGED_OUT,
	OAUTH_TEXT_LOGGED_IN_AS,
	OAUTH_TEXT_NOT_YOU,
	OAUTH_TEXT_SWITCH,
	OAUTH_TEXT_CONSENT,
	OAUTH_TEXT_WANTS,
	OAUTH_TEXT_SCOPE_READ,
	OAUTH_TEXT_SCOPE_WRITE,
	OAUTH_TEXT_SCOPE_OPENID,
	OAUTH_TEXT_SCOPE_PROFILE,
	OAUTH_TEXT_SCOPE_EMAIL,
	OAUTH_TEXT_SCOPE_ADDRESS,
	OAUTH_TEXT_SCOPE_PHONE,
	OAUTH_TEXT_SCOPE_OFFLINE,
	OAUTH_TEXT_CLAIMS,
	OAUTH_TEXT_CLAIM_NAME,
	OAUTH_TEXT_CLAIM_NICKNAME,
	OAUTH_TEXT_CLAIM_USERNAME,
	OAUTH_TEXT_CLAIM_PROFILE,
	OAUTH_TEXT_CLAIM_PICTURE,
	OAUTH_TEXT_CLAIM_WEBSITE,
	OAUTH_TEXT_CLAIM_GENDER,
	OAUTH_TEXT_CLAIM_BIRTHDATE,
	OAUTH_TEXT_CLAIM_ZONEINFO,
	OAUTH_TEXT_CLAIM_LOCALE,
	OAUTH_TEXT_CLAIM_UPDATED_AT,
	OAUTH_TEXT_CLAIM_EMAIL,
	OAUTH_TEXT_CLAIM_ADDRESS,
	OAUTH_TEXT_CLAIM_PHONE,
	OAUTH_TEXT_ABOUT,
	OAUTH_TEXT_POLICY,
	OAUTH_TEXT_TERMS,
	OAUTH_TEXT_ALLOW,
	OAUTH_TEXT_DENY,
	OAUTH_TEXT_GOES_TO,
	OAUTH_TEXT_COMES_FROM,
	OAUTH_TEXT_ON_THIS_DEVICE,
	OAUTH_TEXT_GO_ON,
	OAUTH_TEXT_DENIED,
	OAUTH_TEXT_DENIED_TOLD,
	OAUTH_TEXT_CODE,
	OAUTH_TEXT_CODE_TOLD,
	OAUTH_TEXT_ACCOUNT,
	OAUTH_TEXT_APPLICATIONS,
	OAUTH_TEXT_NO_APPLICATIONS,
	OAUTH_TEXT_LAST_USED,
	OAUTH_TEXT_REVOKE,
	OAUTH_TEXT_REVOKED,
	OAUTH_TEXT_SESSIONS,
	OAUTH_TEXT_THIS_BROWSER,
	OAUTH_TEXT_UNKNOWN_BROWSER,
	OAUTH_TEXT_LOGGED_IN_AT,
	OAUTH_TEXT_LOG_OUT_EVERYWHERE,
	OAUTH_TEXT_LOGGED_OUT_EVERYWHERE,
	OAUTH_TEXT_CHANGE_PASSWORD,
	OAUTH_TEXT_OLD_PASSWORD,
	OAUTH_TEXT_NEW_PASSWORD,
	OAUTH_TEXT_PASSWORD_CHANGED,
	OAUTH_TEXT_PASSWORD_REFUSED,
	OAUTH_TEXT_ERROR,
	OAUTH_TEXT_ERROR_TOLD,
	OAUTH_TEXT_STALE,
	OAUTH_TEXT_NO_COOKIE,
	OAUTH_TEXT_DEVICE,
	OAUTH_TEXT_DEVICE_TOLD,
	OAUTH_TEXT_DEVICE_COMPARE,
	OAUTH_TEXT_USER_CODE,
	OAUTH_TEXT_WRONG_USER_CODE,
	OAUTH_TEXT_TOO_MANY_ATTEMPTS,
	OAUTH_TEXT_DEVICE_DONE,
	OAUTH_TEXT_DEVICE_DONE_TOLD,
	OAUTH_TEXT_SECOND_FACTOR,
	OAUTH_TEXT_FACTOR_CODE,
	OAUTH_TEXT_FACTOR_CODE_TOLD,
	OAUTH_TEXT_WRONG_FACTOR_CODE,
	OAUTH_TEXT_FACTOR_OFF,
	OAUTH_TEXT_FACTOR_ON,
	OAUTH_TEXT_FACTOR_REQUIRED,
	OAUTH_TEXT_FACTOR_SET_UP,
	OAUTH_TEXT_FACTOR_SCAN,
	OAUTH_TEXT_FACTOR_KEY,
	OAUTH_TEXT_FACTOR_CONFIRM,
	OAUTH_TEXT_FACTOR_REMOVE,
	OAUTH_TEXT_FACTOR_REMOVED,
	OAUTH_TEXT_RECOVERY_CODES,
	OAUTH_TEXT_RECOVERY_CODES_TOLD,
	OAUTH_TEXT_RECOVERY_CODES_LEFT,
	OAUTH_TEXT_RECOVERY_CODES_NEW,
	OAUTH_N_TEXTS
} OAuthText;

/* A language that comes with the pages. */
typedef struct OAuthLanguage
{
	const char *tag;			/* RFC 5646 */
	const char *texts[OAUTH_N_TEXTS];
} OAuthLanguage;

#define OAUTH_N_LANGUAGES 12

typedef struct OAuthWords
{
	const char *language;
	bool		is_rtl;			/* its lines run from right to left */
	bool		was_asked;		/* the address of the page asks for that language */
	const char *texts[OAUTH_N_TEXTS];
	const char *stylesheet;		/* NULL: the stylesheet that comes with it */
	List	   *of_details;		/* of OAuthPageText *: of authorization details; the last counts */
} OAuthWords;

/* The question of the consent page. */
typedef struct OAuthConsent
{
	const char *action;			/* the path that the answer goes to */
	const char *request;		/* what it is about, in the terms of the flow */
	const char *page;			/* the address of this page, to return to after a new login */
	const OAuthClient *client;
	const char *scope;
	List	   *claims;			/* of char *, besides those of the scope */
	const char *authorization_details;	/* JSON; NULL: none */
	const char *redirect_uri;	/* the URI that the answer goes to; NULL: none */
} OAuthConsent;

/* What was answered. */
typedef struct OAuthConsentAnswer
{
	const char *request;
	const char *token;			/* identifies this answer; only this browser knows it */
	const char *shown_details;	/* a digest of the authorization details on the page */
	bool		is_approval;
} OAuthConsentAnswer;

extern void oauth_html_text(StringInfo html, const char *text);
extern void oauth_html(StringInfo html, const char *markup,...);
extern void oauth_html_sentence(StringInfo html, const char *text, const char *name);
extern void oauth_html_mark(StringInfo html, const char *name);

/* ---- qr_code.c ---- */

extern void oauth_html_qr_code(StringInfo html, const char *text);

/* A page that a login may lead back to.  The table is in flow.c; _PG_init sets it. */
typedef struct OAuthFlow
{
	const char *path;			/* NULL at the end of the table */

	/* The application allowed something, or refused.  NULL: the page always asks by itself. */
	OAuthResponse *(*decided) (const OAuthRequest *request, const char *query,
							   const OAuthLoginRequest *login);
	OAuthClient *(*client) (const char *query); /* that the page is about; NULL: none */

	/* What a login for the page has to know of its request.  NULL: nothing. */
	void		(*about) (const char *query, OAuthLoginRequest *login);

	/* What the request says that is kept elsewhere; false, or NULL: the query says all of it. */
	bool		(*is_kept) (const char *query, OAuthParams *params);

	/* The answer that sends a decision to another lane.  NULL, or NULL: it can be told here. */
	OAuthResponse *(*elsewhere) (const OAuthRequest *request, const char *query);
} OAuthFlow;

/* ---- stylesheet.c ---- */

extern const char oauth_stylesheet[];

/* ---- text_zh_hant.c ---- */

extern const OAuthLanguage oauth_language_en,
			oauth_language_ar,
			oauth_language_de,
			oauth_language_es,
			oauth_language_fr,
			oauth_language_it,
			oauth_language_ja,
			oauth_language_nl,
			oauth_language_pl,
			oauth_language_pt,
			oauth_language_zh,
			oauth_language_zh_hant;

/* ---- texts.c ---- */

extern const OAuthLanguage *const oauth_languages[OAUTH_N_LANGUAGES];
extern char *oauth_language_tags(void);
extern OAuthWords *oauth_words(const OAuthRequest *request);
extern OAuthText oauth_text_of_fault(const OAuthFault *fault);
extern int	oauth_text_of_name(const char *name);
extern char *oauth_text_names(void);

/* ---- language.c ---- */

extern bool oauth_language_is_rtl(const char *language);
extern bool oauth_is_language(const char *tag);
extern const char *oauth_language(const OAuthRequest *request, bool *was_asked);
extern char *oauth_page_address(const OAuthWords *words, const char *address);

/* ---- layout.c ---- */

extern OAuthResponse *oauth_page_open(int status, const OAuthWords *words, const char *title,
									  const char *form_action);
extern void oauth_page_headers(OAuthResponse *response);
extern OAuthResponse *oauth_page_close(OAuthResponse *response);
extern OAuthResponse *oauth_page_message(const OAuthRequest *request, int status, OAuthText title,
										 OAuthText message);
extern OAuthResponse *oauth_page_way_on(int status, const OAuthWords *words, OAuthText message,
										const char *address);
extern OAuthResponse *oauth_page_stale(const OAuthRequest *request, const char *address);
extern OAuthResponse *oauth_page_farewell(const OAuthWords *words, OAuthText title,
										  OAuthText message);
extern OAuthResponse *oauth_page_code(const OAuthWords *words, const char *code);
extern OAuthResponse *oauth_page_redirect(const char *location);

/* ---- parameter.c ---- */

extern const char *oauth_page_parameter(const OAuthParams *params, const char *name);
extern bool oauth_page_form(const OAuthRequest *request, OAuthParams *form);
extern void oauth_page_query(const OAuthRequest *request, OAuthParams *query);

/* ---- login.c ---- */

extern const OAuthEndpoint oauth_login_endpoint;
extern bool oauth_login_returns_to(const char *address);
extern const char *oauth_login_address(const OAuthParams *params);
extern OAuthResponse *oauth_login_stale(const OAuthRequest *request, const OAuthParams *form);
extern OAuthResponse *oauth_login_redirect(const OAuthRequest *from, const OAuthLoginRequest *login,
										   bool again);

/* ---- login_code.c ---- */

extern OAuthResponse *oauth_login_second_step(const OAuthRequest *request, const OAuthUser *user,
											  const char *address);
extern OAuthResponse *oauth_login_step_up(const OAuthRequest *request, const char *address);
extern void oauth_login_with_new_factor(const OAuthRequest *request, OAuthResponse *response,
										const OAuthSession *session);
extern OAuthResponse *oauth_login_code(const OAuthRequest *request, const OAuthParams *form);

/* ---- second_factor.c ---- */

extern OAuthText oauth_text_of_code_fault(const OAuthFault *fault);
extern void oauth_page_code_field(StringInfo html, const OAuthWords *words, const char *id,
								  const char *told, bool has_focus);
extern void oauth_page_secret(StringInfo html, const OAuthWords *words, const char *username,
							  const char *secret);
extern OAuthResponse *oauth_page_recovery_codes(const OAuthRequest *request, List *codes,
												const char *address);

/* ---- choose.c ---- */

extern OAuthResponse *oauth_page_choose(const OAuthRequest *request, int status,
										const OAuthSession *session, const char *go_on,
										const char *other);

/* ---- logout.c ---- */

extern const OAuthEndpoint oauth_logout_endpoint;
extern void oauth_page_logout_form(OAuthResponse *page, const OAuthWords *words,
								   const OAuthSession *session, const char *browser);

/* ---- consent.c ---- */

extern OAuthResponse *oauth_page_consent(const OAuthRequest *request, const OAuthSession *session,
										 const OAuthConsent *consent);
extern const char *oauth_page_consent_about(const OAuthRequest *request);
extern OAuthConsentAnswer *oauth_page_consent_answer(const OAuthRequest *request,
													 const OAuthSession *session,
													 const char *action);
extern bool oauth_page_consent_showed(const OAuthConsentAnswer *answer, const char *details);

/* ---- details.c ---- */

extern void oauth_page_details(StringInfo html, const OAuthWords *words, const char *details);
extern bool oauth_is_details_text(const char *name);

/* ---- released.c ---- */

extern List *oauth_claims_asked(const char *parameter, const char *scope);
extern char *oauth_claims_narrow(const char *parameter, const char *scope);
extern void oauth_page_released(StringInfo html, const OAuthWords *words, const char *scope,
								const List *asked);

/* ---- handoff.c ---- */

extern const OAuthFlow *oauth_flows;
extern const OAuthFlow *oauth_flow_of(const char *address, const char **query);
extern bool oauth_flow_keeps(const char *address, OAuthParams *params);
extern void oauth_flow_parameters(const char *address, OAuthParams *params);
extern OAuthResponse *oauth_handoff(const OAuthRequest *request, const char *url,
									const OAuthLoginRequest *about, bool again);
extern OAuthResponse *oauth_handoff_return(const OAuthRequest *request, const char *verifier);

/* ---- form.c ---- */

extern char *oauth_browser(const OAuthRequest *request, OAuthResponse *page);
extern char *oauth_form_token(const char *browser, const OAuthSession *session,
							  const char *purpose);
extern bool oauth_form_is_ours(const OAuthRequest *request, const OAuthSession *session,
							   const char *purpose, const char *token);

/* ---- account.c ---- */

extern const OAuthEndpoint oauth_account_endpoint;
extern void oauth_account_open_form(StringInfo html, const OAuthWords *words, const char *token,
									const char *action);
extern OAuthResponse *oauth_account_show(const OAuthRequest *request, const OAuthSession *session,
										 int status, OAuthText said);

/* ---- account_factor.c ---- */

extern void oauth_account_show_factor(StringInfo html, const OAuthWords *words,
									  const OAuthSession *session, const char *token);
extern OAuthResponse *oauth_account_act_on_factor(const OAuthRequest *request,
												  const OAuthSession *session, const char *action,
												  const OAuthParams *form);

#endif							/* OAUTH_PAGE_H */
