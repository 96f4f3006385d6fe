/*
 * profile.c
 *		Clients with the FAPI 2.0 Security Profile (Final), or with FAPI 2.0 Message Signing on top:
 *		profile is fapi2 or fapi2_message_signing.
 *
 * An administrator gives a client its profile.  Then the members that the profile needs are set,
 * and what contradicts it is refused, whenever the client is written.  What a request could still
 * bring otherwise is asked here when the request comes: no request talks a client out of its
 * profile.  The table of requirements is in docs/conformance.md.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "client/member.h"
#include "http/http.h"
#include "jose/jose.h"
#include "setting.h"
#include "store/client.h"
#include "text/text.h"

#define FAPI_ALGORITHMS		"PS256 ES256 EdDSA Ed25519" /* section 5.4.1 */
#define FAPI_DEFAULT_ALG	"PS256"
#define FAPI_METHODS		"private_key_jwt tls_client_auth self_signed_tls_client_auth"
#define FAPI_CODE_LIFETIME	60	/* seconds */
#define FAPI_URI_LIFETIME	599

/* Whether the client has the Security Profile, of which Message Signing is a superset. */
bool
oauth_client_is_fapi(const OAuthClient *client)
{
	return client->profile != NULL;
}

/* Whether it has Message Signing: what it asks for, and what it is answered, is signed. */
bool
oauth_client_signs_messages(const OAuthClient *client)
{
	return client->profile != NULL && strcmp(client->profile, "fapi2_message_signing") == 0;
}

/* Whether every client may sign with that, whatever its profile. */
bool
oauth_profile_admits(const char *alg)
{
	return oauth_words_include(FAPI_ALGORITHMS, alg);
}

/*
 * "shall use [...] PS256, ES256, or EdDSA (using the Ed25519 variant)" (section 5.4.1), which RFC
 * 9864 calls Ed25519.
 */
static bool
may_sign_with(const OAuthClient *client, const char *alg)
{
	return !oauth_client_is_fapi(client) || oauth_profile_admits(alg);
}

/* What is wrong with the algorithm of what the client has signed, in words; NULL: nothing. */
const char *
oauth_profile_problem(const OAuthClient *client, const char *what, const char *alg)
{
	return may_sign_with(client, alg) ? NULL :
		psprintf("With the profile FAPI 2.0 %s is signed with %s.", what,
				 oauth_words_as_choice(FAPI_ALGORITHMS));
}

/* What the client may sign with: the algorithm that it registered, else all that are good. */
List *
oauth_client_algorithms(const OAuthClient *client, char *registered)
{
	List	   *good = NIL;
	ListCell   *cell;

	foreach(cell, registered ? list_make1(registered) : oauth_jws_algorithms())
		if (may_sign_with(client, lfirst(cell)))
			good = lappend(good, lfirst(cell));
	return good;
}

/* "The default, if omitted, is RS256."  (Dynamic Client Registration 1.0, section 2) */
const char *
oauth_client_id_token_alg(const OAuthClient *client)
{
	return client->id_token_signed_response_alg ? client->id_token_signed_response_alg : "RS256";
}

/* "shall issue authorization codes with a maximum lifetime of 60 seconds" (section 5.3.2.1) */
int
oauth_client_code_lifetime(const OAuthClient *client)
{
	return oauth_client_is_fapi(client) ? Min(oauth_setting_code_lifetime, FAPI_CODE_LIFETIME) :
		oauth_setting_code_lifetime;
}

/*
 * "shall issue pushed authorization requests request_uri with expires_in values of less than 600
 * seconds" (section 5.3.2.2)
 */
int
oauth_client_request_uri_lifetime(const OAuthClient *client)
{
	return oauth_client_is_fapi(client) ?
		Min(oauth_setting_request_uri_lifetime, FAPI_URI_LIFETIME) :
		oauth_setting_request_uri_lifetime;
}

