/*
 * oauth2.h
 *		OAuth 2, RFC 6749 and others: a file for each endpoint, grant and check.  Knows nothing
 *		of oauth1/.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_OAUTH2_H
#define OAUTH_OAUTH2_H

#include "endpoint/endpoint.h"
#include "http/http.h"
#include "store/client.h"
#include "store/code.h"
#include "store/delivery.h"
#include "store/request.h"
#include "store/token.h"
#include "token/token.h"

#define OAUTH_USER_CODE_LENGTH 8

/* ---- bearer.c ---- */

extern OAuthFault *oauth_caller_check_scope(const OAuthToken *caller, const char *required_scope);

/* An access token as a request presents it. */
typedef struct OAuth2Presented
{
	char	   *token;
	bool		is_dpop;		/* by the scheme DPoP, and not as a bearer token */
} OAuth2Presented;

extern OAuthFault *oauth2_bearer_from_header(const char *authorization, char **token);
extern OAuthFault *oauth2_token_from_request(const OAuthRequest *request,
											 OAuth2Presented *presented);
extern OAuthFault *oauth2_token_verify(const char *string, const char *resource,
									   OAuthToken **token);
extern OAuthFault *oauth2_token_verify_or_move(const char *string, const char *resource,
											   OAuthToken **token, OAuthLane *lane);
extern OAuthResponse *oauth2_token_challenge(const OAuthRequest *request, const OAuthFault *fault,
											 const char *required_scope, const char *metadata);

/* ---- step_up.c ---- */

extern OAuthFault *oauth_caller_check_login(const OAuthToken *caller,
											const OAuthLoginNeeded *needed);
extern OAuthFault *oauth2_step_up_read(const OAuthParams *params, OAuthLoginNeeded *needed);
extern OAuthLoginNeeded oauth2_step_up_arguments(FunctionCallInfo fcinfo, int n);

/* ---- authorize.c ---- */

extern const OAuthEndpoint oauth2_authorize_endpoint;
extern OAuthClient *oauth2_authorize_client(const char *query);
extern void oauth2_authorize_login_about(const char *query, OAuthLoginRequest *login);
extern OAuthResponse *oauth2_authorize_elsewhere(const OAuthRequest *http, const char *query);
extern OAuthResponse *oauth2_authorize_decided(const OAuthRequest *http, const char *query,
											   const OAuthLoginRequest *login);

/* ---- pushed_request.c ---- */

extern bool oauth2_authorize_is_kept(const char *query, OAuthParams *params);

/* ---- par.c ---- */

extern const OAuthEndpoint oauth2_par_endpoint;

/* ---- check_authorization_details.c ---- */

extern OAuthFault *oauth2_details_read(const OAuthClient *client, const OAuthParams *params,
									   const char **details);
extern OAuthIssued *oauth2_details_elsewhere(const OAuthClient *client, const char *details);
extern OAuthFault *oauth2_details_narrow(const OAuthGrant *grant, const OAuthParams *params,
										 const char **details);
extern OAuthFault *oauth2_details_refuse(const OAuthParams *params);
extern void oauth2_details_types(StringInfo json);

/* ---- device_authorization.c ---- */

/* A request of the token endpoint, once its client is known. */
typedef struct OAuth2TokenRequest
{
	const OAuthRequest *http;
	OAuthClient *client;
	OAuthParams params;
	const char *cnf;			/* what its tokens are bound to; NULL: nothing */
} OAuth2TokenRequest;

typedef OAuthFault *(*OAuthGrantHandler) (const OAuth2TokenRequest *request,
										  OAuthIssued **issued);

extern const OAuthEndpoint oauth2_device_authorization_endpoint;

/* ---- grant_device_code.c ---- */

extern OAuthFault *oauth2_grant_device_code(const OAuth2TokenRequest *request,
											OAuthIssued **issued);

/* ---- user_code.c ---- */

extern char *oauth2_new_user_code(void);
extern char *oauth2_user_code(const char *typed);
extern char *oauth2_user_code_shown(const char *code);

/* A client assertion, taken apart (RFC 7523).  What it says is not to be trusted yet. */
typedef struct OAuth2ClientAssertion
{
	OAuthJws	jws;
	Jsonb	   *claims;
	char	   *client_id;		/* iss and sub */
	char	   *jti;
	int64		made_at;		/* seconds since 1970, at the earliest */
} OAuth2ClientAssertion;

