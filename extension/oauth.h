/*
 * oauth.h
 *		The words the files of the extension share.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_H
#define OAUTH_H

#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"
#include "version.h"

/* The spelling of PostgreSQL 18, which took the older one away. */
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

#define OAUTH_HASH_LENGTH	32	/* SHA-256 */
#define OAUTH_KEY_ID_LENGTH	8
#define OAUTH_MAX_SUBJECT	255
#define OAUTH_SHARE_LENGTH	8
#define OAUTH_SALT_LENGTH	(OAUTH_KEY_ID_LENGTH + 16)

/* ---- setting.c ---- */

/* What a connection of the shim is for; a session that says nothing does everything in place. */
typedef enum OAuthLane
{
	OAUTH_LANE_ANY,
	OAUTH_LANE_READING,
	OAUTH_LANE_WRITING,
	OAUTH_LANE_SLOW,
	OAUTH_LANE_APPLICATION
} OAuthLane;

extern char *oauth_setting_issuer;
extern char *oauth_setting_master_key_file;
extern int	oauth_setting_access_token_lifetime;	/* seconds */
extern int	oauth_setting_refresh_token_lifetime;	/* seconds */
extern int	oauth_setting_refresh_grace;	/* seconds */
extern int	oauth_setting_grant_lifetime;	/* seconds, 0 for no limit */
extern int	oauth_setting_bcrypt_cost;
extern int	oauth_setting_purge_batch;	/* rows */
extern int	oauth_setting_timestamp_window; /* seconds */
extern int	oauth_setting_request_token_lifetime;	/* seconds */
extern int	oauth_setting_oauth1_token_lifetime;	/* seconds, 0 for no limit */
extern int	oauth_setting_rsa_min_bits;
extern int	oauth_setting_code_lifetime;	/* seconds */
extern int	oauth_setting_session_lifetime; /* seconds */
extern int	oauth_setting_device_code_lifetime; /* seconds */
extern int	oauth_setting_device_interval;	/* seconds */
extern int	oauth_setting_failed_attempts;	/* 0: they are not counted */
extern int	oauth_setting_event_retention;	/* seconds, 0: no events */
extern bool oauth_setting_require_pkce;
extern bool oauth_setting_notify_revocation;
extern char *oauth_setting_allowed_hosts;
extern char *oauth_setting_login_url;
extern char *oauth_setting_redirect_schemes;
extern char *oauth_setting_consent_url;
extern char *oauth_setting_password_reset_url;
extern char *oauth_setting_sign_up_url;
extern char *oauth_setting_help_url;
extern int	oauth_setting_login_request_lifetime;	/* seconds */

/* Who may register clients over HTTP. */
typedef enum OAuthRegistration
{
	OAUTH_REGISTER_CLOSED,
	OAUTH_REGISTER_WITH_TOKEN,
	OAUTH_REGISTER_OPEN
} OAuthRegistration;

extern int	oauth_setting_registration;
extern int	oauth_setting_registration_idle;	/* seconds, 0 for ever */
extern int	oauth_setting_registration_limit;	/* idle clients, 0 for any number */
extern int	oauth_setting_registration_rate;	/* an hour and address, 0 for any number */
extern int	oauth_setting_device_rate;	/* likewise */
extern int	oauth_setting_lane;
extern void oauth_settings_define(GucStringCheckHook check_redirect_schemes);

/* ---- fault.c: what the client of HTTP did wrong, as a value ---- */

typedef enum OAuthFaultCode
{
	OAUTH_INVALID_REQUEST,
	OAUTH_INVALID_CLIENT,
	OAUTH_INVALID_GRANT,
	OAUTH_UNAUTHORIZED_CLIENT,
	OAUTH_UNSUPPORTED_GRANT_TYPE,
	OAUTH_INVALID_SCOPE,
	OAUTH_INVALID_TOKEN,
	OAUTH_INSUFFICIENT_SCOPE,
	OAUTH_INVALID_REDIRECT_URI,
	OAUTH_INVALID_CLIENT_METADATA,
	OAUTH_NO_CREDENTIALS,
	OAUTH_INVALID_TARGET,
	OAUTH_AUTHORIZATION_PENDING,
	OAUTH_SLOW_DOWN,
	OAUTH_EXPIRED_TOKEN,
	OAUTH_UNSUPPORTED_RESPONSE_TYPE,
	OAUTH_ACCESS_DENIED,
	OAUTH_LOGIN_REQUIRED,
	OAUTH_CONSENT_REQUIRED,
	OAUTH_REQUEST_NOT_SUPPORTED,
	OAUTH_REQUEST_URI_NOT_SUPPORTED,
	OAUTH_TOO_MANY_ATTEMPTS,
	OAUTH_NOT_FOUND,
	OAUTH_METHOD_NOT_ALLOWED,
	OAUTH_OTHER_LANE,			/* no fault: it has to be asked on the slow lane */
	OAUTH1_PARAMETER_ABSENT,
	OAUTH1_PARAMETER_REJECTED,
	OAUTH1_VERSION_REJECTED,
	OAUTH1_SIGNATURE_METHOD_REJECTED,
	OAUTH1_SIGNATURE_INVALID,
	OAUTH1_TIMESTAMP_REFUSED,
	OAUTH1_NONCE_REPLAYED,
	OAUTH1_TOKEN_EXPIRED,
	OAUTH1_TOKEN_REVOKED,
	OAUTH1_TOKEN_REJECTED,
	OAUTH1_TOKEN_USED,
	OAUTH1_VERIFIER_INVALID,
	OAUTH1_CONSUMER_KEY_REJECTED,
	OAUTH1_LOGIN_REFUSED,
	OAUTH1_TOO_MANY_ATTEMPTS,
	OAUTH1_PERMISSION_DENIED,
	OAUTH1_USER_REFUSED
} OAuthFaultCode;

typedef struct OAuthFault
{
	OAuthFaultCode code;
	const char *description;	/* printable ASCII without " and \ */
	int			retry_after;	/* seconds, 0: nothing is said of it */
	int64		grant;			/* that it is about, for the audit log; 0: none */
	bool		is_noted;		/* the audit log has it, or need not */
} OAuthFault;

extern OAuthFault *oauth_fault(OAuthFaultCode code, const char *description);
extern const char *oauth_fault_name(const OAuthFault *fault);
extern int	oauth_fault_status(const OAuthFault *fault);
pg_noreturn extern void oauth_fault_raise(const OAuthFault *fault, const char *hint);

/* ---- request.c ---- */

typedef struct OAuthRequest
{
	const char *method;
	const char *target;			/* path and query as received */
	char	   *path;			/* without query and trailing slash */
	const char *query;			/* after the '?', or NULL */
	Datum	   *headers;		/* text, 'Name: value' */
	int			n_headers;
	const char *body;
	int			body_length;
	const char *scheme;			/* http or https */
	Datum		peer;			/* inet, the address of the client; 0: unknown */
	bool		is_confidential;	/* nobody on the way reads it: TLS, or this machine */
} OAuthRequest;

extern OAuthRequest *oauth_request_from_datum(Datum datum);
extern Oid	oauth_request_type(void);
extern Datum oauth_request_datum(const char *method, const char *target, Datum headers, const char *body,
								 const char *scheme);
extern OAuthRequest *oauth_request_about(const OAuthRequest *request, const char *method, const char *target);
extern int	oauth_request_header(const OAuthRequest *request, const char *name, char **value);
extern bool oauth_request_has_form(const OAuthRequest *request);
extern Datum oauth_request_without_proof(const OAuthRequest *request, Datum datum);

/* ---- response.c ---- */

typedef struct OAuthResponse
{
	int			status;
	List	   *headers;		/* of char *, 'Name: value' */
	StringInfoData body;
} OAuthResponse;

