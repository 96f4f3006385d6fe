/*
 * authorize_login.c
 *		The first step of an authorization request that is in order: somebody is logged in, who is
 *		the one that the request is about, and lately and strongly enough.
 *
 * - prompt=login: "The Authorization Server SHOULD prompt the End-User for reauthentication"
 * (OpenID
 *   Connect Core, section 3.1.2.1), and so does max_age for a login that is older
 * - prompt=select_account shows who is logged in, and lets the person be somebody else
 * - id_token_hint, or sub in the claims parameter: nobody else will do
 * - acr_values: a stronger login is tried once, and what comes of it is said (section 2); an
 *   essential acr that is not reached is a failure (section 5.5.1.1)
 * - prompt=none shows no page: login_required (section 3.1.2.6)
 *
 * A user who is back from the login and still does not fit is not sent there again: the client is
 * told.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "oauth2/authorization.h"
#include "setting.h"
#include "store/client.h"
#include "store/request.h"
#include "store/session.h"
#include "store/token.h"
#include "text/text.h"
#include "user/user.h"

static OAuthFault *
login_required(const char *description)
{
	return oauth_fault(OAUTH_LOGIN_REQUIRED, description);
}

/*
 * Whether somebody who logged in at that time did so for this request.  An application may know its
 * times to the second only.
 */
static bool
is_for_request(const OAuth2Authorization *request, TimestampTz at)
{
	TimestampTz since = request->login_since;

	if (at % USECS_PER_SEC == 0)
		since -= since % USECS_PER_SEC;
	return request->login_since != 0 && at >= since;
}

/* Whether some login will not do for the request. */
static bool
is_particular(const OAuth2Authorization *request)
{
	return oauth2_prompts(request, "login") || oauth2_prompts(request, "select_account") ||
		request->subject != NULL || request->hint.client_id != NULL ||
		request->max_age != OAUTH_NO_MAX_AGE || request->acr_values != NIL;
}

static bool
is_strong_enough(const OAuth2Authorization *request, const char *acr)
{
	ListCell   *cell;

	foreach(cell, request->acr_values)
		if (oauth_acr_satisfies(acr, lfirst(cell)))
			return true;
	return request->acr_values == NIL;
}

/* Whether a login could be as strong as it is asked for: the application's may be anything. */
static bool
can_be_strong_enough(const OAuth2Authorization *request)
{
	ListCell   *cell;

	foreach(cell, request->acr_values)
		if (oauth_setting_login_url[0] != '\0' ||
			oauth_words_include(oauth_acr_values(), lfirst(cell)))
			return true;
	return false;
}

/*
 * Whether that user could log in more strongly.  An application that does not say how strongly its
 * users log in would not say it the next time either.
 */
static bool
has_more_to_show(const OAuthSession *session)
{
	OAuthSecondFactor factor;

	if (session->authentication.acr == NULL)
		return oauth_setting_login_url[0] == '\0';
	if (oauth_setting_login_url[0] != '\0')
		return true;
	factor = oauth_second_factor(session->subject);
	return factor == OAUTH_FACTOR_CONFIRMED || factor == OAUTH_FACTOR_MISSING;
}

/* Whether a stronger login should be tried where nobody insists. */
static bool
is_worth_trying(const OAuth2Authorization *request, const OAuthSession *session)
{
	return !is_strong_enough(request, session->authentication.acr) &&
		can_be_strong_enough(request) && has_more_to_show(session);
}

/* Whether that is the person that an id_token_hint or the claim sub is about, if one came. */
static bool
is_wanted(const OAuth2Authorization *request, const char *subject)
{
	if (request->subject == NULL && request->hint.client_id == NULL)
		return true;
	subject = oauth_subject_for(request->client, subject);
	return (request->subject == NULL || strcmp(request->subject, subject) == 0) &&
		(request->hint.client_id == NULL || oauth2_id_token_hint_is_of(&request->hint, subject));
}

