/*
 * authorize_consent.c
 *		The second step of an authorization request that is in order: the user who is logged in
 *		allows it, and the client gets its code.
 *
 * - the page names the scope, and the claims that the claims parameter asks for (section 5.5)
 * - a consent of before will do for what it was given for, unless prompt=consent asks for a new one
 *   (OpenID Connect Core, section 3.1.2.1); for authorization details only if they are the same
 *   (RFC 9396, section 7)
 * - but not for a public client whose redirect another application could have taken over (RFC 8252,
 *   section 8.6; RFC 6749, section 10.2)
 * - prompt=none shows no page: consent_required, or interaction_required where a consent of before
 *   will not do (section 3.1.2.6)
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "oauth2/authorization.h"
#include "setting.h"
#include "store/code.h"
#include "store/consent.h"
#include "store/request.h"
#include "store/session.h"
#include "store/token.h"
#include "text/text.h"

/* Whether another application could have taken the redirect over. */
static bool
is_open_to_others(const OAuth2Authorization *request)
{
	return request->client->is_public && !oauth2_redirect_uri_is_claimed(request->redirect_uri);
}

static bool
has_consented(const OAuth2Authorization *request, const OAuthSession *session)
{
	OAuthKeptConsent kept = oauth_store_consent(session->subject, request->client->client_id);
	ListCell   *cell;

	foreach(cell, oauth_claims_asked(request->claims, kept.scope))
		if (!oauth_list_has(kept.claims, lfirst(cell)))
			return false;
	if (request->authorization_details != NULL &&
		!oauth_details_equal(request->authorization_details, kept.authorization_details))
		return false;
	return oauth_words_include(kept.scope, request->scope);
}

static OAuthResponse *
ask_user(const OAuthRequest *http, OAuth2Authorization *request, const OAuthSession *session)
{
	OAuthConsent consent = {
		.action = OAUTH2_CONFIRM, .client = request->client, .scope = request->scope,
		.redirect_uri = request->redirect_uri,
		.claims = oauth_claims_asked(request->claims, request->scope),
		.authorization_details = request->authorization_details
	};
	OAuthLoginRequest login = {0};
	OAuthFault *fault = oauth2_pushed_request_hold(request);

	if (fault != NULL)
		return oauth2_authorize_tell_client(http, request, fault);
	consent.request = oauth2_authorize_query(request);
	consent.page = psprintf(OAUTH2_AUTHORIZE "?%s", consent.request);
	if (oauth_setting_consent_url[0] == '\0')
		return oauth_page_consent(http, session, &consent);
	login.address = unconstify(char *, consent.page);
	login.subject = session->subject;
	login.authentication = session->authentication;
	oauth2_authorize_about(request, &login);
	return oauth_handoff(http, oauth_setting_consent_url, &login, false);
}

/*
 * Asks the application about the authorization details, now that the subject is known; NULL if it
 * grants them, or the answer.  What it grants is in the request then.
 */
OAuthResponse *
oauth2_authorize_details(const OAuthRequest *http, OAuth2Authorization *request,
						 const char *subject)
{
	OAuthFault *fault;

	if (!oauth_details_need_application(request->authorization_details))
		return NULL;
	if (oauth_response_is_other_lane(OAUTH_LANE_APPLICATION))
		return oauth_response_application(request->client->client_id, subject);
	fault = oauth_details_decide(request->client, subject, &request->authorization_details);
	return fault ? oauth2_authorize_tell_client(http, request, fault) : NULL;
}

/*
 * The code, for what the subject allows.  answer_token: of the consent form; NULL: there was none.
 */
OAuthResponse *
oauth2_authorize_grant(const OAuthRequest *http, OAuth2Authorization *request,
					   const char *subject, const OAuthAuthentication *authentication,
					   const char *answer_token)
{
	OAuthAuthorizationCode code = {
		.grant.client_id = request->client->client_id,
		.grant.subject = subject,
		.grant.grant_type = OAUTH_GRANT_AUTHORIZATION_CODE,
		.grant.scope = request->scope,
		.grant.resource = request->resource,
		.grant.authentication = *authentication,
		.grant.claims = request->claims,
		.grant.authorization_details = request->authorization_details,
		.redirect_uri = unconstify(char *, request->sent_uri),
		.code_challenge = unconstify(char *, request->code_challenge),
		.nonce = unconstify(char *, request->nonce),
		.dpop_jkt = unconstify(char *, request->dpop_jkt)
	};
	OAuthFault *fault = oauth2_pushed_request_use(request);
	char	   *string;

	if (fault != NULL)
		return oauth2_authorize_tell_user(http, fault);
	string = oauth2_issue_code(&code, oauth_client_code_lifetime(request->client), answer_token);
	return string ? oauth2_authorize_code(http, request, string) :
		oauth_page_stale(http, psprintf(OAUTH2_AUTHORIZE "?%s", oauth2_authorize_query(request)));
}

/* The code, the page that asks, or the refusal. */
OAuthResponse *
oauth2_authorize_consent(const OAuthRequest *http, OAuth2Authorization *request,
						 const OAuthSession *session)
{
	bool		has = has_consented(request, session);

	if (has && !oauth2_prompts(request, "consent") && !is_open_to_others(request))
		return oauth2_authorize_grant(http, request, session->subject, &session->authentication,
									  NULL);
	if (!oauth2_prompts(request, "none"))
		return ask_user(http, request, session);
	return oauth2_authorize_tell_client(http, request,
										has ? oauth_fault(OAUTH_INTERACTION_REQUIRED,
														  "The user of such a client is asked "
														  "each time.") :
										oauth_fault(OAUTH_CONSENT_REQUIRED,
													"The user has not consented yet."));
}