extern OAuthResponse *oauth_response(int status);
extern void oauth_response_header(OAuthResponse *response, const char *name, const char *value);
extern OAuthResponse *oauth_response_json(int status);
extern void oauth_response_retry_after(OAuthResponse *response, const OAuthFault *fault);
extern OAuthResponse *oauth_response_fault(const OAuthFault *fault);
extern OAuthResponse *oauth_response_from_datum(Datum datum);
extern Datum oauth_response_datum(FunctionCallInfo fcinfo, const OAuthResponse *response);
extern bool oauth_response_is_other_lane(OAuthLane lane);
extern OAuthResponse *oauth_response_lane(OAuthLane lane);
extern char *(*oauth_claimed_caller_hook) (const OAuthRequest *request);
extern OAuthResponse *oauth_response_application(const char *client_id, const char *subject);
extern OAuthResponse *oauth_response_application_unknown(const OAuthRequest *request);
extern void oauth_json_member(StringInfo json, const char *name, const char *value);
extern void oauth_json_words(StringInfo json, const char *name, const char *words);
extern void oauth_json_number(StringInfo json, const char *name, int64 value);

/* ---- undo.c: HEAD ---- */

typedef struct OAuthUndo
{
	bool		is_head;
	MemoryContext context;
	struct ResourceOwnerData *owner;
} OAuthUndo;

extern void oauth_undo_begin(const OAuthRequest *request, OAuthUndo *undo);
extern void oauth_undo_end(const OAuthUndo *undo, bool is_kept);
extern OAuthResponse *oauth_undo_head(const OAuthRequest *request,
									  OAuthResponse *(*answer) (const OAuthRequest *request));

/* ---- cors.c: scripts of web pages ---- */

extern OAuthFault *oauth_cors_check_origins(const List *origins);
extern List *oauth_cors_plain_origins(const List *origins);
extern char *oauth_cors_origin(const OAuthRequest *request);
extern OAuthResponse *oauth_cors_allow(const OAuthRequest *request, const char *client_id, OAuthResponse *response);
extern OAuthResponse *oauth_cors_allow_all(OAuthResponse *response);
extern bool oauth_cors_is_preflight(const OAuthRequest *request);
extern OAuthResponse *oauth_cors_options(const OAuthRequest *request, const char *methods, bool for_all);

/* ---- uri.c: RFC 3986 ---- */

extern size_t oauth_uri_scheme_length(const char *uri);
extern int	oauth_uri_port(const char *digits, size_t length);
extern size_t oauth_uri_host_length(const char *host, size_t length);
extern char *oauth_uri_normal(const char *uri);
extern bool oauth_uri_equals(const char *one, const char *other);
extern bool oauth_uris_include(const char *list, const char *uris);

/* ---- params.c: application/x-www-form-urlencoded ---- */

typedef struct OAuthParam
{
	char	   *name;
	char	   *value;
} OAuthParam;

typedef struct OAuthParams
{
	OAuthParam *items;
	int			n;
} OAuthParams;

extern OAuthFault *oauth_params_parse(const char *encoded, int length, OAuthParams *params);
extern List *oauth_params_all(const OAuthParams *params, const char *name);
extern OAuthFault *oauth_params_get(const OAuthParams *params, const char *name, const char **value);
extern char *oauth_percent_decode(const char *encoded, int length, bool plus_is_space);
extern char *oauth_form_decode(const char *encoded, int length);

/* ---- hmac.c ---- */

#define OAUTH_MAX_HMAC_LENGTH	64	/* of SHA-512 */

typedef struct OAuthHmac
{
	const char *digest;			/* as OpenSSL names it */
	struct evp_mac_ctx_st *context; /* NULL at first */
} OAuthHmac;

extern void oauth_hmac(OAuthHmac *hmac, const void *key, size_t key_length, const void *const *parts,
					   const size_t *lengths, int n_parts, uint8 *result);
extern void oauth_hmac_sha256(const uint8 *key, const void *const *parts, const size_t *lengths, int n_parts,
							  uint8 *mac);

/* ---- secret.c: random values, digests, tokens ---- */

typedef enum OAuthTokenKind
{
	OAUTH_ACCESS_TOKEN,
	OAUTH_REFRESH_TOKEN,
	OAUTH_AUTHORIZATION_CODE,
	OAUTH_SESSION,
	OAUTH1_REQUEST_TOKEN,
	OAUTH1_TOKEN,
	OAUTH_REGISTRATION_TOKEN,
	OAUTH_INITIAL_TOKEN,
	OAUTH_DEVICE_CODE,
	OAUTH_LOGIN_REQUEST,
	OAUTH_LOGIN_VERIFIER
} OAuthTokenKind;

/* A token string, taken apart.  hash is of the whole string, whatever it is. */
typedef struct OAuthTokenString
{
	int64		handle;			/* 0 if the string is no token of that kind */
	uint8		hash[OAUTH_HASH_LENGTH];
} OAuthTokenString;

extern void oauth_random(void *buffer, size_t length);
extern void oauth_sha256(const void *data, size_t length, uint8 *hash);
extern void oauth_wipe(void *buffer, size_t length);
extern int64 oauth_handle_next(void);
extern TimestampTz oauth_handle_time(int64 handle);
extern int64 oauth_handle_before(TimestampTz time);
extern char *oauth_token_string(OAuthTokenKind kind, int64 handle, const uint8 *secret);
extern char *oauth_random_token(OAuthTokenKind kind, int64 handle);
extern bool oauth_token_has_kind(const char *token, int length, OAuthTokenKind kind);
extern bool oauth_token_is_ours(const char *token, int length);
extern void oauth_token_parse(const char *token, int length, OAuthTokenKind kind, OAuthTokenString *parsed);
extern char *oauth_client_secret_string(void);
extern char *oauth_shared_secret_string(void);
extern char *oauth_random_id(void);
extern bytea *oauth_bytea(const void *data, size_t length);
extern char *oauth_base64url(const void *data, int length);
extern uint8 *oauth_base64url_decode(const char *encoded, int length, int *decoded_length);
extern char *oauth_base64_decode(const char *encoded, int length, int *decoded_length);

/* ---- master_key.c, seal.c ---- */

extern void oauth_master_key_current(uint8 *key_id, bool for_sealing);
extern void oauth_master_key_derive(const uint8 *key_id, const char *label, uint8 *derived);
extern void oauth_master_key_add(const uint8 *current, uint8 *key_id);
extern char *oauth_seal_binding(OAuthTokenKind kind, int64 handle);
extern bytea *oauth_seal(const char *plain, const char *bound_to);
extern char *oauth_unseal(bytea *sealed, const char *bound_to);
extern void oauth_unseal_dummy(void);

/* ---- call.c ---- */

extern bool oauth_argument_is_null(FunctionCallInfo fcinfo, int n);
extern char *oauth_argument(FunctionCallInfo fcinfo, int n, const char *name);
extern char *oauth_optional_argument(FunctionCallInfo fcinfo, int n);
extern List *oauth_list_argument(FunctionCallInfo fcinfo, int n, const char *name);
extern Jsonb *oauth_jsonb_argument(FunctionCallInfo fcinfo, int n, const char *name);
extern int	oauth_seconds_argument(FunctionCallInfo fcinfo, int n, const char *name);
extern bool oauth_is_subject(const char *text);
extern Datum oauth_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls);

/* ---- readable.c: what people read ---- */

#define OAUTH_MAX_SHOWN 1000	/* bytes of what others chose, on a page */

extern char *oauth_why_unreadable(const char *words, bool may_wrap);
extern char *oauth_why_not_plain(const char *words, size_t max);
extern bool oauth_is_plain(const char *words, size_t max);
extern bool oauth_is_blank(uint32 c);
extern char *oauth_readable(const char *words, size_t max);
extern const char *oauth_readable_name(const char *name, const char *otherwise);

/* ---- typed.c: what people type ---- */

