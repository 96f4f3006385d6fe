/*
 * secret.c
 *		Random values, digests, and the strings tokens are.
 *
 * A token is a prefix that secret scanners know, and the base64url of an 8-byte handle and 32 random bytes.  The handle
 * is public: it is the primary key, and its high bits are the time, so that new rows land at one end of the indexes.
 * Only the SHA-256 of the whole string goes further than this file; SQL never sees a token.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "common/base64.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "storage/proc.h"

#define PREFIX_LENGTH	4
#define RAW_LENGTH		(sizeof(int64) + OAUTH_HASH_LENGTH)
#define BASE64_LENGTH	56		/* of RAW_LENGTH bytes, with two '=' that the token leaves out */
#define TOKEN_LENGTH	(PREFIX_LENGTH + BASE64_LENGTH - 2)
#define SLOT_BITS		11

#if PG_VERSION_NUM >= 170000
#define BACKEND_SLOT MyProcNumber
#else
#define BACKEND_SLOT MyBackendId
#endif

static const char *const prefixes[] = {
	[OAUTH_ACCESS_TOKEN] = "oat_",
	[OAUTH_REFRESH_TOKEN] = "ort_",
	[OAUTH_AUTHORIZATION_CODE] = "oac_",
	[OAUTH_SESSION] = "oas_",
	[OAUTH1_REQUEST_TOKEN] = "o1r_",
	[OAUTH1_TOKEN] = "o1t_",
	[OAUTH_REGISTRATION_TOKEN] = "ora_",
	[OAUTH_INITIAL_TOKEN] = "oia_",
	[OAUTH_DEVICE_CODE] = "odc_",
	[OAUTH_LOGIN_REQUEST] = "olr_",
	[OAUTH_LOGIN_VERIFIER] = "olv_",
};

void
oauth_random(void *buffer, size_t length)
{
	if (!pg_strong_random(buffer, length))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not get random bytes from the operating system")));
}

/* Cleared in a way the compiler must keep. */
void
oauth_wipe(void *buffer, size_t length)
{
	explicit_bzero(buffer, length);
}

/*
 * By libcrypto itself: through the server's pg_cryptohash it would look SHA-256 up by name each time, which takes longer
 * than to compute it.  The context is made once and stays, with nothing in it but the last digest.
 */
void
oauth_sha256(const void *data, size_t length, uint8 *hash)
{
	static EVP_MD *sha256 = NULL;
	static EVP_MD_CTX *context = NULL;

	if (sha256 == NULL)
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (context == NULL)
		context = EVP_MD_CTX_new();
	if (sha256 == NULL || context == NULL ||
		EVP_DigestInit_ex2(context, sha256, NULL) != 1 || EVP_DigestUpdate(context, data, length) != 1 ||
		EVP_DigestFinal_ex(context, hash, NULL) != 1)
	{
		ERR_clear_error();
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not compute SHA-256")));
	}
}

/*
 * A new handle: microseconds since 2000-01-01, and the number of this backend.
 *
 * No two backends live with one number, and a backend never gives a microsecond twice, so handles are unique without
 * asking anybody.  (Should a clock step back onto another backend's microsecond, the primary key says so.)
 */
int64
oauth_handle_next(void)
{
	static TimestampTz last = 0;
	TimestampTz now = GetCurrentTimestamp();

	last = Max(now, last + 1);
	return (int64) last << SLOT_BITS | (BACKEND_SLOT & ((1 << SLOT_BITS) - 1));
}

TimestampTz
oauth_handle_time(int64 handle)
{
	return handle >> SLOT_BITS;
}

/* The lowest handle of that time. */
int64
oauth_handle_before(TimestampTz time)
{
	return (int64) time << SLOT_BITS;
}

/* The unpadded base64url of data (RFC 4648, section 5). */
static char *
base64url(const void *data, int length)
{
	int			room = pg_b64_enc_len(length) + 1;
	char	   *encoded = palloc0(room);

	if (pg_b64_encode(data, length, encoded, room) < 0)
		elog(ERROR, "base64 buffer is too small");
	for (char *c = encoded; *c; c++)
	{
		if (*c == '+')
			*c = '-';
		else if (*c == '/')
			*c = '_';
		else if (*c == '=')
			*c = '\0';
	}
	return encoded;
}

/* The bytes and a NUL behind them, or NULL if that is not strictly base64 (RFC 4648, section 4). */
char *
oauth_base64_decode(const char *encoded, int length, int *decoded_length)
{
	int			room = pg_b64_dec_len(length) + 1;
	char	   *decoded = palloc0(room);

	if (length % 4 != 0)
		return NULL;
	*decoded_length = pg_b64_decode(encoded, length, (void *) decoded, room);
	return *decoded_length < 0 ? NULL : decoded;
}

/* For values of other files. */
char *
oauth_base64url(const void *data, int length)
{
	return base64url(data, length);
}

