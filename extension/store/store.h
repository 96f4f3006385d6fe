/*
 * store.h
 *		The tables: a file for each, all SQL is here.  Knows no rule of OAuth.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_H
#define OAUTH_STORE_H

#include "crypto/crypto.h"

/* A function by its name, and what the catalog says of it once it has been found. */
typedef struct OAuthApplicationFunction
{
	char	   *schema;
	char	   *name;
	const char *arguments;		/* their types, for people */
	char	   *api_schema;		/* where the oauth_* functions are; needed for a call */
	Oid			oid;
	Oid			owner;
	Oid			result_type;
} OAuthApplicationFunction;

/* ---- key.c ---- */

extern bool oauth_store_current_key(uint8 *key_id, bool for_sealing);
extern bool oauth_store_hold_keys(bool wait);
extern void oauth_store_insert_key(const uint8 *key_id);
extern void oauth_store_replace_key(const uint8 *key_id);

/* ---- pairwise.c ---- */

extern char *oauth_store_pairwise_sector(const char *client_id);
extern bytea *oauth_store_pairwise_key(void);
extern void oauth_store_insert_pairwise_key(bytea *sealed);

/* ---- sealed.c ---- */

/* The tables that have sealed values. */
typedef enum OAuthSealedTable
{
	OAUTH_SEALED_CLIENT,
	OAUTH_SEALED_IMPORTED_KEY,
	OAUTH_SEALED_OAUTH1_TOKEN,
	OAUTH_SEALED_REQUEST_TOKEN,
	OAUTH_SEALED_SIGNING_KEY,
	OAUTH_SEALED_PAIRWISE_KEY,
	OAUTH_SEALED_SECOND_FACTOR
} OAuthSealedTable;

typedef struct OAuthSealedRow
{
	Datum		key;			/* of the row, in the type of the table's primary key */
	bytea	   *secret;			/* NULL if there is none */
	bytea	   *old_secret;		/* a client's, during a rotation of its secret; NULL if there is
								 * none */
} OAuthSealedRow;

extern List *oauth_store_sealed_rows(OAuthSealedTable table, const OAuthSealedRow *after);
extern void oauth_store_write_sealed(OAuthSealedTable table, const OAuthSealedRow *row);

/* ---- signing_key.c ---- */

/* A key that is to be published. */
typedef struct OAuthNewSigningKey
{
	const char *alg;
	const char *kid;
	const char *public_key;		/* a JWK */
	bytea	   *private_key_sealed;
	TimestampTz used_from;
} OAuthNewSigningKey;

extern bool oauth_store_hold_signing_keys(const char *alg, bool wait);
extern char *oauth_store_signing_kid(const char *alg);
extern bytea *oauth_store_sealed_signing_key(const char *kid);
extern Jsonb *oauth_store_public_signing_key(const char *kid);
extern char *oauth_store_published_keys(void);
extern bool oauth_store_insert_signing_key(const OAuthNewSigningKey *key);
extern bool oauth_store_use_published_key(const char *alg);
extern bool oauth_store_retire_signing_key(const char *kid);
extern void oauth_store_retire_other_keys(const char *alg, const char *kid);
extern char *oauth_store_signing_key_alg(const char *kid);
extern List *oauth_store_due_signing_keys(bool at_once);
extern List *oauth_store_wanted_algs(void);
extern void oauth_store_note_lasting_signature(const char *kid, TimestampTz expires_at);
extern int64 oauth_store_purge_signing_keys(void);

/* ---- client.c ---- */

#define OAUTH_NO_MAX_AGE (-1)

