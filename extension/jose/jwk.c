/*
 * jwk.c
 *		JSON Web Keys and sets of them: RFC 7517; RFC 7518, section 6; RFC 8037, section 2; and
 *		their thumbprints, RFC 7638.
 *
 * Of private keys only the public half is read: no key comes to us in this form.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "jose/key.h"
#include "text/text.h"

#include <openssl/core_names.h>

#include "utils/json.h"

#define MAX_NAME			255 /* bytes of a kid */
#define MIN_SECRET			32	/* bytes: RFC 7518, section 3.2 */

/*
 * "containing only the required members of a JWK representing the key and with no whitespace or
 * line breaks", in the order of their names (RFC 7638, section 3; RFC 8037, appendix A.3).
 */
#define RSA_MEMBERS	"{\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\"}"
#define EC_MEMBERS	"{\"crv\":\"%s\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}"
#define OKP_MEMBERS	"{\"crv\":\"%s\",\"kty\":\"OKP\",\"x\":\"%s\"}"

/* What is wrong with a key of a kind that others may use and we do not. */
static const char not_ours[] = "The key is none of RSA, EC with P-256 or P-384, and OKP with "
"Ed25519.";

static JsonbValue *
member(JsonbContainer * json, const char *name)
{
	return getKeyJsonValueFromContainer(json, name, strlen(name), NULL);
}

/* The string of that name, NULL if there is none; false if it is something else, or too long. */
static bool
read_text(JsonbContainer * json, const char *name, const char **text)
{
	JsonbValue *found = member(json, name);

	*text = NULL;
	if (found == NULL)
		return true;
	if (found->type != jbvString || found->val.string.len > MAX_NAME)
		return false;
	*text = pnstrdup(found->val.string.val, found->val.string.len);
	return true;
}

/* A member in base64url; without bytes if it is not there, or is not that. */
static OAuthKeyNumber
read_number(JsonbContainer * json, const char *name)
{
	JsonbValue *found = member(json, name);
	OAuthKeyNumber number = {NULL, 0};

	if (found != NULL && found->type == jbvString)
		number.bytes = oauth_base64url_decode(found->val.string.val, found->val.string.len,
											  &number.length);
	return number;
}

/*
 * "Use and key_ops" (RFC 7517, sections 4.2 and 4.3): whether key_ops is there and has no "verify".
 * False if it is no array of strings.
 */
static bool
read_operations(JsonbContainer * json, bool *may_verify)
{
	JsonbValue *found = member(json, "key_ops");
	JsonbContainer *list;

	if (found == NULL)
		return true;
	if (found->type != jbvBinary || !JsonContainerIsArray(found->val.binary.data) ||
		JsonContainerIsScalar(found->val.binary.data))
		return false;
	list = found->val.binary.data;
	*may_verify = false;
	for (uint32 i = 0; i < JsonContainerSize(list); i++)
	{
		JsonbValue *operation = getIthJsonbValueFromContainer(list, i);

		if (operation->type != jbvString)
			return false;
		if (operation->val.string.len == strlen("verify") &&
			memcmp(operation->val.string.val, "verify", strlen("verify")) == 0)
			*may_verify = true;
	}
	return true;
}

/*
 * A part that only its owner may know (the registry of RFC 7517, section 8.1); the k of a secret is
 * not one of another key.
 */
static bool
has_private_part(JsonbContainer * json, const char *kty)
{
	static const char *const names[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "priv"};

	if (member(json, "k") != NULL && strcmp(kty, "oct") != 0)
		return true;
	for (size_t i = 0; i < lengthof(names); i++)
		if (member(json, names[i]) != NULL)
			return true;
	return false;
}

/*
 * "The "x5c" [...] array of certificate value strings.  Each string in the array is a
 * base64-encoded [...] -- not base64url-encoded -- DER PKIX certificate value."  (RFC 7517, section
 * 4.7)  False if it is something else.
 */
static bool
read_certificate(JsonbContainer * json, OAuthJwk *key)
{
	JsonbValue *found = member(json, "x5c");
	JsonbValue *first;

	if (found == NULL)
		return true;
	if (found->type != jbvBinary || !JsonContainerIsArray(found->val.binary.data) ||
		JsonContainerIsScalar(found->val.binary.data) ||
		JsonContainerSize(found->val.binary.data) == 0)
		return false;
	first = getIthJsonbValueFromContainer(found->val.binary.data, 0);
	if (first->type == jbvString)
		key->certificate = (uint8 *) oauth_base64_decode(first->val.string.val,
														 first->val.string.len,
														 &key->certificate_length);
	return key->certificate != NULL;
}

