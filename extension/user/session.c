/*
 * session.c
 *		The session of the user who is logged in, in this browser.
 *
 * A session is a random value in a cookie; like a token, it is stored as its SHA-256.  Each login
 * makes a new one, so that nobody can plant one.  It ends with its subject, with a change of the
 * password, or at a fixed time.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "http/http.h"
#include "setting.h"
#include "store/session.h"
#include "store/token.h"
#include "text/text.h"
#include "user/user.h"

/*
 * The session of the cookie, also where the password that it began with is not enough any more;
 * NULL if there is none.
 */
OAuthSession *
oauth_session_of_cookie(const OAuthRequest *request)
{
	char	   *cookie = oauth_cookie(request, "session");
	OAuthTokenString string;
	OAuthSession *session;

	if (cookie == NULL)
		return NULL;
	session = oauth_token_parse(cookie, strlen(cookie), OAUTH_SESSION, &string) ?
		oauth_store_find_session(&string) : NULL;
	if (session != NULL)
		session->username = oauth_username(session->subject);
	return session;
}

/*
 * Whether the session began with a password alone, and its user has to show more than that by now.
 * Before there were second factors, no session said how it began.
 */
static bool
is_too_weak(const OAuthSession *session)
{
	const char *acr = session->authentication.acr;
	OAuthSecondFactor factor;

	if (acr != NULL ? strcmp(acr, OAUTH_ACR_PASSWORD) != 0 : oauth_setting_login_url[0] != '\0')
		return false;
	factor = oauth_second_factor(session->subject);
	return factor == OAUTH_FACTOR_CONFIRMED || factor == OAUTH_FACTOR_MISSING;
}

/*
 * The session of the request; NULL if nobody is logged in.  A user who has a second factor, or must
 * have one, is logged in with it only.
 */
OAuthSession *
oauth_session_of(const OAuthRequest *request)
{
	OAuthSession *session = oauth_session_of_cookie(request);

	return session != NULL && is_too_weak(session) ? NULL : session;
}

/* The name to show for the user who is logged in. */
const char *
oauth_session_name(const OAuthSession *session)
{
	return session->username ? oauth_readable_name(session->username, session->subject) :
		session->subject;
}

/*
 * Logs the subject in: stores the session and sets its cookie.  What the authentication does not
 * say is now, and a new sid.
 */
void
oauth_session_begin(const OAuthRequest *request, OAuthResponse *response, const char *subject,
					const OAuthAuthentication *authentication)
{
	OAuthSession session = {.handle = oauth_handle_next(), .subject = unconstify(char *, subject),
		.authentication = *authentication};
	char	   *string = oauth_random_token(OAUTH_SESSION, session.handle);
	int			lifetime = authentication->session_lifetime;

	if (session.authentication.at == 0)
		session.authentication.at = GetCurrentTimestamp();
	if (session.authentication.sid == NULL)
		session.authentication.sid = oauth_random_id();
	oauth_store_insert_session(&session, string,
							   oauth_seconds_from_now(lifetime ? lifetime :
													  oauth_setting_session_lifetime),
							   request->peer, oauth_browser_name(request));
	oauth_set_cookie(request, response, "session", string, -1);
}

/* The sid of what the subject begins in this browser: of the session that it has there, or new. */
const char *
oauth_session_sid(const OAuthRequest *request, const char *subject)
{
	OAuthSession *old = oauth_session_of_cookie(request);

	return old != NULL && old->authentication.sid != NULL && strcmp(old->subject, subject) == 0 ?
		old->authentication.sid : oauth_random_id();
}

/*
 * Ends the session that the browser had, for one of that subject.  Somebody who logs in again goes
 * on with the session that clients know by its sid; of somebody else's they are told that it has
 * ended.
 */
static void
end_previous(const OAuthRequest *request, const char *subject,
			 OAuthAuthentication *authentication)
{
	OAuthSession *old = oauth_session_of_cookie(request);

	if (old == NULL)
		return;
	if (strcmp(old->subject, subject) != 0)
		oauth_store_end_session(old->handle);
	else
	{
		oauth_store_replace_session(old->handle);
		if (authentication->sid == NULL)
			authentication->sid = old->authentication.sid;
	}
}

/* The same, but ends the session that the browser had; session and browser get new values. */
void
oauth_session_switch(const OAuthRequest *request, OAuthResponse *response, const char *subject,
					 const OAuthAuthentication *authentication)
{
	OAuthAuthentication begun = *authentication;

	end_previous(request, subject, &begun);
	oauth_session_begin(request, response, subject, &begun);
	oauth_set_cookie(request, response, "browser", oauth_random_id(), -1);
}

/*
 * The session goes on under another value, as strong as the authentication says; when the password
 * was typed, and the name that clients know the session by, stay.
 */
void
oauth_session_strengthen(const OAuthRequest *request, OAuthResponse *response,
						 const OAuthSession *session, const OAuthAuthentication *authentication)
{
	int64		handle = oauth_handle_next();
	char	   *string = oauth_random_token(OAUTH_SESSION, handle);

	oauth_store_strengthen_session(session->handle, handle, string, authentication);
	oauth_set_cookie(request, response, "session", string, -1);
}

void
oauth_session_end(const OAuthRequest *request, OAuthResponse *response, const OAuthSession *session)
{
	if (session != NULL)
		oauth_store_end_session(session->handle);
	oauth_set_cookie(request, response, "session", "", 0);
}
