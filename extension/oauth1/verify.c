/*
 * verify.c
 *		Verifying a signed request (RFC 5849, section 3.2).
 *
 * A malformed request is told so (400).  After that, all refusals are alike until the signature has
 * held: an unknown client, a disabled one, an unknown token, another client's token and a wrong
 * signature get the same answer in the same time, because every check is made, against a dummy
 * secret if there is no other.  Only then are the timestamp, the state of the token and the nonce
 * told apart, and only then is the nonce used up: a stranger can neither spend the nonces of others
 * nor fill the tables.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "oauth1/oauth1.h"
#include "secret/secret.h"
#include "store/client.h"
#include "store/oauth1.h"
#include "token/token.h"

#define MAX_NONCE		255
#define MAX_TIMESTAMP	12		/* digits; the year 33658 */

/*
 * A public key whose private key was discarded: verifying with it takes as long as with a client's.
 */
static const char nobodys_key[] =
"-----BEGIN PUBLIC KEY-----\n"
"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAn1UGOmDO4FzoFg6kQiSi\n"
"mpQESk+yEewY27gD1WbfOsIMYb7f5ncPQI1M8WDn3cqeIBxpB6cJOSxX+rrmuG6c\n"
"6brc0D0Y1CxjhlMR4bcBC4BJwr8AxvHuUnZKK/WsJ0F2cFlh9HlViT2sGAVTesnJ\n"
"ETa2ApUNVP66MhPUOucvK6p3FhmeoDxAIIRQfw4JQLgDktqp8h+HloQ8DRDEueqc\n"
"mOZ/kFtpMhemDDDr5nih6s5cnJ7vgxCdCvgUNlcqc4uPcwEnRhKVgRQ8JbXUGLZL\n"
"VtGxXLVs0r5bbmB5g5oXXojlQuJVHVmbW8uASfLUt9J8we6ndOSwPJe93EM597h1\n"
"mQIDAQAB\n"
"-----END PUBLIC KEY-----\n";

static OAuthFault *
signature_invalid(void)
{
	return oauth_fault(OAUTH1_SIGNATURE_INVALID,
					   "The signature does not hold for this request, or it is of a client or "
					   "token unknown here.");
}

/* "The timestamp value MUST be a positive integer."  (section 3.3) 0 if it is not one. */
static int64
parse_timestamp(const char *timestamp)
{
	size_t		length = strspn(timestamp, "0123456789");

	if (length == 0 || length > MAX_TIMESTAMP || timestamp[length] != '\0')
		return 0;
	return strtoll(timestamp, NULL, 10);
}

static OAuthFault *
absent(const char *name)
{
	return oauth_fault(OAUTH1_PARAMETER_ABSENT, psprintf("%s is missing.", name));
}

/*
 * timestamp and nonce: "The parameters MAY be omitted when using the "PLAINTEXT" signature method"
 * (section 3.1).
 */
static OAuthFault *
check_timestamp_and_nonce(OAuth1Call *call, bool is_plaintext)
{
	const char *timestamp = oauth1_parameter(&call->parameters, "oauth_timestamp");

	call->nonce = oauth1_parameter(&call->parameters, "oauth_nonce");
	if (timestamp == NULL && call->nonce == NULL && is_plaintext)
		return NULL;
	if (timestamp == NULL)
		return absent("oauth_timestamp");
	if (call->nonce == NULL)
		return absent("oauth_nonce");
	call->timestamp = parse_timestamp(timestamp);
	if (call->timestamp == 0)
		return oauth_fault(OAUTH1_PARAMETER_REJECTED,
						   "oauth_timestamp must be the seconds since 1970, in digits.");
	if (call->nonce[0] == '\0' || strlen(call->nonce) > MAX_NONCE)
		return oauth_fault(OAUTH1_PARAMETER_REJECTED, "oauth_nonce must have 1 to 255 bytes.");
	return NULL;
}

