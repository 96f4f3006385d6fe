/*
 * jws.c
 *		JSON Web Signatures in the compact serialization: RFC 7515; how to verify them, RFC 8725.
 *
 * A verifier is told algorithms, typ and keys, and everything in the header that contradicts them
 * is refused before a key is touched.  What a header could do to choose the key (jwk, jku, x5u,
 * x5c) or to change what is signed (crit, b64) is refused wherever it stands: no caller wants it,
 * but that of RFC 9449, whose proofs bring their key.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "jose/key.h"
#include "text/text.h"

#include "utils/json.h"

#define MAX_TRIED	4			/* keys, where the header does not say which one */

static JsonbValue *
member(const OAuthJws *jws, const char *name)
{
	return getKeyJsonValueFromContainer(&jws->header->root, name, strlen(name), NULL);
}

/* The string of that name, NULL if there is none; false if it is something else. */
static bool
read_text(const OAuthJws *jws, const char *name, const char **text)
{
	JsonbValue *found = member(jws, name);

	*text = NULL;
	if (found == NULL)
		return true;
	if (found->type != jbvString)
		return false;
	*text = pnstrdup(found->val.string.val, found->val.string.len);
	return true;
}

/* ---- signing ---- */

/* {"alg":...,"typ":...,"kid":...} */
static char *
make_header(const char *alg, const char *typ, const char *kid)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoString(&json, "{\"alg\":");
	escape_json(&json, alg);
	if (typ != NULL)
	{
		appendStringInfoString(&json, ",\"typ\":");
		escape_json(&json, typ);
	}
	if (kid != NULL)
	{
		appendStringInfoString(&json, ",\"kid\":");
		escape_json(&json, kid);
	}
	appendStringInfoChar(&json, '}');
	return json.data;
}

/* The compact serialization, with the kid of the key; an error if the key cannot sign that. */
char *
oauth_jws_sign(const char *alg, const char *typ, const char *payload, int length,
			   const OAuthJwk *key)
{
	const OAuthJwsAlgorithm *algorithm = oauth_jws_algorithm(alg);
	char	   *header = make_header(alg, typ, key->kid);
	char	   *input = psprintf("%s.%s", oauth_base64url(header, strlen(header)),
								 oauth_base64url(payload, length));
	uint8		signature[OAUTH_MAX_SIGNATURE];
	int			signature_length = 0;

	if (algorithm != NULL && oauth_jwk_fits(key, algorithm))
		signature_length = oauth_signature_make(algorithm, key, input, strlen(input), signature);
	if (signature_length == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the key does not sign with %s", alg),
				 errhint("Give an algorithm for which the key was made, which OpenSSL allows.")));
	return psprintf("%s.%s", input, oauth_base64url(signature, signature_length));
}

/* ---- reading ---- */

/* "Verify that the JWS contains" two periods, and no third (RFC 7515, section 3.1). */
static bool
split_token(const char *token, int length, const char *dots[2])
{
	const char *end = token + length;

	dots[0] = memchr(token, '.', length);
	dots[1] = dots[0] ? memchr(dots[0] + 1, '.', end - dots[0] - 1) : NULL;
	return dots[1] != NULL && memchr(dots[1] + 1, '.', end - dots[1] - 1) == NULL;
}

static const char *
read_header(OAuthJws *jws, const char *encoded, int length)
{
	static const char wrong[] = "The alg, kid or typ of the header is no string.";
	int			json_length;
	char	   *json = (char *) oauth_base64url_decode(encoded, length, &json_length);
	const char *alg;
	const char *problem;

	if (json == NULL)
		return "The header is not base64url without padding (RFC 7515, section 2).";
	if ((jws->header = oauth_json_read(json, json_length, &problem)) == NULL)
		return problem;
	if (!JB_ROOT_IS_OBJECT(jws->header))
		return "The header is no JSON object (RFC 7515, section 4).";
	if (!read_text(jws, "alg", &alg) || !read_text(jws, "kid", &jws->kid) ||
		!read_text(jws, "typ", &jws->typ))
		return wrong;
	if (alg == NULL)
		return "The header has no alg (RFC 7515, section 4.1.1).";
	jws->algorithm = oauth_jws_algorithm(alg);
	return NULL;
}

/* Takes a token apart; NULL, or why it is none.  What it says can be a lie until it is checked. */
const char *
oauth_jws_parse(const char *token, int length, OAuthJws *jws)
{
	const char *dots[2];
	const char *problem;

	memset(jws, 0, sizeof(*jws));
	if (length > OAUTH_MAX_JWT)
		return "The token is longer than 16 KiB.";
	if (!split_token(token, length, dots))
		return "The token is no JWS in the compact serialization (RFC 7515, section 7.1).";
	if ((problem = read_header(jws, token, dots[0] - token)) != NULL)
		return problem;
	jws->payload = (char *) oauth_base64url_decode(dots[0] + 1, dots[1] - dots[0] - 1,
												   &jws->payload_length);
	jws->signature = oauth_base64url_decode(dots[1] + 1, token + length - dots[1] - 1,
											&jws->signature_length);
	if (jws->payload == NULL || jws->signature == NULL)
		return "The payload or the signature is not base64url without padding (RFC 7515, section "
			"2).";
	jws->signing_input = token;
	jws->signing_input_length = dots[1] - token;
	return NULL;
}

/* ---- checking ---- */

