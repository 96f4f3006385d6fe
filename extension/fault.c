/*
 * fault.c
 *		The error catalogue: what an HTTP client can do wrong, with name, status and section of the
 *		RFC.
 *
 * A fault is a value.  It becomes a response, and the transaction commits, so that what the failure
 * wrote (a revoked family, a used nonce) stays.  What the SQL caller or the machine did wrong is
 * raised with ereport.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

#include "utils/builtins.h"

typedef struct FaultKind
{
	const char *name;			/* the error code on the wire, NULL if the RFC gives none */
	int			status;
	const char *section;
	int			sqlstate;		/* raised when a SQL caller does the same */
} FaultKind;

#define RFC5849 "RFC 5849, section 3.2"

static const FaultKind kinds[] = {
	[OAUTH_INVALID_REQUEST] = {"invalid_request", 400, "RFC 6749, section 5.2",
	ERRCODE_INVALID_PARAMETER_VALUE},
	[OAUTH_INVALID_CLIENT] = {"invalid_client", 401, "RFC 6749, section 5.2",
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH_INVALID_GRANT] = {"invalid_grant", 400, "RFC 6749, section 5.2",
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH_UNAUTHORIZED_CLIENT] = {"unauthorized_client", 400, "RFC 6749, section 5.2",
	ERRCODE_INSUFFICIENT_PRIVILEGE},
	[OAUTH_UNSUPPORTED_GRANT_TYPE] = {"unsupported_grant_type", 400, "RFC 6749, section 5.2",
	ERRCODE_FEATURE_NOT_SUPPORTED},
	[OAUTH_INVALID_SCOPE] = {"invalid_scope", 400, "RFC 6749, section 5.2",
	ERRCODE_INVALID_PARAMETER_VALUE},
	[OAUTH_INVALID_TOKEN] = {"invalid_token", 401, "RFC 6750, section 3.1",
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH_INSUFFICIENT_SCOPE] = {"insufficient_scope", 403, "RFC 6750, section 3.1",
	ERRCODE_INSUFFICIENT_PRIVILEGE},
	[OAUTH_INSUFFICIENT_USER_AUTHENTICATION] = {"insufficient_user_authentication", 401,
	"RFC 9470, section 3", ERRCODE_INSUFFICIENT_PRIVILEGE},
	[OAUTH_INVALID_REDIRECT_URI] = {"invalid_redirect_uri", 400, "RFC 7591, section 3.2.2",
	ERRCODE_INVALID_PARAMETER_VALUE},
	[OAUTH_INVALID_CLIENT_METADATA] = {"invalid_client_metadata", 400, "RFC 7591, section 3.2.2",
	ERRCODE_INVALID_PARAMETER_VALUE},
	[OAUTH_NO_CREDENTIALS] = {NULL, 401, "RFC 6750, section 3.1",
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH_INVALID_TARGET] = {"invalid_target", 400, "RFC 8707, section 2",
	ERRCODE_INVALID_PARAMETER_VALUE},
	[OAUTH_AUTHORIZATION_PENDING] = {"authorization_pending", 400, "RFC 8628, section 3.5",
	ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE},
	[OAUTH_SLOW_DOWN] = {"slow_down", 400, "RFC 8628, section 3.5",
	ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE},
	[OAUTH_EXPIRED_TOKEN] = {"expired_token", 400, "RFC 8628, section 3.5",
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH_UNSUPPORTED_RESPONSE_TYPE] = {"unsupported_response_type", 400,
		"RFC 6749, section 4.1.2.1",
	ERRCODE_FEATURE_NOT_SUPPORTED},
	[OAUTH_ACCESS_DENIED] = {"access_denied", 400, "RFC 6749, section 4.1.2.1",
	ERRCODE_INSUFFICIENT_PRIVILEGE},
	[OAUTH_LOGIN_REQUIRED] = {"login_required", 400, "OpenID Connect Core, section 3.1.2.6",
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH_CONSENT_REQUIRED] = {"consent_required", 400, "OpenID Connect Core, section 3.1.2.6",
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH_INTERACTION_REQUIRED] = {"interaction_required", 400,
		"OpenID Connect Core, section 3.1.2.6",
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH_ACCOUNT_SELECTION_REQUIRED] = {"account_selection_required", 400,
		"OpenID Connect Core, section 3.1.2.6",
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH_UNMET_AUTHENTICATION] = {"unmet_authentication_requirements", 400,
		"OpenID Connect Core Error Code unmet_authentication_requirements, section 2",
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH_REQUEST_NOT_SUPPORTED] = {"request_not_supported", 400,
		"OpenID Connect Core, section 3.1.2.6",
	ERRCODE_FEATURE_NOT_SUPPORTED},
	[OAUTH_REQUEST_URI_NOT_SUPPORTED] = {"request_uri_not_supported", 400,
		"OpenID Connect Core, section 3.1.2.6",
	ERRCODE_FEATURE_NOT_SUPPORTED},
	[OAUTH_REGISTRATION_NOT_SUPPORTED] = {"registration_not_supported", 400,
		"OpenID Connect Core, section 3.1.2.6",
	ERRCODE_FEATURE_NOT_SUPPORTED},
	[OAUTH_INVALID_DPOP_PROOF] = {"invalid_dpop_proof", 400, "RFC 9449, section 5",
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH_USE_DPOP_NONCE] = {"use_dpop_nonce", 400, "RFC 9449, section 8",
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH_INVALID_REQUEST_OBJECT] = {"invalid_request_object", 400, "RFC 9101, section 7",
	ERRCODE_INVALID_PARAMETER_VALUE},
	[OAUTH_INVALID_REQUEST_URI] = {"invalid_request_uri", 400, "RFC 9101, section 7",
	ERRCODE_INVALID_PARAMETER_VALUE},
	[OAUTH_INVALID_AUTHORIZATION_DETAILS] = {"invalid_authorization_details", 400,
		"RFC 9396, section 5",
	ERRCODE_INVALID_PARAMETER_VALUE},
	[OAUTH_TOO_MANY_ATTEMPTS] = {"temporarily_unavailable", 429, "RFC 6585, section 4",
	ERRCODE_CONFIGURATION_LIMIT_EXCEEDED},
	[OAUTH_NOT_FOUND] = {"not_found", 404, "RFC 9110, section 15.5.5", ERRCODE_UNDEFINED_OBJECT},
	[OAUTH_METHOD_NOT_ALLOWED] = {"method_not_allowed", 405, "RFC 9110, section 15.5.6",
	ERRCODE_INVALID_PARAMETER_VALUE},
	[OAUTH_OTHER_LANE] = {NULL, 0, NULL, ERRCODE_INTERNAL_ERROR},
	[OAUTH_FETCH] = {NULL, 0, NULL, ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE},
	/* the names of the OAuth Problem Reporting extension */
	[OAUTH1_PARAMETER_ABSENT] = {"parameter_absent", 400, RFC5849, ERRCODE_INVALID_PARAMETER_VALUE},
	[OAUTH1_PARAMETER_REJECTED] = {"parameter_rejected", 400, RFC5849,
	ERRCODE_INVALID_PARAMETER_VALUE},
	[OAUTH1_VERSION_REJECTED] = {"version_rejected", 400, RFC5849, ERRCODE_INVALID_PARAMETER_VALUE},
	[OAUTH1_SIGNATURE_METHOD_REJECTED] = {"signature_method_rejected", 400, RFC5849,
	ERRCODE_INVALID_PARAMETER_VALUE},
	[OAUTH1_SIGNATURE_INVALID] = {"signature_invalid", 401, RFC5849,
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH1_TIMESTAMP_REFUSED] = {"timestamp_refused", 401, RFC5849,
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH1_NONCE_REPLAYED] = {"nonce_used", 401, RFC5849,
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH1_TOKEN_EXPIRED] = {"token_expired", 401, RFC5849,
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH1_TOKEN_REVOKED] = {"token_revoked", 401, RFC5849,
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH1_TOKEN_REJECTED] = {"token_rejected", 401, RFC5849,
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH1_TOKEN_USED] = {"token_used", 401, RFC5849, ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH1_VERIFIER_INVALID] = {"verifier_invalid", 401, RFC5849,
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH1_CONSUMER_KEY_REJECTED] = {"consumer_key_rejected", 401, RFC5849,
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH1_LOGIN_REFUSED] = {"permission_denied", 401, RFC5849,
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH1_TOO_MANY_ATTEMPTS] = {"permission_denied", 429, "RFC 6585, section 4",
	ERRCODE_CONFIGURATION_LIMIT_EXCEEDED},
	[OAUTH1_PERMISSION_DENIED] = {"permission_denied", 403, RFC5849,
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	[OAUTH1_USER_REFUSED] = {"user_refused", 401, RFC5849,
	ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
};

/*
 * A fault of that kind.  NULL means no fault, so that checks return a fault and can be read as a
 * list.
 */
OAuthFault *
oauth_fault(OAuthFaultCode code, const char *description)
{
	OAuthFault *fault = palloc0(sizeof(OAuthFault));

	fault->code = code;
	fault->description = description;
	return fault;
}

/* No fault of the client: the request must be repeated on that lane. */
OAuthFault *
oauth_fault_lane(OAuthLane lane)
{
	OAuthFault *fault = oauth_fault(OAUTH_OTHER_LANE, "");

	fault->lane = lane;
	return fault;
}

/* The error code on the wire, or NULL if the RFC gives none. */
const char *
oauth_fault_name(const OAuthFault *fault)
{
	return kinds[fault->code].name;
}

int
oauth_fault_status(const OAuthFault *fault)
{
	return kinds[fault->code].status;
}

/* Whether it is answered in the words of OAuth 1.0a. */
bool
oauth_fault_is_oauth1(const OAuthFault *fault)
{
	const char *section = kinds[fault->code].section;

	return (section != NULL && strcmp(section, RFC5849) == 0) ||
		fault->code == OAUTH1_TOO_MANY_ATTEMPTS;
}

/* No statement waits for the network, so SQL callers put the document there. */
pg_noreturn static void
raise_unfetched(const char *url)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the document at %s is not here", url),
			 errhint("Fetch it and store it with oauth_keep_document(%s, ...), then try again.",
					 quote_literal_cstr(url))));
}

/* Raises the fault as an error, for SQL callers. */
void
oauth_fault_raise(const OAuthFault *fault, const char *hint)
{
	const FaultKind *kind = &kinds[fault->code];

	if (fault->code == OAUTH_FETCH)
		raise_unfetched(fault->description);
	ereport(ERROR,
			(errcode(kind->sqlstate),
			 errmsg("%s", fault->description),
			 errdetail("%s: %s", kind->section, kind->name),
			 hint ? errhint("%s", hint) : 0));
}
