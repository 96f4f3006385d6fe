/*
 * grant_jwt_bearer.c
 *		A JWT of somebody who is trusted, for an access token (RFC 7521; RFC 7523, section 2.1).
 *
 * Who that is: an issuer that an administrator trusts (oauth_trust_issuer), or the client itself,
 * where an administrator gave it this grant; then it says whom it speaks for.  An identity
 * assertion (draft-ietf-oauth-identity-assertion-authz-grant) is a JWT of a trusted issuer that
 * names client, scope and resource.
 *
 * A jti is good once, and there is no refresh token: the client asks its issuer again, which can
 * then refuse ("SHOULD NOT return a Refresh Token", section 4.4.3 of the draft).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "http/http.h"
#include "oauth2/trusted_jwt.h"
#include "store/client.h"
#include "store/issuer.h"
#include "store/token.h"
#include "token/token.h"

/* Whether the request says nothing else of its client. */
static bool
is_alone(const OAuthRequest *http, const OAuthParams *params)
{
	static const char *const names[] = {"client_id", "client_secret", "client_assertion"};
	char	   *authorization;

	for (size_t i = 0; i < lengthof(names); i++)
		if (oauth_params_all(params, names[i]) != NIL)
			return false;
	return oauth_request_header(http, "Authorization", &authorization) == 0;
}

/*
 * The client that has signed the assertion, where the request names no other; NULL: none.  "the
 * "client_id" parameter is only needed when a form of client authentication that relies on the
 * parameter is used" (RFC 7521, section 4.1).  The signature, which is verified later, with the
 * keys of that client, says that it is the client.
 */
OAuthClient *
oauth2_client_of_assertion(const OAuthRequest *http, const OAuthParams *params)
{
	OAuthJws	jws;
	Jsonb	   *claims;
	OAuthClient *client;
	const char *assertion;
	const char *iss;

	if (!is_alone(http, params) || oauth_params_get(params, "assertion", &assertion) != NULL ||
		assertion == NULL ||
		oauth_jwt_parse(assertion, strlen(assertion), &jws, &claims) != NULL ||
		(iss = oauth_jwt_text(claims, "iss")) == NULL ||
		oauth_store_find_trusted_issuer(iss) != NULL)
		return NULL;
	client = oauth_store_find_client(iss, NULL);
	/* FAPI clients have one way to authenticate, and use it */
	return client != NULL && !client->is_disabled && !oauth_client_is_fapi(client) ? client : NULL;
}

/* "This specification SHOULD only be supported for confidential clients" (section 9.1) */
static OAuthFault *
check_client(const OAuth2TrustedJwt *assertion)
{
	return assertion->is_id_jag && assertion->request->client->is_public ?
		oauth_fault(OAUTH_UNAUTHORIZED_CLIENT,
					"A client that cannot prove who it is may not use an identity assertion.") :
		NULL;
}

/* What the token will be: scope, resource, and who acts. */
static OAuthFault *
read_issue(const OAuth2TrustedJwt *assertion, OAuthIssue *issue)
{
	const OAuthParams *params = &assertion->request->params;
	const char *scope;
	const char *problem;
	OAuthFault *fault;

	if ((fault = oauth_params_get(params, "scope", &scope)) != NULL ||
		(fault = oauth2_resource_read(params, &issue->resource)) != NULL ||
		(fault = oauth2_trusted_jwt_scope(assertion, scope, &issue->scope)) != NULL ||
		(fault = oauth2_trusted_jwt_resource(assertion, &issue->resource)) != NULL ||
		(fault = oauth2_resource_check_scope(issue->client, issue->resource, issue->scope)) != NULL)
		return fault;
	problem = oauth2_actor_of(assertion->claims, &issue->act);
	return problem ? oauth2_trusted_jwt_fault(assertion, problem) : NULL;
}

/* The answer that moves the request to the lane that it needs; NULL: it can stay. */
static OAuthIssued *
elsewhere(const OAuth2TrustedJwt *assertion, const char *resource)
{
	OAuthResponse *response = oauth2_trusted_jwt_elsewhere(assertion);
	OAuthIssued *issued;

	if (response == NULL)
		return oauth2_access_token_elsewhere(assertion->request->client, resource);
	issued = palloc0(sizeof(OAuthIssued));
	issued->elsewhere = response;
	return issued;
}

/* The subject, and that the assertion was not used before. */
static OAuthFault *
take_subject(const OAuth2TrustedJwt *assertion, OAuthIssue *issue)
{
	OAuthFault *fault;

	if ((fault = oauth2_trusted_jwt_subject(assertion, &issue->subject)) != NULL ||
		(fault = oauth2_trusted_jwt_use_up(assertion)) != NULL)
		return fault;
	if (issue->subject == NULL)
		issue->grant_type = OAUTH_GRANT_CLIENT_CREDENTIALS;
	issue->issuer = assertion->issuer ? assertion->iss : NULL;
	return issue->subject ? oauth2_trusted_jwt_hold(assertion, issue->subject) : NULL;
}

OAuthFault *
oauth2_grant_jwt_bearer(const OAuth2TokenRequest *request, OAuthIssued **issued)
{
	OAuth2TrustedJwt assertion = {
		.use = OAUTH2_AS_GRANT, .name = "assertion", .request = request
	};
	OAuthIssue	issue = {
		.client = request->client, .cnf = request->cnf, .grant_type = OAUTH_GRANT_JWT_BEARER
	};
	OAuthAuthentication authentication;
	const char *presented;
	OAuthFault *fault;

	if ((fault = oauth_params_get(&request->params, "assertion", &presented)) != NULL)
		return fault;
	if (presented == NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST, "No assertion was sent.");
	if ((fault = oauth2_trusted_jwt_verify(&assertion, presented)) != NULL ||
		(fault = check_client(&assertion)) != NULL ||
		(fault = read_issue(&assertion, &issue)) != NULL)
		return fault;
	if ((*issued = elsewhere(&assertion, issue.resource)) != NULL)
		return NULL;
	if ((fault = take_subject(&assertion, &issue)) != NULL)
		return fault;
	authentication = oauth2_trusted_jwt_login(&assertion);
	issue.authentication = &authentication;
	*issued = oauth_issue(&issue);
	return NULL;
}
