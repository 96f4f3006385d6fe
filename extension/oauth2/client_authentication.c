/*
 * client_authentication.c
 *		Client authentication at the endpoints of OAuth 2 (RFC 6749, section 2.3).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "password/password.h"
#include "store/store.h"
#include "text/text.h"

#include "access/xlog.h"

#define MIN_RANDOM_SECRET 20	/* characters */

static const char unknown_or_wrong[] = "The client is unknown, or its credentials are wrong or "
"missing.";

/*
 * One answer for unknown clients, disabled ones and wrong secrets.  A secret that was sent is a
 * guess, which is counted.  The right secret is always accepted, because 256 random bits cannot be
 * guessed; so nobody can lock a client out.
 */
static OAuthFault *
refuse(const OAuthRequest *request, const OAuth2Credentials *credentials, const OAuthClient *client)
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
		return oauth_fault(OAUTH_OTHER_LANE, "");
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
	credentials->method = "client_secret_basic";
	if (credentials->client_id == NULL || credentials->secret == NULL)
		return oauth_fault(OAUTH_INVALID_CLIENT,
						   "client_id and client_secret in Authorization: Basic must each be "
						   "form-encoded UTF-8.");
	return NULL;
}

static OAuthFault *
from_header(const OAuthRequest *request, OAuth2Credentials *credentials)
{
	char	   *authorization;
	int			n = oauth_request_header(request, "Authorization", &authorization);

	if (n == 0)
		return NULL;
	if (n > 1)
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "The request has more than one Authorization header.");
	if (pg_strncasecmp(authorization, "Basic ", 6) != 0)
		return oauth_fault(OAUTH_INVALID_CLIENT,
						   "Of the schemes of Authorization, clients here use Basic.");
	return parse_basic(authorization + 6 + strspn(authorization + 6, " "), credentials);
}

/* "The client MUST NOT use more than one authentication method in each request."  (section 2.3) */
static OAuthFault *
from_body(const OAuthParams *params, OAuth2Credentials *credentials)
{
	const char *client_id;
	const char *secret;
	OAuthFault *fault;

	if ((fault = oauth_params_get(params, "client_id", &client_id)) != NULL ||
		(fault = oauth_params_get(params, "client_secret", &secret)) != NULL)
		return fault;
	if (credentials->method != NULL)
	{
		if (secret != NULL)
			return oauth_fault(OAUTH_INVALID_REQUEST,
							   "The client authenticated in the header and in the body.");
		if (client_id != NULL && strcmp(client_id, credentials->client_id) != 0)
			return oauth_fault(OAUTH_INVALID_REQUEST,
							   "client_id in the body is not the one in the header.");
		return NULL;
	}
	credentials->client_id = client_id;
	credentials->secret = secret;
	credentials->method = secret ? "client_secret_post" : "none";
	return NULL;
}

/*
 * A client must use the method that it registered; one that registered none may send its secret in
 * either way.
 */
static bool
may_use(const OAuthClient *client, const char *method)
{
	const char *registered = client->token_endpoint_auth_method;

	return registered == NULL || strcmp(registered, method) == 0;
}

/* What the request says about the client, by whichever method. */
OAuthFault *
oauth2_read_credentials(const OAuthRequest *request, const OAuthParams *params,
						OAuth2Credentials *credentials)
{
	OAuthFault *fault;

	if ((fault = from_header(request, credentials)) != NULL ||
		(fault = from_body(params, credentials)) != NULL)
		return fault;
	if (credentials->client_id == NULL || credentials->client_id[0] == '\0')
		return oauth_fault(OAUTH_INVALID_CLIENT, "No client_id was sent.");
	return NULL;
}

/*
 * The client of a request, authenticated; NULL with every fault.
 *
 * An empty secret never authenticates.  A public client may send an empty one, because some
 * libraries cannot omit it.
 */
OAuthFault *
oauth2_authenticate_client(const OAuthRequest *request, const OAuthParams *params,
						   OAuthClient **client)
{
	OAuth2Credentials credentials = {0};
	uint8		hash[OAUTH_HASH_LENGTH];
	OAuthClient *found;
	OAuthFault *fault;

	*client = NULL;
	if ((fault = oauth2_read_credentials(request, params, &credentials)) != NULL)
		return fault;
	oauth_sha256(credentials.secret ? credentials.secret : "",
				 credentials.secret ? strlen(credentials.secret) : 0, hash);
	found = oauth_store_find_client(credentials.client_id, hash);
	if (found == NULL || found->is_disabled)
		return refuse(request, &credentials, found);
	if (!found->is_public || (credentials.secret != NULL && credentials.secret[0] != '\0'))
	{
		if (found->imported_secret_hash != NULL && credentials.secret != NULL &&
			credentials.secret[0] != '\0')
		{
			if ((fault = verify_imported(request, &credentials, found)) != NULL)
				return fault;
		}
		else if (!found->secret_matches)
			return refuse(request, &credentials, found);
		/* An imported public client may still send the secret that it had. */
		if (!found->is_public && !may_use(found, credentials.method))
			return oauth_fault(OAUTH_INVALID_CLIENT,
							   "The client is not registered for this way to authenticate "
							   "(token_endpoint_auth_method).");
	}
	*client = found;
	return NULL;
}
