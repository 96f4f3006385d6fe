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
#define HANDLE_ENCODED	12		/* of the handle and a byte */
#define BASE64_LENGTH	56		/* of RAW_LENGTH bytes, with two '=' that a token omits */
/* Of a JWT: the jti is behind its opening, and both together are of whole groups of base64. */
#define MAX_JWS_HEADER	512
#define JTI_RAW			16		/* bytes of a jti */
#define JTI_AT			((int) sizeof(OAUTH_JTI_OPENING) - 1)
#define OPENING_LENGTH	30		/* to the end of the jti */
#define OPENING_ENCODED 40
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
	[OAUTH_PUSHED_REQUEST] = "opr_",
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

/* The jti of a JWT: a handle and 8 random bytes. */
char *
oauth_jti(int64 handle)
{
	uint8		raw[JTI_RAW];
	uint64		big_endian = pg_hton64((uint64) handle);

	memcpy(raw, &big_endian, sizeof(big_endian));
	oauth_random(raw + sizeof(big_endian), JTI_RAW - sizeof(big_endian));
	return oauth_base64url(raw, JTI_RAW);
}

/* The handle in the first bytes of what was decoded; 0 if there are not so many. */
static int64
handle_of(const uint8 *raw, int length, int expected)
{
	uint64		big_endian;

	if (raw == NULL || length != expected)
		return 0;
	memcpy(&big_endian, raw, sizeof(big_endian));
	return (int64) pg_ntoh64(big_endian);
}

/*
 * The handle in an access token that is a JWT, where its claims begin as those of ours do; else 0.
 * No more is read of it: whether it is ours, the hash of the whole string says.
 */
static int64
handle_of_jwt(const char *token, int length)
{
	const char *dot = memchr(token, '.', Min(length, MAX_JWS_HEADER));
	uint8	   *opening;
	uint8	   *jti;
	int			n;

	if (dot == NULL || token + length - dot <= OPENING_ENCODED ||
		(opening = oauth_base64url_decode(dot + 1, OPENING_ENCODED, &n)) == NULL ||
		n != OPENING_LENGTH || memcmp(opening, OAUTH_JTI_OPENING, JTI_AT) != 0)
		return 0;
	jti = oauth_base64url_decode((char *) opening + JTI_AT, OPENING_LENGTH - JTI_AT, &n);
	return handle_of(jti, n, JTI_RAW);
}

/* Whether the string looks like a token of any kind that this provider issues. */
bool
oauth_token_is_ours(const char *token, int length)
{
	for (size_t kind = 0; kind < lengthof(prefixes); kind++)
		if (oauth_token_has_kind(token, length, kind))
			return true;
	return handle_of_jwt(token, length) > 0;
}

/*
 * The handle in the first so many characters of what is encoded, of a whole token or only of what
 * has the handle; 0 if they are malformed.
 */
static int64
handle_of_encoded(const char *encoded, int length, int raw_length)
{
	uint8		raw[BASE64_LENGTH];
	char		base64[BASE64_LENGTH];
	int			padded = (length + 3) / 4 * 4;
	int64		handle;

	memset(base64, '=', padded);
	for (int i = 0; i < length; i++)
	{
		char		c = encoded[i];

		if (c == '+' || c == '/')
			return 0;
		base64[i] = c == '-' ? '+' : c == '_' ? '/' : c;
	}
	handle = handle_of(raw, pg_b64_decode(base64, padded, (void *) raw, sizeof(raw)), raw_length);
	oauth_wipe(raw, sizeof(raw));
	oauth_wipe(base64, sizeof(base64));
	return handle;
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
	oauth_sha256(token, length, parsed->hash);
	if (oauth_token_has_kind(token, length, kind))
		parsed->handle = handle_of_encoded(token + PREFIX_LENGTH, BASE64_LENGTH - 2, RAW_LENGTH);
	else
		parsed->handle = kind == OAUTH_ACCESS_TOKEN ? handle_of_jwt(token, length) : 0;
	return parsed->handle > 0;
}

/*
 * The handles that may be in access tokens somewhere among those bytes, as a hint of what will be
 * asked about; 0 in the place of one that is malformed.  How many there are, at most max.
 */
int
oauth_token_handles(const char *bytes, size_t length, int64 *handles, int max)
{
	const char *prefix = prefixes[OAUTH_ACCESS_TOKEN];
	const char *end = bytes + length;
	const char *at = bytes;
	int			n = 0;

	/* by the last character of the prefix, which is the rarest in what requests are made of */
	while (n < max && (at = memchr(at, prefix[PREFIX_LENGTH - 1], end - at)) != NULL)
	{
		at++;
		if (at - bytes >= PREFIX_LENGTH && end - at >= TOKEN_LENGTH - PREFIX_LENGTH &&
			memcmp(at - PREFIX_LENGTH, prefix, PREFIX_LENGTH) == 0)
			handles[n++] = handle_of_encoded(at, HANDLE_ENCODED, HANDLE_ENCODED / 4 * 3);
	}
	return n;
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