typedef struct OAuthClient
{
	char	   *client_id;
	char	   *client_name;
	bool		is_public;
	char	   *token_endpoint_auth_method; /* NULL: any that has a secret */
	List	   *grant_types;	/* of char * */
	List	   *redirect_uris;	/* of char * */
	char	   *scope;			/* NULL: none of its own, see oauth_client_scope() */
	int			access_token_lifetime;	/* seconds, 0 for the setting */
	int			refresh_token_lifetime;
	Jsonb	   *metadata;
	char	   *rsa_public_key; /* PEM, or NULL */
	List	   *signature_methods;	/* of char *; NIL: as the credentials allow */
	bool		require_pkce;	/* though it is confidential */
	char	   *application_type;	/* "web" or "native"; NULL: not said */
	char	   *subject_type;	/* "public" or "pairwise"; NULL: public */
	char	   *sector_identifier_uri;	/* NULL: none */
	char	   *sector_identifier;	/* a host, computed; NULL: none */
	Jsonb	   *jwks;			/* its keys, or NULL */
	char	   *jwks_uri;		/* or where they are */
	char	   *id_token_signed_response_alg;	/* NULL: RS256 */
	char	   *userinfo_signed_response_alg;	/* NULL: plain JSON */
	char	   *request_object_signing_alg; /* NULL: any */
	char	   *token_endpoint_auth_signing_alg;	/* NULL: any */
	int			id_token_lifetime;	/* seconds, 0 for the setting */
	bool		claims_in_id_token;
	char	   *access_token_format;	/* "opaque" or "jwt"; NULL: opaque */
	int			default_max_age;	/* seconds, OAUTH_NO_MAX_AGE for none */
	bool		require_auth_time;
	List	   *default_acr_values; /* of char * */
	char	   *initiate_login_uri;
	List	   *post_logout_redirect_uris;	/* of char * */
	char	   *backchannel_logout_uri;
	bool		backchannel_logout_session_required;
	bool		dpop_bound_access_tokens;
	bool		tls_client_certificate_bound_access_tokens;
	char	   *tls_client_auth_subject_dn; /* of its certificate; NULL: known by another name */
	char	   *tls_client_auth_san_dns;
	char	   *tls_client_auth_san_uri;
	char	   *tls_client_auth_san_ip;
	char	   *tls_client_auth_san_email;
	bool		require_pushed_authorization_requests;
	bool		require_signed_request_object;
	char	   *authorization_signed_response_alg;	/* NULL: RS256 */
	char	   *introspection_signed_response_alg;	/* NULL: RS256 */
	List	   *authorization_details_types;	/* of char * */
	char	   *profile;		/* "fapi2" or "fapi2_message_signing"; NULL: none */
	bool		is_document;	/* known by its client ID metadata document alone */
	List	   *cors_origins;	/* of char *; of a client that was found, oauth_store_origins()
								 * reads them */
	bytea	   *secret_sealed;	/* NULL if it cannot be recovered */
	bytea	   *old_secret_sealed;	/* while it may still be used */
	TimestampTz created_at;
	bool		is_disabled;
	bool		secret_matches; /* the digest it was looked up with */
	bool		is_self_registered; /* over HTTP, and may still change itself */
	TimestampTz document_fetched_at;	/* the document that the row is from; 0: none */
	const char *imported_from;	/* NULL: registered here */
	char	   *imported_secret_hash;	/* NULL: none, or it has been used */
	const uint8 *secret_hash;	/* of one that is inserted, where nobody knows the secret itself */
} OAuthClient;

extern OAuthClient *oauth_store_find_client(const char *client_id, const uint8 *secret_hash);
extern char *oauth_store_find_client_of_name(const char *name);
extern void oauth_store_hold_client(const char *client_id);
extern void oauth_store_insert_client(const OAuthClient *client, const char *secret);
extern void oauth_store_update_client(const OAuthClient *client, bool keep_sealed);

/* ---- client_document.c ---- */

extern bool oauth_store_begin_document_client(const char *client_id, TimestampTz fetched_at);
extern void oauth_store_adopt_document_client(const char *client_id);
extern void oauth_store_forget_consents(const char *client_id);

/* ---- client_state.c ---- */

extern bool oauth_store_rotate_secret(const char *client_id, const char *secret,
									  bytea *secret_sealed, TimestampTz old_until);
extern bool oauth_store_disable_client(const char *client_id);
extern bool oauth_store_enable_client(const char *client_id);
extern bool oauth_store_delete_client(const char *client_id);

/* ---- authorization_details_type.c ---- */

/* A type of authorization details (RFC 9396, section 2.1). */
typedef struct OAuthAuthorizationDetailsType
{
	const char *type;
	const char *description;	/* for the user who is asked; NULL: none */
	OAuthApplicationFunction function;	/* that checks each object; its name is NULL: none */
} OAuthAuthorizationDetailsType;

extern OAuthAuthorizationDetailsType *oauth_store_find_details_type(const char *name);
extern void oauth_store_hold_details_types(void);
extern void oauth_store_register_details_type(const OAuthAuthorizationDetailsType *type);
extern bool oauth_store_unregister_details_type(const char *name);
extern List *oauth_store_details_types(void);

/* ---- registered_resource.c ---- */

typedef struct OAuthRegisteredResource
{
	const char *uri;			/* as it was registered */
	const char *scope;			/* words that its tokens can have; NULL: any */
	const char *access_token_format;	/* "opaque" or "jwt" */
	int			access_token_lifetime;	/* seconds; 0: it says nothing */
	const char *signing_alg;	/* NULL: the usual one */
} OAuthRegisteredResource;

extern OAuthRegisteredResource *oauth_store_find_resource(const char *normal_uri);
extern void oauth_store_register_resource(const char *normal_uri,
										  const OAuthRegisteredResource *resource);
extern bool oauth_store_unregister_resource(const char *normal_uri);

/* ---- trusted_issuer.c ---- */

/* An issuer whose JWTs are grants here (RFC 7523). */
typedef struct OAuthTrustedIssuer
{
	const char *issuer;			/* the iss of its JWTs */
	Jsonb	   *jwks;			/* its keys, or NULL */
	const char *jwks_uri;		/* or where they are */
	OAuthApplicationFunction function;	/* that says who somebody is here; its name NULL: none */
	const char *audience;		/* what its JWTs call this provider; NULL: by oauth.issuer */
} OAuthTrustedIssuer;

