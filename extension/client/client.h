/*
 * client.h
 *		What a client is, and what it may do.  Knows no user and no token.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_CLIENT_H
#define OAUTH_CLIENT_H

#include "http/http.h"
#include "jose/jose.h"
#include "store/client.h"
#include "store/document.h"
#include "store/function.h"
#include "store/issuer.h"
#include "store/token.h"

#include "utils/guc.h"

/* ---- cors.c ---- */

extern OAuthFault *oauth_cors_check_origins(const List *origins);
extern List *oauth_cors_plain_origins(const List *origins);
extern char *oauth_cors_origin(const OAuthRequest *request);
extern OAuthResponse *oauth_cors_allow(const OAuthRequest *request, const char *client_id,
									   OAuthResponse *response);
extern OAuthResponse *oauth_cors_allow_all(const OAuthRequest *request, OAuthResponse *response);
extern bool oauth_cors_is_preflight(const OAuthRequest *request);
extern OAuthResponse *oauth_cors_options(const OAuthRequest *request, const char *methods,
										 bool for_all);

/* ---- grant_type.c ---- */

#define OAUTH_GRANT_AUTHORIZATION_CODE	"authorization_code"
#define OAUTH_GRANT_REFRESH_TOKEN		"refresh_token"
#define OAUTH_GRANT_CLIENT_CREDENTIALS	"client_credentials"
#define OAUTH_GRANT_PASSWORD			"password"
#define OAUTH_GRANT_DEVICE_CODE			"urn:ietf:params:oauth:grant-type:device_code"
#define OAUTH_GRANT_TOKEN_EXCHANGE		"urn:ietf:params:oauth:grant-type:token-exchange"
#define OAUTH_GRANT_JWT_BEARER			"urn:ietf:params:oauth:grant-type:jwt-bearer"
#define OAUTH_GRANT_INTROSPECTION		"introspection"
#define OAUTH_GRANT_OAUTH1				"oauth1"
#define OAUTH_GRANT_OAUTH1_TWO_LEGGED	"oauth1_two_legged"
#define OAUTH_GRANT_OAUTH1_XAUTH		"oauth1_xauth"

/* Who gives a grant to a client. */
typedef enum OAuthGivenBy
{
	OAUTH_GIVEN_BY_ADMINISTRATOR,
	OAUTH_GIVEN_BY_TOKEN,		/* its registration, with an initial access token */
	OAUTH_GIVEN_BY_ITSELF		/* its registration */
} OAuthGivenBy;

typedef struct OAuthGrantType
{
	const char *name;
	bool		needs_secret;
	bool		signs;			/* OAuth 1.0a: the secret must be recoverable */
	OAuthGivenBy given_by;
} OAuthGrantType;

extern const OAuthGrantType *oauth_grant_type(const char *name);
extern const char *oauth_grant_types(void);
extern bool oauth_client_may(const OAuthClient *client, const char *grant_type);
extern bool oauth_client_signs(const OAuthClient *client);

/* ---- auth_method.c ---- */

/* A method of client authentication, and what a client needs for it. */
typedef struct OAuthAuthMethod
{
	const char *name;
	bool		has_secret;
	bool		has_keys;		/* jwks or jwks_uri */
	bool		signs;			/* client assertions: a secret has to be recoverable */
	bool		has_certificate;	/* of TLS */
} OAuthAuthMethod;

extern const OAuthAuthMethod *oauth_auth_method(const char *name);
extern const char *oauth_auth_methods(bool with_none);
extern const char *oauth_auth_algorithms(void);
extern bool oauth_client_authenticates_by(const OAuthClient *client, const char *method);
extern OAuthFault *oauth_auth_method_check(OAuthClient *client);

/* ---- client.c ---- */

#define OAUTH_MAX_CLIENT_ID		255
#define OAUTH_MAX_CLIENT_NAME	255
#define OAUTH_MAX_REDIRECT_URIS 50
#define OAUTH_TOO_MANY_REDIRECT_URIS \
	"A client can have " CppAsString2(OAUTH_MAX_REDIRECT_URIS) " redirect URIs."