/* The bytes of unpadded base64url, or NULL if it is not that. */
uint8 *
oauth_base64url_decode(const char *encoded, int length, int *decoded_length)
{
	int			padded = (length + 3) / 4 * 4;
	char	   *base64 = palloc(padded + 1);

	for (int i = 0; i < padded; i++)
	{
		char		c = i < length ? encoded[i] : '=';

		if (i < length && (c == '+' || c == '/' || c == '='))
			return NULL;
		base64[i] = c == '-' ? '+' : c == '_' ? '/' : c;
	}
	return length % 4 == 1 ? NULL : (uint8 *) oauth_base64_decode(base64, padded, decoded_length);
}

/* The token of that handle and those 32 bytes. */
char *
oauth_token_string(OAuthTokenKind kind, int64 handle, const uint8 *secret)
{
	uint8		raw[RAW_LENGTH];
	uint64		big_endian = pg_hton64((uint64) handle);
	char	   *encoded;
	char	   *token;

	memcpy(raw, &big_endian, sizeof(big_endian));
	memcpy(raw + sizeof(big_endian), secret, OAUTH_HASH_LENGTH);
	encoded = base64url(raw, RAW_LENGTH);
	token = psprintf("%s%s", prefixes[kind], encoded);
	oauth_wipe(raw, sizeof(raw));
	return token;
}

/* Whether the string looks like a token of that kind at all. */
bool
oauth_token_has_kind(const char *token, int length, OAuthTokenKind kind)
{
	return length == TOKEN_LENGTH && memcmp(token, prefixes[kind], PREFIX_LENGTH) == 0;
}

/* Whether it looks like a token of any kind that is made here. */
bool
oauth_token_is_ours(const char *token, int length)
{
	for (size_t kind = 0; kind < lengthof(prefixes); kind++)
		if (oauth_token_has_kind(token, length, kind))
			return true;
	return false;
}

/*
 * Hashes a string that may be a token, then reads its handle.
 *
 * The handle only finds the row.  What must match is the hash of the whole string, so another spelling of the same
 * bytes is another, unknown token.
 */
void
oauth_token_parse(const char *token, int length, OAuthTokenKind kind, OAuthTokenString *parsed)
{
	char		base64[BASE64_LENGTH];
	uint8		raw[BASE64_LENGTH];
	uint64		big_endian;

	oauth_sha256(token, length, parsed->hash);
	parsed->handle = 0;
	if (!oauth_token_has_kind(token, length, kind))
		return;
	memset(base64, '=', sizeof(base64));
	for (int i = 0; i < BASE64_LENGTH - 2; i++)
	{
		char		c = token[PREFIX_LENGTH + i];

		if (c == '+' || c == '/')
			return;
		base64[i] = c == '-' ? '+' : c == '_' ? '/' : c;
	}
	if (pg_b64_decode(base64, sizeof(base64), (void *) raw, sizeof(raw)) != RAW_LENGTH)
		return;
	memcpy(&big_endian, raw, sizeof(big_endian));
	parsed->handle = (int64) pg_ntoh64(big_endian);
	oauth_wipe(raw, sizeof(raw));
	oauth_wipe(base64, sizeof(base64));
}

/* A new token. */
char *
oauth_random_token(OAuthTokenKind kind, int64 handle)
{
	uint8		secret[OAUTH_HASH_LENGTH];
	char	   *token;

	oauth_random(secret, sizeof(secret));
	token = oauth_token_string(kind, handle, secret);
	oauth_wipe(secret, sizeof(secret));
	return token;
}

static char *
random_secret(const char *prefix)
{
	uint8		secret[OAUTH_HASH_LENGTH];
	char	   *encoded;

	oauth_random(secret, sizeof(secret));
	encoded = base64url(secret, sizeof(secret));
	oauth_wipe(secret, sizeof(secret));
	return psprintf("%s%s", prefix, encoded);
}

/* A new client secret. */
char *
oauth_client_secret_string(void)
{
	return random_secret("ocs_");
}

/* A new secret for the owner of OAuth 1.0a credentials. */
char *
oauth_shared_secret_string(void)
{
	return random_secret("o1s_");
}

/* 128 random bits in hexadecimal: ids that are easy to quote on a command line. */
char *
oauth_random_id(void)
{
	uint8		raw[16];
	char	   *id = palloc(2 * sizeof(raw) + 1);

	oauth_random(raw, sizeof(raw));
	for (size_t i = 0; i < sizeof(raw); i++)
		snprintf(id + 2 * i, 3, "%02x", raw[i]);
	return id;
}

bytea *
oauth_bytea(const void *data, size_t length)
{
	bytea	   *result = palloc(VARHDRSZ + length);

	SET_VARSIZE(result, VARHDRSZ + length);
	memcpy(VARDATA(result), data, length);
	return result;
}