extern OAuthTrustedIssuer *oauth_store_find_trusted_issuer(const char *name);
extern void oauth_store_hold_trusted_issuers(void);
extern void oauth_store_trust_issuer(const OAuthTrustedIssuer *issuer);
extern bool oauth_store_distrust_issuer(const char *name);

/* ---- origin.c ---- */

extern List *oauth_store_origins(const char *client_id);
extern void oauth_store_set_origins(const char *client_id, List *origins);
extern bool oauth_store_client_has_origin(const char *client_id, const char *origin);
extern bool oauth_store_has_origin(const char *origin);

/* ---- registration.c ---- */

extern void oauth_store_make_room(int limit, bool is_time);
extern void oauth_store_insert_initial_token(int64 handle, const char *token, int uses,
											 TimestampTz expires_at);
extern bool oauth_store_initial_token_is_good(const OAuthTokenString *token);
extern bool oauth_store_use_initial_token(int64 handle);
extern void oauth_store_set_registration_token(const char *client_id, const char *token,
											   bool is_vouched);
extern bool oauth_store_hold_registration(const char *client_id, const uint8 *token_hash);

/* ---- scope.c ---- */

extern void oauth_store_register_scope(const char *scope, const char *description, bool is_default,
									   bool is_advertised);
extern void oauth_store_seed_scopes(void);
extern bool oauth_store_add_scope(const char *scope, const char *description);
extern List *oauth_store_unknown_scopes(List *scopes);
extern List *oauth_store_scope_descriptions(const char *scope);
extern bool oauth_store_scope_is_given(const char *scope);
extern bool oauth_store_default_is_used(void);
extern char *oauth_store_default_scope(void);
extern char *oauth_store_all_scopes(void);
extern char *oauth_store_advertised_scopes(void);
extern bool oauth_store_scope_is_withheld(const char *scope);

/* ---- user.c ---- */

typedef struct OAuthUser
{
	char	   *subject;
	char	   *username;
	char	   *password_hash;	/* NULL: an own user who has none */
	bool		is_disabled;
} OAuthUser;

extern OAuthUser *oauth_store_find_user(const char *username);
extern char *oauth_store_hash_at(const uint8 *place);
extern bool oauth_store_replace_hash(const OAuthUser *user, const char *hash);
extern OAuthUser *oauth_store_hold_user(const char *username);
extern char *oauth_store_find_username(const char *subject);
extern bool oauth_store_insert_user(const char *username, const char *subject,
									const char *password_hash);
extern void oauth_store_set_password(const char *username, const char *password_hash);
extern bool oauth_store_disable_subject(const char *subject);
extern bool oauth_store_enable_subject(const char *subject);
extern void oauth_store_delete_user(const char *username, const char *subject);
extern bool oauth_store_use_subject(const char *subject);
extern bool oauth_store_has_subject(const char *subject);
extern bool oauth_store_hold_subject(const char *subject);
extern void oauth_store_revive_subject(const char *subject);
extern int64 oauth_store_end_subjects(List *subjects, bool are_deleted);
extern int64 oauth_store_end_every_subject(void);
extern int64 oauth_store_end_access(const char *subject, const char *reason);

/* ---- user_source.c ---- */

/* Where they are.  What is stored, and what the catalog says of it now. */
typedef struct OAuthUserSource
{
	char	   *schema;
	char	   *name;
	char	   *id;				/* columns */
	char	   *username;
	char	   *password;		/* NULL: none */
	char	   *active;			/* NULL: all are */
	char	   *scheme;
	char	   *function_schema;	/* that checks passwords; NULL: none */
	char	   *function_name;
	bool		allow_legacy;
	bool		upgrade;
	Oid			relation;
	Oid			owner;
	char		kind;			/* of relation, as pg_class has it */
	Oid			id_type;		/* of the columns, those of domains taken off */
	Oid			username_type;
	Oid			active_type;
} OAuthUserSource;

extern bool oauth_store_users_are_external(void);
extern bool oauth_store_must_check_user(void);
extern OAuthUserSource *oauth_store_stored_user_source(void);
extern OAuthUserSource *oauth_store_user_source(void);
extern void oauth_store_resolve_user_source(OAuthUserSource *source);
extern void oauth_store_hold_user_source(void);
extern void oauth_store_set_user_source(const OAuthUserSource *source);
extern bool oauth_store_forget_user_source(void);
extern bool oauth_store_user_source_can_tell(Oid relation);

/* ---- document.c ---- */

/* A document of another server. */
typedef struct OAuthDocument
{
	const char *body;			/* UTF-8, at most 64 KiB; NULL: it cannot be had now */
	const char *media_type;		/* in lower case, without parameters; NULL: none was said */
	const char *problem;		/* why not; NULL: there is a body */
	TimestampTz fetched_at;		/* of the body */
	bool		may_refetch;	/* the last fetch is more than a minute ago */
} OAuthDocument;

