/*
 * http.h
 *		The request and the response as values: fields, forms, cookies, lanes.  Knows no rule of
 *		OAuth.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_HTTP_H
#define OAUTH_HTTP_H

#include "oauth.h"

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
	bool		is_original;	/* the one that a proxy asks about: oauth_request_about() */
	Datum		datum;			/* the oauth.http_request that it was read from */
} OAuthRequest;

extern OAuthRequest *oauth_request_from_datum(Datum datum);
extern Oid	oauth_request_type(void);
extern Datum oauth_request_datum(const char *method, const char *target, Datum headers,
								 const char *body, const char *scheme);
extern OAuthRequest *oauth_request_about(const OAuthRequest *request, const char *method,
										 const char *target);
extern int	oauth_request_header(const OAuthRequest *request, const char *name, char **value);
extern bool oauth_request_has_form(const OAuthRequest *request);
extern Datum oauth_request_without_proof(const OAuthRequest *request, Datum datum);

/* ---- form_without_proof.c ---- */

extern text *oauth_target_without_proof(const OAuthRequest *request);
extern bytea *oauth_body_without_proof(const OAuthRequest *request);

/* ---- host.c ---- */

extern bool oauth_host_is_allowed(const char *host);
extern char *oauth_request_uri(const OAuthRequest *request);
extern char *oauth_request_uri_by_issuer(const OAuthRequest *request);

/* ---- accept.c ---- */

extern int	oauth_request_accepts(const OAuthRequest *request, const char *media_type);

/* ---- response.c ---- */

typedef struct OAuthResponse
{
	int			status;
	List	   *headers;		/* of char *, 'Name: value' */
	StringInfoData body;
} OAuthResponse;

extern OAuthResponse *oauth_response(int status);
extern void oauth_response_header(OAuthResponse *response, const char *name, const char *value);
extern void oauth_response_shared(const OAuthRequest *request, OAuthResponse *response);
extern OAuthResponse *oauth_response_uncached(int status, const char *content_type);
extern OAuthResponse *oauth_response_json(int status);
extern void oauth_response_retry_after(OAuthResponse *response, const OAuthFault *fault);
extern OAuthResponse *oauth_response_fault(const OAuthFault *fault);
extern OAuthResponse *oauth_response_wrong_method(const char *allowed);
extern OAuthResponse *oauth_response_from_datum(Datum datum);
extern Datum oauth_response_datum(FunctionCallInfo fcinfo, const OAuthResponse *response);
extern void oauth_response_put(FunctionCallInfo fcinfo, const OAuthResponse *response);
extern bool oauth_response_is_other_lane(OAuthLane lane);
extern OAuthResponse *oauth_response_lane(OAuthLane lane);
extern OAuthResponse *oauth_response_lane_of_scheme(OAuthLane lane);
extern OAuthResponse *oauth_response_fetch(const char *url);
extern OAuthResponse *oauth_response_key(const char *alg);
extern OAuthResponse *oauth_response_wanted_key(const char *alg);
extern OAuthResponse *oauth_response_application_of(const char *whose);
extern OAuthResponse *oauth_response_application(const char *client_id, const char *subject);

/* ---- json.c ---- */

extern void oauth_json_member(StringInfo json, const char *name, const char *value);
extern void oauth_json_words(StringInfo json, const char *name, const char *words);
extern void oauth_json_raw(StringInfo json, const char *name, const char *value);
extern char *oauth_json_ascii(const char *json);
extern void oauth_json_number(StringInfo json, const char *name, int64 value);

/* ---- undo.c ---- */

typedef struct OAuthUndo
{
	bool		is_head;
	OAuthSubtransaction subtransaction;
} OAuthUndo;

extern void oauth_undo_begin(const OAuthRequest *request, OAuthUndo *undo);
extern void oauth_undo_end(const OAuthUndo *undo, bool is_kept);
extern OAuthResponse *oauth_undo_head(const OAuthRequest *request,
									  OAuthResponse *(*answer) (const OAuthRequest *request));

/* ---- uri.c ---- */

#define OAUTH_MAX_URI 2000		/* bytes of one that is kept */

extern size_t oauth_uri_scheme_length(const char *uri);
extern int	oauth_uri_port(const char *digits, size_t length);
extern size_t oauth_uri_host_length(const char *host, size_t length);
extern char *oauth_uri_normal(const char *uri);
extern bool oauth_uri_equals(const char *one, const char *other);
extern bool oauth_uris_include(const char *list, const char *uris);
extern char *oauth_origin(const char *uri);
extern const char *oauth_issuer(void);

/* ---- server_uri.c ---- */

#define OAUTH_MAX_SERVER_URI 2000

extern const char *oauth_server_uri_why_not(const char *uri);

/* ---- params.c ---- */

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
extern OAuthFault *oauth_params_get(const OAuthParams *params, const char *name,
									const char **value);
extern void oauth_params_add(OAuthParams *params, const char *name, const char *value);
extern char *oauth_params_encode(const OAuthParams *params, bool (*leaves_out) (const char *name));

/* ---- cookie.c ---- */

extern bool oauth_is_own_cookie(const char *cookie);
extern char *oauth_cookies_of_others(const char *cookies);
extern char *oauth_cookie(const OAuthRequest *request, const char *name);
extern void oauth_set_cookie(const OAuthRequest *request, OAuthResponse *response, const char *name,
							 const char *value, int max_age);

/* ---- browser.c ---- */

extern char *oauth_browser_name(const OAuthRequest *request);

#endif							/* OAUTH_HTTP_H */
