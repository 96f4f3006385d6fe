/*
 * manage_registration.c
 *		/oauth2/register/{client_id}: a client that registered itself reads, replaces or deletes its
 *		registration (RFC 7592).
 *
 * - it proves that it is that client with its registration_access_token
 * - what it does not say is the default again; what it is (public or confidential, what it signs
 *   with), how it sees its users (registration_sector.c), and what only an administrator gives stay
 *   as they are
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/registration.h"
#include "store/client.h"

static const char *
text_member(Jsonb *metadata, const char *name)
{
	JsonbValue *found = getKeyJsonValueFromContainer(&metadata->root, name, strlen(name), NULL);

	return found != NULL && found->type == jbvString ?
		pnstrdup(found->val.string.val, found->val.string.len) :
		NULL;
}

/* "The client MUST include its "client_id" field [...] MUST NOT include [...]"  (section 2.2) */
static OAuthFault *
check_identity(Jsonb *metadata, const OAuthClient *before)
{
	static const char *const never[] = {
		"registration_access_token", "registration_client_uri", "client_secret_expires_at",
		"client_id_issued_at"
	};
	const char *client_id = text_member(metadata, "client_id");
	const char *secret = text_member(metadata, "client_secret");
	uint8		hash[OAUTH_HASH_LENGTH];
	OAuthClient *proven;

	for (size_t i = 0; i < lengthof(never); i++)
		if (getKeyJsonValueFromContainer(&metadata->root, never[i], strlen(never[i]), NULL) != NULL)
			return oauth2_bad_metadata(psprintf("%s cannot be changed, and must not be sent.",
												never[i]));
	if (client_id == NULL || strcmp(client_id, before->client_id) != 0)
		return oauth2_bad_metadata("client_id must be sent, and cannot be changed.");
	if (secret == NULL)
		return NULL;
	oauth_sha256(secret, strlen(secret), hash);
	proven = oauth_store_find_client(before->client_id, hash);
	return proven != NULL && proven->secret_matches ?
		NULL :
		oauth2_bad_metadata("client_secret cannot be chosen.");
}

/* What the server demands of the client, it still does. */
static void
keep_demands(OAuthClient *client, const OAuthClient *before)
{
	client->require_pkce |= before->require_pkce;
	client->require_pushed_authorization_requests |= before->require_pushed_authorization_requests;
	client->require_signed_request_object |= before->require_signed_request_object;
	client->dpop_bound_access_tokens |= before->dpop_bound_access_tokens;
	client->tls_client_certificate_bound_access_tokens |=
		before->tls_client_certificate_bound_access_tokens;
}

/*
 * "omitted fields [...] MUST be treated as null or empty values": what is not said is the default
 * again.
 */
static OAuthFault *
replace_client(const OAuthRequest *request, const OAuthClient *before, const char *token,
			   OAuthResponse **response)
{
	OAuthClient client = *before;
	Jsonb	   *metadata;
	OAuthFault *fault;

	oauth_client_metadata_defaults(&client);
	if ((fault = oauth2_registration_body(request, &metadata)) != NULL ||
		(fault = check_identity(metadata, before)) != NULL ||
		(fault = oauth2_registration_check(request, &client, metadata, before, false)) != NULL ||
		(fault = oauth2_registration_check_sector_document(request, &client, before,
														   false)) != NULL)
		return fault;
	keep_demands(&client, before);
	if (client.is_public != before->is_public)
		return oauth2_bad_metadata(psprintf("A client cannot change between public and "
											"confidential: send %s",
											before->is_public ? "token_endpoint_auth_method none." :
											"another token_endpoint_auth_method than none."));
	if (oauth_client_has_sealed_secret(&client) != oauth_client_has_sealed_secret(before))
		return oauth2_bad_metadata("What the client signs with cannot be changed here.");
	if (oauth_client_needs_secret(&client) && !oauth_client_needs_secret(before))
		return oauth2_bad_metadata("The client has no secret: send a token_endpoint_auth_method "
								   "that needs none.");
	oauth_store_update_client(&client, oauth_client_has_sealed_secret(&client));
	*response = oauth2_registration_information(200, &client, NULL, token);
	oauth2_registration_note(request, &client, "updated by itself");
	return NULL;
}

static OAuthResponse *
remove_client(const OAuthRequest *request, const OAuthClient *client)
{
	OAuthResponse *response = oauth_response(204);

	oauth_store_delete_client(client->client_id);
	oauth2_registration_note(request, client, "deleted by itself");
	oauth_response_header(response, "Cache-Control", "no-store");
	return response;
}

/*
 * "If the client does not exist [...] the authorization server MUST respond with HTTP 401"
 * (section 2.1)
 */
static OAuthFault *
manage(const OAuthRequest *request, const char *client_id, OAuthClient **client,
	   OAuthResponse **response)
{
	OAuthFault *fault = NULL;
	char	   *token = oauth2_registration_bearer(request, &fault);
	OAuthTokenString string = {0};

	if (fault != NULL)
		return fault;
	if (token == NULL)
		return oauth_fault(OAUTH_NO_CREDENTIALS,
						   "Send the registration_access_token: Authorization: Bearer <token>");
	oauth_token_parse(token, strlen(token), OAUTH_REGISTRATION_TOKEN, &string);
	if (string.handle <= 0 || !oauth_store_hold_registration(client_id, string.hash))
		return oauth_fault(OAUTH_INVALID_TOKEN,
						   "The registration_access_token is not that of such a client.");
	*client = oauth_client_required(client_id);
	(*client)->cors_origins = oauth_store_origins(client_id);
	if (strcmp(request->method, "PUT") == 0)
		return replace_client(request, *client, token, response);
	*response = strcmp(request->method, "DELETE") == 0 ? remove_client(request, *client) :
		oauth2_registration_information(200, *client, NULL, token);
	return NULL;
}

/* /oauth2/register/{client_id} */
OAuthResponse *
oauth2_manage_registration(const OAuthRequest *request, const char *client_id)
{
	OAuthClient *client = NULL;
	OAuthResponse *response = NULL;
	OAuthFault *fault = manage(request, client_id, &client, &response);

	return oauth_cors_allow(request, client ? client_id : NULL,
							fault ? oauth2_registration_refuse(fault) : response);
}
