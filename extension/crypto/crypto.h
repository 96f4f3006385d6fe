/*
 * crypto.h
 *		Digests, MACs, random values, token strings, RSA.  Knows bytes, and nothing of clients or
 *		tables.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_CRYPTO_H
#define OAUTH_CRYPTO_H

#include "oauth.h"

/* ---- hmac.c ---- */

#define OAUTH_MAX_HMAC_LENGTH	64	/* of SHA-512 */
#define OAUTH_KEPT_HMAC_KEY		128 /* two secrets of ours with what is between them */

typedef struct OAuthHmac
{
	const char *digest;			/* as OpenSSL names it */
	bool		keeps_key;		/* the session has that key anyway */
	struct evp_mac_ctx_st *context; /* NULL at first */
	bool		has_key;		/* until the transaction ends */
	uint8		key[OAUTH_KEPT_HMAC_KEY];	/* that it has; of a longer one the length is 0 */
	size_t		key_length;
	MemoryContextCallback forget;
} OAuthHmac;

extern void oauth_hmac(OAuthHmac *hmac, const void *key, size_t key_length,
					   const void *const *parts, const size_t *lengths, int n_parts, uint8 *result);
extern void oauth_hmac_sha256(const uint8 *key, const void *const *parts, const size_t *lengths,
							  int n_parts, uint8 *mac);
extern void oauth_hmac_sha256_by(OAuthHmac *hmac, const uint8 *key, const void *const *parts,
								 const size_t *lengths, int n_parts, uint8 *mac);

/* ---- random.c ---- */

typedef enum OAuthTokenKind
{
	OAUTH_ACCESS_TOKEN,
	OAUTH_REFRESH_TOKEN,
	OAUTH_AUTHORIZATION_CODE,
	OAUTH_SESSION,
	OAUTH1_REQUEST_TOKEN,
	OAUTH1_TOKEN,
	OAUTH_REGISTRATION_TOKEN,
	OAUTH_INITIAL_TOKEN,
	OAUTH_DEVICE_CODE,
	OAUTH_LOGIN_REQUEST,
	OAUTH_LOGIN_VERIFIER,
	OAUTH_PUSHED_REQUEST
} OAuthTokenKind;

/* A token string, taken apart.  hash is of the whole string, whatever it is. */
typedef struct OAuthTokenString
{
	int64		handle;			/* 0 if the string is no token of that kind */
	uint8		hash[OAUTH_HASH_LENGTH];
} OAuthTokenString;

extern void oauth_random(void *buffer, size_t length);
extern void oauth_sha256(const void *data, size_t length, uint8 *hash);
extern void oauth_wipe(void *buffer, size_t length);
extern bool oauth_secrets_match(const char *a, const char *b);
extern char *oauth_client_secret_string(void);
extern char *oauth_shared_secret_string(void);
extern char *oauth_random_id(void);
extern bytea *oauth_bytea(const void *data, size_t length);

/* ---- secret_memory.c ---- */

extern void *oauth_secret_alloc(size_t length);

/* ---- totp.c ---- */

#define OAUTH_TOTP_DIGITS 6

extern int64 oauth_totp_step(TimestampTz at);
extern bool oauth_totp(const char *secret, int64 step, char *code);
extern int64 oauth_totp_step_of(const char *secret, const char *typed, TimestampTz now);

/* ---- token_string.c ---- */

/* How the claims of an access token begin that is a JWT; its jti follows. */
#define OAUTH_JTI_OPENING "{\"jti\":\""

/*
 * The low bits of a handle are a number of the backend, the others the time in microseconds since
 * 2000-01-01.  As SQL, the time of a handle.
 */
#define OAUTH_SLOT_BITS	11
#define OAUTH_TIME_OF(handle) \
	"(timestamptz '2000-01-01 00:00:00+00' + (" handle " >> " CppAsString2(OAUTH_SLOT_BITS) ")" \
	" * interval '1 microsecond')"

extern int64 oauth_handle_next(void);
extern TimestampTz oauth_handle_time(int64 handle);
extern int64 oauth_handle_before(TimestampTz time);
extern char *oauth_token_string(OAuthTokenKind kind, int64 handle, const uint8 *secret);
extern char *oauth_random_token(OAuthTokenKind kind, int64 handle);
extern bool oauth_token_has_kind(const char *token, int length, OAuthTokenKind kind);
extern bool oauth_token_is_ours(const char *token, int length);
extern char *oauth_jti(int64 handle);
extern int	oauth_token_handles(const char *bytes, size_t length, int64 *handles, int max);
extern bool oauth_token_parse(const char *token, int length, OAuthTokenKind kind,
							  OAuthTokenString *parsed);

/* ---- pem.c ---- */

extern struct evp_pkey_st *oauth_pem_read(const char *pem, bool is_private);

/* ---- certificate.c ---- */

#define OAUTH_MAX_CERTIFICATE 8192	/* bytes of DER */

typedef struct OAuthCertificate
{
	struct x509_st *x509;
	uint8		thumbprint[OAUTH_HASH_LENGTH];	/* SHA-256 of the DER */
} OAuthCertificate;

/* Names that a certificate has beside its subject. */
typedef enum OAuthCertificateName
{
	OAUTH_NAME_DNS,
	OAUTH_NAME_URI,
	OAUTH_NAME_IP,
	OAUTH_NAME_EMAIL
} OAuthCertificateName;

extern OAuthCertificate *oauth_certificate_read(const uint8 *der, int length);
extern bool oauth_certificate_has_key(const OAuthCertificate *certificate,
									  const struct evp_pkey_st *key);
extern bool oauth_certificate_has_subject(const OAuthCertificate *certificate, const char *dn);
extern bool oauth_certificate_has_name(const OAuthCertificate *certificate,
									   OAuthCertificateName kind, const char *expected);
extern char *oauth_certificate_subject(const OAuthCertificate *certificate);
extern bool oauth_is_address(const char *text);

/* ---- distinguished_name.c ---- */

struct X509_name_st;

extern struct X509_name_st *oauth_distinguished_name(const char *string);
extern bool oauth_is_distinguished_name(const char *string);

/* ---- public_key.c ---- */

extern OAuthFault *oauth_public_key_check(const char *pem);
extern char *oauth_public_key_pem(const uint8 *modulus, int modulus_length, const uint8 *exponent,
								  int exponent_length);
extern bool oauth_public_key_numbers(const char *pem, char **modulus, char **exponent);

/* ---- signature_method.c ---- */

typedef enum OAuth1SignatureKind
{
	OAUTH1_HMAC,
	OAUTH1_RSA,
	OAUTH1_PLAINTEXT
} OAuth1SignatureKind;

typedef struct OAuth1SignatureMethod
{
	const char *name;
	OAuth1SignatureKind kind;
	OAuthHmac	hmac;			/* with the digest, also of RSA */
	int			length;			/* of the result of HMAC */
} OAuth1SignatureMethod;

extern OAuth1SignatureMethod *oauth1_signature_method(const char *name);
extern const char *oauth1_signature_methods(void);
extern bool oauth1_signature_method_is_symmetric(const OAuth1SignatureMethod *method);

/* ---- rsa.c ---- */

extern bool oauth1_rsa_key_is_usable(const char *pem);
extern char *oauth1_rsa_sign(const char *digest, const char *base_string, const char *pem);
extern bool oauth1_rsa_verify(const char *digest, const char *base_string, const char *signature,
							  const char *pem);

#endif							/* OAUTH_CRYPTO_H */