typedef enum OAuthClaim
{
	OAUTH_CLAIM_NOT_WANTED,		/* nobody wants it, or somebody has fetched it */
	OAUTH_CLAIM_OF_OTHERS,		/* somebody else is fetching it */
	OAUTH_CLAIM_OURS
} OAuthClaim;

extern OAuthDocument *oauth_store_find_document(const char *url);
extern bool oauth_store_want_document(const char *url);
extern OAuthClaim oauth_store_claim_document(const char *url);
extern bool oauth_store_keep_document(const char *url, const char *body, const char *media_type,
									  int fresh_seconds);
extern bool oauth_store_fail_document(const char *url, const char *problem);
extern void oauth_store_put_document(const char *url, const char *body, const char *media_type,
									 TimestampTz fresh_until);
extern bool oauth_store_forget_document(const char *url);
extern int64 oauth_store_purge_documents(void);

/* ---- delivery.c ---- */

#define OAUTH_BACKCHANNEL_LOGOUT "backchannel_logout"

/* A message for another server.  To add one, set kind to sid; the store sets the others. */
typedef struct OAuthDelivery
{
	const char *kind;
	const char *client_id;
	const char *url;
	const char *subject;		/* NULL: only the session is named */
	const char *sid;			/* NULL: all sessions of the subject */
	int64		handle;			/* the same each time that it is sent */
	int			attempt;		/* from 1 on */
} OAuthDelivery;

extern void oauth_store_add_delivery(const OAuthDelivery *delivery);
extern List *oauth_store_take_deliveries(int max);
extern bool oauth_store_end_delivery(int64 handle, int attempt, int status, const char *problem);
extern int64 oauth_store_waiting_deliveries(int64 *oldest_seconds);
extern int64 oauth_store_purge_deliveries(void);

/* ---- token.c ---- */

/* When and how somebody logged in (OpenID Connect Core, section 2). */
typedef struct OAuthAuthentication
{
	TimestampTz at;				/* auth_time; 0: unknown */
	const char *acr;			/* NULL: nobody said */
	const char *amr;			/* space-separated; NULL: nobody said */
	const char *sid;			/* the public id of the session; NULL: none */
	int			session_lifetime;	/* seconds, of a session that begins; 0: the setting */
} OAuthAuthentication;

/* What the login behind a token must be (RFC 9470); all zeros: it may be any. */
typedef struct OAuthLoginNeeded
{
	const char *acr_values;		/* one of these, space-separated; NULL: any */
	int			max_age;		/* seconds since it; 0: any */
} OAuthLoginNeeded;

/* Somebody who is logged in. */
typedef struct OAuthSession
{
	int64		handle;
	char	   *subject;
	char	   *username;		/* NULL: not a built-in user */
	OAuthAuthentication authentication; /* sid NULL: it began before there were any */
} OAuthSession;

typedef struct OAuthGrant
{
	int64		handle;
	const char *client_id;
	const char *subject;		/* NULL: the client itself */
	const char *grant_type;
	const char *scope;			/* NULL for the client itself */
	const char *resource;		/* URIs, space-separated; NULL: any */
	OAuthAuthentication authentication; /* of the subject, when it granted this */
	const char *claims;			/* the claims parameter of the request, JSON; NULL: none */
	const char *cnf;			/* what its refresh tokens are bound to; NULL: nothing */
	const char *authorization_details;	/* JSON; NULL: none */
} OAuthGrant;

/* A living access token with what it stands for. */
typedef struct OAuthToken
{
	int64		handle;
	int64		grant;
	char	   *client_id;
	char	   *subject;		/* NULL: the client itself */
	char	   *scope;
	char	   *resource;		/* URIs, space-separated; NULL: any */
	TimestampTz expires_at;
	bool		is_signed;		/* it came with an OAuth 1.0a signature */
	OAuthAuthentication authentication; /* of its grant: at and acr only */
	char	   *cnf;			/* what it is bound to, as jkt:...; NULL: nothing */
	char	   *authorization_details;	/* JSON; NULL: none */
	char	   *act;			/* who acts for the subject, JSON; NULL: nobody */
} OAuthToken;

/* An access token that is to be issued. */
typedef struct OAuthAccessToken
{
	int64		handle;
	int64		grant;
	const OAuthClient *client;
	const char *subject;		/* NULL: the client itself */
	const char *scope;
	const char *resource;		/* URIs, space-separated; NULL: any */
	const char *audience;		/* the same as the resources call themselves */
	TimestampTz expires_at;
	const OAuthAuthentication *authentication;	/* of the subject; NULL: unknown */
	const char *cnf;			/* what it is bound to; NULL: nothing */
	const char *authorization_details;	/* JSON; NULL: none */
	const char *act;			/* who acts for the subject, JSON; NULL: nobody */
} OAuthAccessToken;