static const char *
set_secret(OAuthJwk *key, OAuthKeyNumber k)
{
	if (k.bytes == NULL || k.length < MIN_SECRET)
		return "The member k of the key is not 32 bytes or more in base64url (RFC 7518, section "
			"3.2).";
	key->secret = k.bytes;
	key->secret_length = k.length;
	return NULL;
}

/* kty, crv and the numbers. */
static const char *
read_key(JsonbContainer * json, const char *kty, const char *crv, int may_be, OAuthJwk **key)
{
	if (strcmp(kty, "RSA") == 0)
	{
		*key = oauth_key_new(OAUTH_KTY_RSA);
		return oauth_key_set_rsa(*key, read_number(json, "n"), read_number(json, "e"));
	}
	if (strcmp(kty, "EC") == 0 && oauth_key_curve_is_ours(kty, crv))
	{
		*key = oauth_key_new(OAUTH_KTY_EC);
		return oauth_key_set_ec(*key, crv, read_number(json, "x"), read_number(json, "y"));
	}
	if (strcmp(kty, "OKP") == 0 && oauth_key_curve_is_ours(kty, crv))
	{
		*key = oauth_key_new(OAUTH_KTY_OKP);
		return oauth_key_set_okp(*key, read_number(json, "x"));
	}
	if (strcmp(kty, "oct") != 0)
		return not_ours;
	if (!(may_be & OAUTH_JWK_SECRET))
		return "A key of kty oct is a secret, and public keys are wanted.";
	*key = oauth_key_new(OAUTH_KTY_OCT);
	return set_secret(*key, read_number(json, "k"));
}

static const char *
text_of(JsonbContainer * json, const char *name)
{
	JsonbValue *found = member(json, name);

	return found != NULL && found->type == jbvString ?
		pnstrdup(found->val.string.val, found->val.string.len) : "";
}

/*
 * The thumbprint (RFC 7638) of a key as it is written; NULL for one of a kind that is not ours.  Of
 * a key that can be used it is the thumbprint of its numbers too, because each number has one
 * spelling only.
 */
static uint8 *
thumbprint_as_written(JsonbContainer * json, const char *kty, const char *crv)
{
	uint8	   *hash = palloc(OAUTH_HASH_LENGTH);
	char	   *members;

	if (strcmp(kty, "RSA") == 0)
		members = psprintf(RSA_MEMBERS, text_of(json, "e"), text_of(json, "n"));
	else if (strcmp(kty, "EC") == 0 && oauth_key_curve_is_ours(kty, crv))
		members = psprintf(EC_MEMBERS, crv, text_of(json, "x"), text_of(json, "y"));
	else if (strcmp(kty, "OKP") == 0 && oauth_key_curve_is_ours(kty, crv))
		members = psprintf(OKP_MEMBERS, crv, text_of(json, "x"));
	else
		return NULL;
	oauth_sha256(members, strlen(members), hash);
	return hash;
}

/* The same for a key that a signature brings along, which one before it may have brought, too. */
static const char *
read_presented_key(JsonbContainer * json, const char *kty, const char *crv,
				   const OAuthJwsAlgorithm *algorithm, OAuthJwk **key)
{
	uint8	   *thumbprint = thumbprint_as_written(json, kty, crv);
	const char *problem;

	if (thumbprint != NULL && (*key = oauth_key_kept(algorithm, thumbprint)) != NULL)
		return NULL;
	if ((problem = read_key(json, kty, crv, 0, key)) == NULL)
		(*key)->thumbprint = thumbprint;
	return problem;
}

/*
 * NULL and the key, or what is wrong with it.  presented_for is the algorithm of the signature that
 * brings the key along; NULL if it is known otherwise.
 */
