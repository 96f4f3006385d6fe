/*
 * keys.c
 *		The keys of a client: its member jwks (RFC 7517).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/member.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "text/text.h"

/* A member of a JSON Web Key, decoded from base64url; NULL if it is not there or not that. */
static uint8 *
read_number(JsonbContainer * key, const char *name, int *length)
{
	JsonbValue *found = getKeyJsonValueFromContainer(key, name, strlen(name), NULL);

	if (found == NULL || found->type != jbvString)
		return NULL;
	return oauth_base64url_decode(found->val.string.val, found->val.string.len, length);
}

/* The keys of a JSON Web Key Set (RFC 7517, section 5); NULL if the value is none. */
static JsonbContainer *
key_set(const JsonbValue *jwks)
{
	JsonbValue *keys = jwks->type == jbvBinary && JsonContainerIsObject(jwks->val.binary.data) ?
		getKeyJsonValueFromContainer(jwks->val.binary.data, "keys", strlen("keys"), NULL) : NULL;

	return keys != NULL && keys->type == jbvBinary && JsonContainerIsArray(keys->val.binary.data) ?
		keys->val.binary.data : NULL;
}

/* That key of the set; NULL if it is no object. */
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
 * Whoever shows a secret key must be told, also where nothing reads the key, or where it stands
 * alone instead of in a set.
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
 * The key that verifies RSA signatures.  Of a client that speaks for itself, keys of other kinds
 * are passed over.
 */
static OAuthFault *
read_keys(const OAuthMember *member, OAuthMetadata *metadata)
{
	JsonbValue *found = oauth_member_value(metadata->json, member->name);
	OAuthClient *client = metadata->client;
	JsonbContainer *keys;
	OAuthFault *fault;

	if (found == NULL)
		return NULL;
	client->rsa_public_key = NULL;
	if (found->type == jbvNull)
		return NULL;
	if (oauth_member_value(metadata->json, "jwks_uri") != NULL)
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
						   "There is jwks or jwks_uri, not both (and jwks_uri is not read).");
	if ((fault = check_keys_are_public(found)) != NULL)
		return fault;
	if ((keys = key_set(found)) == NULL)
		return metadata->is_own ? NULL :
			oauth_bad_member("jwks", "an object with an array keys");
	client->rsa_public_key = rsa_key(keys);
	return client->rsa_public_key == NULL && !metadata->is_own ?
		oauth_bad_member("jwks", "a key set with an RSA key") :
		NULL;
}

static void
write_keys(StringInfo json, const OAuthMember *member, const OAuthClient *client)
{
	char	   *modulus;
	char	   *exponent;

	if (client->rsa_public_key != NULL &&
		oauth_public_key_numbers(client->rsa_public_key, &modulus, &exponent))
		appendStringInfo(json,
						 ", \"jwks\": {\"keys\": [{\"kty\": \"RSA\", \"n\": \"%s\", \"e\": "
						 "\"%s\"}]}",
						 modulus, exponent);
}

const OAuthMemberKind oauth_member_keys = {read_keys, write_keys};