/* A refresh token, living or used. */
typedef struct OAuthRefreshToken
{
	int64		handle;
	OAuthGrant	grant;
	TimestampTz expires_at;
	bool		is_ended;		/* its grant, client or subject has ended */
	TimestampTz used_at;		/* 0 if it has not been */
	int64		successor;
	int64		access_token;
	uint8		salt[OAUTH_SALT_LENGTH];	/* zeros if it has none */
	bool		has_salt;
} OAuthRefreshToken;

extern int64 oauth_store_standing_grant(const char *client_id);
extern bool oauth_store_bind_grant(int64 handle, const char *cnf);
extern int64 oauth_store_login_grant(const char *client_id, const char *sid, const char *subject);
extern void oauth_store_insert_grant(const OAuthGrant *grant);
extern void oauth_store_insert_access_token(const OAuthAccessToken *token, const char *string);
extern void oauth_store_insert_refresh_token(int64 handle, int64 grant, const char *token,
											 int64 access_token, const uint8 *salt,
											 TimestampTz expires_at);
extern bool oauth_store_issued_before(OAuthAccessToken *token, uint8 *hash);
extern bool oauth_store_use_refresh_token(int64 handle, int64 successor);
extern void oauth_store_extend_refresh_token(int64 handle, TimestampTz expires_at);

/* ---- lookup.c ---- */

extern bool (*oauth_store_user_is_active_hook) (const char *subject);
extern bool oauth_store_subject_is_enabled(const char *subject);
extern OAuthToken *oauth_store_find_access_token(const OAuthTokenString *token);
extern bool oauth_store_read_grant(OAuthGrant *grant);
extern char *oauth_store_grant_claims(int64 grant);
extern OAuthToken *oauth_store_find_unasked_access_token(const OAuthTokenString *token);
extern OAuthRefreshToken *oauth_store_find_refresh_token(int64 handle, const uint8 *hash,
														 bool read_only);

/* ---- ending.c ---- */

extern bool oauth_store_revoke_access_token(int64 handle);
extern bool oauth_store_end_grant(int64 grant, const char *reason);
extern int64 oauth_store_end_grants_of_subject(const char *subject, const char *reason);
extern int64 oauth_store_end_grants_of_client(const char *client_id, const char *reason);
extern bool oauth_store_revoke_oauth1_token(int64 handle);
extern int64 oauth_store_end_grants_between(const char *subject, const char *client_id,
											const char *reason);
extern void oauth_store_notify_revocation(void);

/* ---- imported.c ---- */

extern int64 oauth_store_imported_handle(const uint8 *hash, bool is_signature);
extern int64 oauth_store_imported_handle_now(const uint8 *hash);
extern void oauth_store_add_imported_key(const uint8 *key_hash, bytea *sealed);
extern List *oauth_store_imported_keys(void);
extern void oauth_store_settle_secret(const OAuthClient *client, const char *secret);

/* ---- nonce.c ---- */

typedef enum OAuthNonceResult
{
	OAUTH_NONCE_NEW,			/* and now used */
	OAUTH_NONCE_USED,
	OAUTH_NONCE_STALE			/* the timestamp is outside the window */
} OAuthNonceResult;

/* Timestamps that are acceptable now, counted from 1970. */
typedef struct OAuthNonceWindow
{
	int64		earliest;
	int64		latest;
	int			seconds;		/* either way */
} OAuthNonceWindow;

extern OAuthNonceResult oauth_store_use_nonce(int64 timestamp, const uint8 *digest,
											  const OAuthNonceWindow *window);
extern void oauth_store_purge_nonces(const OAuthNonceWindow *window);

/* ---- code.c ---- */

/* An authorization code in whatever state. */
typedef struct OAuthAuthorizationCode
{
	int64		handle;
	OAuthGrant	grant;
	TimestampTz expires_at;
	bool		is_ended;		/* its grant, client or subject has ended */
	bool		is_used;
	char	   *redirect_uri;	/* NULL: the request sent none */
	char	   *code_challenge; /* NULL: none */
	char	   *nonce;			/* NULL: none */
	char	   *dpop_jkt;		/* thumbprint of the key that may exchange it; NULL: any */
} OAuthAuthorizationCode;

extern int64 oauth_store_find_answer(const char *answer_token, bool *is_living);
extern bool oauth_store_insert_code(const OAuthAuthorizationCode *code, const char *string,
									const char *answer_token);
extern OAuthAuthorizationCode *oauth_store_find_code(const OAuthTokenString *code);
extern bool oauth_store_use_code(int64 handle);

/* ---- device.c ---- */