/* What a request says about its client, whichever way. */
typedef struct OAuth2Credentials
{
	const char *client_id;
	const char *method;			/* the name RFC 7591 has for it */
	const struct OAuth2ClientMethod *by;	/* how it is verified */
	const char *secret;			/* NULL: none was sent */
	const OAuth2ClientAssertion *assertion; /* likewise */
} OAuth2Credentials;

/* ---- grant_password.c ---- */

extern OAuthFault *oauth2_grant_password(const OAuth2TokenRequest *request,
										 OAuthIssued **issued);

/* ---- grant_client_credentials.c ---- */

extern OAuthFault *oauth2_grant_client_credentials(const OAuth2TokenRequest *request,
												   OAuthIssued **issued);

/* ---- grant_jwt_bearer.c ---- */

extern OAuthClient *oauth2_client_of_assertion(const OAuthRequest *http, const OAuthParams *params);
extern OAuthFault *oauth2_grant_jwt_bearer(const OAuth2TokenRequest *request, OAuthIssued **issued);

/* ---- grant_authorization_code.c ---- */

extern OAuthFault *oauth2_grant_authorization_code(const OAuth2TokenRequest *request,
												   OAuthIssued **issued);
extern char *oauth2_issue_code(OAuthAuthorizationCode *code, int lifetime,
							   const char *answer_token);

/* ---- pkce.c ---- */

extern OAuthFault *oauth2_pkce_check_challenge(const char *challenge, const char *method);
extern OAuthFault *oauth2_pkce_verify(const char *challenge, const char *verifier);

/* ---- grant_refresh_token.c ---- */

extern OAuthFault *oauth2_grant_refresh_token(const OAuth2TokenRequest *request,
											  OAuthIssued **issued);

/* ---- id_token.c ---- */

#define OAUTH2_SCOPE_OPENID "openid"

extern OAuthIssued *oauth2_id_token_elsewhere(const OAuthClient *client, const OAuthGrant *grant);
extern void oauth2_add_id_token(OAuthIssued *issued, const OAuthClient *client,
								const OAuthGrant *grant, const char *nonce);

/* ---- form.c ---- */

extern OAuthFault *oauth2_form_read(const OAuthRequest *request, OAuthParams *params);
extern OAuthResponse *oauth2_form_refuse(const OAuthFault *fault);
extern OAuthResponse *oauth2_form_answer(const OAuthRequest *request, const OAuthClient *client,
										 const OAuthFault *fault, OAuthResponse *response);

/* ---- introspect_jwt.c ---- */

extern bool oauth2_introspection_wants_jwt(const OAuthRequest *request);
extern OAuthResponse *oauth2_introspection_elsewhere(const OAuthClient *client);
extern OAuthResponse *oauth2_introspection_jwt(const OAuthClient *client,
											   const char *introspection);

/* ---- signed_token.c ---- */

extern OAuthResponse *oauth2_sign_elsewhere(const char *alg);
extern OAuthIssued *oauth2_access_token_elsewhere(const OAuthClient *client, const char *resource);

/* ---- jwks.c ---- */

extern const OAuthEndpoint oauth2_jwks_endpoint;

/* ---- check_response_mode.c ---- */

extern const char *oauth2_response_modes(void);

/* ---- check_prompt.c ---- */

extern const char *oauth2_prompt_values(void);

/* ---- metadata.c ---- */

extern const OAuthEndpoint oauth2_metadata_endpoint;

/* ---- protected_resource_metadata.c ---- */

extern const OAuthEndpoint oauth2_protected_resource_metadata_endpoint;
extern char *oauth2_resource_metadata_uri(const char *path);
extern char *oauth2_metadata_uri_of(const char *resource);

/* ---- token.c ---- */

extern const OAuthEndpoint oauth2_token_endpoint;
extern const char *oauth2_grant_types(void);

/* ---- introspect.c ---- */

extern const OAuthEndpoint oauth2_introspect_endpoint;
extern OAuthLane oauth2_introspection(StringInfo json, const char *token,
									  const OAuthClient *caller);

/* ---- grant_token_exchange.c ---- */

extern OAuthFault *oauth2_grant_token_exchange(const OAuth2TokenRequest *request,
											   OAuthIssued **issued);

/* ---- dpop.c ---- */

/* What a proof has to be for.  Query and fragment of the URIs do not count. */
typedef struct OAuth2ProofFor
{
	const char *method;
	const char *uri;			/* NULL: none, and no proof is good */
	const char *other_uri;		/* as good; NULL: none */
	const char *access_token;	/* that comes with it; NULL: none */
	TimestampTz at;
	bool		needs_nonce;
} OAuth2ProofFor;

