/*
 * second_factor.c
 *		The second factor of built-in users: a code that an application on their phone shows (RFC
 *		6238), or a recovery code.
 *
 * The secret, 160 bits, is sealed under the master key.  It counts once a first code has confirmed
 * it.  A code is good once: "The verifier MUST NOT accept the second attempt of the OTP after the
 * successful validation has been issued for the first OTP" (RFC 6238, section 5.2).  Recovery codes
 * are 80 random bits each, of which the digest is kept.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "crypto/crypto.h"
#include "secret/secret.h"
#include "setting.h"
#include "store/event.h"
#include "store/throttle.h"
#include "store/user.h"
#include "text/text.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(oauth_require_second_factor);
PG_FUNCTION_INFO_V1(oauth_remove_second_factor);

#define SECRET_BYTES			20
#define RECOVERY_BYTES			10
#define N_RECOVERY_CODES		10
#define BASE32_LENGTH(bytes)	((bytes) / 5 * 8)

/* What the user of that subject has to show beside the password. */
OAuthSecondFactor
oauth_second_factor(const char *subject)
{
	OAuthSecondFactorRow factor;

	if (oauth_setting_second_factor == OAUTH_SECOND_FACTOR_OFF ||
		oauth_store_users_are_external() || !oauth_store_is_built_in(subject))
		return OAUTH_FACTOR_NOT_OFFERED;
	oauth_store_find_second_factor(subject, &factor);
	if (factor.is_confirmed)
		return OAUTH_FACTOR_CONFIRMED;
	return factor.is_required || oauth_setting_second_factor == OAUTH_SECOND_FACTOR_REQUIRED ?
		OAUTH_FACTOR_MISSING : OAUTH_FACTOR_NONE;
}

bool
oauth_second_factor_is_required(const char *subject)
{
	OAuthSecondFactorRow factor;

	oauth_store_find_second_factor(subject, &factor);
	return factor.is_required || oauth_setting_second_factor == OAUTH_SECOND_FACTOR_REQUIRED;
}

int
oauth_recovery_codes_left(const char *subject)
{
	OAuthSecondFactorRow factor;

	oauth_store_find_second_factor(subject, &factor);
	return factor.n_recovery_codes;
}

/* A secret of random bytes in base32. */
static char *
random_base32(int bytes)
{
	uint8		random[SECRET_BYTES];
	char	   *encoded = oauth_secret_alloc(BASE32_LENGTH(bytes) + 1);

	oauth_random(random, bytes);
	oauth_base32_encode(random, bytes, encoded);
	oauth_wipe(random, sizeof(random));
	return encoded;
}

/* A new secret that waits for its first code, in base32; NULL if one is confirmed. */
char *
oauth_second_factor_begin(const char *subject)
{
	char	   *secret = random_base32(SECRET_BYTES);

	return oauth_store_begin_second_factor(subject,
										   oauth_seal(secret,
													  oauth_second_factor_binding(subject))) ?
		secret : NULL;
}

/* The secret that waits for its first code; a new one if there is none. */
char *
oauth_second_factor_waiting(const char *subject)
{
	OAuthSecondFactorRow factor;

	oauth_store_find_second_factor(subject, &factor);
	if (factor.secret_sealed == NULL || factor.is_confirmed)
		return oauth_second_factor_begin(subject);
	return oauth_unseal(factor.secret_sealed, oauth_second_factor_binding(subject));
}

/* What was typed, without spaces and hyphens, and in capitals. */
static char *
canonical(const char *typed)
{
	char	   *code = oauth_secret_alloc(strlen(typed) + 1);
	char	   *end = code;

	for (const char *c = typed; *c; c++)
		if (*c != ' ' && *c != '-')
			*end++ = pg_ascii_toupper((unsigned char) *c);
	return code;
}

/* The user's new recovery codes, as they are shown: "ABCD-EFGH-IJKL-MNOP". */
List *
oauth_recovery_codes_make(const char *subject)
{
	List	   *codes = NIL;
	List	   *shown = NIL;

	for (int i = 0; i < N_RECOVERY_CODES; i++)
	{
		char	   *code = random_base32(RECOVERY_BYTES);
		char	   *grouped = oauth_secret_alloc(BASE32_LENGTH(RECOVERY_BYTES) * 2);

		snprintf(grouped, BASE32_LENGTH(RECOVERY_BYTES) * 2, "%.4s-%.4s-%.4s-%.4s", code, code + 4,
				 code + 8, code + 12);
		codes = lappend(codes, code);
		shown = lappend(shown, grouped);
	}
	oauth_store_set_recovery_codes(subject, codes);
	return shown;
}

