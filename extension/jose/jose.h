/*
 * jose.h
 *		JSON Web Signatures, Keys and Tokens (RFC 7515, 7517, 7518, 7519, 7638, 8037): from bytes to
 *		claims and back.  Knows no table, no HTTP and no rule of OAuth: the caller says which
 *		algorithms, which keys and which typ are good (RFC 8725, section 3.1).
 *
 * What is wrong with a token or a key of others is a text, and never an error: NULL says that
 * nothing is wrong.  Such a text is a sentence in ASCII without quotation marks and backslashes, as
 * an error_description wants it, and shows nothing of the token.
 *
 * A key lives as long as the memory context that was current when it was made.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_JOSE_H
#define OAUTH_JOSE_H

#include "oauth.h"

#define OAUTH_MAX_JWT			16384	/* bytes of a token, and of a set of keys in JSON */
#define OAUTH_MAX_JWK_SET		64	/* keys of a set */
#define OAUTH_RSA_BITS			2048	/* of the keys that are made here */
#define OAUTH_MIN_RSA_BITS		2048
#define OAUTH_MAX_RSA_BITS		8192

/* ---- json.c: the strict reader ---- */

extern const char *oauth_json_problem(const char *json, int length);
extern Jsonb *oauth_json_read(const char *json, int length, const char **problem);

/* ---- algorithm.c: RFC 7518, section 3.1; RFC 8037, section 3.1 ---- */

typedef enum OAuthKeyType
{
	OAUTH_KTY_RSA,
	OAUTH_KTY_EC,
	OAUTH_KTY_OKP,
	OAUTH_KTY_OCT
} OAuthKeyType;

typedef struct OAuthJwsAlgorithm
{
	const char *name;			/* RS256 */
	OAuthKeyType kty;
	const char *digest;			/* as OpenSSL names it; NULL: part of the algorithm (EdDSA) */
	const char *hash;			/* of at_hash (OpenID Connect Core, section 3.1.3.6) */
	bool		is_pss;			/* of RSA: PS256 and its sisters */
	const char *crv;			/* of EC and OKP: P-256 */
	int			number_length;	/* of EC: bytes of r, and of s */
} OAuthJwsAlgorithm;

extern const OAuthJwsAlgorithm *oauth_jws_algorithm(const char *name);
extern List *oauth_jws_algorithms(void);
extern bool oauth_jws_algorithm_is_slow(const char *name);

/* ---- jwk.c ---- */

struct evp_pkey_st;

/* NULL where the key does not say.  Of kty oct, key is NULL; of the others, secret. */
typedef struct OAuthJwk
{
	OAuthKeyType kty;
	const char *crv;			/* of EC and OKP */
	const char *alg;
	const char *kid;
	const char *use;
	bool		may_verify;		/* key_ops says nothing against it (RFC 7517, section 4.3) */
	bool		is_private;
	struct evp_pkey_st *key;
	const uint8 *secret;
	int			secret_length;
	const uint8 *certificate;	/* the first of x5c, in DER; NULL: none */
	int			certificate_length;
	const uint8 *thumbprint;	/* SHA-256 of RFC 7638; NULL: not yet known */
	struct evp_pkey_ctx_st *context[2]; /* to sign, to verify: kept by signature.c */
	const OAuthJwsAlgorithm *prepared_for[2];
} OAuthJwk;

/* What else may be read than public keys. */
#define OAUTH_JWK_SECRET	1	/* kty oct, for HS256 */
#define OAUTH_JWK_PRIVATE	2	/* private members are looked over; without it they are refused */

extern OAuthJwk *oauth_jwk_read(Jsonb *json, int may_be, const char **problem);
extern OAuthJwk *oauth_jwk_read_presented(Jsonb *json, const OAuthJwsAlgorithm *algorithm,
										  const char **problem);
extern List *oauth_jwk_set_read(Jsonb *json, int may_be, const char **problem);
extern const char *oauth_jwk_set_problem(Jsonb *json);
extern OAuthJwk *oauth_jwk_secret(const void *secret, int length);
extern OAuthJwk *oauth_jwk_generate(const char *alg);
extern OAuthJwk *oauth_jwk_from_pem(const char *pem, const char **problem);
extern char *oauth_jwk_private_pem(const OAuthJwk *key);
extern const char *oauth_jwk_default_algorithm(const OAuthJwk *key);
extern bool oauth_jwk_fits(const OAuthJwk *key, const OAuthJwsAlgorithm *algorithm);
extern char *oauth_jwk_public_json(const OAuthJwk *key);
extern char *oauth_jwk_thumbprint(const OAuthJwk *key);

/* ---- jws.c ---- */

/* A JWS of the compact serialization, taken apart.  What it says is not to be trusted yet. */
typedef struct OAuthJws
{
	Jsonb	   *header;
	const OAuthJwsAlgorithm *algorithm; /* NULL: none that is known */
	const char *kid;			/* NULL: none */
	const char *typ;			/* likewise */
	const char *signing_input;	/* the token */
	int			signing_input_length;
	const char *payload;		/* with a NUL behind it */
	int			payload_length;
	const uint8 *signature;
	int			signature_length;
	const OAuthJwk *key;		/* that verified it; NULL: not verified */
} OAuthJws;

/* What a verifier accepts. */
typedef struct OAuthJwsPolicy
{
	List	   *algorithms;		/* of char *; HS256 only where it is among them */
	const char *typ;			/* as at+jwt; NULL: whatever it says */
	bool		typ_may_be_absent;	/* a typ that is there has to be that one all the same */
	List	   *keys;			/* of OAuthJwk * */
	bool		key_is_in_header;	/* the member jwk is the key (RFC 9449); else it is refused */
} OAuthJwsPolicy;

extern char *oauth_jws_sign(const char *alg, const char *typ, const char *payload, int length,
							const OAuthJwk *key);
extern const char *oauth_jws_parse(const char *token, int length, OAuthJws *jws);
extern const char *oauth_jws_check(OAuthJws *jws, const OAuthJwsPolicy *policy);
extern const char *oauth_jws_verify(const char *token, int length, const OAuthJwsPolicy *policy,
									OAuthJws *jws);
extern bool oauth_jws_kid_is_unknown(const OAuthJws *jws, const OAuthJwsPolicy *policy);
extern char *oauth_jws_half_hash(const char *alg, const char *text);
extern bool oauth_typ_equals(const char *typ, const char *expected);

/* ---- jwt.c ---- */

extern const char *oauth_jwt_parse(const char *token, int length, OAuthJws *jws, Jsonb **claims);
extern const char *oauth_jwt_verify(const char *token, int length, const OAuthJwsPolicy *policy,
									OAuthJws *jws, Jsonb **claims);

/* Seconds that clocks may differ. */
#define OAUTH_JWT_SKEW	10

extern const char *oauth_jwt_time_problem(Jsonb *claims, TimestampTz now, int skew);
extern const char *oauth_jwt_seconds(Jsonb *claims, const char *name, double *seconds);
extern double oauth_jwt_now(TimestampTz now);
extern JsonbValue *oauth_jwt_claim(Jsonb *claims, const char *name);
extern char *oauth_jwt_text(Jsonb *claims, const char *name);
extern bool oauth_jwt_has(Jsonb *claims, const char *name);
extern bool oauth_jwt_is_for(Jsonb *claims, const char *audience);
extern bool oauth_jwt_is_only_for(Jsonb *claims, const char *audience);

#endif							/* OAUTH_JOSE_H */
