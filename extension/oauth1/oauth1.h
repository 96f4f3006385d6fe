/*
 * oauth1.h
 *		OAuth 1.0a, RFC 5849: a file for each endpoint and each check.  Knows nothing of
 *		oauth2/.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_OAUTH1_H
#define OAUTH_OAUTH1_H

#include "endpoint/endpoint.h"
#include "http/http.h"
#include "store/client.h"
#include "store/oauth1.h"
#include "store/request.h"

/* ---- nonce.c ---- */

extern OAuthNonceResult oauth1_nonce_use(const char *client_id, int64 token_handle, int64 timestamp,
										 const char *nonce);

/* ---- header.c ---- */

/* Where a parameter came from. */
typedef enum OAuth1Source
{
	OAUTH1_NOWHERE,
	OAUTH1_HEADER,
	OAUTH1_QUERY,
	OAUTH1_BODY
} OAuth1Source;

typedef struct OAuth1Parameter
{
	char	   *name;
	char	   *value;
	OAuth1Source source;
	bool		is_oauth;		/* its name begins with oauth_ */
} OAuth1Parameter;

/* All parameters that a signature covers; the realm is not one. */
typedef struct OAuth1Parameters
{
	OAuth1Parameter *items;
	int			n;
	int			room;
} OAuth1Parameters;

extern OAuthFault *oauth1_header_parse(const char *authorization, OAuth1Parameters *parameters);

typedef enum OAuth1Expects
{
	OAUTH1_EXPECTS_NO_TOKEN,
	OAUTH1_EXPECTS_REQUEST_TOKEN,
	OAUTH1_EXPECTS_TOKEN		/* the token is optional: two-legged */
} OAuth1Expects;

/* A signed request, with its client and user once it is verified. */
typedef struct OAuth1Call
{
	OAuth1Parameters parameters;
	const char *client_id;		/* oauth_consumer_key; NULL: none was sent */
	OAuth1SignatureMethod *method;	/* NULL: none was sent, or one unknown here */
	const char *signature;		/* NULL: none was sent */
	int64		timestamp;		/* seconds since 1970 */
	const char *nonce;			/* NULL: none was sent, which PLAINTEXT allows */
	OAuthClient *client;
	OAuth1RequestToken *request_token;
	OAuth1Token *token;			/* NULL: the client itself */
} OAuth1Call;

/* ---- parameters.c ---- */

extern bool oauth1_is_scheme(const char *authorization);
extern bool oauth1_add_parameter(OAuth1Parameters *parameters, char *name, char *value,
								 OAuth1Source source);
extern OAuthFault *oauth1_add_form(OAuth1Parameters *parameters, const char *encoded, int length,
								   OAuth1Source source);
extern OAuthFault *oauth1_check_parameters(const OAuth1Parameters *parameters);
extern OAuthFault *oauth1_parameters_from_request(const OAuthRequest *request,
												  OAuth1Parameters *parameters);
extern bool oauth1_is_attempted(const OAuthRequest *request);
extern const char *oauth1_parameter(const OAuth1Parameters *parameters, const char *name);

/* ---- base_string.c ---- */

extern OAuthFault *oauth1_base_string(const char *method, const char *scheme, const char *host,
									  const char *target, const OAuth1Parameters *parameters,
									  char **base_string);

/* ---- signature.c ---- */

extern char *oauth1_sign(OAuth1SignatureMethod *method, const char *base_string,
						 const char *secret_or_key, const char *token_secret);
extern bool oauth1_signature_verify(OAuth1SignatureMethod *method, const char *base_string,
									const char *signature, const char *secret_or_key,
									const char *token_secret);

/* ---- verify.c ---- */

extern void oauth1_read_call(OAuth1Call *call);
extern bool oauth1_find_token(OAuth1Call *call, OAuth1Expects expects, const char *token);
extern bool oauth1_signature_holds(const OAuth1Call *call, const char *base_string);
extern OAuthFault *oauth1_verify(const OAuthRequest *request, OAuth1Expects expects,
								 OAuth1Call *call);

/* ---- answer.c ---- */

extern OAuthResponse *oauth1_problem(const OAuthFault *fault, const char *realm);
extern OAuthResponse *oauth1_credentials(const char *token, const char *secret, bool confirmed);

/* ---- authorize.c ---- */

extern const OAuthEndpoint oauth1_authorize_endpoint;
extern OAuthResponse *oauth1_authorize_decided(const OAuthRequest *request, const char *query,
											   const OAuthLoginRequest *login);
extern OAuthClient *oauth1_authorize_client(const char *query);
extern char *oauth1_verifier(const char *verifier, const char *callback);

/* ---- confidential.c ---- */

extern OAuthFault *oauth1_require_confidential(const OAuthRequest *request);

/* ---- request_token.c ---- */

extern const OAuthEndpoint oauth1_request_token_endpoint;

/* ---- access_token.c ---- */

extern const OAuthEndpoint oauth1_access_token_endpoint;

#endif							/* OAUTH_OAUTH1_H */