extern char *oauth_client_create(OAuthClient *client);
extern OAuthFault *oauth_client_check(OAuthClient *client);
extern const char *oauth_client_scope(const OAuthClient *client);
extern bool oauth_client_uses_openid(const OAuthClient *client);
extern bool oauth_client_needs_secret(const OAuthClient *client);
extern bytea *oauth_client_seal_secret(const OAuthClient *client, const char *secret);
extern char *oauth_client_open_secret(const OAuthClient *client, int which);
extern const char *oauth_client_open_stand_in(const char *client_id);
extern bool oauth_client_has_sealed_secret(const OAuthClient *client);
extern bool oauth_client_signs_with(const OAuthClient *client,
									const OAuth1SignatureMethod *method);
extern OAuthClient *oauth_client_required(const char *client_id);

/* ---- profile.c ---- */

extern bool oauth_client_is_fapi(const OAuthClient *client);
extern bool oauth_client_signs_messages(const OAuthClient *client);
extern bool oauth_profile_admits(const char *alg);
extern const char *oauth_profile_problem(const OAuthClient *client, const char *what,
										 const char *alg);
extern List *oauth_client_algorithms(const OAuthClient *client, char *registered);
extern const char *oauth_client_id_token_alg(const OAuthClient *client);
extern int	oauth_client_code_lifetime(const OAuthClient *client);
extern int	oauth_client_request_uri_lifetime(const OAuthClient *client);
extern OAuthFault *oauth_client_check_binding(const OAuthClient *client, const char *cnf);
extern void oauth_client_require_unbound(const OAuthClient *client);

/* ---- notice.c ---- */

extern void oauth_client_notice_members(Jsonb *metadata);
extern void oauth_client_notice_schemes(const OAuthClient *client, const List *before);
extern void oauth_client_notice_wildcards(const OAuthClient *client, const List *before);
extern void oauth_client_notice_uses(const OAuthClient *client);
extern void oauth_client_notice_openid(const OAuthClient *client);

/* ---- metadata.c ---- */

extern const char *oauth_client_metadata_member(size_t n);
extern void oauth_client_metadata_defaults(OAuthClient *client);
extern OAuthFault *oauth_client_metadata_read(Jsonb *json, OAuthClient *client);
extern OAuthFault *oauth_client_metadata_read_own(Jsonb *json, OAuthClient *client,
												  List **response_types);
extern Datum oauth_client_metadata_write(const OAuthClient *client, const char *secret);

/* ---- sector.c ---- */

extern bool oauth_client_needs_sector_document(const OAuthClient *client,
											   const OAuthClient *before);
extern OAuthFault *oauth_client_check_sector_document(const OAuthClient *client,
													  const OAuthClient *before);

/* ---- shown.c ---- */

extern char *oauth_client_web_page(const OAuthClient *client, const char *name);
extern const char *oauth_client_member_in(const OAuthClient *client, const char *name,
										  const char *language);
extern const char *oauth_client_name_in(const OAuthClient *client, const char *language);

/* ---- document.c ---- */

extern OAuthFault *oauth_document_get(const char *url, OAuthDocument **document);
extern OAuthFault *oauth_document_get_newer(const char *url, const OAuthDocument *document);

/* ---- keys.c ---- */

/* The public keys of a client, and where they are from. */
typedef struct OAuthClientKeys
{
	List	   *keys;			/* of OAuthJwk *; NIL: there is a problem */
	const char *problem;		/* why there are none, for those who run the server; NULL: none */
	OAuthDocument *document;	/* at its jwks_uri; NULL: they were registered */
} OAuthClientKeys;

extern OAuthFault *oauth_client_keys(const OAuthClient *client, OAuthClientKeys *keys);
extern OAuthFault *oauth_client_verify(const OAuthClient *client, OAuthJwsPolicy *policy,
									   OAuthJws *jws, const char **problem);

/* ---- trusted_issuer.c ---- */

extern OAuthClient *oauth_issuer_keys(const OAuthTrustedIssuer *issuer);
extern const char *oauth_issuer_subject(OAuthTrustedIssuer *issuer, const char *sub, Jsonb *claims);

/* ---- authorization_details.c ---- */