/* A device code in whatever state. */
typedef struct OAuthDeviceCode
{
	int64		handle;
	const char *client_id;
	const char *scope;
	const char *resource;		/* URIs, space-separated; NULL: any */
	const char *authorization_details;	/* asked for, then granted, JSON; NULL: none */
	const char *subject;		/* NULL until one has approved */
	TimestampTz expires_at;
	TimestampTz polled_at;		/* 0 if it has not been */
	int			interval;		/* seconds */
	bool		is_denied;
	bool		is_used;
	OAuthAuthentication authentication; /* of the session that approved */
} OAuthDeviceCode;

extern bool oauth_store_insert_device_code(const OAuthDeviceCode *code, const char *string,
										   const char *user_code);
extern OAuthDeviceCode *oauth_store_find_device_code(const OAuthTokenString *presented);
extern OAuthDeviceCode *oauth_store_find_user_code(const char *user_code);
extern bool oauth_store_approve_device_code(const char *user_code, const OAuthSession *session,
											const char *details);
extern bool oauth_store_deny_device_code(const char *user_code);
extern void oauth_store_note_poll(int64 handle, bool was_too_soon);
extern bool oauth_store_use_device_code(int64 handle);

/* ---- session.c ---- */

/* A browser in which a subject is logged in. */
typedef struct OAuthLogin
{
	bool		is_this;		/* the one that asks */
	char	   *browser;		/* NULL: unknown */
	char	   *address;		/* NULL: unknown */
	char	   *since;			/* a time, UTC */
} OAuthLogin;

extern void oauth_store_insert_session(const OAuthSession *session, const char *string,
									   TimestampTz expires_at, Datum peer, const char *browser);
extern List *oauth_store_logins(const OAuthSession *session);
extern OAuthSession *oauth_store_find_session(const OAuthTokenString *presented);
extern void oauth_store_strengthen_session(int64 handle, int64 new_handle, const char *string,
										   const OAuthAuthentication *authentication);

/* ---- pgcrypto.c ---- */

extern Oid	oauth_store_pgcrypto_function(const char *signature);

/* ---- consent.c ---- */

/* An application that has access. */
typedef struct OAuthConnected
{
	char	   *client_id;
	char	   *client_name;
	char	   *last_token;		/* a date */
	char	   *scope;			/* of all its grants */
} OAuthConnected;

/* What a subject has allowed a client for good. */
typedef struct OAuthKeptConsent
{
	const char *scope;
	List	   *claims;			/* of char *, besides those of the scope */
	const char *authorization_details;	/* JSON; NULL: none */
} OAuthKeptConsent;

extern OAuthKeptConsent oauth_store_consent(const char *subject, const char *client_id);
extern void oauth_store_keep_consent(const char *subject, const char *client_id,
									 const OAuthKeptConsent *kept);
extern List *oauth_store_connected(const char *subject);

/* ---- page.c ---- */

extern List *oauth_store_page_languages(void);

/* A text of the pages that the application set. */
typedef struct OAuthPageText
{
	char	   *name;
	char	   *body;
} OAuthPageText;

extern List *oauth_store_page_texts(const char *language);
extern void oauth_store_set_page(const char *name, const char *language, const char *body);

/* ---- logout.c ---- */

extern void oauth_store_end_session(int64 handle);
extern char *oauth_store_end_session_of_sid(const char *sid, const char *subject);
extern void oauth_store_replace_session(int64 handle);
extern int64 oauth_store_end_sessions(const char *subject);
extern void oauth_store_end_sessions_of_acr(const char *subject, const char *acr);
extern int64 oauth_store_end_dead_sessions(const char *subject);
extern void oauth_store_tell_of_logout(List *subjects, bool are_built_in);
extern void oauth_store_tell_of_every_logout(void);

/* ---- login_request.c ---- */

/* A login, or a decision, that the application takes over, in whatever state. */
typedef struct OAuthLoginRequest
{
	int64		handle;
	TimestampTz expires_at;
	char	   *address;		/* of the page to come back to */
	char	   *client_id;		/* NULL: no client asks */
	char	   *scope;			/* NULL: there is nothing to consent to */
	bool		is_login;		/* else somebody is logged in, and only the decision is open */
	char	   *subject;		/* NULL: nobody yet */
	char	   *accepted_scope; /* NULL: the pages here ask */
	const char *authorization_details;	/* that the client asks for, JSON; NULL: none */
	const char *accepted_details;	/* that are granted, JSON; NULL: none */
	bool		is_denied;
	bool		is_used;
	char	   *acr_values;		/* what the client asks for, space-separated; NULL: nothing */
	int			max_age;		/* seconds, -1: any */
	char	   *prompt;			/* NULL: none */
	OAuthAuthentication authentication; /* as the application says it, or of the session */
} OAuthLoginRequest;

extern void oauth_store_insert_login_request(const OAuthLoginRequest *request, const char *string,
											 const char *browser);
extern OAuthLoginRequest *oauth_store_find_login_request(const OAuthTokenString *presented,
														 bool by_verifier);