static const char *
read_container(JsonbContainer * json, int may_be, const OAuthJwsAlgorithm *presented_for,
			   OAuthJwk **key)
{
	const char *kty;
	const char *crv;
	const char *alg;
	const char *kid;
	const char *use;
	bool		may_verify = true;
	const char *problem;

	if (!read_text(json, "kty", &kty) || kty == NULL)
		return "The key has no kty (RFC 7517, section 4.1).";
	if (!read_text(json, "crv", &crv) || !read_text(json, "alg", &alg) ||
		!read_text(json, "kid", &kid) || !read_text(json, "use", &use))
		return "One of crv, alg, kid and use of the key is no string of at most 255 bytes.";
	if (!read_operations(json, &may_verify))
		return "The member key_ops of the key is no array of strings (RFC 7517, section 4.3).";
	if (!(may_be & OAUTH_JWK_PRIVATE) && has_private_part(json, kty))
		return "The key has a private part, which is a secret no longer.";
	problem = presented_for ? read_presented_key(json, kty, crv, presented_for, key) :
		read_key(json, kty, crv, may_be, key);
	if (problem != NULL)
		return problem;
	if (!read_certificate(json, *key))
		return "The member x5c of the key is no array of certificates in base64 (RFC 7517, section "
			"4.7).";
	(*key)->alg = alg;
	(*key)->kid = kid;
	(*key)->use = use;
	(*key)->may_verify = may_verify;
	return NULL;
}

/* One key; NULL and a problem if it cannot be used. */
OAuthJwk *
oauth_jwk_read(Jsonb *json, int may_be, const char **problem)
{
	OAuthJwk   *key = NULL;

	*problem = JB_ROOT_IS_OBJECT(json) ? read_container(&json->root, may_be, NULL, &key) :
		"A key is a JSON object (RFC 7517, section 4).";
	return *problem == NULL ? key : NULL;
}

/* The public key that a signature with that algorithm brings along. */
OAuthJwk *
oauth_jwk_read_presented(Jsonb *json, const OAuthJwsAlgorithm *algorithm, const char **problem)
{
	OAuthJwk   *key = NULL;

	*problem = JB_ROOT_IS_OBJECT(json) ? read_container(&json->root, 0, algorithm, &key) :
		"A key is a JSON object (RFC 7517, section 4).";
	return *problem == NULL ? key : NULL;
}

/* ---- sets ---- */

/* The array of the set; NULL and a problem if there is none. */
static JsonbContainer *
keys_of(Jsonb *json, const char **problem)
{
	JsonbValue *keys = JB_ROOT_IS_OBJECT(json) ? member(&json->root, "keys") : NULL;

	*problem = NULL;
	if (keys == NULL || keys->type != jbvBinary || !JsonContainerIsArray(keys->val.binary.data) ||
		JsonContainerIsScalar(keys->val.binary.data))
		*problem = "A set of keys is a JSON object with an array keys (RFC 7517, section 5).";
	else if (JsonContainerSize(keys->val.binary.data) > OAUTH_MAX_JWK_SET)
		*problem = "The set has more than 64 keys.";
	return *problem ? NULL : keys->val.binary.data;
}

static const char *
read_element(JsonbContainer * keys, uint32 n, int may_be, OAuthJwk **key)
{
	JsonbValue *element = getIthJsonbValueFromContainer(keys, n);

	if (element->type != jbvBinary || !JsonContainerIsObject(element->val.binary.data))
		return "A key is a JSON object (RFC 7517, section 4).";
	return read_container(element->val.binary.data, may_be, NULL, key);
}

/*
 * The keys that can be used.  "Implementations SHOULD ignore JWKs within a JWK Set that use "kty"
 * (key type) values that are not understood by them, that are missing required members, or for
 * which values are out of the supported ranges" (RFC 7517, section 5).
 */
List *
oauth_jwk_set_read(Jsonb *json, int may_be, const char **problem)
{
	JsonbContainer *keys = keys_of(json, problem);
	List	   *usable = NIL;

	for (uint32 i = 0; keys != NULL && i < JsonContainerSize(keys); i++)
	{
		OAuthJwk   *key = NULL;

		if (read_element(keys, i, may_be, &key) == NULL)
			usable = lappend(usable, key);
	}
	return usable;
}

/*
 * "The key in the first certificate MUST match the public key represented by other members of the
 * JWK."  (RFC 7517, section 4.7)  Asked when a set is registered; a client that shows a
 * certificate is compared again.
 */
