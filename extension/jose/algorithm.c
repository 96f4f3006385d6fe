/*
 * algorithm.c
 *		The signature algorithms: RFC 7518, section 3.1; RFC 8037, section 3.1; RFC 9864,
 *		section 2.2.
 *
 * EdDSA and Ed25519 name the same algorithm here, because no other curve of EdDSA is known.  They
 * are two names all the same: "the algorithm used is fully specified" only by the second (RFC
 * 9864), and a key, a client or a policy that says one does not mean the other.
 *
 * "none" is not among them, and no row is there for it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "jose/jose.h"

/* In the order in which metadata lists them. */
static const OAuthJwsAlgorithm algorithms[] =
{
	{"RS256", OAUTH_KTY_RSA, "SHA256", "SHA256", .is_pss = false},
	{"RS384", OAUTH_KTY_RSA, "SHA384", "SHA384", .is_pss = false},
	{"RS512", OAUTH_KTY_RSA, "SHA512", "SHA512", .is_pss = false},
	{"PS256", OAUTH_KTY_RSA, "SHA256", "SHA256", .is_pss = true},
	{"PS384", OAUTH_KTY_RSA, "SHA384", "SHA384", .is_pss = true},
	{"PS512", OAUTH_KTY_RSA, "SHA512", "SHA512", .is_pss = true},
	{"ES256", OAUTH_KTY_EC, "SHA256", "SHA256", .crv = "P-256", .number_length = 32},
	{"ES384", OAUTH_KTY_EC, "SHA384", "SHA384", .crv = "P-384", .number_length = 48},
	{"EdDSA", OAUTH_KTY_OKP, NULL, "SHA512", .crv = "Ed25519"},
	{"Ed25519", OAUTH_KTY_OKP, NULL, "SHA512", .crv = "Ed25519"},
	{"HS256", OAUTH_KTY_OCT, "SHA256", "SHA256", .crv = NULL},
};

/*
 * NULL if it is none of ours.  "The alg value is a case-sensitive ASCII string" (RFC 7515, 4.1.1).
 */
const OAuthJwsAlgorithm *
oauth_jws_algorithm(const char *name)
{
	for (size_t i = 0; i < lengthof(algorithms); i++)
		if (strcmp(algorithms[i].name, name) == 0)
			return &algorithms[i];
	return NULL;
}

/* The names of those whose keys can be published. */
List *
oauth_jws_algorithms(void)
{
	List	   *names = NIL;

	for (size_t i = 0; i < lengthof(algorithms); i++)
		if (algorithms[i].kty != OAUTH_KTY_OCT)
			names = lappend(names, pstrdup(algorithms[i].name));
	return names;
}

/* An RSA signature takes half a millisecond, the others some twenty microseconds. */
bool
oauth_jws_algorithm_is_slow(const char *name)
{
	const OAuthJwsAlgorithm *algorithm = oauth_jws_algorithm(name);

	return algorithm != NULL && algorithm->kty == OAUTH_KTY_RSA;
}