extern char *oauth_username_key(const char *username);
extern char *oauth_username_trimmed(const char *username);
extern char *oauth_username_stored(const char *username);
extern char *oauth_password_composed(const char *password);

/* ---- store.c ---- */

extern List *oauth_list_from_array(ArrayType *array);
extern Datum oauth_array_from_list(List *list);

/* ---- store_key.c ---- */

extern bool oauth_store_current_key(uint8 *key_id, bool for_sealing);
extern bool oauth_store_hold_keys(bool wait);
extern void oauth_store_insert_key(const uint8 *key_id);
extern void oauth_store_replace_key(const uint8 *key_id);

/* ---- store_sealed.c ---- */

/* The tables that have sealed values. */
typedef enum OAuthSealedTable
{
	OAUTH_SEALED_CLIENT,
	OAUTH_SEALED_IMPORTED_KEY,
	OAUTH_SEALED_OAUTH1_TOKEN,
	OAUTH_SEALED_REQUEST_TOKEN
} OAuthSealedTable;

typedef struct OAuthSealedRow
{
	Datum		key;			/* of the row, in the type of the table's primary key */
	bytea	   *secret;			/* NULL if there is none */
	bytea	   *old_secret;		/* a client's, during a rotation of its secret; NULL if there is none */
} OAuthSealedRow;

extern List *oauth_store_sealed_rows(OAuthSealedTable table, const OAuthSealedRow *after);
extern void oauth_store_write_sealed(OAuthSealedTable table, const OAuthSealedRow *row);

/* ---- reseal.c ---- */

extern int64 oauth_reseal_all(void);

/* ---- store_client.c ---- */

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
	List	   *cors_origins;	/* of char *; of a client that was found, oauth_store_origins() reads them */
	bytea	   *secret_sealed;	/* NULL if it cannot be recovered */
	bytea	   *old_secret_sealed;	/* while it may still be used */
	TimestampTz created_at;
	bool		is_disabled;
	bool		secret_matches; /* the digest it was looked up with */
	bool		is_self_registered; /* over HTTP, and may still change itself */
	const char *imported_from;	/* NULL: registered here */
	char	   *imported_secret_hash;	/* NULL: none, or it has been used */
	const uint8 *secret_hash;	/* of one that is inserted, where nobody knows the secret itself */
} OAuthClient;

extern OAuthClient *oauth_store_find_client(const char *client_id, const uint8 *secret_hash);
extern char *oauth_store_find_client_of_name(const char *name);
extern void oauth_store_hold_client(const char *client_id);
extern void oauth_store_insert_client(const OAuthClient *client, const char *secret);
extern void oauth_store_update_client(const OAuthClient *client, bool keep_sealed);
extern bool oauth_store_rotate_secret(const char *client_id, const char *secret, bytea *secret_sealed,
									  TimestampTz old_until);
extern bool oauth_store_disable_client(const char *client_id);
extern bool oauth_store_enable_client(const char *client_id);
extern bool oauth_store_delete_client(const char *client_id);

/* ---- store_origin.c ---- */

extern List *oauth_store_origins(const char *client_id);
extern void oauth_store_set_origins(const char *client_id, List *origins);
extern bool oauth_store_client_has_origin(const char *client_id, const char *origin);
extern bool oauth_store_has_origin(const char *origin);

/* ---- store_registration.c ---- */

extern void oauth_store_make_room(int limit, bool is_time);
extern int64 oauth_store_json_members(const char *json);
extern void oauth_store_insert_initial_token(int64 handle, const char *token, int uses, TimestampTz expires_at);
extern bool oauth_store_initial_token_is_good(const OAuthTokenString *token);
extern bool oauth_store_use_initial_token(int64 handle);
extern void oauth_store_set_registration_token(const char *client_id, const char *token);
extern bool oauth_store_hold_registration(const char *client_id, const uint8 *token_hash);

/* ---- store_scope.c ---- */

extern void oauth_store_register_scope(const char *scope, const char *description, bool is_default, bool is_advertised);
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

/* ---- store_user.c ---- */

extern Oid	oauth_store_pgcrypto_function(const char *signature);

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
extern bool oauth_store_insert_user(const char *username, const char *subject, const char *password_hash);
extern bool (*oauth_store_user_is_active_hook) (const char *subject);
extern bool oauth_store_subject_is_enabled(const char *subject);
extern const char *oauth_password_problem(const char *password);
extern bool oauth_user_set_password(const OAuthUser *user, const char *password);
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

/* ---- store_user_source.c: the application's own users ---- */

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

extern bool oauth_store_users_are_mapped(void);
extern bool oauth_store_users_are_asked(void);
extern OAuthUserSource *oauth_store_stored_user_source(void);
extern OAuthUserSource *oauth_store_user_source(void);
extern void oauth_store_resolve_user_source(OAuthUserSource *source);
extern void oauth_store_hold_user_source(void);
extern void oauth_store_set_user_source(const OAuthUserSource *source);
extern bool oauth_store_forget_user_source(void);
extern bool oauth_store_user_source_can_tell(Oid relation);

/* ---- store_own_user.c ---- */

extern OAuthUser *oauth_store_own_user_by_id(const OAuthUserSource *source, const char *id, bool just_looking);
extern OAuthUser *oauth_store_hold_own_user(const OAuthUserSource *source, const char *id);
extern OAuthUser *oauth_store_own_user_by_name(const OAuthUserSource *source, const char *username);
extern List *oauth_store_own_user_hashes(const OAuthUserSource *source);
extern bool oauth_store_replace_own_hash(const OAuthUserSource *source, const OAuthUser *user, const char *hash);
extern bool oauth_store_is_replacing_hash(const char *hash);

/* ---- own_user.c ---- */

extern OAuthUser *oauth_find_user(const char *username);
extern OAuthUser *oauth_own_user_login(OAuthUser *user, const char *username, const char *password, const uint8 *place);
extern bool oauth_own_users_have_function(void);
extern OAuthUser *oauth_own_user_hold(const char *subject);
extern char *oauth_username(const char *subject);
extern bool oauth_own_user_is_active(const char *subject);
extern bool oauth_user_may_change_password(const char *subject);
extern bool oauth_own_user_set_password(const OAuthUser *user, const char *password);
extern void oauth_users_must_be_built_in(void);
extern OAuthResponse *oauth_users_elsewhere(bool is_login);
extern bool oauth_users_need_application_lane(void);

/* ---- store_token.c ---- */

typedef struct OAuthGrant
{
	int64		handle;
	const char *client_id;
	const char *subject;		/* NULL: the client itself */
	const char *grant_type;
	const char *scope;			/* NULL for the client itself */
	const char *resource;		/* URIs, space-separated; NULL: any */
} OAuthGrant;

/* A living access token with what it stands for. */
typedef struct OAuthToken
{
	int64		handle;
	char	   *client_id;
	char	   *subject;		/* NULL: the client itself */
	char	   *scope;
	char	   *resource;		/* URIs, space-separated; NULL: any */
	TimestampTz expires_at;
	bool		is_signed;		/* it came with an OAuth 1.0a signature */
} OAuthToken;

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
extern void oauth_store_insert_grant(const OAuthGrant *grant);
extern void oauth_store_insert_access_token(int64 handle, int64 grant, const char *token, const char *scope,
											const char *resource, TimestampTz expires_at);
extern void oauth_store_insert_refresh_token(int64 handle, int64 grant, const char *token, int64 access_token,
											 const uint8 *salt, TimestampTz expires_at);
extern bool oauth_store_access_token_scope(int64 handle, char **scope, TimestampTz *expires_at);
extern bool oauth_store_use_refresh_token(int64 handle, int64 successor);

/* ---- store_ending.c ---- */

