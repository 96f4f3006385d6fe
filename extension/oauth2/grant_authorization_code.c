/*
 * grant_authorization_code.c
 *		Authorization codes, handed out and taken back (RFC 6749, section 4.1; RFC 7636; RFC 9700,
 *		section 2.1.1).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "secret/secret.h"
#include "store/client.h"
#include "store/code.h"
#include "store/token.h"
#include "text/text.h"
#include "token/token.h"

#define CODE_LABEL "oauth code of a consent"

/* The code of that handle which answers that form: a form that is sent twice gets it twice. */
static char *
code_of_answer(const char *answer_token, int64 handle)
{
	const void *parts[] = {&handle, answer_token};
	size_t		lengths[] = {sizeof(handle), strlen(answer_token)};
	uint8		secret[OAUTH_HASH_LENGTH];
	char	   *code;

	oauth_master_key_mac(NULL, CODE_LABEL, parts, lengths, lengthof(parts), secret);
	code = oauth_token_string(OAUTH_AUTHORIZATION_CODE, handle, secret);
	oauth_wipe(secret, sizeof(secret));
	return code;
}

/*
 * A new code for code->grant, which the subject has just made and which is written down with it.
 *
 * answer_token is that of the consent form, NULL if there was none.  A form that comes a second
 * time, by a double click, brings the code that the browser has not waited for; NULL once that was
 * used or has expired.
 */
char *
oauth2_issue_code(OAuthAuthorizationCode *code, int lifetime, const char *answer_token)
{
	int64		before;
	bool		is_living;
	char	   *string;

	if (answer_token != NULL && (before = oauth_store_find_answer(answer_token, &is_living)) != 0)
		return is_living ? code_of_answer(answer_token, before) : NULL;
	code->handle = oauth_handle_next();
	code->expires_at = oauth_seconds_from_now(lifetime);
	string = answer_token ? code_of_answer(answer_token, code->handle) :
		oauth_random_token(OAUTH_AUTHORIZATION_CODE, code->handle);
	code->grant.handle = oauth_handle_next();
	oauth_store_insert_grant(&code->grant);
	if (oauth_store_insert_code(code, string, answer_token))
		return string;
	oauth_store_end_grant(code->grant.handle, "consent form sent twice");
	before = oauth_store_find_answer(answer_token, &is_living);
	return before != 0 && is_living ? code_of_answer(answer_token, before) : NULL;
}

/*
 * "ensure that the "redirect_uri" parameter is present if [it] was included in the initial
 * authorization request [...], and if included ensure that their values are identical"  (section
 * 4.1.3).  With PKCE it need not be repeated.
 */
static OAuthFault *
check_redirect_uri(const OAuthClient *client, const OAuthAuthorizationCode *code,
				   const char *redirect_uri)
{
	if (redirect_uri == NULL)
	{
		if (code->redirect_uri == NULL || code->code_challenge != NULL)
			return NULL;
		return oauth_fault(OAUTH_INVALID_GRANT,
						   "redirect_uri was in the authorization request and is missing here.");
	}
	if (code->redirect_uri != NULL && strcmp(code->redirect_uri, redirect_uri) == 0)
		return NULL;
	if (code->redirect_uri == NULL && oauth_list_has(client->redirect_uris, redirect_uri))
		return NULL;
	return oauth_fault(OAUTH_INVALID_GRANT,
					   "redirect_uri is not the one of the authorization request.");
}

/*
 * "If an authorization code is used more than once, the authorization server MUST deny the request
 * and SHOULD revoke (when possible) all tokens previously issued based on that authorization code."
 * (section 4.1.2)
 */
static OAuthFault *
used_before(const OAuthAuthorizationCode *code)
{
	OAuthFault *fault = oauth_fault(OAUTH_INVALID_GRANT, "The code was used before. All tokens of "
									"its grant have ended.");

	oauth_store_end_grant(code->grant.handle, "authorization code used twice");
	fault->grant = code->grant.handle;
	return fault;
}

/*
 * "the authorization server computes the JWK Thumbprint of the proof-of-possession public key in
 * the DPoP proof and verifies that it matches the dpop_jkt parameter value in the authorization
 * request.  If they do not match, it MUST reject the request."  (RFC 9449, section 10)
 */