/* Why the login of that subject will not do for the request; NULL if it will. */
OAuthFault *
oauth2_authorize_login_fault(const OAuth2Authorization *request, const char *subject,
							 const OAuthAuthentication *authentication)
{
	bool		is_new = is_for_request(request, authentication->at);

	if (!is_wanted(request, subject))
		return login_required("Somebody else is logged in than the request is about.");
	if (oauth2_prompts(request, "login") && !is_new)
		return login_required("The user has not logged in anew.");
	if (request->max_age != OAUTH_NO_MAX_AGE && !is_new &&
		authentication->at + request->max_age * USECS_PER_SEC < GetCurrentTimestamp())
		return login_required("The user logged in longer ago than max_age allows.");
	if (request->acr_is_essential && !is_strong_enough(request, authentication->acr))
		return oauth_fault(OAUTH_UNMET_AUTHENTICATION,
						   "The login is none of those that the claim acr was asked to be.");
	return NULL;
}

/* For the application that takes over, and for the login page: what the request is about. */
void
oauth2_authorize_about(const OAuth2Authorization *request, OAuthLoginRequest *login)
{
	login->client_id = request->client->client_id;
	login->scope = unconstify(char *, request->scope);
	login->authorization_details = request->authorization_details;
	login->max_age = request->max_age;
	login->prompt = unconstify(char *, request->prompt);
	if (request->acr_values != NIL)
		login->acr_values = oauth_words_join(request->acr_values);
}

static OAuthResponse *
to_login(const OAuthRequest *http, OAuth2Authorization *request, const OAuthSession *session)
{
	OAuthLoginRequest login = {.is_login = true};
	OAuthFault *fault = oauth2_pushed_request_hold(request);

	if (fault != NULL)
		return oauth2_authorize_tell_client(http, request, fault);
	oauth2_authorize_visit(request);
	login.address = oauth2_authorize_address(request,
											 is_particular(request) ? GetCurrentTimestamp() : 0, 0);
	if (!oauth_login_returns_to(login.address))
		return oauth2_authorize_tell_client(http, request,
											oauth_fault(OAUTH_INVALID_REQUEST,
														"The request is too long for a login."));
	oauth2_authorize_about(request, &login);
	return oauth2_authorize_keep_visit(request,
									   oauth_login_redirect(http, &login, session != NULL));
}

/* prompt=select_account: go on as who is logged in, or log in as somebody else. */
static OAuthResponse *
ask_who(const OAuthRequest *http, OAuth2Authorization *request, const OAuthSession *session)
{
	OAuthFault *fault = oauth2_pushed_request_hold(request);
	char	   *go_on;
	char	   *other;
	OAuthResponse *page;

	if (fault != NULL)
		return oauth2_authorize_tell_client(http, request, fault);
	oauth2_authorize_visit(request);
	go_on = oauth2_authorize_address(request, request->login_since, session->handle);
	other = oauth2_authorize_address(request, GetCurrentTimestamp(), 0);
	if (!oauth_login_returns_to(go_on) || !oauth_login_returns_to(other))
		return to_login(http, request, session);
	page = oauth_page_choose(http, 200, session, go_on,
							 psprintf("/login?again=1&return=%s", oauth1_encode(other)));
	return oauth2_authorize_keep_visit(request, page);
}

/* NULL if the login will do; otherwise the redirect to the login page, or the refusal. */
OAuthResponse *
oauth2_authorize_login(const OAuthRequest *http, OAuth2Authorization *request,
					   const OAuthSession *session)
{
	bool		is_back = session != NULL &&
		request->login_since != 0 && oauth_handle_time(session->handle) >= request->login_since;
	bool		is_hopeless = request->acr_is_essential && request->acr_values != NIL &&
		!can_be_strong_enough(request);
	OAuthFault *fault = session == NULL ? login_required("Nobody is logged in.") :
		oauth2_authorize_login_fault(request, session->subject, &session->authentication);

	if (fault != NULL && oauth2_prompts(request, "none") &&
		fault->code == OAUTH_UNMET_AUTHENTICATION && !is_hopeless)
		fault = login_required("The user has not logged in as strongly as the claim acr asks for.");
	if (fault != NULL && (is_back || is_hopeless || oauth2_prompts(request, "none")))
		return oauth2_authorize_tell_client(http, request, fault);
	if (fault != NULL)
		return to_login(http, request, session);
	if (is_back || oauth2_prompts(request, "none"))
		return NULL;
	if (is_worth_trying(request, session))
		return to_login(http, request, session);
	if (oauth2_prompts(request, "select_account") && request->chosen_session != session->handle)
		return ask_who(http, request, session);
	return NULL;
}