extern bool oauth_store_revoke_access_token(int64 handle);
extern bool oauth_store_end_grant(int64 grant, const char *reason);
extern int64 oauth_store_end_grants_of_subject(const char *subject, const char *reason);
extern int64 oauth_store_end_grants_of_client(const char *client_id, const char *reason);
extern bool oauth_store_revoke_oauth1_token(int64 handle);
extern int64 oauth_store_end_grants_between(const char *subject, const char *client_id, const char *reason);
extern void oauth_store_tell_all(void);

/* ---- store_lookup.c ---- */

extern OAuthToken *oauth_store_find_access_token(const OAuthTokenString *token);
extern OAuthRefreshToken *oauth_store_find_refresh_token(int64 handle, const uint8 *hash, bool just_looking);

/* ---- imported.c, store_import.c: what other providers issued ---- */

extern void oauth_token_locate(const char *token, int length, OAuthTokenKind kind, OAuthTokenString *located);
extern void oauth_hydra_hash(const char *signature, uint8 *hash);
extern void oauth_hydra_add_key(const char *system_secret);
extern bool oauth_hydra_signature_hash(const char *token, int length, uint8 *hash);
extern int64 oauth_store_imported_handle(const uint8 *hash, bool is_signature);
extern int64 oauth_store_imported_handle_now(const uint8 *hash);
extern void oauth_store_add_imported_key(const uint8 *key_hash, bytea *sealed);
extern List *oauth_store_imported_keys(void);
extern void oauth_store_settle_secret(const OAuthClient *client, const char *secret);

/* ---- store_nonce.c, oauth1/nonce.c: RFC 5849, section 3.3 ---- */

typedef enum OAuth1NonceResult
{
	OAUTH1_NONCE_NEW,			/* and now used */
	OAUTH1_NONCE_USED,
	OAUTH1_NONCE_STALE			/* the timestamp is outside the window */
} OAuth1NonceResult;

/* Timestamps that are acceptable now, counted from 1970. */
typedef struct OAuthNonceWindow
{
	int64		earliest;
	int64		latest;
	int			seconds;		/* either way */
} OAuthNonceWindow;

extern OAuth1NonceResult oauth_store_use_nonce(int64 timestamp, const uint8 *digest, const OAuthNonceWindow *window);
extern void oauth_store_purge_nonces(const OAuthNonceWindow *window);
extern OAuth1NonceResult oauth1_nonce_use(const char *client_id, int64 token_handle, int64 timestamp,
										  const char *nonce);
extern void oauth1_nonce_purge(void);

/* ---- store_code.c ---- */

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
} OAuthAuthorizationCode;

extern int64 oauth_store_find_answer(const char *answer_token, bool *is_living);
extern bool oauth_store_insert_code(const OAuthAuthorizationCode *code, const char *string, const char *answer_token);
extern OAuthAuthorizationCode *oauth_store_find_code(const OAuthTokenString *code);
extern bool oauth_store_use_code(int64 handle);

/* ---- store_device.c: RFC 8628 ---- */

#define OAUTH_USER_CODE_LENGTH 8

/* A device code in whatever state. */
typedef struct OAuthDeviceCode
{
	int64		handle;
	const char *client_id;
	const char *scope;
	const char *resource;		/* URIs, space-separated; NULL: any */
	const char *subject;		/* NULL until one has approved */
	TimestampTz expires_at;
	TimestampTz polled_at;		/* 0 if it has not been */
	int			interval;		/* seconds */
	bool		is_denied;
	bool		is_used;
} OAuthDeviceCode;

extern bool oauth_store_insert_device_code(const OAuthDeviceCode *code, const char *string, const char *user_code);
extern OAuthDeviceCode *oauth_store_find_device_code(const OAuthTokenString *presented);
extern OAuthDeviceCode *oauth_store_find_user_code(const char *user_code);
extern bool oauth_store_approve_device_code(const char *user_code, const char *subject);
extern bool oauth_store_deny_device_code(const char *user_code);
extern void oauth_store_note_poll(int64 handle, bool was_too_soon);
extern bool oauth_store_use_device_code(int64 handle);

/* ---- session.c, store_session.c ---- */

/* Somebody who is logged in. */
typedef struct OAuthSession
{
	int64		handle;
	char	   *subject;
	char	   *username;		/* NULL: not a built-in user */
} OAuthSession;

/* A browser in which a subject is logged in. */
typedef struct OAuthLogin
{
	bool		is_this;		/* the one that asks */
	char	   *browser;		/* NULL: unknown */
	char	   *address;		/* NULL: unknown */
	char	   *since;			/* a time, UTC */
} OAuthLogin;

extern OAuthSession *oauth_session_of(const OAuthRequest *request);
extern const char *oauth_session_name(const OAuthSession *session);
extern void oauth_session_begin(const OAuthRequest *request, OAuthResponse *response, const char *subject);
extern void oauth_session_switch(const OAuthRequest *request, OAuthResponse *response, const char *subject);
extern void oauth_session_end(const OAuthRequest *request, OAuthResponse *response, const OAuthSession *session);
extern void oauth_store_insert_session(int64 handle, const char *string, const char *subject, TimestampTz expires_at,
									   Datum peer, const char *browser);
extern List *oauth_store_logins(const OAuthSession *session);
extern OAuthSession *oauth_store_find_session(const OAuthTokenString *presented);
extern void oauth_store_end_session(int64 handle);
extern void oauth_store_end_sessions(const char *subject);

/* ---- page/handoff.c, store_login_request.c ---- */

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
	bool		is_denied;
	bool		is_used;
} OAuthLoginRequest;

extern void oauth_store_insert_login_request(const OAuthLoginRequest *request, const char *string, const char *browser);
extern OAuthLoginRequest *oauth_store_find_login_request(const OAuthTokenString *presented, bool by_verifier);
extern void oauth_store_set_login_verifier(int64 handle, const char *verifier);
extern bool oauth_store_accept_login(int64 handle, const char *subject);
extern bool oauth_store_accept_consent(int64 handle, const char *scope);
extern bool oauth_store_deny_login_request(int64 handle);
extern bool oauth_store_use_login_request(int64 handle, const char *browser);

/* ---- store_oauth1.c ---- */

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
extern bool oauth_store_approve_request_token(int64 handle, const char *subject, const char *verifier);
extern bool oauth_store_deny_request_token(int64 handle);
extern bool oauth_store_use_request_token(int64 handle, const char *verifier);
extern void oauth_store_insert_oauth1_token(const OAuth1Token *token, const char *string);
extern OAuth1Token *oauth_store_find_oauth1_token(const OAuthTokenString *token);

/* ---- application.c: functions of the application ---- */

#define OAUTH_MAX_APPLICATION_ARGUMENTS 3

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

extern void oauth_application_parse(const char *given, const char *arguments, OAuthApplicationFunction *function);
extern void oauth_application_find(OAuthApplicationFunction *function, int n_arguments, const Oid *types);
extern bool oauth_application_caller_owns(const OAuthApplicationFunction *function, int n_arguments, const Oid *types);
extern void oauth_application_refuse_restricted(const char *what);
extern void oauth_application_check_owner(const OAuthApplicationFunction *function);
extern Datum oauth_application_call(const OAuthApplicationFunction *function, int n_arguments,
									const NullableDatum * arguments, bool *is_null);
extern bool oauth_application_try(const OAuthApplicationFunction *function, int n_arguments, const NullableDatum * arguments,
								  NullableDatum * result);

/* ---- use_users.c ---- */

extern void oauth_users_find_function(OAuthApplicationFunction *function);

/* ---- store_protect.c ---- */

typedef struct OAuthProtectedFunction
{
	char	   *path;
	OAuthApplicationFunction function;
	char	   *required_scope; /* NULL: none */
	List	   *methods;		/* of char * */
} OAuthProtectedFunction;

extern OAuthProtectedFunction *oauth_store_find_protected(const char *path);
extern OAuthProtectedFunction *oauth_store_hold_protected(const char *path);
extern void oauth_store_protect(const OAuthProtectedFunction *entry);
extern bool oauth_store_unprotect(const char *path);