/* Finds what the signature and its check need among the parameters of the request. */
void
oauth1_read_call(OAuth1Call *call)
{
	const char *method = oauth1_parameter(&call->parameters, "oauth_signature_method");

	call->client_id = oauth1_parameter(&call->parameters, "oauth_consumer_key");
	call->method = method ? oauth1_signature_method(method) : NULL;
	call->signature = oauth1_parameter(&call->parameters, "oauth_signature");
}

/* Checks that need neither the client nor the token. */
static OAuthFault *
check_form(const OAuthRequest *request, OAuth1Call *call)
{
	const char *version = oauth1_parameter(&call->parameters, "oauth_version");
	bool		is_plaintext;

	oauth1_read_call(call);
	if (call->client_id == NULL)
		return absent("oauth_consumer_key");
	if (call->method == NULL &&
		oauth1_parameter(&call->parameters, "oauth_signature_method") == NULL)
		return absent("oauth_signature_method");
	if (call->signature == NULL)
		return absent("oauth_signature");
	if (version != NULL && strcmp(version, "1.0") != 0)
		return oauth_fault(OAUTH1_VERSION_REJECTED, "oauth_version is 1.0 here, or is left out.");
	if (call->method == NULL)
		return oauth_fault(OAUTH1_SIGNATURE_METHOD_REJECTED,
						   psprintf("oauth_signature_method is one of %s.",
									oauth1_signature_methods()));
	is_plaintext = call->method->kind == OAUTH1_PLAINTEXT;

	/*
	 * "the server MUST require the use of a transport-layer mechanism such as TLS or SSL" (section
	 * 3.4.4)
	 */
	if (is_plaintext && !request->is_confidential)
		return oauth_fault(OAUTH1_SIGNATURE_METHOD_REJECTED, "PLAINTEXT is taken over TLS only.");
	return check_timestamp_and_nonce(call, is_plaintext);
}

/* A signature for another host is not for us. */
static OAuthFault *
check_host(const char *host)
{
	if (host == NULL || host[0] == '\0')
		return oauth_fault(OAUTH1_PARAMETER_REJECTED, "The request has no Host.");
	if (oauth_host_is_allowed(host))
		return NULL;
	return oauth_fault(OAUTH1_PARAMETER_REJECTED, "This server does not answer for that Host.");
}

/*
 * The client, if it exists and may sign with this method; otherwise NULL, and the checks continue
 * with dummy secrets.
 */
static OAuthClient *
find_client(const OAuth1Call *call)
{
	OAuthClient *client = oauth_store_find_client(call->client_id, NULL);

	if (client == NULL || client->is_disabled || !oauth_client_signs(client) ||
		!oauth_client_signs_with(client, call->method))
		return NULL;
	return client;
}

/*
 * Whether the token of the request, if it has one, is of the expected kind and belongs to this
 * client.
 */
bool
oauth1_find_token(OAuth1Call *call, OAuth1Expects expects, const char *token)
{
	OAuthTokenKind kind = expects == OAUTH1_EXPECTS_REQUEST_TOKEN ? OAUTH1_REQUEST_TOKEN :
		OAUTH1_TOKEN;
	OAuthTokenString string;
	const char *client_id = NULL;

	if (!oauth_token_locate(token, strlen(token), kind, &string))
		return false;
	if (kind == OAUTH1_TOKEN && (call->token = oauth_store_find_oauth1_token(&string)) != NULL)
		client_id = call->token->grant.client_id;
	if (kind == OAUTH1_REQUEST_TOKEN &&
		(call->request_token = oauth_store_find_request_token(&string)) != NULL)
		client_id = call->request_token->client_id;
	return client_id != NULL && call->client != NULL &&
		strcmp(client_id, call->client->client_id) == 0;
}

/* The secret of the token, "" without a token. */
static char *
token_secret(const OAuth1Call *call)
{
	if (call->token != NULL)
		return oauth_unseal(call->token->secret_sealed,
							oauth_seal_binding(OAUTH1_TOKEN, call->token->handle));
	if (call->request_token != NULL)
		return oauth_unseal(call->request_token->secret_sealed,
							oauth_seal_binding(OAUTH1_REQUEST_TOKEN, call->request_token->handle));
	return pstrdup("");
}