extern OAuthFault *oauth_details_read(const OAuthClient *client, const char *sent,
									  const char **details);
extern List *oauth_details_types(const char *sent);
extern void oauth_details_find_function(OAuthApplicationFunction *function);
extern bool oauth_details_need_application(const char *details);
extern OAuthFault *oauth_details_decide(const OAuthClient *client, const char *subject,
										const char **details);
extern bool oauth_details_equal(const char *one, const char *other);
extern OAuthFault *oauth_details_narrow(const char *granted, const char **details);

/* ---- authorization_details_type.c ---- */

extern bool oauth_is_details_type(const char *name);

/* ---- registered_resource.c ---- */

/* How access tokens of a client for some resources are made. */
typedef struct OAuthTokenRules
{
	bool		is_jwt;
	const char *signing_alg;	/* of the JWT */
	int			lifetime;		/* seconds at most; 0: as the client, or the setting, says */
	const char *audience;		/* the resources as they call themselves; NULL: none */
	const char *scope;			/* words that the token can have; NULL: any */
	bool		has_any_scope;	/* one of the resources says nothing of scope */
} OAuthTokenRules;

extern OAuthTokenRules oauth_token_rules(const OAuthClient *client, const char *resource);
extern const char *oauth_token_scope(const OAuthTokenRules *rules, const char *scope);
extern OAuthFault *oauth2_resource_check_scope(const OAuthClient *client, const char *resource,
											   const char *scope);
extern OAuthFault *oauth2_resource_check_registered(const char *uri);

/* ---- resource_indicator.c ---- */

extern OAuthFault *oauth2_resource_check(const char *resource);
extern const char *oauth2_resource_argument(FunctionCallInfo fcinfo, int n);
extern bool oauth2_resource_admits(const char *bound, const char *required);
extern OAuthFault *oauth2_resource_read(const OAuthParams *params, const char **resource);
extern OAuthFault *oauth2_resource_narrow(const OAuthGrant *grant, const char **resource);

/* ---- scope.c ---- */

extern OAuthFault *oauth2_scope_parse(const char *scope, List **words);
extern const char *oauth2_scope_hint(const char *scope);
extern OAuthFault *oauth2_scope_refuse(OAuthFaultCode code, const char *scope, const char *required,
									   const char *reason);
extern OAuthFault *oauth2_scope_decide(const OAuthClient *client, const char *requested,
									   const char **scope);
extern OAuthFault *oauth2_scope_decide_for_user(const OAuthClient *client, const char *requested,
												bool is_asked, const char **scope);
extern OAuthFault *oauth2_scope_narrow(const char *granted, const char **scope);

/* ---- subject.c ---- */

extern void oauth_pairwise_key_make(void);
extern bool oauth_client_is_pairwise(const OAuthClient *client);
extern const char *oauth_sid_for(const OAuthClient *client, const char *sid);
extern const char *oauth_sid_of(const OAuthClient *client, const char *seen);
extern char *oauth_sid_of_pairwise(const char *seen);
extern const char *oauth_subject_for(const OAuthClient *client, const char *subject);
extern const char *oauth_subject_seen_by(const char *client_id, const char *subject,
										 bool *is_pairwise);

/* ---- redirect_uri.c ---- */

extern bool oauth2_host_is_loopback(const char *host, size_t length);
extern OAuthFault *oauth2_redirect_uri_check(const char *uri);
extern OAuthFault *oauth2_redirect_uri_check_for_code(const char *uri);
extern OAuthFault *oauth2_redirect_uri_check_strange(const char *uri);
extern bool oauth2_redirect_scheme_is_known(const char *uri);
extern bool oauth2_redirect_scheme_is_possible(const char *scheme);
extern bool oauth2_redirect_schemes_check(char **value, void **extra, GucSource source);
extern OAuthFault *oauth2_redirect_uri_refused(const OAuthFault *fault, const char *uri);
extern const char *oauth2_redirect_uri_of(const OAuthClient *client, const char *uri);
extern bool oauth2_redirect_uri_is_claimed(const char *uri);
extern bool oauth2_redirect_uri_is_loopback(const char *uri);

#endif							/* OAUTH_CLIENT_H */
