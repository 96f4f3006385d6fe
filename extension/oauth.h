/*
 * oauth.h
 *		What all rooms share: lanes, faults, arguments, time.
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
#include "utils/jsonb.h"
#include "utils/timestamp.h"
#include "version.h"

/* The spelling of PostgreSQL 18, which no longer has the older one. */
#ifndef pg_noreturn
#define pg_noreturn pg_attribute_noreturn()
#endif

#define OAUTH_HASH_LENGTH	32	/* SHA-256 */
#define OAUTH_KEY_ID_LENGTH	8
#define OAUTH_MAX_SUBJECT	255
#define OAUTH_SHARE_LENGTH	8
#define OAUTH_SALT_LENGTH	(OAUTH_KEY_ID_LENGTH + 16)

/*
 * What a connection of the shim is for.  A session that does not say so does everything itself.
 * Each lane may do what those before it are for.
 */
typedef enum OAuthLane
{
	OAUTH_LANE_ANY,
	OAUTH_LANE_READING,
	OAUTH_LANE_WRITING,
	OAUTH_LANE_SIGNING,
	OAUTH_LANE_SLOW,
	OAUTH_LANE_APPLICATION
} OAuthLane;

extern const char *oauth_lane_name(OAuthLane lane);

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
	OAUTH_INSUFFICIENT_USER_AUTHENTICATION,
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
	OAUTH_INTERACTION_REQUIRED,
	OAUTH_ACCOUNT_SELECTION_REQUIRED,
	OAUTH_UNMET_AUTHENTICATION,
	OAUTH_REQUEST_NOT_SUPPORTED,
	OAUTH_REQUEST_URI_NOT_SUPPORTED,
	OAUTH_REGISTRATION_NOT_SUPPORTED,
	OAUTH_INVALID_DPOP_PROOF,
	OAUTH_USE_DPOP_NONCE,
	OAUTH_INVALID_REQUEST_OBJECT,
	OAUTH_INVALID_REQUEST_URI,
	OAUTH_INVALID_AUTHORIZATION_DETAILS,
	OAUTH_TOO_MANY_ATTEMPTS,
	OAUTH_NOT_FOUND,
	OAUTH_METHOD_NOT_ALLOWED,
	OAUTH_OTHER_LANE,			/* not a fault: the request must be repeated on another lane */
	OAUTH_FETCH,				/* not a fault: nor can it be answered without the document whose
								 * URL the description is */
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
	int			retry_after;	/* seconds, 0: none */
	int64		grant;			/* the grant it is about, for the audit log; 0: none */
	bool		is_noted;		/* the audit log has it already, or does not need it */
	OAuthLane	lane;			/* of OAUTH_OTHER_LANE: which one */
	const char *acr_values;		/* the login that is needed, of a step-up; NULL: any */
	int			max_age;		/* likewise, seconds; 0: any */
	bool		is_about_binding;	/* the token is bound to a key: a bearer token is not wanted */
} OAuthFault;

extern OAuthFault *oauth_fault(OAuthFaultCode code, const char *description);
extern OAuthFault *oauth_fault_lane(OAuthLane lane);
extern const char *oauth_fault_name(const OAuthFault *fault);
extern int	oauth_fault_status(const OAuthFault *fault);
extern bool oauth_fault_is_oauth1(const OAuthFault *fault);
pg_noreturn extern void oauth_fault_raise(const OAuthFault *fault, const char *hint);

/* ---- call.c ---- */

extern bool oauth_argument_is_null(FunctionCallInfo fcinfo, int n);
extern char *oauth_argument(FunctionCallInfo fcinfo, int n, const char *name);
extern char *oauth_optional_argument(FunctionCallInfo fcinfo, int n);
extern List *oauth_list_argument(FunctionCallInfo fcinfo, int n, const char *name);
extern Jsonb *oauth_jsonb_argument(FunctionCallInfo fcinfo, int n, const char *name);
extern bool oauth_flag_argument(FunctionCallInfo fcinfo, int n);
extern bool oauth_required_flag_argument(FunctionCallInfo fcinfo, int n, const char *name);
extern int	oauth_seconds_argument(FunctionCallInfo fcinfo, int n, const char *name);

struct ReturnSetInfo;

#define OAUTH_MAX_RESULT_COLUMNS 24

/* A row that a function returns.  Initialize it with {0}; each oauth_row_...() adds one column. */
typedef struct OAuthResult
{
	int			n;
	Datum		values[OAUTH_MAX_RESULT_COLUMNS];
	bool		nulls[OAUTH_MAX_RESULT_COLUMNS];
} OAuthResult;

extern void oauth_row_null(OAuthResult *row);
extern void oauth_row_value(OAuthResult *row, Datum value);
extern void oauth_row_text(OAuthResult *row, const char *text);
extern void oauth_row_bool(OAuthResult *row, bool value);
extern void oauth_row_int32(OAuthResult *row, int32 number);
extern void oauth_row_int64(OAuthResult *row, int64 number);
extern void oauth_row_timestamp(OAuthResult *row, TimestampTz at);
extern Datum oauth_row_return(FunctionCallInfo fcinfo, OAuthResult *row);
extern void oauth_row_put(struct ReturnSetInfo *set, OAuthResult *row);
extern List *oauth_list_from_array(ArrayType *array);
extern Datum oauth_array_from_list(List *list);

/* ---- subtransaction.c ---- */

/* What the caller had before the subtransaction began. */
typedef struct OAuthSubtransaction
{
	MemoryContext context;
	struct ResourceOwnerData *owner;
	int			level;			/* of nesting, outside it */
} OAuthSubtransaction;

extern void oauth_contain(void (*work) (void *argument), void *argument);
extern void oauth_subtransaction_begin(OAuthSubtransaction *subtransaction);
extern void oauth_subtransaction_end(const OAuthSubtransaction *subtransaction, bool is_kept);
extern void oauth_in_subtransaction(bool (*work) (void *argument), void *argument);
extern ErrorData *oauth_try(void (*work) (void *argument), void *argument, bool is_kept);
extern bool oauth_error_is_of_server(int sqlstate);

/* ---- clock.c ---- */

extern int	oauth_seconds_left(TimestampTz until);
extern TimestampTz oauth_seconds_from_now(int seconds);

/* ---- flow.c ---- */

extern void oauth_flow_init(void);

#endif							/* OAUTH_H */