extern void oauth_store_set_login_verifier(int64 handle, const char *verifier);
extern bool oauth_store_accept_login(const OAuthLoginRequest *login);
extern bool oauth_store_accept_consent(int64 handle, const char *scope, const char *details);
extern bool oauth_store_deny_login_request(int64 handle);
extern bool oauth_store_use_login_request(int64 handle, const char *browser);

/* ---- pushed_request.c ---- */

/* An authorization request that is kept under a request_uri, in whatever state. */
typedef struct OAuthPushedRequest
{
	int64		handle;
	const char *client_id;
	const char *parameters;		/* a form */
	TimestampTz open_until;		/* any browser may open it until then */
	TimestampTz expires_at;		/* one that has opened it may go on until then */
	bool		is_used;		/* it has been answered */
	bool		is_signed;		/* the client signed it (RFC 9101) */
	bool		is_of_browser;	/* the one that asks has opened it */
	bool		is_of_answer;	/* that answer has used it */
} OAuthPushedRequest;

extern void oauth_store_insert_pushed_request(const OAuthPushedRequest *request,
											  const char *string);
extern OAuthPushedRequest *oauth_store_find_pushed_request(const OAuthTokenString *presented,
														   const char *browser, const char *answer);
extern void oauth_store_open_pushed_request(int64 handle, TimestampTz expires_at,
											const char *browser);
extern bool oauth_store_use_pushed_request(int64 handle, const char *answer);

/* ---- oauth1.c ---- */

/* Temporary credentials (RFC 5849, section 2.1), in whatever state. */
typedef struct OAuth1RequestToken
{
	int64		handle;
	char	   *client_id;
	bytea	   *secret_sealed;
	char	   *callback;		/* a URI, or oob */
	char	   *scope;
	char	   *subject;		/* NULL until one has approved */
	TimestampTz expires_at;
	int			failed_attempts;
	bool		is_denied;
	bool		is_used;
} OAuth1RequestToken;

/* Token credentials (section 2.3), in whatever state. */
typedef struct OAuth1Token
{
	int64		handle;
	OAuthGrant	grant;
	bytea	   *secret_sealed;
	TimestampTz expires_at;		/* 0: when it is revoked */
	bool		is_ended;		/* it was revoked, or its grant, client or subject has ended */
} OAuth1Token;

#define OAUTH1_MAX_ATTEMPTS 5

extern void oauth_store_insert_request_token(const OAuth1RequestToken *token, const char *string);
extern OAuth1RequestToken *oauth_store_find_request_token(const OAuthTokenString *token);
extern bool oauth_store_approve_request_token(int64 handle, const char *subject,
											  const char *verifier);
extern bool oauth_store_deny_request_token(int64 handle);
extern bool oauth_store_use_request_token(int64 handle, const char *verifier);
extern void oauth_store_insert_oauth1_token(const OAuth1Token *token, const char *string);
extern OAuth1Token *oauth_store_find_oauth1_token(const OAuthTokenString *token);
extern OAuth1Token *oauth_store_find_unasked_oauth1_token(const OAuthTokenString *token);

/* ---- protect.c ---- */

typedef struct OAuthProtectedFunction
{
	char	   *path;
	OAuthApplicationFunction function;
	char	   *required_scope; /* NULL: none */
	List	   *methods;		/* of char * */
	OAuthLoginNeeded login;
} OAuthProtectedFunction;

extern OAuthProtectedFunction *oauth_store_find_protected(const char *path);
extern OAuthProtectedFunction *oauth_store_hold_protected(const char *path);
extern void oauth_store_protect(const OAuthProtectedFunction *entry);
extern bool oauth_store_unprotect(const char *path);

/* ---- extension.c ---- */

extern char *oauth_store_api_schema(void);

/* ---- claims.c ---- */

extern void oauth_store_claims_init(void);
extern bool oauth_store_has_claims_function(void);
extern bool oauth_store_find_claims_function(OAuthApplicationFunction *function);
extern void oauth_store_hold_claims_function(void);
extern void oauth_store_set_claims_function(const OAuthApplicationFunction *function);

/* ---- housekeeping.c ---- */

typedef struct OAuthStatus
{
	int64		clients;
	int64		users;
	int64		subjects;
	int64		grants;
	int64		access_tokens;
	int64		refresh_tokens;
	int64		oauth1_tokens;
	int64		expired_rows;
	TimestampTz master_key_created_at;	/* 0 if there is none */
	TimestampTz purged_at;		/* 0 for never */
	int64		signing_keys;	/* that are published */
	TimestampTz signing_key_used_from;	/* of the oldest that signs, 0 if there is none */
} OAuthStatus;

extern bool oauth_store_hold_purge(void);
extern int64 oauth_store_purge(void);
extern char *oauth_store_locked_table(void);
extern void oauth_store_status(OAuthStatus *status);

/* ---- restore.c ---- */

extern void oauth_store_forget_restored(void);

/* ---- event.c ---- */

