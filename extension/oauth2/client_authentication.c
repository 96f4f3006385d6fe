/*
 * client_authentication.c
 *		Client authentication at the endpoints of OAuth 2 (RFC 6749, section 2.3): the methods, one
 *		a row.
 *
 * A request says by what it contains which method it uses.  Only a client_id says less: such a
 * client is public, or has shown a certificate in TLS.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "oauth2/client_document.h"
#include "oauth2/oauth2.h"
#include "password/password.h"
#include "setting.h"
#include "store/client.h"
#include "store/event.h"
#include "store/throttle.h"
#include "store/token.h"
#include "text/text.h"

#include "access/xlog.h"

#define MIN_RANDOM_SECRET 20	/* characters */

/* A method; or two of them, where the client decides which one it is. */
typedef struct OAuth2ClientMethod
{
	const char *name;			/* as RFC 7591 has it */
	bool		(*is_attempted) (const OAuthRequest *request, const OAuthParams *params);
	OAuthFault *(*read) (const OAuthRequest *request, const OAuthParams *params,
						 OAuth2Credentials *credentials);
	OAuthFault *(*authenticate) (const OAuthRequest *request,
								 const OAuth2Credentials *credentials, const OAuthClient *client);
} OAuth2ClientMethod;

static const char unknown_or_wrong[] = "The client is unknown, or its credentials are wrong or "
"missing.";

/*
 * One answer for unknown clients, disabled ones and wrong secrets.  A secret that was sent is a
 * guess, which is counted.  The right secret is always accepted, because 256 random bits cannot be
 * guessed; so nobody can lock a client out.
 */
static OAuthFault *
refuse_client(const OAuthRequest *request, const OAuth2Credentials *credentials,
			  const OAuthClient *client)
{
	OAuthThrottle *throttle = oauth_throttle(request, "client_secret", credentials->client_id,
											 client != NULL, oauth_setting_failed_attempts);
	OAuthEvent	event = {.event = "authenticate", .client_id = client ? client->client_id : NULL};
	OAuthFault *fault;

	if (credentials->secret == NULL || credentials->secret[0] == '\0')
		return oauth_fault(OAUTH_INVALID_CLIENT, unknown_or_wrong);
	if ((fault = oauth_throttle_count_key_guess(throttle)) != NULL)
		return fault;
	event.fault = fault = oauth_fault(OAUTH_INVALID_CLIENT, unknown_or_wrong);
	oauth_event_note(request, &event);
	return fault;
}

/*
 * The same answer for a proof that does not hold.  Why it does not, only those learn who run this
 * server.
 */
static OAuthFault *
refuse_proof(const OAuthRequest *request, const OAuth2Credentials *credentials,
			 const OAuthClient *client, const char *problem)
{
	OAuthEvent	event = {.event = "authenticate", .client_id = client ? client->client_id : NULL};

	event.fault = oauth_fault(OAUTH_INVALID_CLIENT,
							  psprintf("%s: %s", credentials->method, problem));
	oauth_event_refusal(request, &event);
	return oauth_fault(OAUTH_INVALID_CLIENT, unknown_or_wrong);
}

/* Notes an assertion that cannot be read, as one of the client that it names. */
static void
note_unread(const OAuthRequest *request, const OAuth2Credentials *credentials,
			const OAuthFault *fault)
{
	OAuthClient *client = credentials->client_id ?
		oauth_store_find_client(credentials->client_id, NULL) : NULL;

	(void) refuse_proof(request, credentials, client, fault->description);
}

/*
 * The secret of an imported client, of which another provider stored a hash.  Such a hash is slow
 * to compute, like that of a password, so the guess is counted before.  It is computed until the
 * secret is first right: then it is replaced by a SHA-256, as for every secret here, unless the
 * secret is so short that a person may have chosen it.
 */
static OAuthFault *
verify_imported(const OAuthRequest *request, const OAuth2Credentials *credentials,
				const OAuthClient *client)
{
	OAuthThrottle *throttle = oauth_throttle(request, "client_secret", client->client_id, true,
											 oauth_setting_failed_attempts);
	OAuthEvent	event = {.event = "authenticate", .client_id = client->client_id};
	OAuthFault *fault;
	bool		is_right;

	if (oauth_response_is_other_lane(OAUTH_LANE_SLOW))
		return oauth_fault_lane(OAUTH_LANE_SLOW);
	if ((fault = oauth_throttle_attempt(throttle)) != NULL)
		return fault;
	is_right = oauth_password_verify(credentials->secret, client->imported_secret_hash, "auto",
									 false) == OAUTH_PASSWORD_MATCHES;
	oauth_throttle_result(throttle, is_right);
	if (is_right)
	{
		if (strlen(credentials->secret) >= MIN_RANDOM_SECRET && !RecoveryInProgress())
			oauth_store_settle_secret(client, credentials->secret);
		return NULL;
	}
	event.fault = fault = oauth_fault(OAUTH_INVALID_CLIENT, unknown_or_wrong);
	oauth_event_note(request, &event);
	return fault;
}