/* ---- claims.c, store_claims.c ---- */

extern OAuthLane oauth_claims_about(const OAuthToken *token, Jsonb **claims);
extern void oauth_claims_append(StringInfo json, Jsonb *claims);
extern bool oauth_claims_have(Jsonb *claims, const char *name);
extern void oauth_store_claims_init(void);
extern char *oauth_store_api_schema(void);
extern bool oauth_store_has_claims_function(void);
extern bool oauth_store_find_claims_function(OAuthApplicationFunction *function);
extern void oauth_store_hold_claims_function(void);
extern void oauth_store_set_claims_function(const OAuthApplicationFunction *function);

/* ---- store_housekeeping.c ---- */

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
} OAuthStatus;

extern bool oauth_store_hold_purge(void);
extern int64 oauth_store_purge(void);
extern void oauth_store_forget_restored(void);
extern char *oauth_store_locked_table(void);
extern void oauth_store_status(OAuthStatus *status);

/* ---- event.c, store_event.c ---- */

/* What happened, in words of the RFCs; what is not said is NULL or 0. */
typedef struct OAuthEvent
{
	const char *event;			/* issue, refresh, revoke, login, logout, authenticate, consent, register, configure */
	const OAuthFault *fault;	/* why it was refused */
	int64		grant;			/* which says client and subject, so that these can be left out */
	const char *client_id;
	const char *subject;
	const char *detail;
} OAuthEvent;

extern void oauth_event_note(const OAuthRequest *request, const OAuthEvent *event);
extern void oauth_event_consent(const OAuthRequest *request, const char *client_id, const char *subject, bool approved);
extern void oauth_event_configured(const char *client_id, const char *subject, const char *detail);
extern void oauth_store_note_event(const OAuthEvent *event, const char *outcome, Datum peer, const char *role,
								   const char *request_id);
extern void oauth_store_purge_events(void);
extern void oauth_store_event_init(void);

/* ---- check.c, store_check.c ---- */

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

/* ---- explain.c, store_explain.c ---- */

typedef enum OAuthVerdict
{
	OAUTH_EXPLAIN_OK,
	OAUTH_EXPLAIN_REFUSED,
	OAUTH_EXPLAIN_OPEN			/* it depends, or was not tried */
} OAuthVerdict;

/* The rows so far. */
typedef struct OAuthExplanation
{
	struct ReturnSetInfo *result;
	int			step;
	const char *not_asked;		/* why the endpoint is not; NULL: it is */
} OAuthExplanation;

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

extern char *oauth_explain_shown(const char *sent);
extern void oauth_explain_step(OAuthExplanation *explanation, const char *check, OAuthVerdict verdict, const char *detail,
							   const char *remedy);
extern bool oauth_explain_fault(OAuthExplanation *explanation, const char *check, const OAuthFault *fault,
								const char *remedy);
extern char *oauth_explain_update(const OAuthClient *client, const char *member, const char *json);
extern OAuthClient *oauth_explain_client(OAuthExplanation *explanation, const char *client_id, const uint8 *secret_hash);
extern void oauth_explain_caller(OAuthExplanation *explanation, const OAuthRequest *request);
extern bool oauth2_explain_token_string(OAuthExplanation *explanation, const char *check, const char *token,
										OAuthTokenKind kind, const char *kind_name);
extern void oauth2_explain_owner(OAuthExplanation *explanation, const OAuthClient *client, const char *token,
								 OAuthTokenKind kind, const char *remedy);
extern void oauth2_explain_refresh_token(OAuthExplanation *explanation, const OAuthClient *client, const char *token);
extern void oauth2_explain_code(OAuthExplanation *explanation, const OAuthClient *client, const OAuthParams *params);
extern void oauth2_explain_token(OAuthExplanation *explanation, const OAuthRequest *request);
extern void oauth2_explain_authorize(OAuthExplanation *explanation, const OAuthRequest *request);
extern void oauth2_explain_about_token(OAuthExplanation *explanation, const OAuthRequest *request);
extern void oauth2_explain_client_only(OAuthExplanation *explanation, const OAuthRequest *request);
extern void oauth1_explain(OAuthExplanation *explanation, const OAuthRequest *request);
extern OAuthTokenState *oauth_store_token_state(const OAuthTokenString *string);
extern OAuthCodeState *oauth_store_code_state(const OAuthTokenString *string);
extern char *oauth_store_request_token_state(const OAuthTokenString *string, char **client_id);
extern char *oauth_store_client_end(const char *client_id);
extern char *oauth_store_old_secret_end(const char *client_id, const uint8 *hash);
extern char *oauth_store_time_of_handle(int64 handle);

/* ---- identity.c ---- */

/* The identity of the transaction; none if client_id is NULL.  All of it lives in TopTransactionContext. */
typedef struct OAuthIdentity
{
	char	   *client_id;
	char	   *subject;
	char	   *scope;
} OAuthIdentity;

extern void oauth_identity_set(const OAuthToken *token);
extern void oauth_identity_clear(void);
extern OAuthIdentity oauth_identity_hide(void);
extern void oauth_identity_restore(const OAuthIdentity *hidden);
extern void oauth_identity_init(void);
extern void oauth_hint_begin(void);

/* ---- password.c ---- */

extern char *oauth_password_hash(const char *password);
extern bool oauth_password_is_ready_hash(const char *password);
extern bool oauth_password_matches(const char *password, const char *password_hash);
extern void oauth_password_burn(const char *password, const char *like);
extern char *oauth_password_with_cost_set(const char *password, const char *password_hash);
extern char *oauth_pgcrypto_crypt(const char *password, const char *salt);
extern char *oauth_bcrypt_salt(void);

/* ---- password_scheme.c: hashes that other programs have made ---- */

typedef enum OAuthPasswordVerdict
{
	OAUTH_PASSWORD_WRONG,
	OAUTH_PASSWORD_MATCHES,
	OAUTH_PASSWORD_UNUSABLE		/* the hash: unknown, malformed, too costly, or legacy and not allowed */
} OAuthPasswordVerdict;

typedef struct OAuthPasswordLook
{
	const char *scheme;			/* NULL if it is not known */
	bool		is_legacy;
	bool		is_weak;		/* legacy, or less work than it should be */
	const char *problem;		/* that keeps it from being used; NULL if none */
} OAuthPasswordLook;

extern void oauth_password_check_scheme(const char *name);
extern void oauth_password_look(const char *stored, const char *scheme_name, bool allow_legacy,
								OAuthPasswordLook *look);
extern char *oauth_password_renew(const char *password, const char *stored);
extern bool oauth_password_can_be_renewed(const char *stored);
extern List *oauth_password_by_cost(List *hashes, const char *scheme_name, bool allow_legacy);
extern OAuthPasswordVerdict oauth_password_verify(const char *password, const char *stored, const char *scheme_name,
												  bool allow_legacy);

/* ---- stand_in.c ---- */

extern void oauth_stand_in(const char *name, uint8 *place);

/* ---- throttle.c, store_throttle.c ---- */

/* What one attempt is counted under. */
typedef struct OAuthThrottle
{
	const char *kind;			/* password, client_secret, user_code */
	const char *account;		/* NULL: it does not exist */
	Datum		address;		/* an inet, 0: unknown */
	int			allowance;		/* failures that are free */
	void	   *here;			/* uuids: account and address, account, address */
	void	   *anywhere;
	void	   *address_key;
	Datum		site;			/* of an address of IPv6 the network of 48 bits; 0: of no other */
	void	   *site_here;		/* account and site; NULL: not counted */
	void	   *site_key;		/* site */
	bool		is_off;
} OAuthThrottle;

extern OAuthThrottle *oauth_throttle(const OAuthRequest *request, const char *kind, const char *account, bool is_known,
									 int allowance);