typedef struct OAuth2Proof
{
	char	   *jkt;			/* thumbprint of the key that made it */
	const char *alg;
	char	   *jti;
	int64		made_at;		/* seconds since 1970, at the earliest */
} OAuth2Proof;

extern const char *oauth2_dpop_algorithms(void);
extern OAuthFault *oauth2_dpop_verify(const char *jwt, const OAuth2ProofFor *wanted,
									  OAuth2Proof *proof);
extern bool oauth2_dpop_is_attempted(const OAuthRequest *http);
extern OAuthFault *oauth2_dpop_read(const OAuthRequest *http, const char *access_token,
									OAuth2Proof **proof);
extern OAuthFault *oauth2_dpop_check_algorithm(const OAuthClient *client,
											   const OAuth2Proof *proof);
extern OAuthFault *oauth2_dpop_refused(const OAuthRequest *http, OAuthFault *fault,
									   const char *client_id, int64 grant);
extern OAuthFault *oauth2_dpop_use(const OAuth2Proof *proof);

/*
 * Where requests are pushed (RFC 9449, section 10.1): *jkt, unless it is NULL, is what binds the
 * code, and has to be the dpop_jkt of the request, if that has one.  Answer with
 * oauth2_dpop_answer(), which adds DPoP-Nonce.
 */
extern OAuthFault *oauth2_dpop_check(const OAuthRequest *http, const OAuthClient *client,
									 char **jkt);

/* ---- dpop_nonce.c ---- */

extern OAuthFault *oauth2_dpop_nonce_check(const char *nonce, TimestampTz at, int64 *made_at);
extern OAuthResponse *oauth2_dpop_answer(const OAuthRequest *http, OAuthResponse *response);

/* ---- confirmation.c ---- */

extern OAuthFault *oauth2_confirmation(const OAuthRequest *http, const OAuthClient *client,
									   const char **cnf);
extern bool oauth2_confirmation_writes(const OAuth2Presented *presented, const OAuthToken *token);
extern OAuthFault *oauth2_confirm(const OAuthRequest *http, const OAuth2Presented *presented,
								  const OAuthToken *token);

/* ---- client_authentication.c ---- */

extern OAuthFault *oauth2_read_credentials(const OAuthRequest *request, const OAuthParams *params,
										   OAuth2Credentials *credentials);
extern OAuthFault *oauth2_authenticate_client(const OAuthRequest *request,
											  const OAuthParams *params, OAuthClient **client);
extern OAuthFault *oauth2_authenticate_newcomer(const OAuthRequest *request,
												const OAuthParams *params, OAuthClient **client);

/* ---- client_assertion.c ---- */

extern OAuthFault *oauth2_assertion_read(const OAuthRequest *request, const OAuthParams *params,
										 OAuth2Credentials *credentials);
extern OAuthFault *oauth2_assertion_problem(const OAuth2Credentials *credentials,
											const OAuthClient *client, const char **problem);
extern OAuthFault *oauth2_assertion_check_profile(const OAuth2Credentials *credentials,
												  const OAuthClient *client);
extern OAuthFault *oauth2_assertion_use(const OAuth2Credentials *credentials,
										const OAuthClient *client);

/* ---- client_certificate.c ---- */

extern OAuthCertificate *oauth2_certificate_of(const OAuthRequest *request);
extern char *oauth2_certificate_cnf(const OAuthRequest *request);
extern OAuthFault *oauth2_certificate_problem(const OAuthRequest *request,
											  const OAuthClient *client, const char **problem);

/* ---- narrow.c ---- */

extern OAuthFault *oauth2_narrow_client(OAuthClient *client, const List *response_types,
										const OAuthClient *before, bool is_trusted);

/* ---- revoke.c ---- */

extern const OAuthEndpoint oauth2_revoke_endpoint;

/* ---- userinfo.c ---- */

extern const OAuthEndpoint oauth2_userinfo_endpoint;

/* ---- device.c ---- */

extern const OAuthEndpoint oauth2_device_endpoint;

/* ---- logout_token.c ---- */

extern char *oauth2_logout_token(const OAuthDelivery *delivery);

/* ---- end_session.c ---- */

extern const OAuthEndpoint oauth2_end_session_endpoint;

/* ---- register.c ---- */

extern const OAuthEndpoint oauth2_register_endpoint;

#endif							/* OAUTH_OAUTH2_H */