/*
 * "The client identifier is encoded using the "application/x-www-form-urlencoded" encoding
 * algorithm per Appendix B, and the encoded value is used as the username; the client password is
 * encoded using the same algorithm and used as the password."  (section 2.3.1)
 */
static OAuthFault *
parse_basic(const char *encoded, OAuth2Credentials *credentials)
{
	int			length;
	char	   *pair = oauth_base64_decode(encoded, strlen(encoded), &length);
	char	   *colon = pair ? memchr(pair, ':', length) : NULL;

	if (colon == NULL)
		return oauth_fault(OAUTH_INVALID_CLIENT,
						   "Authorization: Basic needs the base64 of client_id, a colon and "
						   "client_secret.");
	credentials->client_id = oauth_form_decode(pair, colon - pair);
	credentials->secret = oauth_form_decode(colon + 1, length - (colon + 1 - pair));
	if (credentials->client_id == NULL || credentials->secret == NULL)
		return oauth_fault(OAUTH_INVALID_CLIENT,
						   "client_id and client_secret in Authorization: Basic must each be "
						   "form-encoded UTF-8.");
	return NULL;
}

static bool
has_header(const OAuthRequest *request, const OAuthParams *params)
{
	char	   *authorization;

	return oauth_request_header(request, "Authorization", &authorization) > 0;
}

static OAuthFault *
read_header(const OAuthRequest *request, const OAuthParams *params,
			OAuth2Credentials *credentials)
{
	char	   *authorization;
	const char *client_id;
	OAuthFault *fault;

	if (oauth_request_header(request, "Authorization", &authorization) > 1)
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "The request has more than one Authorization header.");
	if (pg_strncasecmp(authorization, "Basic ", 6) != 0)
		return oauth_fault(OAUTH_INVALID_CLIENT,
						   "Of the schemes of Authorization, clients here use Basic.");
	if ((fault = parse_basic(authorization + 6 + strspn(authorization + 6, " "),
							 credentials)) != NULL ||
		(fault = oauth_params_get(params, "client_id", &client_id)) != NULL)
		return fault;
	if (client_id != NULL && strcmp(client_id, credentials->client_id) != 0)
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "client_id in the body is not the one in the header.");
	return NULL;
}

/* Whether there is such a parameter, once or more often. */
static bool
has_param(const OAuthParams *params, const char *name)
{
	return oauth_params_all(params, name) != NIL;
}

static bool
has_secret(const OAuthRequest *request, const OAuthParams *params)
{
	return has_param(params, "client_secret");
}

static bool
has_assertion(const OAuthRequest *request, const OAuthParams *params)
{
	return has_param(params, "client_assertion") || has_param(params, "client_assertion_type");
}

static bool
has_nothing_else(const OAuthRequest *request, const OAuthParams *params)
{
	return !has_header(request, params) && !has_secret(request, params) &&
		!has_assertion(request, params);
}

/* client_id, and client_secret if there is one. */
static OAuthFault *
read_params(const OAuthRequest *request, const OAuthParams *params,
			OAuth2Credentials *credentials)
{
	OAuthFault *fault = oauth_params_get(params, "client_id", &credentials->client_id);

	return fault ? fault : oauth_params_get(params, "client_secret", &credentials->secret);
}

/*
 * A client must use the method that it registered; one that registered none may send its secret in
 * either way.
 */
static bool
may_use(const OAuthClient *client, const char *method)
{
	return client->token_endpoint_auth_method == NULL ||
		oauth_client_authenticates_by(client, method);
}

/*
 * An empty secret never authenticates.  A public client may send an empty one, because some
 * libraries cannot omit it; an imported public client may still send the secret that it had.
 */
static OAuthFault *
verify_secret(const OAuthRequest *request, const OAuth2Credentials *credentials,
			  const OAuthClient *client)
{
	OAuthFault *fault;

	if (credentials->secret[0] == '\0')
		return client->is_public ? NULL : refuse_client(request, credentials, client);
	if (client->imported_secret_hash != NULL)
	{
		if ((fault = verify_imported(request, credentials, client)) != NULL)
			return fault;
	}
	else if (!client->secret_matches)
		return refuse_client(request, credentials, client);
	if (!client->is_public && !may_use(client, credentials->method))
		return oauth_fault(OAUTH_INVALID_CLIENT,
						   "The client is not registered for this way to authenticate "
						   "(token_endpoint_auth_method).");
	return NULL;
}

/*
 * Its jti is used up, which has to be written.  A signature cannot be guessed, so nobody waits for
 * a wrong one.
 */