extern OAuthThrottle *oauth_throttle_of_browser(const OAuthThrottle *throttle, const char *account, const char *browser);
extern OAuthThrottle *oauth_throttle_at_known_address(const OAuthThrottle *throttle, const char *account);
extern bool oauth_throttle_lets_in(const OAuthThrottle *throttle);
extern OAuthFault *oauth_throttle_attempt(const OAuthThrottle *throttle);
extern OAuthFault *oauth_throttle_hopeless(const OAuthThrottle *throttle);
extern OAuthFault *oauth_throttle_visit(const OAuthRequest *request, const char *kind, int allowance);
extern bool oauth_store_count_visit(const OAuthThrottle *throttle);
extern void oauth_throttle_result(const OAuthThrottle *throttle, bool was_right);
extern bool oauth_store_try_counts(const OAuthThrottle *throttle);
extern bool oauth_store_count_attempt(const OAuthThrottle *throttle);
extern void oauth_store_count_failure(const OAuthThrottle *throttle);
extern void oauth_store_forget_attempt(const OAuthThrottle *throttle);
extern int	oauth_store_throttle_wait(const OAuthThrottle *throttle);
extern int64 oauth_store_forget_account(const char *account);
extern int64 oauth_store_purge_throttle(void);

/* ---- known.c, store_known.c ---- */

extern char *oauth_known_browser(const OAuthRequest *request, const OAuthUser *user);
extern void oauth_remember_browser(const OAuthRequest *request, OAuthResponse *response, const OAuthUser *user);
extern bool oauth_known_address(const OAuthThrottle *throttle, const OAuthUser *user);
extern void oauth_remember_address(const OAuthThrottle *throttle, const OAuthUser *user);
extern bool oauth_store_knows_address(const uint8 *key);
extern void oauth_store_remember_address(const uint8 *key);
extern int64 oauth_store_purge_known(void);

/* ---- login.c ---- */

extern OAuthFault *oauth_login(const OAuthRequest *request, const char *username, const char *password,
							   OAuthUser **user);

/* ---- caller.c ---- */

extern OAuthFault *oauth_caller(const OAuthRequest *request, const OAuthRequest *signed_request, const char *resource,
								OAuthLane signed_lane, OAuthToken **caller, OAuthLane *lane);
extern char *oauth_claimed_caller(const OAuthRequest *request);
extern OAuthFault *oauth_caller_check_scope(const OAuthToken *caller, const char *required_scope);
extern OAuthResponse *oauth_caller_challenge(const OAuthFault *fault, const char *required_scope);

/* ---- client.c ---- */

extern bool oauth_list_has(const List *list, const char *word);
extern bool oauth_words_have(const char *words, const char *word, size_t length);
extern char *oauth_client_create(OAuthClient *client);
extern OAuthFault *oauth_client_check(OAuthClient *client);
extern void oauth_client_notice_members(Jsonb *metadata);
extern void oauth_client_notice_wildcards(const OAuthClient *client, const List *before);
extern void oauth_client_notice_uses(const OAuthClient *client);
extern void oauth_client_notice_schemes(const OAuthClient *client, const List *before);
extern const char *oauth_client_scope(const OAuthClient *client);
extern bool oauth_client_may(const OAuthClient *client, const char *grant_type);
extern bool oauth_client_signs(const OAuthClient *client);
extern bool oauth_client_has_sealed_secret(const OAuthClient *client);
extern bool oauth_client_signs_with(const OAuthClient *client, const char *signature_method);
extern OAuthClient *oauth_client_required(const char *client_id);

/* ---- client_metadata.c: RFC 7591 ---- */

extern void oauth_client_metadata_defaults(OAuthClient *client);
extern OAuthFault *oauth_client_metadata_read(Jsonb *metadata, OAuthClient *client);
extern OAuthFault *oauth_client_metadata_read_own(Jsonb *metadata, OAuthClient *client, List **response_types);
extern char *oauth_client_web_page(const OAuthClient *client, const char *name);
extern Datum oauth_client_metadata_write(const OAuthClient *client, const char *secret);

/* ---- public_key.c ---- */

extern OAuthFault *oauth_public_key_check(const char *pem);
extern char *oauth_public_key_pem(const uint8 *modulus, int modulus_length, const uint8 *exponent, int exponent_length);
extern bool oauth_public_key_numbers(const char *pem, char **modulus, char **exponent);

/* ---- issue.c ---- */

typedef struct OAuthIssue
{
	int64		grant;			/* 0: a new one */
	const OAuthClient *client;
	const char *subject;		/* NULL: the client itself */
	const char *grant_type;
	const char *scope;
	const char *resource;		/* URIs, space-separated; NULL: any */
	int			lifetime;		/* seconds, 0 for the client's */
	bool		refresh;
} OAuthIssue;

typedef struct OAuthIssued
{
	char	   *access_token;
	char	   *refresh_token;	/* NULL if none */
	char	   *scope;
	TimestampTz expires_at;
	int64		grant;			/* 0: the answer is one that was given before */
	const char *issued_token_type;	/* of a token exchange, else NULL */
} OAuthIssued;

extern OAuthIssued *oauth_issue(const OAuthIssue *issue);
extern Datum oauth_issued_row(FunctionCallInfo fcinfo, const OAuthIssued *issued);
extern OAuthFault *oauth_reissue(const OAuthClient *client, const char *presented, const char *scope,
								 const char *resource, OAuthIssued **issued);
extern int	oauth_seconds_left(TimestampTz until);
extern TimestampTz oauth_seconds_from_now(int seconds);

/* ---- tokens.c ---- */

extern void oauth_use_subject(const char *subject);
extern void oauth_token_notice_scheme(const text *token);

/* ---- resource.c, protect.c ---- */

extern OAuthResponse *oauth_resource_answer(const OAuthRequest *request, Datum datum);
extern OAuthResponse *oauth_protected_call(OAuthProtectedFunction *entry, Datum request);

/* ---- page/ ---- */

/* What the pages say. */
typedef enum OAuthText
{
	OAUTH_TEXT_BRAND,
	OAUTH_TEXT_LOGIN,
	OAUTH_TEXT_CONTINUE_TO,
	OAUTH_TEXT_LOG_IN,
	OAUTH_TEXT_USERNAME,
	OAUTH_TEXT_PASSWORD,
	OAUTH_TEXT_FORGOT_PASSWORD,
	OAUTH_TEXT_SIGN_UP,
	OAUTH_TEXT_HELP,
	OAUTH_TEXT_WRONG_PASSWORD,
	OAUTH_TEXT_LOGOUT,
	OAUTH_TEXT_LOGGED_OUT,
	OAUTH_TEXT_LOGGED_IN_AS,
	OAUTH_TEXT_NOT_YOU,
	OAUTH_TEXT_SWITCH,
	OAUTH_TEXT_CONSENT,
	OAUTH_TEXT_WANTS,
	OAUTH_TEXT_ABOUT,
	OAUTH_TEXT_POLICY,
	OAUTH_TEXT_TERMS,
	OAUTH_TEXT_ALLOW,
	OAUTH_TEXT_DENY,
	OAUTH_TEXT_GOES_TO,
	OAUTH_TEXT_GO_ON,
	OAUTH_TEXT_DENIED,
	OAUTH_TEXT_DENIED_TOLD,
	OAUTH_TEXT_CODE,
	OAUTH_TEXT_CODE_TOLD,
	OAUTH_TEXT_ACCOUNT,
	OAUTH_TEXT_APPLICATIONS,
	OAUTH_TEXT_NO_APPLICATIONS,
	OAUTH_TEXT_LAST_USED,
	OAUTH_TEXT_REVOKE,
	OAUTH_TEXT_REVOKED,
	OAUTH_TEXT_SESSIONS,
	OAUTH_TEXT_THIS_BROWSER,
	OAUTH_TEXT_UNKNOWN_BROWSER,
	OAUTH_TEXT_LOGGED_IN_AT,
	OAUTH_TEXT_LOG_OUT_EVERYWHERE,
	OAUTH_TEXT_LOGGED_OUT_EVERYWHERE,
	OAUTH_TEXT_CHANGE_PASSWORD,
	OAUTH_TEXT_OLD_PASSWORD,
	OAUTH_TEXT_NEW_PASSWORD,
	OAUTH_TEXT_PASSWORD_CHANGED,
	OAUTH_TEXT_PASSWORD_REFUSED,
	OAUTH_TEXT_ERROR,
	OAUTH_TEXT_ERROR_TOLD,
	OAUTH_TEXT_STALE,
	OAUTH_TEXT_NO_COOKIE,
	OAUTH_TEXT_DEVICE,
	OAUTH_TEXT_DEVICE_TOLD,
	OAUTH_TEXT_DEVICE_COMPARE,
	OAUTH_TEXT_USER_CODE,
	OAUTH_TEXT_WRONG_USER_CODE,
	OAUTH_TEXT_TOO_MANY_ATTEMPTS,
	OAUTH_TEXT_DEVICE_DONE,
	OAUTH_TEXT_DEVICE_DONE_TOLD,
	OAUTH_N_TEXTS
} OAuthText;

