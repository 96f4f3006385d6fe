/*
 * key.h
 *		Within jose/: keys of OpenSSL, and signatures with them.
 *
 * None of these raises an error but where it says so, and none leaves one in OpenSSL's queue.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_JOSE_KEY_H
#define OAUTH_JOSE_KEY_H

#include "jose/jose.h"

/* ---- key.c ---- */

/* A member of a key, decoded. */
typedef struct OAuthKeyNumber
{
	const uint8 *bytes;			/* NULL: it is not there */
	int			length;
} OAuthKeyNumber;

extern OAuthJwk *oauth_key_new(OAuthKeyType kty);
extern bool oauth_key_curve_is_ours(const char *kty, const char *crv);
extern const char *oauth_key_set_rsa(OAuthJwk *key, OAuthKeyNumber n, OAuthKeyNumber e);
extern const char *oauth_key_set_ec(OAuthJwk *key, const char *crv, OAuthKeyNumber x,
									OAuthKeyNumber y);
extern const char *oauth_key_set_okp(OAuthJwk *key, OAuthKeyNumber x);
extern char *oauth_key_number(const OAuthJwk *key, const char *name, int length);
extern char *oauth_key_point(const OAuthJwk *key, bool is_y);

/* ---- kept_key.c ---- */

extern OAuthJwk *oauth_key_kept(const OAuthJwsAlgorithm *algorithm, const uint8 *thumbprint);
extern void oauth_key_keep(const OAuthJwsAlgorithm *algorithm, const OAuthJwk *key);

/* ---- signature.c ---- */

#define OAUTH_MAX_SIGNATURE	(OAUTH_MAX_RSA_BITS / 8)

extern int	oauth_signature_make(const OAuthJwsAlgorithm *algorithm, const OAuthJwk *key,
								 const char *input, int length, uint8 *signature);
extern bool oauth_signature_prepare(const OAuthJwsAlgorithm *algorithm, OAuthJwk *key);
extern bool oauth_signature_holds(const OAuthJwsAlgorithm *algorithm, const OAuthJwk *key,
								  const char *input, int length, const uint8 *signature,
								  int signature_length);

#endif							/* OAUTH_JOSE_KEY_H */
