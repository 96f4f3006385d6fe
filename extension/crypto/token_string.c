/*
 * token_string.c
 *		The strings that tokens are.
 *
 * A token is a prefix that secret scanners know, and the base64url of an 8-byte handle and 32
 * random bytes.  The handle is public: it is the primary key, and its high bits are the time, so
 * that new rows go to one end of the indexes.  Only the SHA-256 of the whole string leaves this
 * file; SQL never sees a token.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "text/text.h"

#include "common/base64.h"
#include "storage/proc.h"

#define PREFIX_LENGTH	4
#define RAW_LENGTH		(sizeof(int64) + OAUTH_HASH_LENGTH)
#define BASE64_LENGTH	56		/* of RAW_LENGTH bytes, with two '=' that a token omits */
#define TOKEN_LENGTH	(PREFIX_LENGTH + BASE64_LENGTH - 2)

#if PG_VERSION_NUM >= 170000
#define BACKEND_SLOT MyProcNumber
#else
#define BACKEND_SLOT MyBackendId
#endif

StaticAssertDecl(OAUTH_SLOT_BITS == 11, "tables.sql and views.sql shift handles by 11 bits");

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

/*
 * A new handle: microseconds since 2000-01-01, and the number of this backend.
 *
 * No two living backends have the same number, and a backend never uses a microsecond twice, so
 * handles are unique without any coordination.  (Should a clock step back onto another backend's
 * microsecond, the primary key refuses the row.)
 */
int64
oauth_handle_next(void)
{
	static TimestampTz last = 0;
	TimestampTz now = GetCurrentTimestamp();

	last = Max(now, last + 1);
	return (int64) last << OAUTH_SLOT_BITS | (BACKEND_SLOT & ((1 << OAUTH_SLOT_BITS) - 1));
}

TimestampTz
oauth_handle_time(int64 handle)
{
	return handle >> OAUTH_SLOT_BITS;
}

/* The lowest handle that can be made at that time. */
int64
oauth_handle_before(TimestampTz time)
{
	return (int64) time << OAUTH_SLOT_BITS;
}

/* The token string of that handle and those 32 bytes. */
char *
oauth_token_string(OAuthTokenKind kind, int64 handle, const uint8 *secret)
{
	uint8		raw[RAW_LENGTH];
	uint64		big_endian = pg_hton64((uint64) handle);
	char	   *encoded;
	char	   *token;

	memcpy(raw, &big_endian, sizeof(big_endian));
	memcpy(raw + sizeof(big_endian), secret, OAUTH_HASH_LENGTH);
	encoded = oauth_base64url(raw, RAW_LENGTH);
	token = psprintf("%s%s", prefixes[kind], encoded);
	oauth_wipe(raw, sizeof(raw));
	return token;
}

/* Whether the string has the prefix and the length of a token of that kind. */
bool
oauth_token_has_kind(const char *token, int length, OAuthTokenKind kind)
{
	return length == TOKEN_LENGTH && memcmp(token, prefixes[kind], PREFIX_LENGTH) == 0;
}

/* Whether the string looks like a token of any kind that this provider issues. */
bool
oauth_token_is_ours(const char *token, int length)
{
	for (size_t kind = 0; kind < lengthof(prefixes); kind++)
		if (oauth_token_has_kind(token, length, kind))
			return true;
	return false;
}

/*
 * Hashes a string that may be a token, then reads its handle; false, and 0, if it is no token
 * of that kind.
 *
 * The handle only finds the row.  The hash of the whole string must match, so another spelling of
 * the same bytes is another, unknown token.
 */
bool
oauth_token_parse(const char *token, int length, OAuthTokenKind kind, OAuthTokenString *parsed)
{
	char		base64[BASE64_LENGTH];
	uint8		raw[BASE64_LENGTH];
	uint64		big_endian;

	oauth_sha256(token, length, parsed->hash);
	parsed->handle = 0;
	if (!oauth_token_has_kind(token, length, kind))
		return false;
	memset(base64, '=', sizeof(base64));
	for (int i = 0; i < BASE64_LENGTH - 2; i++)
	{
		char		c = token[PREFIX_LENGTH + i];

		if (c == '+' || c == '/')
			return false;
		base64[i] = c == '-' ? '+' : c == '_' ? '/' : c;
	}
	if (pg_b64_decode(base64, sizeof(base64), (void *) raw, sizeof(raw)) != RAW_LENGTH)
		return false;
	memcpy(&big_endian, raw, sizeof(big_endian));
	parsed->handle = (int64) pg_ntoh64(big_endian);
	oauth_wipe(raw, sizeof(raw));
	oauth_wipe(base64, sizeof(base64));
	return parsed->handle > 0;
}

/* A new token of that handle, with 32 random bytes. */
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