/* Counts like passwords do. */
static OAuthThrottle *
throttle_of(const OAuthRequest *request, const char *subject)
{
	return oauth_throttle(request, "second_factor", subject, true, oauth_setting_failed_attempts);
}

/* Says in the audit log that a code was wrong. */
static OAuthFault *
wrong_code(const OAuthRequest *request, const char *subject)
{
	OAuthFault *fault = oauth_fault(OAUTH_INVALID_GRANT, "The code is wrong, or was used before.");
	OAuthEvent	event = {
		.event = "login", .subject = subject, .fault = fault, .detail = "second factor"
	};

	oauth_event_note(request, &event);
	fault->is_noted = true;
	return fault;
}

static bool
is_code_of(const OAuthSecondFactorRow *factor, const char *subject, const char *code)
{
	int64		step;

	if (strlen(code) != OAUTH_TOTP_DIGITS)
		return oauth_store_use_recovery_code(subject, code);
	step = oauth_totp_step_of(oauth_unseal(factor->secret_sealed,
										   oauth_second_factor_binding(subject)),
							  code, GetCurrentTimestamp());
	return step != 0 && oauth_store_use_totp_step(subject, factor->secret_sealed, step);
}

/* Uses a code up.  A fault if it is wrong or was used before, or if the attempt comes too early. */
OAuthFault *
oauth_second_factor_check(const OAuthRequest *request, const char *subject, const char *typed)
{
	OAuthThrottle *throttle = throttle_of(request, subject);
	OAuthFault *fault = oauth_throttle_attempt(throttle);
	OAuthSecondFactorRow factor;
	bool		is_right;

	if (fault != NULL)
		return fault;
	oauth_store_find_second_factor(subject, &factor);
	is_right = factor.is_confirmed && is_code_of(&factor, subject, canonical(typed));
	oauth_throttle_result(throttle, is_right);
	return is_right ? NULL : wrong_code(request, subject);
}

/* By its first code, the waiting secret counts from now on.  *codes: the recovery codes. */
OAuthFault *
oauth_second_factor_confirm(const OAuthRequest *request, const char *subject, const char *typed,
							List **codes)
{
	OAuthThrottle *throttle = throttle_of(request, subject);
	OAuthFault *fault = oauth_throttle_attempt(throttle);
	OAuthEvent	event = {
		.event = "configure", .subject = subject, .detail = "second factor was set up"
	};
	OAuthSecondFactorRow factor;
	int64		step = 0;

	if (fault != NULL)
		return fault;
	oauth_store_find_second_factor(subject, &factor);
	if (factor.secret_sealed != NULL && !factor.is_confirmed)
		step = oauth_totp_step_of(oauth_unseal(factor.secret_sealed,
											   oauth_second_factor_binding(subject)),
								  canonical(typed), GetCurrentTimestamp());
	if (step != 0 && !oauth_store_confirm_second_factor(subject, factor.secret_sealed, step))
		step = 0;
	oauth_throttle_result(throttle, step != 0);
	if (step == 0)
		return wrong_code(request, subject);
	*codes = oauth_recovery_codes_make(subject);
	oauth_event_note(request, &event);
	return NULL;
}

/* The built-in user's subject. */
static char *
required_subject(FunctionCallInfo fcinfo)
{
	char	   *username = oauth_argument(fcinfo, 0, "username");

	return oauth_required_user(username)->subject;
}

/* oauth_require_second_factor(username text, required boolean) RETURNS boolean */
Datum
oauth_require_second_factor(PG_FUNCTION_ARGS)
{
	char	   *subject = required_subject(fcinfo);
	bool		is_required = oauth_required_flag_argument(fcinfo, 1, "required");
	bool		is_new = oauth_store_require_second_factor(subject, is_required);

	if (is_new)
		oauth_event_configured(NULL, subject, is_required ? "second factor is required" :
							   "second factor is not required");
	PG_RETURN_BOOL(is_new);
}

/* oauth_remove_second_factor(username text) RETURNS boolean */
Datum
oauth_remove_second_factor(PG_FUNCTION_ARGS)
{
	char	   *subject = required_subject(fcinfo);
	bool		was_there = oauth_store_remove_second_factor(subject);

	if (was_there)
		oauth_event_configured(NULL, subject, "second factor was removed");
	PG_RETURN_BOOL(was_there);
}