/* A language that comes with the pages. */
typedef struct OAuthLanguage
{
	const char *tag;			/* RFC 5646 */
	const char *texts[OAUTH_N_TEXTS];
} OAuthLanguage;

#define OAUTH_N_LANGUAGES 12

typedef struct OAuthWords
{
	const char *language;
	bool		is_rtl;			/* its lines run from right to left */
	bool		was_asked;		/* the address of the page asks for that language */
	const char *texts[OAUTH_N_TEXTS];
	const char *stylesheet;		/* NULL: the one that comes with it */
} OAuthWords;

/* What the consent page asks. */
typedef struct OAuthConsent
{
	const char *action;			/* the path that the answer goes to */
	const char *request;		/* what it is about, for the flow to know */
	const char *page;			/* the address of this page, for who logs in anew */
	const OAuthClient *client;
	const char *scope;
	const char *goes_to;		/* the URI that follows; NULL: none */
} OAuthConsent;

/* What was answered. */
typedef struct OAuthConsentAnswer
{
	const char *request;
	const char *token;			/* names this answer, and nobody else knows it */
	bool		is_approval;
} OAuthConsentAnswer;

/* An application that has access. */
typedef struct OAuthConnected
{
	char	   *client_id;
	char	   *client_name;
	char	   *last_token;		/* a date */
	char	   *scope;			/* of all its grants */
} OAuthConnected;

extern void oauth_html_text(StringInfo html, const char *text);
extern void oauth_html(StringInfo html, const char *markup,...);
extern void oauth_html_sentence(StringInfo html, const char *text, const char *name);
extern void oauth_html_mark(StringInfo html, const char *name);
extern const char oauth_stylesheet[];
extern const OAuthLanguage oauth_language_en,
			oauth_language_ar,
			oauth_language_de,
			oauth_language_es,
			oauth_language_fr,
			oauth_language_it,
			oauth_language_ja,
			oauth_language_nl,
			oauth_language_pl,
			oauth_language_pt,
			oauth_language_zh,
			oauth_language_zh_hant;
extern const OAuthLanguage *const oauth_languages[OAUTH_N_LANGUAGES];
extern bool oauth_language_is_rtl(const char *language);
extern bool oauth_is_language(const char *tag);
extern const char *oauth_language(const OAuthRequest *request, bool *was_asked);
extern char *oauth_page_address(const OAuthWords *words, const char *address);
extern OAuthWords *oauth_words(const OAuthRequest *request);
extern OAuthText oauth_text_of_fault(const OAuthFault *fault);
extern int	oauth_text_of_name(const char *name);
extern char *oauth_text_names(void);
extern OAuthResponse *oauth_page_open(int status, const OAuthWords *words, const char *title, const char *form_action);
extern void oauth_page_headers(OAuthResponse *response);
extern OAuthResponse *oauth_page_close(OAuthResponse *response);
extern OAuthResponse *oauth_page_message(int status, const OAuthWords *words, OAuthText title, const char *message);
extern OAuthResponse *oauth_page_way_on(int status, const OAuthWords *words, OAuthText message, const char *address);
extern OAuthResponse *oauth_page_stale(const OAuthRequest *request, const char *address);
extern OAuthResponse *oauth_page_farewell(const OAuthWords *words, OAuthText title, OAuthText message);
extern OAuthResponse *oauth_page_code(const OAuthWords *words, const char *code);
extern OAuthResponse *oauth_page_redirect(const char *location);
extern const char *oauth_page_parameter(const OAuthParams *params, const char *name);
extern bool oauth_page_form(const OAuthRequest *request, OAuthParams *form);
extern void oauth_page_query(const OAuthRequest *request, OAuthParams *query);
extern void oauth_page_logout_form(OAuthResponse *page, const OAuthWords *words, const OAuthSession *session,
								   const char *browser);
extern void oauth_page_scopes(StringInfo html, const char *scope);
extern OAuthResponse *oauth_page_consent(const OAuthRequest *request, const OAuthSession *session,
										 const OAuthConsent *consent);
extern const char *oauth_page_consent_about(const OAuthRequest *request);
extern char *oauth_origin(const char *uri);
extern OAuthConsentAnswer *oauth_page_consent_answer(const OAuthRequest *request, const OAuthSession *session,
													 const char *action);

/* A page that a login may lead back to.  The table of them is in flow.c; _PG_init sets it. */
typedef struct OAuthFlow
{
	const char *path;			/* NULL at the end of the table */
	/* The application decided: scope is what subject allows, NULL for nothing.  NULL: such a page asks by itself. */
	OAuthResponse *(*decided) (const OAuthRequest *request, const char *query, const char *subject, const char *scope);
	OAuthClient *(*client) (const char *query); /* whom the page is about; NULL: nobody */
} OAuthFlow;

extern const OAuthFlow *oauth_flows;
extern void oauth_flow_init(void);
extern const OAuthFlow *oauth_flow_of(const char *address, const char **query);
extern bool oauth_login_returns_to(const char *address);
extern OAuthResponse *oauth_login_redirect(const OAuthRequest *from, const OAuthLoginRequest *login, bool again);
extern OAuthResponse *oauth_handoff(const OAuthRequest *request, const char *url, const OAuthLoginRequest *about,
									bool again);
extern OAuthResponse *oauth_handoff_return(const OAuthRequest *request, const char *verifier);
extern bool oauth_is_own_cookie(const char *cookie);
extern char *oauth_cookies_of_others(const char *cookies);
extern char *oauth_cookie(const OAuthRequest *request, const char *name);
extern void oauth_set_cookie(const OAuthRequest *request, OAuthResponse *response, const char *name, const char *value,
							 int max_age);
extern char *oauth_browser_name(const OAuthRequest *request);
extern char *oauth_browser(const OAuthRequest *request, OAuthResponse *page);
extern char *oauth_form_token(const char *browser, const OAuthSession *session, const char *purpose);
extern bool oauth_form_is_ours(const OAuthRequest *request, const OAuthSession *session, const char *purpose,
							   const char *token);
extern List *oauth_store_page_languages(void);

/* A text of the pages that the application set. */
typedef struct OAuthPageText
{
	char	   *name;
	char	   *body;
} OAuthPageText;

extern List *oauth_store_page_texts(const char *language);
extern void oauth_store_set_page(const char *name, const char *language, const char *body);
extern char *oauth_store_consent(const char *subject, const char *client_id);
extern void oauth_store_keep_consent(const char *subject, const char *client_id, const char *scope);
extern List *oauth_store_connected(const char *subject);

