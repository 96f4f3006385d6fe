/*
 * totp.c
 *		Time-based one-time passwords (RFC 6238), as the applications that show them expect: SHA-1,
 *		six digits, steps of 30 seconds since 1970.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "text/text.h"

#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(oauth_totp_sql);

#define STEP_SECONDS	30
#define SHA1_LENGTH		20
#define MAX_KEY			128

/* The number of the step that a time is in. */
int64
oauth_totp_step(TimestampTz at)
{
	int64		epoch = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (int64) SECS_PER_DAY;

	return (at / USECS_PER_SEC + epoch) / STEP_SECONDS;
}

/*
 * The six digits of a step: "Snum = StToNum(Sbits)" of the four bytes that the last half byte of
 * the HMAC points at, "D = Snum mod 10^Digit" (RFC 4226, section 5.3).
 */
static void
write_digits(const uint8 *mac, char *code)
{
	const uint8 *four = mac + (mac[SHA1_LENGTH - 1] & 0xF);
	uint32		number = (four[0] & 0x7F) << 24 | four[1] << 16 | four[2] << 8 | four[3];

	snprintf(code, OAUTH_TOTP_DIGITS + 1, "%06u", number % 1000000);
}

/* code has room for OAUTH_TOTP_DIGITS and a NUL.  False if the secret is not in base32. */
bool
oauth_totp(const char *secret, int64 step, char *code)
{
	static OAuthHmac hmac = {.digest = "SHA1"};
	uint8		key[MAX_KEY];
	int			key_length = oauth_base32_decode(secret, key, sizeof(key));
	uint64		moving_factor = pg_hton64((uint64) step);
	const void *parts[] = {&moving_factor};
	size_t		lengths[] = {sizeof(moving_factor)};
	uint8		mac[OAUTH_MAX_HMAC_LENGTH];

	if (key_length <= 0)
		return false;
	oauth_hmac(&hmac, key, key_length, parts, lengths, lengthof(parts), mac);
	write_digits(mac, code);
	oauth_wipe(key, sizeof(key));
	oauth_wipe(mac, sizeof(mac));
	return true;
}

/*
 * The step of a code, one step of drift either way (RFC 6238, section 5.2); 0 if it is none of
 * them.  All three are compared, so that the time shows nothing.
 */
int64
oauth_totp_step_of(const char *secret, const char *typed, TimestampTz now)
{
	int64		found = 0;
	int64		current = oauth_totp_step(now);
	char		code[OAUTH_TOTP_DIGITS + 1];

	if (strlen(typed) != OAUTH_TOTP_DIGITS)
		return 0;
	for (int64 step = current - 1; step <= current + 1; step++)
		if (oauth_totp(secret, step, code) &&
			timingsafe_bcmp(code, typed, OAUTH_TOTP_DIGITS) == 0)
			found = step;
	return found;
}

/* _oauth_totp(secret text, at timestamptz) RETURNS text */
Datum
oauth_totp_sql(PG_FUNCTION_ARGS)
{
	char		code[OAUTH_TOTP_DIGITS + 1];

	if (!oauth_totp(text_to_cstring(PG_GETARG_TEXT_PP(0)),
					oauth_totp_step(PG_GETARG_TIMESTAMPTZ(1)), code))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the secret is not in base32"),
						errhint("It consists of the letters A to Z and the digits 2 to 7.")));
	PG_RETURN_TEXT_P(cstring_to_text(code));
}