/* What happened, in words of the RFCs; what is not said is NULL or 0. */
typedef struct OAuthEvent
{
	const char *event;			/* issue, refresh, revoke, login, logout, authenticate, consent,
								 * register, configure */
	const OAuthFault *fault;	/* why it was refused */
	int64		grant;			/* which says client and subject, so that these can be left out */
	const char *client_id;
	const char *subject;
	const char *detail;
} OAuthEvent;

extern void oauth_store_note_event(const OAuthEvent *event, const char *outcome, Datum peer,
								   const char *role, const char *request_id);
extern void oauth_store_purge_events(void);
extern void oauth_store_event_init(void);

/* ---- check.c ---- */

/* What a careful operator would change. */
/* A setting, and what ALTER DATABASE has made of it for new sessions. */
typedef struct OAuthSettingToCome
{
	char	   *name;
	char	   *value;
} OAuthSettingToCome;

typedef struct OAuthFinding
{
	const char *severity;		/* high, medium or low */
	const char *subject;
	const char *finding;
	const char *remedy;			/* SQL, or a comment */
} OAuthFinding;

extern List *oauth_store_findings(void);
extern List *oauth_store_settings_to_come(void);
extern bool oauth_store_has_key(void);

/* ---- state.c ---- */

/* What has become of a token, in words; NULL for what there is not. */
typedef struct OAuthTokenState
{
	char	   *kind;
	char	   *client_id;
	char	   *client_name;
	char	   *who;
	char	   *scope;
	char	   *state;
	char	   *ended_reason;
	char	   *issued_at;
	char	   *expires_at;
	char	   *ended_at;
	bool		matches;		/* the digest too, not the handle alone */
} OAuthTokenState;

typedef struct OAuthCodeState
{
	char	   *client_id;
	char	   *client_name;
	char	   *redirect_uri;
	char	   *code_challenge;
	char	   *used_at;
	char	   *expired_at;
	char	   *ended_reason;
	bool		matches;
} OAuthCodeState;

extern OAuthTokenState *oauth_store_token_state(const OAuthTokenString *string);
extern OAuthCodeState *oauth_store_code_state(const OAuthTokenString *string);
extern char *oauth_store_request_token_state(const OAuthTokenString *string, char **client_id);
extern char *oauth_store_client_end(const char *client_id);
extern char *oauth_store_old_secret_end(const char *client_id, const uint8 *hash);
extern char *oauth_store_time_of_handle(int64 handle);

/* ---- throttle.c ---- */

/* What one attempt is counted under. */
typedef struct OAuthThrottle
{
	const char *kind;			/* password, client_secret, user_code */
	const char *account;		/* NULL: it does not exist */
	Datum		address;		/* an inet, 0: unknown */
	int			allowance;		/* failures that are free */
	void	   *counted_here;	/* uuids: account and address, account, address */
	void	   *counted_anywhere;
	void	   *address_key;
	Datum		site;			/* of an address of IPv6 the network of 48 bits; 0: of no other */
	void	   *site_here;		/* account and site; NULL: not counted */
	void	   *site_key;		/* site */
	bool		is_off;
} OAuthThrottle;

extern bool oauth_store_count_visit(const OAuthThrottle *throttle);
extern bool oauth_store_try_counts(const OAuthThrottle *throttle);
extern bool oauth_store_count_attempt(const OAuthThrottle *throttle);
extern void oauth_store_count_failure(const OAuthThrottle *throttle);
extern void oauth_store_forget_attempt(const OAuthThrottle *throttle);
extern int	oauth_store_throttle_wait(const OAuthThrottle *throttle);
extern int64 oauth_store_forget_account(const char *account);
extern int64 oauth_store_purge_throttle(void);

/* ---- second_factor.c ---- */

typedef struct OAuthSecondFactorRow
{
	bool		is_required;
	bool		is_confirmed;
	bytea	   *secret_sealed;	/* NULL: none */
	int			n_recovery_codes;
} OAuthSecondFactorRow;

extern bool oauth_store_is_built_in(const char *subject);
extern void oauth_store_find_second_factor(const char *subject, OAuthSecondFactorRow *factor);
extern bool oauth_store_begin_second_factor(const char *subject, bytea *secret_sealed);
extern bool oauth_store_confirm_second_factor(const char *subject, bytea *secret_sealed,
											  int64 step);
extern bool oauth_store_use_totp_step(const char *subject, bytea *secret_sealed, int64 step);
extern bool oauth_store_use_recovery_code(const char *subject, const char *code);
extern void oauth_store_set_recovery_codes(const char *subject, List *codes);
extern bool oauth_store_remove_second_factor(const char *subject);
extern bool oauth_store_require_second_factor(const char *subject, bool is_required);

/* ---- known.c ---- */

extern bool oauth_store_knows_address(const uint8 *key);
extern void oauth_store_remember_address(const uint8 *key);
extern int64 oauth_store_purge_known(void);

#endif							/* OAUTH_STORE_H */
