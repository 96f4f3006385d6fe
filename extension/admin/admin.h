/*
 * admin.h
 *		What administrators ask: findings, explanations, housekeeping.  Exports nothing to the
 *		other rooms.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_ADMIN_H
#define OAUTH_ADMIN_H

#include "crypto/crypto.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/client.h"

/* ---- explain.c ---- */

typedef enum OAuthVerdict
{
	OAUTH_EXPLAIN_OK,
	OAUTH_EXPLAIN_REFUSED,
	OAUTH_EXPLAIN_OPEN			/* it depends, or was not tried */
} OAuthVerdict;

/* The rows collected so far. */
typedef struct OAuthExplanation
{
	struct ReturnSetInfo *result;
	int			step;
	const char *not_asked;		/* why the endpoint does not answer; NULL: it does */
} OAuthExplanation;

extern const OAuthEndpoint *oauth_explained_endpoint(size_t i);
extern char *oauth_explain_shown(const char *sent);
extern void oauth_explain_step(OAuthExplanation *explanation, const char *check,
							   OAuthVerdict verdict, const char *detail, const char *remedy);
extern bool oauth_explain_fault(OAuthExplanation *explanation, const char *check,
								const OAuthFault *fault, const char *remedy);
extern void oauth_explain_use(OAuthExplanation *explanation, const char *check,
							  OAuthFault *(*use) (void *thing), void *thing);

/* ---- explain_oauth2.c ---- */

extern char *oauth_explain_update(const OAuthClient *client, const char *member, const char *json);
extern OAuthClient *oauth_explain_client(OAuthExplanation *explanation, const char *client_id,
										 const uint8 *secret_hash);
extern bool oauth_explain_form(OAuthExplanation *explanation, const OAuthRequest *request,
							   OAuthParams *params);
extern OAuthClient *oauth_explain_credentials(OAuthExplanation *explanation,
											  const OAuthRequest *request,
											  const OAuthParams *params);
extern void oauth_explain_scope(OAuthExplanation *explanation, const OAuthClient *client,
								const OAuthParams *params);
extern void oauth_explain_caller(OAuthExplanation *explanation, const OAuthRequest *request);
extern void oauth2_explain_token(OAuthExplanation *explanation, const OAuthRequest *request);
extern void oauth2_explain_about_token(OAuthExplanation *explanation, const OAuthRequest *request);
extern void oauth2_explain_client_only(OAuthExplanation *explanation, const OAuthRequest *request);

/* ---- explain_client.c ---- */

extern bool oauth_explain_has_proof(const OAuth2Credentials *credentials,
									const OAuthClient *client);
extern bool oauth_explain_proof(OAuthExplanation *explanation, const OAuthRequest *request,
								const OAuth2Credentials *credentials, const OAuthClient *client);

/* ---- explain_authorize.c ---- */

extern void oauth2_explain_authorize(OAuthExplanation *explanation, const OAuthRequest *request);
extern void oauth2_explain_par(OAuthExplanation *explanation, const OAuthRequest *request);

/* ---- explain_client_document.c ---- */

extern bool oauth2_explain_client_document(OAuthExplanation *explanation, const char *client_id,
										   OAuthClient **client);

/* ---- explain_details.c ---- */

extern void oauth_explain_details(OAuthExplanation *explanation, const OAuthClient *client,
								  const OAuthParams *params, bool is_decided);
extern void oauth_explain_narrowing(OAuthExplanation *explanation, const OAuthClient *client,
									const OAuthParams *params);

/* ---- explain_dpop.c ---- */

extern void oauth2_explain_token_proof(OAuthExplanation *explanation, const OAuthRequest *request,
									   const OAuthClient *client, const OAuthParams *params);
extern void oauth2_explain_pushed_proof(OAuthExplanation *explanation, const OAuthRequest *request,
										const OAuthClient *client, const OAuthParams *params);
extern void oauth2_explain_caller_proof(OAuthExplanation *explanation,
										const OAuthRequest *original,
										const OAuth2Presented *presented);

/* ---- explain_token.c ---- */

extern bool oauth2_explain_token_string(OAuthExplanation *explanation, const char *check,
										const char *token, OAuthTokenKind kind,
										const char *kind_name);
extern void oauth2_explain_owner(OAuthExplanation *explanation, const OAuthClient *client,
								 const char *token, OAuthTokenKind kind, const char *remedy);
extern void oauth2_explain_refresh_token(OAuthExplanation *explanation, const OAuthClient *client,
										 const char *token);
extern void oauth2_explain_code(OAuthExplanation *explanation, const OAuthClient *client,
								const OAuthParams *params);

/* ---- explain_assertion.c ---- */

extern void oauth2_explain_jwt_bearer(OAuthExplanation *explanation,
									  const OAuth2TokenRequest *request);
extern void oauth2_explain_exchange(OAuthExplanation *explanation,
									const OAuth2TokenRequest *request);

/* ---- explain_oauth1.c ---- */

extern void oauth1_explain(OAuthExplanation *explanation, const OAuthRequest *request);

/* ---- openapi.c ---- */

extern const OAuthEndpoint oauth_openapi_endpoint;

/* ---- hint.c ---- */

extern void oauth_hint_begin(void);

#endif							/* OAUTH_ADMIN_H */
