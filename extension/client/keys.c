/*
 * keys.c
 *		The keys of a client: its members jwks and jwks_uri (RFC 7517), and whether one of them has
 *		signed something.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/member.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "jose/jose.h"
#include "store/client.h"
#include "text/text.h"

/* A member of a JSON Web Key, decoded from base64url; NULL if it is absent or malformed. */
static uint8 *
read_number(JsonbContainer * key, const char *name, int *length)
{
	JsonbValue *found = getKeyJsonValueFromContainer(key, name, strlen(name), NULL);

	if (found == NULL || found->type != jbvString)
		return NULL;
	return oauth_base64url_decode(found->val.string.val, found->val.string.len, length);
}

/* The keys of a JSON Web Key Set (RFC 7517, section 5); NULL if the value is not one. */
static JsonbContainer *
key_set(const JsonbValue *jwks)
{
	JsonbValue *keys = jwks->type == jbvBinary && JsonContainerIsObject(jwks->val.binary.data) ?
		getKeyJsonValueFromContainer(jwks->val.binary.data, "keys", strlen("keys"), NULL) : NULL;

	return keys != NULL && keys->type == jbvBinary && JsonContainerIsArray(keys->val.binary.data) ?
		keys->val.binary.data : NULL;
}

/* The key at that place of the set; NULL if it is not an object. */
static JsonbContainer *
key_at(JsonbContainer * keys, uint32 n)
{
	JsonbValue *key = getIthJsonbValueFromContainer(keys, n);

	return key->type == jbvBinary && JsonContainerIsObject(key->val.binary.data) ?
		key->val.binary.data :
		NULL;
}

/*
 * Whether the key has a part that only its owner may know (the registry of RFC 7517, section 8.1).
 */
static bool
has_secret_part(JsonbContainer * key)
{
	static const char *const secret[] = {"d", "k", "p", "q", "dp", "dq", "qi", "oth", "priv"};

	for (size_t i = 0; i < lengthof(secret); i++)
		if (getKeyJsonValueFromContainer(key, secret[i], strlen(secret[i]), NULL) != NULL)
			return true;
	return false;
}

/*
 * Refuses a private key, even where nothing would read it, or where it stands alone instead of in a
 * set: its owner must be told that it was shown.
 */
static OAuthFault *
check_keys_are_public(const JsonbValue *jwks)
{
	JsonbContainer *keys = key_set(jwks);
	bool		is_secret = jwks->type == jbvBinary &&
		JsonContainerIsObject(jwks->val.binary.data) && has_secret_part(jwks->val.binary.data);

	for (uint32 i = 0; keys != NULL && i < JsonContainerSize(keys) && !is_secret; i++)
	{
		JsonbContainer *key = key_at(keys, i);

		is_secret = key != NULL && has_secret_part(key);
	}
	return is_secret ?
		oauth_bad_member("jwks", "a set of public keys; this one has a secret part, which "
						 "is a secret no longer") :
		NULL;
}

/* The first RSA key of the set (RFC 7518, section 6.3.1) as PEM; NULL if it has none. */
static char *
rsa_key(JsonbContainer * keys)
{
	for (uint32 i = 0; i < JsonContainerSize(keys); i++)
	{
		JsonbContainer *key = key_at(keys, i);
		int			modulus_length;
		int			exponent_length;
		uint8	   *modulus = key ? read_number(key, "n", &modulus_length) : NULL;
		uint8	   *exponent = key ? read_number(key, "e", &exponent_length) : NULL;
		char	   *pem = modulus != NULL && exponent != NULL ?
			oauth_public_key_pem(modulus, modulus_length, exponent, exponent_length) : NULL;

		if (pem != NULL)
			return pem;
	}
	return NULL;
}

/*
 * A client of OAuth 1.0a needs an RSA key, which may be weaker than those of JSON Web Signatures
 * (oauth.rsa_min_bits); then it is all that is kept of the set.
 */
static OAuthFault *
settle_signing_key(OAuthClient *client, const char *problem)
{
	if (problem != NULL)
		client->jwks = NULL;
	return client->rsa_public_key != NULL ? NULL :
		oauth_bad_member("jwks", "a key set with an RSA key");
}

/*
 * The keys, all public and each usable; RSA signatures of OAuth 1.0a are verified with the first
 * RSA key.  "jwks_uri and jwks parameters MUST NOT both be present in the same request or response"
 * (RFC 7591, section 2).
 */
static OAuthFault *
read_keys(const OAuthMember *member, OAuthMetadata *metadata)
{
	JsonbValue *found = oauth_member_value(metadata->json, member->name);
	OAuthClient *client = metadata->client;
	const char *problem;
	OAuthFault *fault;

	if (found == NULL)
		return NULL;
	client->jwks = NULL;
	client->rsa_public_key = NULL;
	if (found->type == jbvNull)
		return NULL;
	client->jwks_uri = NULL;
	if ((fault = check_keys_are_public(found)) != NULL)
		return fault;
	if (key_set(found) == NULL)
		return oauth_bad_member("jwks", "an object with an array keys");
	client->jwks = JsonbValueToJsonb(found);
	client->rsa_public_key = rsa_key(key_set(found));
	problem = oauth_jwk_set_problem(client->jwks);
	if (oauth_client_signs(client))
		return settle_signing_key(client, problem);
	return problem == NULL ? NULL :
		oauth_fault(OAUTH_INVALID_CLIENT_METADATA, psprintf("jwks: %s", problem));
}