/* Does the work of a signature check for a client or token that does not exist. */
static void
verify_for_nobody(const OAuth1Call *call, bool has_token, const char *base_string)
{
	const char *secret = call->method->kind == OAUTH1_RSA ? nobodys_key :
		oauth_client_open_stand_in(call->client_id);

	if (has_token)
		oauth_unseal_dummy();
	(void) oauth1_signature_verify(call->method, base_string, call->signature, secret,
								   has_token ? secret : "");
}

/* Verifies with the client's key or secret; during a rotation also with the previous secret. */
bool
oauth1_signature_holds(const OAuth1Call *call, const char *base_string)
{
	const OAuthClient *client = call->client;
	char	   *of_token = token_secret(call);
	bool		is_rsa = call->method->kind == OAUTH1_RSA;
	bool		holds = false;

	if (is_rsa && client->rsa_public_key != NULL)
		holds = oauth1_signature_verify(call->method, base_string, call->signature,
										client->rsa_public_key, of_token);
	for (int i = 0; i < OAUTH_CLIENT_SECRETS && !is_rsa && !holds; i++)
	{
		char	   *secret = oauth_client_open_secret(client, i);

		holds = secret != NULL &&
			oauth1_signature_verify(call->method, base_string, call->signature, secret, of_token);
	}
	return holds;
}

/* Checks whose result is told only to a client whose signature held. */
static OAuthFault *
check_state(const OAuth1Call *call)
{
	const OAuth1Token *token = call->token;
	int64		handle = token ? token->handle :
		call->request_token ? call->request_token->handle : 0;

	if (token != NULL && token->is_ended)
		return oauth_fault(OAUTH1_TOKEN_REVOKED, "The token was revoked.");
	if (token != NULL && token->expires_at != 0 && token->expires_at <= GetCurrentTimestamp())
		return oauth_fault(OAUTH1_TOKEN_EXPIRED, "The token has expired.");
	if (call->nonce == NULL)
		return NULL;
	switch (oauth1_nonce_use(call->client->client_id, handle, call->timestamp, call->nonce))
	{
		case OAUTH_NONCE_STALE:
			return oauth_fault(OAUTH1_TIMESTAMP_REFUSED,
							   "oauth_timestamp is too far from the clock of this server.");
		case OAUTH_NONCE_USED:
			return oauth_fault(OAUTH1_NONCE_REPLAYED, "The nonce was used before.");
		case OAUTH_NONCE_NEW:
			break;
	}
	return NULL;
}

/*
 * Verifies a request that attempts OAuth 1.0a, fills in its client and user, and uses up its nonce.
 *
 * An empty oauth_token counts as absent (section 2.1 sends one).  Call this where rows can be
 * written, once for each request.
 */
OAuthFault *
oauth1_verify(const OAuthRequest *request, OAuth1Expects expects, OAuth1Call *call)
{
	const char *token = oauth1_parameter(&call->parameters, "oauth_token");
	bool		is_known;
	char	   *host;
	char	   *base_string;
	OAuthFault *fault;

	if (token != NULL && token[0] == '\0')
		token = NULL;
	if (token == NULL && expects == OAUTH1_EXPECTS_REQUEST_TOKEN)
		return absent("oauth_token");
	if (token != NULL && expects == OAUTH1_EXPECTS_NO_TOKEN)
		return oauth_fault(OAUTH1_PARAMETER_REJECTED,
						   "This request must not have an oauth_token yet.");
	oauth_request_header(request, "Host", &host);
	if ((fault = check_form(request, call)) != NULL || (fault = check_host(host)) != NULL ||
		(fault = oauth1_base_string(request->method, request->scheme, host, request->target,
									&call->parameters, &base_string)) != NULL)
		return fault;
	call->client = find_client(call);
	is_known = call->client != NULL;
	if (token != NULL && !oauth1_find_token(call, expects, token))
		is_known = false;
	if (!is_known)
	{
		verify_for_nobody(call, token != NULL, base_string);
		return signature_invalid();
	}
	return oauth1_signature_holds(call, base_string) ? check_state(call) : signature_invalid();
}
