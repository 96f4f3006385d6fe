/*
 * user.h
 *		Users of the built-in store and of the application, logins, sessions.  Knows no client
 *		and no token.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_USER_H
#define OAUTH_USER_H

#include "http/http.h"
#include "store/function.h"
#include "store/session.h"
#include "store/throttle.h"
#include "store/token.h"
#include "store/user.h"

/* ---- user.c ---- */

extern OAuthUser *oauth_required_user(const char *username);
extern const char *oauth_password_problem(const char *password);
extern bool oauth_user_set_password(const OAuthUser *user, const char *password);

/* ---- relation.c ---- */

extern OAuthUser *oauth_application_user_by_id(const OAuthUserSource *source, const char *id,
											   bool read_only);
extern OAuthUser *oauth_application_user_lock(const OAuthUserSource *source, const char *id);
extern OAuthUser *oauth_application_user_by_name(const OAuthUserSource *source,
												 const char *username);
extern List *oauth_application_user_hashes(const OAuthUserSource *source);
extern bool oauth_application_user_replace_hash(const OAuthUserSource *source,
												const OAuthUser *user, const char *hash);
extern bool oauth_store_is_replacing_hash(const char *hash);

/* ---- application_user.c ---- */

extern OAuthUser *oauth_find_user(const char *username);
extern OAuthUser *oauth_application_user_login(OAuthUser *user, const char *username,
											   const char *password, const uint8 *place);
extern bool oauth_own_users_have_function(void);
extern OAuthUser *oauth_application_user_hold(const char *subject);
extern char *oauth_username(const char *subject);
extern bool oauth_application_user_is_active(const char *subject);
extern bool oauth_user_may_change_password(const char *subject);
extern bool oauth_application_user_set_password(const OAuthUser *user, const char *password);
extern void oauth_users_must_be_built_in(void);
extern OAuthResponse *oauth_users_elsewhere(bool is_login);
extern bool oauth_users_need_application_lane(void);

/* ---- authentication.c ---- */

#define OAUTH_ACR_PASSWORD		"urn:oauth:acr:pwd"
#define OAUTH_ACR_TWO_FACTORS	"urn:oauth:acr:mfa"

extern const char *oauth_acr_values(void);
extern bool oauth_acr_satisfies(const char *acr, const char *wanted);

/* ---- second_factor.c ---- */

typedef enum OAuthSecondFactor
{
	OAUTH_FACTOR_NOT_OFFERED,	/* not to this user, or to nobody */
	OAUTH_FACTOR_NONE,
	OAUTH_FACTOR_MISSING,		/* there must be one */
	OAUTH_FACTOR_CONFIRMED
} OAuthSecondFactor;

extern OAuthSecondFactor oauth_second_factor(const char *subject);
extern bool oauth_second_factor_is_required(const char *subject);
extern int	oauth_recovery_codes_left(const char *subject);
extern char *oauth_second_factor_begin(const char *subject);
extern char *oauth_second_factor_waiting(const char *subject);
extern List *oauth_recovery_codes_make(const char *subject);
extern OAuthFault *oauth_second_factor_check(const OAuthRequest *request, const char *subject,
											 const char *typed);
extern OAuthFault *oauth_second_factor_confirm(const OAuthRequest *request, const char *subject,
											   const char *typed, List **codes);

/* ---- session.c ---- */

extern OAuthSession *oauth_session_of(const OAuthRequest *request);
extern OAuthSession *oauth_session_of_cookie(const OAuthRequest *request);
extern const char *oauth_session_name(const OAuthSession *session);
extern void oauth_session_begin(const OAuthRequest *request, OAuthResponse *response,
								const char *subject, const OAuthAuthentication *authentication);
extern const char *oauth_session_sid(const OAuthRequest *request, const char *subject);
extern void oauth_session_switch(const OAuthRequest *request, OAuthResponse *response,
								 const char *subject, const OAuthAuthentication *authentication);
extern void oauth_session_strengthen(const OAuthRequest *request, OAuthResponse *response,
									 const OAuthSession *session,
									 const OAuthAuthentication *authentication);
extern void oauth_session_end(const OAuthRequest *request, OAuthResponse *response,
							  const OAuthSession *session);

/* ---- source.c ---- */

extern void oauth_users_find_function(OAuthApplicationFunction *function);

/* ---- known.c ---- */

extern char *oauth_known_browser(const OAuthRequest *request, const OAuthUser *user);
extern void oauth_remember_browser(const OAuthRequest *request, OAuthResponse *response,
								   const OAuthUser *user);
extern bool oauth_known_address(const OAuthThrottle *throttle, const OAuthUser *user);
extern void oauth_remember_address(const OAuthThrottle *throttle, const OAuthUser *user);

/* ---- login.c ---- */

extern OAuthFault *oauth_login_password(const OAuthRequest *request, const char *username,
										const char *password, OAuthUser **user);
extern void oauth_login_complete(const OAuthRequest *request, const char *subject,
								 const OAuthUser *user, const char *detail);
extern OAuthFault *oauth_login(const OAuthRequest *request, const char *username,
							   const char *password, OAuthUser **user);

#endif							/* OAUTH_USER_H */