/* "shall only issue sender-constrained access tokens" (section 5.3.2.1) */
OAuthFault *
oauth_client_check_binding(const OAuthClient *client, const char *cnf)
{
	if (cnf != NULL || !oauth_client_is_fapi(client))
		return NULL;
	return oauth_fault(OAUTH_INVALID_REQUEST,
					   "The tokens of this client are bound to a key or a certificate: send a DPoP "
					   "proof, or register tls_client_certificate_bound_access_tokens.");
}

/* Raises 22023 if the profile of the client asks for bound tokens, which SQL does not issue. */
void
oauth_client_require_unbound(const OAuthClient *client)
{
	OAuthFault *fault = oauth_client_check_binding(client, NULL);

	if (fault != NULL)
		oauth_fault_raise(fault,
						  "A token is bound at the token endpoint; give the profile to another "
						  "client.");
}

static OAuthFault *
refuse_member(const char *what)
{
	return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
					   psprintf("With the profile FAPI 2.0 %s.", what));
}

/* Section 5.3.2.1: the kind of client, how it proves who it is, and its grants. */
static OAuthFault *
check_client(const OAuthClient *client)
{
	if (client->is_public)
		return refuse_member("a client is confidential");
	if (client->token_endpoint_auth_method == NULL ||
		!oauth_words_include(FAPI_METHODS, client->token_endpoint_auth_method))
		return refuse_member(psprintf("token_endpoint_auth_method is %s",
									  oauth_words_as_choice(FAPI_METHODS)));
	if (oauth_client_may(client, OAUTH_GRANT_PASSWORD))
		return refuse_member("there is no grant type password");
	if (oauth_client_signs(client))
		return refuse_member("there is no OAuth 1.0a");
	return NULL;
}

/*
 * "shall not allow clients to use redirect_uris that use the http scheme except for native clients
 * that use Loopback Interface Redirection" (section 5.3.2.2)
 */
static OAuthFault *
check_redirect_uris(const OAuthClient *client)
{
	bool		is_native = strcmp(oauth_application_type(client), "native") == 0;
	ListCell   *cell;

	foreach(cell, client->redirect_uris)
		if (strncmp(lfirst(cell), "http://", 7) == 0 && !is_native)
			return refuse_member("redirect URIs have https; http on the loopback interface needs "
								 "application_type native");
	return NULL;
}

/* Of the algorithms that it names, each is good (section 5.4.1). */
static OAuthFault *
check_algorithms(const OAuthClient *client)
{
	const char *const named[] = {
		client->id_token_signed_response_alg, client->userinfo_signed_response_alg,
		client->request_object_signing_alg, client->token_endpoint_auth_signing_alg,
		client->authorization_signed_response_alg, client->introspection_signed_response_alg
	};

	for (size_t i = 0; i < lengthof(named); i++)
		if (named[i] != NULL && !may_sign_with(client, named[i]))
			return refuse_member(psprintf("every signing algorithm is %s",
										  oauth_words_as_choice(FAPI_ALGORITHMS)));
	return NULL;
}

static void
settle_algorithm(char **alg)
{
	if (*alg == NULL)
		*alg = pstrdup(FAPI_DEFAULT_ALG);
}

/* Sets what the profile demands: PKCE and pushed requests, and signatures with Message Signing. */
static void
set_demands(OAuthClient *client)
{
	client->require_pkce = true;
	client->require_pushed_authorization_requests = true;
	settle_algorithm(&client->id_token_signed_response_alg);
	settle_algorithm(&client->authorization_signed_response_alg);
	settle_algorithm(&client->introspection_signed_response_alg);
	if (oauth_client_signs_messages(client))
		client->require_signed_request_object = true;
}

/* Makes the client what its profile demands, or says what contradicts it. */
OAuthFault *
oauth_profile_check(OAuthClient *client)
{
	OAuthFault *fault;

	if (!oauth_client_is_fapi(client))
		return NULL;
	if ((fault = check_client(client)) != NULL ||
		(fault = check_redirect_uris(client)) != NULL ||
		(fault = check_algorithms(client)) != NULL)
		return fault;
	set_demands(client);
	return NULL;
}