static bool
has_other_certificate(const OAuthJwk *key)
{
	OAuthCertificate *certificate;

	if (key->certificate == NULL)
		return false;
	certificate = oauth_certificate_read(key->certificate, key->certificate_length);
	return certificate == NULL || !oauth_certificate_has_key(certificate, key->key);
}

/*
 * What keeps a set from being the public keys of somebody: a key that is malformed, a private part,
 * a certificate of another key, no key that can be used, two keys with one kid ("they SHOULD use
 * distinct kid values", RFC 7517, section 4.5).  Keys of other kinds are passed over.  NULL if
 * nothing does.
 */
const char *
oauth_jwk_set_problem(Jsonb *json)
{
	const char *problem;
	JsonbContainer *keys = keys_of(json, &problem);
	List	   *kids = NIL;
	bool		has_key = false;

	for (uint32 i = 0; keys != NULL && i < JsonContainerSize(keys); i++)
	{
		OAuthJwk   *key = NULL;

		problem = read_element(keys, i, 0, &key);
		if (problem == not_ours)
			continue;
		if (problem != NULL)
			return problem;
		if (has_other_certificate(key))
			return "The first certificate of x5c is not one of the key (RFC 7517, section 4.7).";
		has_key = true;
		if (key->kid != NULL && oauth_list_has(kids, key->kid))
			return "Two keys of the set have the same kid.";
		if (key->kid != NULL)
			kids = lappend(kids, unconstify(char *, key->kid));
	}
	if (keys == NULL)
		return problem;
	return has_key ? NULL : "The set has no key that can be used: RSA, EC with P-256 or P-384, or "
		"OKP with Ed25519.";
}

/* ---- what is made here ---- */

/* A shared secret, for HS256.  The caller keeps the bytes. */
OAuthJwk *
oauth_jwk_secret(const void *secret, int length)
{
	OAuthJwk   *key = oauth_key_new(OAUTH_KTY_OCT);

	key->secret = secret;
	key->secret_length = length;
	return key;
}

/* Whether the key is of the type and the curve of the algorithm, and meant for signatures. */
bool
oauth_jwk_fits(const OAuthJwk *key, const OAuthJwsAlgorithm *algorithm)
{
	return key->kty == algorithm->kty &&
		(algorithm->crv == NULL || strcmp(key->crv, algorithm->crv) == 0) &&
		(key->alg == NULL || strcmp(key->alg, algorithm->name) == 0) &&
		(key->use == NULL || strcmp(key->use, "sig") == 0);
}

/* The members that the thumbprint is of. */
static char *
required_members(const OAuthJwk *key)
{
	switch (key->kty)
	{
		case OAUTH_KTY_RSA:
			return psprintf(RSA_MEMBERS, oauth_key_number(key, OSSL_PKEY_PARAM_RSA_E, 0),
							oauth_key_number(key, OSSL_PKEY_PARAM_RSA_N, 0));
		case OAUTH_KTY_EC:
			return psprintf(EC_MEMBERS, key->crv,
							oauth_key_point(key, false), oauth_key_point(key, true));
		case OAUTH_KTY_OKP:
			return psprintf(OKP_MEMBERS, key->crv,
							oauth_key_point(key, false));
		default:
			elog(ERROR, "a secret has no public half");
	}
}

/* The SHA-256 thumbprint (RFC 7638), in base64url. */
char *
oauth_jwk_thumbprint(const OAuthJwk *key)
{
	char	   *members;
	uint8		hash[OAUTH_HASH_LENGTH];

	if (key->thumbprint != NULL)
		return oauth_base64url(key->thumbprint, OAUTH_HASH_LENGTH);
	members = required_members(key);
	oauth_sha256(members, strlen(members), hash);
	return oauth_base64url(hash, sizeof(hash));
}

static void
append_member(StringInfo json, const char *name, const char *value)
{
	if (value == NULL)
		return;
	appendStringInfo(json, ",\"%s\":", name);
	escape_json(json, value);
}

/* The public half with kid, alg and use. */
char *
oauth_jwk_public_json(const OAuthJwk *key)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoString(&json, required_members(key));
	json.data[--json.len] = '\0';	/* without the brace */
	append_member(&json, "kid", key->kid);
	append_member(&json, "alg", key->alg);
	append_member(&json, "use", key->use ? key->use : "sig");
	appendStringInfoChar(&json, '}');
	return json.data;
}