static OAuthFault *
verify_assertion(const OAuthRequest *request, const OAuth2Credentials *credentials,
				 const OAuthClient *client)
{
	const char *problem;
	OAuthFault *fault;

	if (oauth_response_is_other_lane(OAUTH_LANE_WRITING))
		return oauth_fault_lane(OAUTH_LANE_WRITING);
	if ((fault = oauth2_assertion_problem(credentials, client, &problem)) != NULL)
		return fault;
	if (problem != NULL)
		return refuse_proof(request, credentials, client, problem);
	if ((fault = oauth2_assertion_use(credentials, client)) != NULL)
		(void) refuse_proof(request, credentials, client, fault->description);
	return fault;
}

/* A public client; or one whose certificate TLS has verified. */
static OAuthFault *
verify_nothing(const OAuthRequest *request, const OAuth2Credentials *credentials,
			   const OAuthClient *client)
{
	const OAuthAuthMethod *method = oauth_auth_method(client->token_endpoint_auth_method);
	const char *problem;
	OAuthFault *fault;

	if (client->is_public)
		return NULL;
	if (method == NULL || !method->has_certificate)
		return refuse_client(request, credentials, client);
	if ((fault = oauth2_certificate_problem(request, client, &problem)) != NULL)
		return fault;
	return problem ? refuse_proof(request, credentials, client, problem) : NULL;
}

/* Which of two methods it is that have the same parameters, their row does not say. */
static const OAuth2ClientMethod methods[] = {
	{"client_secret_basic", has_header, read_header, verify_secret},
	{"client_secret_post", has_secret, read_params, verify_secret},
	{"private_key_jwt", has_assertion, oauth2_assertion_read, verify_assertion},
	{"none", has_nothing_else, read_params, verify_nothing},
};

/* "The client MUST NOT use more than one authentication method in each request."  (section 2.3) */
static OAuthFault *
find_method(const OAuthRequest *request, const OAuthParams *params,
			OAuth2Credentials *credentials)
{
	for (size_t i = 0; i < lengthof(methods); i++)
	{
		if (!methods[i].is_attempted(request, params))
			continue;
		if (credentials->by != NULL)
			return oauth_fault(OAUTH_INVALID_REQUEST,
							   psprintf("The client authenticated in more than one way: %s and %s.",
										credentials->by->name, methods[i].name));
		credentials->by = &methods[i];
		credentials->method = methods[i].name;
	}
	return NULL;
}

/* What the request says about the client, by whichever method. */
OAuthFault *
oauth2_read_credentials(const OAuthRequest *request, const OAuthParams *params,
						OAuth2Credentials *credentials)
{
	OAuthFault *fault;

	if ((fault = find_method(request, params, credentials)) != NULL ||
		(fault = credentials->by->read(request, params, credentials)) != NULL)
		return fault;
	if (credentials->client_id == NULL || credentials->client_id[0] == '\0')
		return oauth_fault(OAUTH_INVALID_CLIENT, "No client_id was sent.");
	return NULL;
}

static OAuthFault *
authenticate(const OAuthRequest *request, const OAuthParams *params, bool reads_document,
			 OAuthClient **client)
{
	OAuth2Credentials credentials = {0};
	const char *secret;
	uint8		hash[OAUTH_HASH_LENGTH];
	OAuthClient *found;
	OAuthFault *fault;

	*client = NULL;
	if ((fault = oauth2_read_credentials(request, params, &credentials)) != NULL)
	{
		if (fault->code == OAUTH_INVALID_CLIENT && has_assertion(request, params))
			note_unread(request, &credentials, fault);
		return fault;
	}
	if (reads_document &&
		(fault = oauth2_client_document_read(request, credentials.client_id)) != NULL)
		return fault;
	secret = credentials.secret ? credentials.secret : "";
	oauth_sha256(secret, strlen(secret), hash);
	found = oauth_store_find_client(credentials.client_id, hash);
	if (found == NULL || found->is_disabled)
		return credentials.assertion == NULL ? refuse_client(request, &credentials, found) :
			refuse_proof(request, &credentials, found, "The client is unknown or disabled.");
	if ((fault = credentials.by->authenticate(request, &credentials, found)) != NULL)
		return fault;
	*client = found;
	return NULL;
}

/* The client of a request, authenticated; NULL with every fault. */
OAuthFault *
oauth2_authenticate_client(const OAuthRequest *request, const OAuthParams *params,
						   OAuthClient **client)
{
	return authenticate(request, params, false, client);
}

/*
 * The same where a client may come for the first time: one with a metadata document is known by
 * that, and brought up to date with it first.
 */
OAuthFault *
oauth2_authenticate_newcomer(const OAuthRequest *request, const OAuthParams *params,
							 OAuthClient **client)
{
	return authenticate(request, params, true, client);
}
