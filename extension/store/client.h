/*
 * client.h
 *		Clients, where they come from, and what becomes of them.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_CLIENT_H
#define OAUTH_STORE_CLIENT_H

#include "crypto/crypto.h"

/* ---- client.c ---- */

#define OAUTH_NO_MAX_AGE (-1)

enum
{
	OAUTH_CURRENT_SECRET,
	OAUTH_OLD_SECRET,			/* while it may still be used */
	OAUTH_CLIENT_SECRETS
};

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
	bool		omit_issue_events;	/* tokens that it gets are not in the audit log */
	List	   *cors_origins;	/* of char *; of a client that was found, oauth_store_origins()
								 * reads them */
	bytea	   *secret_sealed;	/* NULL if it cannot be recovered */
	bytea	   *old_secret_sealed;	/* while it may still be used */
	char	  **opened;			/* where the requests of a batch leave its secrets, opened; NULL
								 * without a batch, see oauth_client_open_secret() */
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
extern bool oauth_store_note_stand_in(const char *client_id);
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

#endif							/* OAUTH_STORE_CLIENT_H */