static OAuthFault *
check_key(const OAuthAuthorizationCode *code, const char *cnf)
{
	if (code->dpop_jkt == NULL || oauth_cnf_equals(cnf, oauth_cnf_of_key(code->dpop_jkt)))
		return NULL;
	return oauth_fault(OAUTH_INVALID_GRANT,
					   "The code is bound to a key: the DPoP proof must be made with that one.");
}

/*
 * A public client has nothing else that its refresh tokens could be bound to: "the refresh token
 * MUST be bound to the respective public key" (RFC 9449, section 5).
 */
static void
bind_refresh_tokens(const OAuth2TokenRequest *request, const OAuthAuthorizationCode *code)
{
	if (request->client->is_public && request->cnf != NULL)
		(void) oauth_store_bind_grant(code->grant.handle, request->cnf);
}

/*
 * The code, used up; whatever is wrong with the request is found before that.  *elsewhere: it was
 * not used, because the request belongs on another lane.
 */
static OAuthFault *
redeem(const OAuth2TokenRequest *request, const char *presented, const char *redirect_uri,
	   const char *verifier, OAuthIssue *issue, OAuthAuthorizationCode **code,
	   OAuthIssued **elsewhere)
{
	const OAuthClient *client = request->client;
	OAuthTokenString string;
	OAuthFault *fault;

	*code = oauth_token_parse(presented, strlen(presented), OAUTH_AUTHORIZATION_CODE, &string) ?
		oauth_store_find_code(&string) : NULL;
	/* Another client learns nothing and changes nothing. */
	if (*code == NULL || (*code)->is_ended ||
		strcmp((*code)->grant.client_id, client->client_id) != 0)
		return oauth_fault(OAUTH_INVALID_GRANT,
						   "The code is unknown, has ended or belongs to another client.");
	if ((fault = oauth_hold((*code)->grant.handle)) != NULL)
		return fault;
	if ((*code)->is_used)
		return used_before(*code);
	if ((*code)->expires_at <= GetCurrentTimestamp())
		return oauth_fault(OAUTH_INVALID_GRANT, "The code has expired.");
	if ((fault = check_redirect_uri(client, *code, redirect_uri)) != NULL ||
		(fault = oauth2_pkce_verify((*code)->code_challenge, verifier)) != NULL ||
		(fault = check_key(*code, request->cnf)) != NULL ||
		(fault = oauth2_resource_narrow(&(*code)->grant, &issue->resource)) != NULL ||
		(fault = oauth2_resource_check_scope(client, issue->resource,
											 (*code)->grant.scope)) != NULL ||
		(fault = oauth2_details_narrow(&(*code)->grant, &request->params,
									   &issue->authorization_details)) != NULL)
		return fault;
	if ((*elsewhere = oauth2_id_token_elsewhere(client, &(*code)->grant)) != NULL ||
		(*elsewhere = oauth2_access_token_elsewhere(client, issue->resource)) != NULL)
		return NULL;
	bind_refresh_tokens(request, *code);
	return oauth_store_use_code((*code)->handle) ? NULL : used_before(*code);
}

OAuthFault *
oauth2_grant_authorization_code(const OAuth2TokenRequest *request, OAuthIssued **issued)
{
	OAuthIssue	issue = {.client = request->client,
		.cnf = request->cnf,
		.grant_type = OAUTH_GRANT_AUTHORIZATION_CODE};
	OAuthAuthorizationCode *code;
	const char *presented;
	const char *redirect_uri;
	const char *verifier;
	OAuthFault *fault;

	if ((fault = oauth_params_get(&request->params, "code", &presented)) != NULL ||
		(fault = oauth_params_get(&request->params, "redirect_uri", &redirect_uri)) != NULL ||
		(fault = oauth_params_get(&request->params, "code_verifier", &verifier)) != NULL ||
		(fault = oauth2_resource_read(&request->params, &issue.resource)) != NULL)
		return fault;
	if (presented == NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST, "No code was sent.");
	fault = redeem(request, presented, redirect_uri, verifier, &issue, &code, issued);
	if (fault != NULL || *issued != NULL)
		return fault;
	issue.grant = code->grant.handle;
	issue.subject = code->grant.subject;
	issue.scope = code->grant.scope;
	issue.authentication = &code->grant.authentication;
	issue.refresh = oauth_client_may(request->client, OAUTH_GRANT_REFRESH_TOKEN);
	*issued = oauth_issue(&issue);
	oauth2_add_id_token(*issued, request->client, &code->grant, code->nonce);
	return NULL;
}