static const char *
without_application(const char *type)
{
	static const char prefix[] = "application/";
	const char *rest = type + strlen(prefix);

	return pg_strncasecmp(type, prefix, strlen(prefix)) == 0 && strchr(rest, '/') == NULL ? rest :
		type;
}

/*
 * "it is RECOMMENDED that producers omit an "application/" prefix of a media type value ... when no
 * other '/' appears"; "A recipient using the media type value MUST treat it as if "application/"
 * were prepended"; media types do not depend on case (RFC 7515, section 4.1.9).
 */
bool
oauth_typ_equals(const char *typ, const char *expected)
{
	return pg_strcasecmp(without_application(typ), without_application(expected)) == 0;
}

/* What would choose the key or change what is signed, and is nobody's business here. */
static const char *
header_problem(const OAuthJws *jws, bool key_is_in_header)
{
	static const char *const of_keys[] = {"jku", "x5u", "x5c"};

	if (member(jws, "crit") != NULL)
		return "The header has crit, and no extension is understood here (RFC 7515, section "
			"4.1.11).";
	if (member(jws, "b64") != NULL)
		return "The header has b64 (RFC 7797), which is not understood here.";
	for (size_t i = 0; i < lengthof(of_keys); i++)
		if (member(jws, of_keys[i]) != NULL)
			return "The header brings a key or names a place for one (jku, x5u, x5c); keys are not "
				"taken from there.";
	if ((member(jws, "jwk") != NULL) != key_is_in_header)
		return key_is_in_header ? "The header has no jwk." :
			"The header brings a key (jwk); keys are not taken from there.";
	return NULL;
}

static const char *
typ_problem(const OAuthJws *jws, const OAuthJwsPolicy *policy)
{
	if (policy->typ == NULL || (jws->typ == NULL && policy->typ_may_be_absent))
		return NULL;
	if (jws->typ == NULL || !oauth_typ_equals(jws->typ, policy->typ))
		return psprintf("The typ of the header is not %s (RFC 8725, section 3.11).", policy->typ);
	return NULL;
}

/* "a kid parameter" of the header is compared where the key has one, too. */
static bool
is_candidate(const OAuthJws *jws, const OAuthJwk *key)
{
	return key->may_verify && oauth_jwk_fits(key, jws->algorithm) &&
		(jws->kid == NULL || key->kid == NULL || strcmp(jws->kid, key->kid) == 0);
}

/* The keys that the header may mean. */
static List *
candidates(const OAuthJws *jws, List *keys)
{
	List	   *found = NIL;
	ListCell   *cell;

	foreach(cell, keys)
		if (is_candidate(jws, lfirst(cell)))
			found = lappend(found, lfirst(cell));
	return found;
}

static List *
key_of_header(const OAuthJws *jws, const char **problem)
{
	JsonbValue *found = member(jws, "jwk");
	OAuthJwk   *key = NULL;

	if (found->type != jbvBinary || !JsonContainerIsObject(found->val.binary.data))
		*problem = "The jwk of the header is no JSON object.";
	else
		key = oauth_jwk_read_presented(JsonbValueToJsonb(found), jws->algorithm, problem);
	return key ? list_make1(key) : NIL;
}

static const char *
signature_problem(OAuthJws *jws, List *keys)
{
	List	   *found = candidates(jws, keys);
	ListCell   *cell;

	if (found == NIL)
		return "No key fits the alg and the kid of the header.";
	if (list_length(found) > MAX_TRIED)
		return "Several keys fit the alg of the header, and no kid says which one it is (RFC 7515, "
			"section 4.1.4).";
	foreach(cell, found)
	{
		if (!oauth_signature_holds(jws->algorithm, lfirst(cell), jws->signing_input,
								   jws->signing_input_length, jws->signature,
								   jws->signature_length))
			continue;
		jws->key = lfirst(cell);
		return NULL;
	}
	return "The signature does not hold.";
}

/* Whether that token is what the policy accepts, signed by a key of it; NULL, or why not. */
const char *
oauth_jws_check(OAuthJws *jws, const OAuthJwsPolicy *policy)
{
	List	   *keys = policy->keys;
	const char *problem;

	/* "Libraries MUST enable the caller to specify a supported set of algorithms" (8725, 3.1) */
	if (jws->algorithm == NULL || !oauth_list_has(policy->algorithms, jws->algorithm->name))
		return psprintf("The alg of the header is not %s.",
						oauth_words_as_choice(oauth_words_join(policy->algorithms)));
	if ((problem = header_problem(jws, policy->key_is_in_header)) != NULL ||
		(problem = typ_problem(jws, policy)) != NULL)
		return problem;
	if (policy->key_is_in_header)
		keys = key_of_header(jws, &problem);
	if (problem == NULL && (problem = signature_problem(jws, keys)) == NULL &&
		policy->key_is_in_header)
		oauth_key_keep(jws->algorithm, jws->key);
	return problem;
}

const char *
oauth_jws_verify(const char *token, int length, const OAuthJwsPolicy *policy, OAuthJws *jws)
{
	const char *problem = oauth_jws_parse(token, length, jws);

	return problem ? problem : oauth_jws_check(jws, policy);
}

/* Whether other keys may help: the header names a key that none of these is. */
bool
oauth_jws_kid_is_unknown(const OAuthJws *jws, const OAuthJwsPolicy *policy)
{
	return jws->algorithm != NULL && oauth_list_has(policy->algorithms, jws->algorithm->name) &&
		candidates(jws, policy->keys) == NIL;
}
