/*
 * auth_method.c
 *		The methods of client authentication: what a client needs that is registered for one (RFC
 *		7591, section 2; OpenID Connect Core, section 9; RFC 8705, section 2).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/member.h"
#include "crypto/crypto.h"
#include "jose/jose.h"
#include "store/client.h"
#include "text/text.h"

/* In the order in which metadata lists them. */
static const OAuthAuthMethod methods[] = {
	{"client_secret_basic", .has_secret = true},
	{"client_secret_post", .has_secret = true},
	{"none", .has_secret = false},
	{"private_key_jwt", .has_keys = true, .signs = true},
	{"client_secret_jwt", .has_secret = true, .signs = true},
	{"tls_client_auth", .has_certificate = true},
	{"self_signed_tls_client_auth", .has_keys = true, .has_certificate = true},
};

/* The method of that name; NULL if there is none. */
const OAuthAuthMethod *
oauth_auth_method(const char *name)
{
	return name ? OAUTH_FIND_NAMED(methods, name) : NULL;
}

/* The names, space-separated; without none, where a client has to prove who it is. */
const char *
oauth_auth_methods(bool with_none)
{
	List	   *names = NIL;

	for (size_t i = 0; i < lengthof(methods); i++)
		if (with_none || strcmp(methods[i].name, "none") != 0)
			names = lappend(names, unconstify(char *, methods[i].name));
	return oauth_words_join(names);
}

/* The algorithms of client assertions, space-separated. */
const char *
oauth_auth_algorithms(void)
{
	return psprintf("%s HS256", oauth_words_join(oauth_jws_algorithms()));
}

/* Whether it is registered for that method, and for no other. */
bool
oauth_client_authenticates_by(const OAuthClient *client, const char *method)
{
	return client->token_endpoint_auth_method != NULL &&
		strcmp(client->token_endpoint_auth_method, method) == 0;
}

static OAuthFault *
bad(const char *description)
{
	return oauth_fault(OAUTH_INVALID_CLIENT_METADATA, description);
}

/* HS256 is of those who sign with their secret, and of nobody else (RFC 8725, section 3.1). */
static OAuthFault *
check_algorithm(const OAuthClient *client)
{
	const char *alg = client->token_endpoint_auth_signing_alg;
	const OAuthAuthMethod *method = oauth_auth_method(client->token_endpoint_auth_method);

	if (alg == NULL || method == NULL || !method->signs)
		return NULL;
	if (method->has_secret && strcmp(alg, "HS256") != 0)
		return bad("token_endpoint_auth_signing_alg of client_secret_jwt is HS256.");
	if (!method->has_secret && strcmp(alg, "HS256") == 0)
		return bad("token_endpoint_auth_signing_alg of private_key_jwt is not HS256, which signs "
				   "with a secret.");
	return NULL;
}

/*
 * "A client using the tls_client_auth authentication method MUST use exactly one of the below
 * metadata parameters"  (RFC 8705, section 2.1.2)
 */
static OAuthFault *
check_certificate_names(const OAuthClient *client)
{
	const char *const names[] = {
		client->tls_client_auth_subject_dn, client->tls_client_auth_san_dns,
		client->tls_client_auth_san_uri, client->tls_client_auth_san_ip,
		client->tls_client_auth_san_email
	};
	int			n = 0;

	for (size_t i = 0; i < lengthof(names); i++)
		n += names[i] != NULL;
	if (n == 0 && !oauth_client_authenticates_by(client, "tls_client_auth"))
		return NULL;
	if (n != 1 || !oauth_client_authenticates_by(client, "tls_client_auth"))
		return bad("A client of tls_client_auth, and no other, has exactly one of "
				   "tls_client_auth_subject_dn, tls_client_auth_san_dns, tls_client_auth_san_uri, "
				   "tls_client_auth_san_ip and tls_client_auth_san_email.");
	for (size_t i = 0; i < lengthof(names); i++)
		if (names[i] != NULL && names[i][0] == '\0')
			return bad("The name of a certificate is not empty.");
	if (client->tls_client_auth_subject_dn != NULL &&
		!oauth_is_distinguished_name(client->tls_client_auth_subject_dn))
		return bad("tls_client_auth_subject_dn is a distinguished name as CN=client,O=Example,C=DE "
				   "(RFC 4514).");
	if (client->tls_client_auth_san_ip != NULL && !oauth_is_address(client->tls_client_auth_san_ip))
		return bad("tls_client_auth_san_ip is an address as 192.0.2.1 or 2001:db8::1.");
	return NULL;
}

/* "none" and public mean the same (RFC 7591, section 2). */
static OAuthFault *
settle_public(OAuthClient *client)
{
	if (client->token_endpoint_auth_method == NULL)
		client->token_endpoint_auth_method = pstrdup("none");
	return strcmp(client->token_endpoint_auth_method, "none") == 0 ? NULL :
		bad("A public client has token_endpoint_auth_method none.");
}

static OAuthFault *
check_confidential(const OAuthClient *client)
{
	const OAuthAuthMethod *method = oauth_auth_method(client->token_endpoint_auth_method);

	if (client->token_endpoint_auth_method == NULL)
		return NULL;
	if (method == NULL || strcmp(method->name, "none") == 0)
		return oauth_bad_member("token_endpoint_auth_method",
								oauth_words_as_choice(oauth_auth_methods(true)));
	if (method->has_keys && client->jwks == NULL && client->jwks_uri == NULL &&
		client->rsa_public_key == NULL)
		return bad(psprintf("%s needs jwks or jwks_uri.", method->name));
	return NULL;
}

/* Whether the client has what its method needs. */
OAuthFault *
oauth_auth_method_check(OAuthClient *client)
{
	OAuthFault *fault = client->is_public ? settle_public(client) : check_confidential(client);

	if (fault != NULL || (fault = check_algorithm(client)) != NULL)
		return fault;
	return check_certificate_names(client);
}