/* The RSA key that was given otherwise, where there is no set. */
static void
write_keys(StringInfo json, const OAuthMember *member, const OAuthClient *client)
{
	char	   *modulus;
	char	   *exponent;

	if (client->jwks != NULL)
		appendStringInfo(json, ", \"jwks\": %s",
						 JsonbToCString(NULL, &client->jwks->root, VARSIZE(client->jwks)));
	else if (client->rsa_public_key != NULL &&
			 oauth_public_key_numbers(client->rsa_public_key, &modulus, &exponent))
		appendStringInfo(json,
						 ", \"jwks\": {\"keys\": [{\"kty\": \"RSA\", \"n\": \"%s\", \"e\": "
						 "\"%s\"}]}",
						 modulus, exponent);
}

const OAuthMemberKind oauth_member_keys = {read_keys, write_keys};

/* Whether the member is there, and not null. */
static bool
has_value(Jsonb *json, const char *name)
{
	JsonbValue *found = oauth_member_value(json, name);

	return found != NULL && found->type != jbvNull;
}

/* Where the keys are, instead of the keys. */
static OAuthFault *
read_keys_uri(const OAuthMember *member, OAuthMetadata *metadata)
{
	OAuthClient *client = metadata->client;

	if (!has_value(metadata->json, "jwks_uri"))
		return oauth_member_server_uri.read(member, metadata);
	if (has_value(metadata->json, "jwks"))
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA, "There is jwks or jwks_uri, not both.");
	client->jwks = NULL;
	client->rsa_public_key = NULL;
	return oauth_member_server_uri.read(member, metadata);
}

const OAuthMemberKind oauth_member_keys_uri = {read_keys_uri, oauth_member_text_write};

/* ---- what the client has signed ---- */

static void
read_set(Jsonb *json, OAuthClientKeys *keys)
{
	keys->keys = json ? oauth_jwk_set_read(json, 0, &keys->problem) : NIL;
	if (keys->problem == NULL && keys->keys == NIL)
		keys->problem = "The set has no key that can be used.";
}

static OAuthFault *
read_document(const OAuthClient *client, OAuthClientKeys *keys)
{
	OAuthFault *fault = oauth_document_get(client->jwks_uri, &keys->document);
	const char *body;

	if (fault != NULL)
		return fault;
	body = keys->document->body;
	keys->problem = keys->document->problem;
	if (body != NULL)
		read_set(oauth_json_read(body, strlen(body), &keys->problem), keys);
	return NULL;
}

/* The key that came as PEM, which has no kid. */
static void
read_pem(const OAuthClient *client, OAuthClientKeys *keys)
{
	OAuthJwk   *key = oauth_jwk_from_pem(client->rsa_public_key, &keys->problem);

	if (key == NULL)
		return;
	key->kid = NULL;
	keys->keys = list_make1(key);
}

/*
 * The public keys of the client, or why there are none; or a fault, with which the caller returns:
 * the shim fetches its jwks_uri and asks again.
 */
OAuthFault *
oauth_client_keys(const OAuthClient *client, OAuthClientKeys *keys)
{
	memset(keys, 0, sizeof(*keys));
	if (client->jwks_uri != NULL)
		return read_document(client, keys);
	if (client->jwks != NULL)
		read_set(client->jwks, keys);
	else if (client->rsa_public_key != NULL)
		read_pem(client, keys);
	else
		keys->problem = "The client has no keys: it registered no jwks and no jwks_uri.";
	return NULL;
}

/*
 * Whether the document may have a newer key that fits: the header names one that it lacks, or none
 * at all.
 */
static bool
may_be_outdated(const OAuthClientKeys *keys, const OAuthJws *jws, const OAuthJwsPolicy *policy)
{
	return jws->algorithm != NULL && oauth_list_has(policy->algorithms, jws->algorithm->name) &&
		(keys->problem != NULL || jws->kid == NULL || oauth_jws_kid_is_unknown(jws, policy));
}

/*
 * Whether the token is what the policy accepts, signed by a key of the client; *problem is NULL, or
 * why not.  The policy gets its keys here.  A fault, with which the caller returns, has the keys
 * fetched: at first, and again where a key may be new, at most once a minute.
 */
OAuthFault *
oauth_client_verify(const OAuthClient *client, OAuthJwsPolicy *policy, OAuthJws *jws,
					const char **problem)
{
	OAuthClientKeys keys;
	OAuthFault *fault = oauth_client_keys(client, &keys);

	*problem = NULL;
	if (fault != NULL)
		return fault;
	policy->keys = keys.keys;
	*problem = keys.problem ? keys.problem : oauth_jws_check(jws, policy);
	if (*problem != NULL && keys.document != NULL && may_be_outdated(&keys, jws, policy))
		return oauth_document_get_newer(client->jwks_uri, keys.document);
	return NULL;
}