/* ---- oauth1/ ---- */

/* Where a parameter stood. */
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

/* All that a signature is made over, the realm left out. */
typedef struct OAuth1Parameters
{
	OAuth1Parameter *items;
	int			n;
	int			room;
} OAuth1Parameters;

extern void oauth1_append_encoded(StringInfo buffer, const char *plain);
extern char *oauth1_encode(const char *plain);
extern OAuthFault *oauth1_header_parse(const char *authorization, OAuth1Parameters *parameters);
extern bool oauth1_is_scheme(const char *authorization);
extern bool oauth1_add_parameter(OAuth1Parameters *parameters, char *name, char *value, OAuth1Source source);
extern OAuthFault *oauth1_add_form(OAuth1Parameters *parameters, const char *encoded, int length, OAuth1Source source);
extern OAuthFault *oauth1_check_parameters(const OAuth1Parameters *parameters);
extern OAuthFault *oauth1_parameters_from_request(const OAuthRequest *request, OAuth1Parameters *parameters);
extern bool oauth1_is_attempted(const OAuthRequest *request);
extern const char *oauth1_parameter(const OAuth1Parameters *parameters, const char *name);
extern OAuthFault *oauth1_base_string(const char *method, const char *scheme, const char *host, const char *target,
									  const OAuth1Parameters *parameters, char **base_string);
extern bool oauth1_signature_method_is_known(const char *name);
extern char *oauth1_sign(const char *method, const char *base_string, const char *secret_or_key,
						 const char *token_secret);
extern bool oauth1_signature_verify(const char *method, const char *base_string, const char *signature,
									const char *secret_or_key, const char *token_secret);
extern bool oauth1_rsa_key_is_usable(const char *pem);
extern char *oauth1_rsa_sign(const char *digest, const char *base_string, const char *pem);
extern bool oauth1_rsa_verify(const char *digest, const char *base_string, const char *signature, const char *pem);

typedef enum OAuth1Expects
{
	OAUTH1_EXPECTS_NO_TOKEN,
	OAUTH1_EXPECTS_REQUEST_TOKEN,
	OAUTH1_EXPECTS_TOKEN		/* or none: two-legged */
} OAuth1Expects;

/* A signed request, and whose it is once it has been verified. */
typedef struct OAuth1Call
{
	OAuth1Parameters parameters;
	int64		timestamp;		/* seconds since 1970 */
	const char *nonce;			/* NULL: PLAINTEXT without one */
	OAuthClient *client;
	OAuth1RequestToken *request_token;
	OAuth1Token *token;			/* NULL: the client itself */
} OAuth1Call;

extern bool oauth1_find_token(OAuth1Call *call, OAuth1Expects expects, const char *token);
extern bool oauth1_signature_holds(const OAuth1Call *call, const char *base_string);
extern OAuthFault *oauth1_verify(const OAuthRequest *request, OAuth1Expects expects, OAuth1Call *call);
extern OAuthResponse *oauth1_problem(const OAuthFault *fault, const char *realm);
extern OAuthResponse *oauth1_credentials(const char *token, const char *secret, bool confirmed);
extern OAuthResponse *oauth1_authorize_decided(const OAuthRequest *request, const char *query, const char *subject,
											   const char *scope);
extern OAuthClient *oauth1_authorize_client(const char *query);
extern OAuthClient *oauth2_authorize_client(const char *query);
extern OAuthFault *oauth1_require_confidential(const OAuthRequest *request);
extern char *oauth1_verifier(const char *verifier, const char *callback);

/* ---- oauth2/ ---- */

typedef OAuthFault *(*OAuthGrantHandler) (const OAuthRequest *request, const OAuthClient *client,
										  const OAuthParams *params, OAuthIssued **issued);

extern OAuthFault *oauth2_grant_device_code(const OAuthRequest *request, const OAuthClient *client, const OAuthParams *params,
											OAuthIssued **issued);
extern char *oauth2_user_code(const char *typed);
extern char *oauth2_user_code_shown(const char *code);
extern OAuthFault *oauth2_grant_password(const OAuthRequest *request, const OAuthClient *client, const OAuthParams *params,
										 OAuthIssued **issued);
extern OAuthFault *oauth2_grant_client_credentials(const OAuthRequest *request, const OAuthClient *client, const OAuthParams *params,
												   OAuthIssued **issued);
extern OAuthFault *oauth2_grant_authorization_code(const OAuthRequest *request, const OAuthClient *client, const OAuthParams *params,
												   OAuthIssued **issued);
extern char *oauth2_issue_code(const OAuthGrant *grant, const char *redirect_uri, const char *code_challenge,
							   const char *answer_token);
extern OAuthFault *oauth2_pkce_check_challenge(const char *challenge, const char *method);
extern OAuthFault *oauth2_pkce_verify(const char *challenge, const char *verifier);
extern OAuthFault *oauth2_resource_check(const char *resource);
extern const char *oauth2_resource_argument(FunctionCallInfo fcinfo, int n);
extern bool oauth2_resource_admits(const char *bound, const char *required);
extern OAuthFault *oauth2_resource_read(const OAuthParams *params, const char **resource);
extern OAuthFault *oauth2_resource_narrow(const OAuthGrant *grant, const char **resource);

extern OAuthFault *oauth2_grant_refresh_token(const OAuthRequest *request, const OAuthClient *client, const OAuthParams *params,
											  OAuthIssued **issued);

extern OAuthResponse *oauth2_authorize_decided(const OAuthRequest *http, const char *query, const char *subject,
											   const char *scope);
extern OAuthFault *oauth2_form_read(const OAuthRequest *request, OAuthParams *params);
extern OAuthResponse *oauth2_form_refuse(const OAuthFault *fault);
extern OAuthResponse *oauth2_form_answer(const OAuthRequest *request, const OAuthClient *client,
										 const OAuthFault *fault, OAuthResponse *response);
extern const char *oauth_issuer(void);
extern char *oauth2_resource_metadata_uri(const char *path);
extern const char *oauth2_grant_types(void);
extern OAuthLane oauth2_introspection(StringInfo json, const char *token, const OAuthClient *caller);
extern OAuthFault *oauth2_grant_token_exchange(const OAuthRequest *request, const OAuthClient *client, const OAuthParams *params,
											   OAuthIssued **issued);

/* What a request says about its client, whichever way. */
typedef struct OAuth2Credentials
{
	const char *client_id;
	const char *secret;			/* NULL: none was sent */
	const char *method;			/* the name RFC 7591 has for it */
} OAuth2Credentials;

extern OAuthFault *oauth2_read_credentials(const OAuthRequest *request, const OAuthParams *params,
										   OAuth2Credentials *credentials);
extern OAuthFault *oauth2_authenticate_client(const OAuthRequest *request, const OAuthParams *params,
											  OAuthClient **client);

extern OAuthFault *oauth2_narrow_client(OAuthClient *client, const List *response_types, const OAuthClient *before,
										bool is_trusted);
extern OAuthFault *oauth2_scope_parse(const char *scope, List **words);
extern char *oauth_words_join(List *words);
extern bool oauth_words_include(const char *scope, const char *required);
extern const char *oauth2_scope_hint(const char *scope);
extern OAuthFault *oauth2_scope_refuse(OAuthFaultCode code, const char *scope, const char *required, const char *reason);
extern OAuthFault *oauth2_scope_decide(const OAuthClient *client, const char *requested, const char **scope);
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

extern OAuthFault *oauth2_bearer_from_header(const char *authorization, char **token);
extern OAuthFault *oauth2_bearer_from_request(const OAuthRequest *request, char **token);
extern OAuthFault *oauth2_bearer_verify(const char *bearer, const char *resource, OAuthToken **token);
extern OAuthResponse *oauth2_bearer_challenge(const OAuthFault *fault, const char *required_scope);

#endif							/* OAUTH_H */
