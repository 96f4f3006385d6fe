/*
 * scheme.h
 *		What the files of stored password hashes share.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_PASSWORD_SCHEME_H
#define OAUTH_PASSWORD_SCHEME_H

#include "oauth.h"

#define OAUTH_MAX_PASSWORD_KEY 128	/* bytes that a password gives */
#define OAUTH_PBKDF2_SHA256_ENOUGH 600000
#define OAUTH_ARGON2_ENOUGH 35840	/* KiB times passes */
#define OAUTH_SHA_CRYPT_ENOUGH 500000
#define OAUTH_NEVER_ENOUGH	1e9
#define OAUTH_IDENTITY_PREFIX "AQAAAA"	/* base64 of version 3 and the digest's number, which is
										 * small */

/* A stored hash, taken apart.  Of the numbers each scheme has its own. */
typedef struct OAuthPasswordHash
{
	const char *digest;			/* as OpenSSL names it */
	char	   *setting;		/* of crypt(): what comes before the key */
	uint8	   *salt;
	int			salt_length;
	uint8	   *key;			/* what the password must give */
	int			key_length;
	uint32		iterations;		/* of PBKDF2; the passes of Argon2 */
	uint32		memory;			/* of Argon2 in KiB; N of scrypt */
	uint32		block_size;		/* r of scrypt */
	uint32		lanes;			/* of Argon2; p of scrypt, its parallelization */
	uint32		version;		/* of Argon2 */
	int			variant;		/* of Argon2; the letter of bcrypt */
	double		work;			/* of which the scheme has limits */
	double		space;			/* bytes of memory that it takes, where that is much */
} OAuthPasswordHash;

/* ---- field.c: all false unless the field is exactly what it should be ---- */

extern bool oauth_password_word(const char **rest, const char *word);
extern bool oauth_password_number(const char **rest, char end, uint32 *number);
extern bool oauth_password_text(const char **rest, char end, uint8 **value, int *length);
extern bool oauth_password_base64(const char **rest, char end, bool padded, uint8 **value,
								  int *length);
extern bool oauth_password_hex(const char **rest, uint8 **value, int *length);

/* ---- django.c, phc.c, scram.c, crypt.c: false for what has not that form ---- */

extern bool oauth_password_read_django_pbkdf2(const char *rest, OAuthPasswordHash *hash);
extern bool oauth_password_read_django_scrypt(const char *rest, OAuthPasswordHash *hash);
extern bool oauth_password_read_django_digest(const char *rest, OAuthPasswordHash *hash);
extern bool oauth_password_read_bare_digest(const char *rest, OAuthPasswordHash *hash);
extern bool oauth_password_read_pbkdf2(const char *rest, OAuthPasswordHash *hash);
extern bool oauth_password_read_scrypt(const char *rest, OAuthPasswordHash *hash);
extern bool oauth_password_read_argon2(const char *rest, OAuthPasswordHash *hash);
extern bool oauth_password_cost_scrypt(OAuthPasswordHash *hash);
extern bool oauth_password_read_scram(const char *rest, OAuthPasswordHash *hash);
extern bool oauth_password_read_bcrypt(const char *rest, OAuthPasswordHash *hash);
extern bool oauth_password_read_des(const char *rest, OAuthPasswordHash *hash);

/* ---- spring.c, werkzeug.c, identity.c, wordpress.c, better_auth.c ---- */

extern bool oauth_password_read_spring_pbkdf2_old(const char *rest, OAuthPasswordHash *hash);
extern bool oauth_password_read_spring_pbkdf2(const char *rest, OAuthPasswordHash *hash);
extern bool oauth_password_read_spring_scrypt(const char *rest, OAuthPasswordHash *hash);
extern bool oauth_password_read_spring_sha256(const char *rest, OAuthPasswordHash *hash);
extern void oauth_password_spring_sha256(const char *password, const OAuthPasswordHash *hash,
										 uint8 *key);
extern bool oauth_password_read_spring_digest(const char *rest, OAuthPasswordHash *hash);
extern void oauth_password_spring_digest(const char *password, const OAuthPasswordHash *hash,
										 uint8 *key);
extern bool oauth_password_read_werkzeug_pbkdf2(const char *rest, OAuthPasswordHash *hash);
extern bool oauth_password_read_werkzeug_scrypt(const char *rest, OAuthPasswordHash *hash);
extern bool oauth_password_read_identity(const char *rest, OAuthPasswordHash *hash);
extern bool oauth_password_read_identity_old(const char *rest, OAuthPasswordHash *hash);
extern bool oauth_password_read_phpass(const char *rest, OAuthPasswordHash *hash);
extern void oauth_password_phpass(const char *password, const OAuthPasswordHash *hash, uint8 *key);
extern char *oauth_password_wordpress_mac(const char *password);
extern void oauth_password_wordpress(const char *password, const OAuthPasswordHash *hash,
									 uint8 *key);
extern bool oauth_password_read_better_auth(const char *rest, OAuthPasswordHash *hash);
extern void oauth_password_better_auth(const char *password, const OAuthPasswordHash *hash,
									   uint8 *key);

/* ---- sha_crypt.c ---- */

extern bool oauth_password_read_sha256_crypt(const char *rest, OAuthPasswordHash *hash);
extern bool oauth_password_read_sha512_crypt(const char *rest, OAuthPasswordHash *hash);
extern void oauth_password_sha_crypt(const char *password, const OAuthPasswordHash *hash,
									 uint8 *key);

/* ---- derive.c, scram.c, crypt.c: the key that a password gives; XX000 if it cannot be had ---- */

extern void oauth_password_pbkdf2(const char *password, const OAuthPasswordHash *hash, uint8 *key);
extern void oauth_password_scrypt(const char *password, const OAuthPasswordHash *hash, uint8 *key);
extern void oauth_password_argon2(const char *password, const OAuthPasswordHash *hash, uint8 *key);
extern void oauth_password_digest(const char *password, const OAuthPasswordHash *hash, uint8 *key);
extern void oauth_password_scram(const char *password, const OAuthPasswordHash *hash, uint8 *key);
extern void oauth_password_crypt(const char *password, const OAuthPasswordHash *hash, uint8 *key);
extern char *oauth_password_sha256_hex(const char *password);
extern void oauth_password_crypt_sha256(const char *password, const OAuthPasswordHash *hash,
										uint8 *key);

/*
 * ---- make.c: a new hash in the form of an old one; NULL if the password cannot be kept in it ----
 */

extern char *oauth_password_make_bcrypt(const char *password, const OAuthPasswordHash *old);
extern char *oauth_password_make_django_bcrypt(const char *password, const OAuthPasswordHash *old);
extern char *oauth_password_make_spring(const char *password, const OAuthPasswordHash *old);
extern char *oauth_password_make_wordpress(const char *password, const OAuthPasswordHash *old);
extern char *oauth_password_make_bcrypt_sha256(const char *password, const OAuthPasswordHash *old);
extern char *oauth_password_make_django(const char *password, const OAuthPasswordHash *old);
extern char *oauth_password_make_argon2(const char *password, const OAuthPasswordHash *old);
extern char *oauth_password_make_django_argon2(const char *password, const OAuthPasswordHash *old);

#endif							/* OAUTH_PASSWORD_SCHEME_H */
