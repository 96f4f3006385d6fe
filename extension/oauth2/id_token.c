/*
 * id_token.c
 *		ID tokens (OpenID Connect Core, sections 2, 3.1.3 and 12).
 *
 * There is one with the answer to an authorization code, to a device code and to a refresh token of
 * these, wherever scope openid is granted: those grants know who logged in, and how.
 *
 * Making one may need another lane: the application's, where it says claims, or that of slow
 * signatures.  A code is used once, so that is decided before it is used, and before anything is
 * written.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "client/client.h"
#include "http/http.h"
#include "jose/jose.h"
#include "oauth2/oauth2.h"
#include "secret/secret.h"
#include "setting.h"
#include "store/client.h"
#include "store/function.h"
#include "store/token.h"
#include "text/text.h"
#include "user/user.h"

#define USERNAME "preferred_username"

/* Whether somebody logged in for the grant, and the scope asks for an ID token. */
static bool
is_wanted(const OAuthGrant *grant, const char *scope)
{
	return grant->subject != NULL && oauth_words_include(scope, OAUTH2_SCOPE_OPENID) &&
		(strcmp(grant->grant_type, OAUTH_GRANT_AUTHORIZATION_CODE) == 0 ||
		 strcmp(grant->grant_type, OAUTH_GRANT_DEVICE_CODE) == 0);
}

static OAuthRelease
release_for(const OAuthClient *client, const OAuthGrant *grant, const char *scope)
{
	OAuthRelease release = {
		.scope = scope,
		.requested = oauth_claims_requested(grant->claims, "id_token"),
		.has_claims_of_scope = client->claims_in_id_token
	};

	return release;
}

static bool
needs_application(const OAuthRelease *release)
{
	return (release->has_claims_of_scope || oauth_claims_ask_application(release->requested)) &&
		oauth_store_has_claims_function();
}

/*
 * The answer that sends the request to another lane, where it can have its ID token; NULL if it can
 * have it here, or needs none.
 */
OAuthIssued *
oauth2_id_token_elsewhere(const OAuthClient *client, const OAuthGrant *grant)
{
	OAuthIssued *issued = palloc0(sizeof(OAuthIssued));
	OAuthRelease release;

	if (!is_wanted(grant, grant->scope))
		return NULL;
	release = release_for(client, grant, grant->scope);
	if (needs_application(&release) && oauth_response_is_other_lane(OAUTH_LANE_APPLICATION))
		issued->elsewhere = oauth_response_application(client->client_id, grant->subject);
	else
		issued->elsewhere = oauth2_sign_elsewhere(oauth_client_id_token_alg(client));
	return issued->elsewhere ? issued : NULL;
}

/* When and how the person logged in, as far as that is known. */
static void
append_authentication(StringInfo json, const OAuthClient *client,
					  const OAuthAuthentication *authentication)
{
	if (authentication->at != 0)
		oauth_json_number(json, "auth_time", timestamptz_to_time_t(authentication->at));
	if (authentication->acr != NULL)
		oauth_json_member(json, "acr", authentication->acr);
	if (authentication->amr != NULL)
		oauth_json_words(json, "amr", authentication->amr);
	if (authentication->sid != NULL)
		oauth_json_member(json, "sid", oauth_sid_for(client, authentication->sid));
}

/* The claims about the person that belong into this ID token. */
static void
append_claims(StringInfo json, const OAuthGrant *grant, const OAuthRelease *release)
{
	OAuthToken	token = {
		.client_id = unconstify(char *, grant->client_id),
		.subject = unconstify(char *, grant->subject),
		.scope = unconstify(char *, release->scope)
	};
	bool		has_name = oauth_claims_ask_for(release->requested, USERNAME) ||
		(release->has_claims_of_scope && oauth_words_include(release->scope, "profile"));
	Jsonb	   *claims = NULL;

	if (needs_application(release) && oauth_claims_about(&token, &claims) != OAUTH_LANE_ANY)
		elog(ERROR, "an ID token is made on a lane without the application");
	if (has_name)
		claims = oauth_claims_with_name(claims, oauth_username(grant->subject));
	oauth_claims_append(json, claims, release);
}

static int
lifetime_of(const OAuthClient *client)
{
	return client->id_token_lifetime ? client->id_token_lifetime : oauth_setting_id_token_lifetime;
}

/*
 * Adds the ID token to what was issued, where the scope asks for one.
 *
 * nonce is that of the authorization request, NULL at a refresh: "it SHOULD NOT have a nonce Claim,
 * even when the ID Token issued at the time of the original authentication contained nonce"; "its
 * iss Claim Value MUST be the same", "its sub Claim Value MUST be the same", "its iat Claim MUST
 * represent the time that the new ID Token is issued", "its aud Claim Value MUST include the
 * original", "if the ID Token contains an auth_time Claim, its value MUST represent the time of the
 * original authentication"  (section 12.2).
 */
void
oauth2_add_id_token(OAuthIssued *issued, const OAuthClient *client, const OAuthGrant *grant,
					const char *nonce)
{
	const char *alg = oauth_client_id_token_alg(client);
	int64		now = timestamptz_to_time_t(GetCurrentTimestamp());
	OAuthRelease release;
	StringInfoData json;

	if (!is_wanted(grant, issued->asked_scope))
		return;
	release = release_for(client, grant, issued->asked_scope);
	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	oauth_json_member(&json, "iss", oauth_issuer());
	oauth_json_member(&json, "sub", oauth_subject_for(client, grant->subject));
	oauth_json_member(&json, "aud", client->client_id);
	oauth_json_number(&json, "exp", now + lifetime_of(client));
	oauth_json_number(&json, "iat", now);
	if (nonce != NULL)
		oauth_json_member(&json, "nonce", nonce);
	append_authentication(&json, client, &grant->authentication);
	oauth_json_member(&json, "at_hash", oauth_jws_half_hash(alg, issued->access_token));
	append_claims(&json, grant, &release);
	appendStringInfoChar(&json, '}');
	issued->id_token = oauth_sign_jwt(alg, "JWT", json.data);
}
