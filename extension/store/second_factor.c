/*
 * second_factor.c
 *		SQL of the second factors of built-in users: a shared secret, and recovery codes.
 *
 * One statement decides whether a code is used: the step of a code only grows, and a recovery code
 * is deleted when it is used.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"
#include "store/user.h"

/* Sees what this request has just written: the page after it shows that. */
static OAuthStatement find_factor = {
	.sql = "SELECT f.is_required, f.confirmed_at IS NOT NULL, f.secret_sealed,"
	" (SELECT count(*) FROM oauth.recovery_code r WHERE r.subject = f.subject)::int"
	" FROM oauth.second_factor f WHERE f.subject = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement is_built_in = {
	.sql = "SELECT FROM oauth.user WHERE subject = $1",
	.only_reads = true,
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement begin_factor = {
	.sql = "INSERT INTO oauth.second_factor AS f (subject, secret_sealed) VALUES ($1, $2)"
	" ON CONFLICT (subject) DO UPDATE SET secret_sealed = excluded.secret_sealed"
	" WHERE f.confirmed_at IS NULL",
	.n_arguments = 2, .argument_types = {TEXTOID, BYTEAOID}
};

/* The secret is the one that the code was compared with. */
static OAuthStatement confirm_factor = {
	.sql = "UPDATE oauth.second_factor SET confirmed_at = now(), last_step = $3"
	" WHERE subject = $1 AND secret_sealed = $2 AND confirmed_at IS NULL",
	.n_arguments = 3, .argument_types = {TEXTOID, BYTEAOID, INT8OID}
};

static OAuthStatement use_step = {
	.sql = "UPDATE oauth.second_factor SET last_step = $3"
	" WHERE subject = $1 AND secret_sealed = $2 AND confirmed_at IS NOT NULL AND last_step < $3",
	.n_arguments = 3, .argument_types = {TEXTOID, BYTEAOID, INT8OID}
};

static OAuthStatement use_recovery_code = {
	.sql = "DELETE FROM oauth.recovery_code WHERE subject = $1 AND code_hash = $2",
	.n_arguments = 2, .argument_types = {TEXTOID, BYTEAOID}
};

static OAuthStatement add_recovery_code = {
	.sql = "INSERT INTO oauth.recovery_code (subject, code_hash) VALUES ($1, $2)",
	.n_arguments = 2, .argument_types = {TEXTOID, BYTEAOID}
};

static OAuthStatement remove_recovery_codes = {
	.sql = "DELETE FROM oauth.recovery_code WHERE subject = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement remove_factor = {
	.sql = "UPDATE oauth.second_factor SET secret_sealed = NULL, confirmed_at = NULL, last_step = 0"
	" WHERE subject = $1 AND secret_sealed IS NOT NULL",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement require_factor = {
	.sql = "INSERT INTO oauth.second_factor AS f (subject, is_required) VALUES ($1, $2)"
	" ON CONFLICT (subject) DO UPDATE SET is_required = excluded.is_required"
	" WHERE f.is_required <> excluded.is_required",
	.n_arguments = 2, .argument_types = {TEXTOID, BOOLOID}
};

static uint64
count_about(OAuthStatement *statement, const char *subject)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, subject);
	return oauth_store_count(statement, &arguments);
}

bool
oauth_store_is_built_in(const char *subject)
{
	return count_about(&is_built_in, subject) > 0;
}

/* What there is of the subject; everything is false or NULL where there is nothing. */
void
oauth_store_find_second_factor(const char *subject, OAuthSecondFactorRow *factor)
{
	MemoryContext caller = CurrentMemoryContext;
	OAuthArguments arguments = {0};

	memset(factor, 0, sizeof(*factor));
	oauth_add_text(&arguments, subject);
	if (oauth_store_run(&find_factor, &arguments) > 0)
	{
		bool		is_null;
		Datum		sealed = oauth_store_column(0, 3, &is_null);
		MemoryContext old = MemoryContextSwitchTo(caller);

		factor->is_required = oauth_store_bool(0, 1);
		factor->is_confirmed = oauth_store_bool(0, 2);
		factor->secret_sealed = is_null ? NULL : DatumGetByteaPCopy(sealed);
		factor->n_recovery_codes = oauth_store_int32(0, 4);
		MemoryContextSwitchTo(old);
	}
	oauth_store_end();
}

/* False if there is a confirmed secret. */
bool
oauth_store_begin_second_factor(const char *subject, bytea *secret_sealed)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, subject);
	oauth_add_pointer(&arguments, secret_sealed);
	return oauth_store_count(&begin_factor, &arguments) > 0;
}

static bool
note_step(OAuthStatement *statement, const char *subject, bytea *secret_sealed, int64 step)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, subject);
	oauth_add_pointer(&arguments, secret_sealed);
	oauth_add_int64(&arguments, step);
	return oauth_store_count(statement, &arguments) > 0;
}

/* False if another session confirmed it, or began anew. */
bool
oauth_store_confirm_second_factor(const char *subject, bytea *secret_sealed, int64 step)
{
	return note_step(&confirm_factor, subject, secret_sealed, step);
}

/* False if that step, or a later one, has been used. */
bool
oauth_store_use_totp_step(const char *subject, bytea *secret_sealed, int64 step)
{
	return note_step(&use_step, subject, secret_sealed, step);
}

/* False if there is no such code, or no more. */
bool
oauth_store_use_recovery_code(const char *subject, const char *code)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, subject);
	oauth_add_digest(&arguments, code);
	return oauth_store_count(&use_recovery_code, &arguments) > 0;
}

/* In the place of those that there were. */
void
oauth_store_set_recovery_codes(const char *subject, List *codes)
{
	ListCell   *cell;

	count_about(&remove_recovery_codes, subject);
	foreach(cell, codes)
	{
		OAuthArguments arguments = {0};

		oauth_add_text(&arguments, subject);
		oauth_add_digest(&arguments, lfirst(cell));
		oauth_store_count(&add_recovery_code, &arguments);
	}
}

/* False if there was none.  Whether one is required stays as it is. */
bool
oauth_store_remove_second_factor(const char *subject)
{
	count_about(&remove_recovery_codes, subject);
	return count_about(&remove_factor, subject) > 0;
}

/* False if it was so before. */
bool
oauth_store_require_second_factor(const char *subject, bool is_required)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, subject);
	oauth_add_bool(&arguments, is_required);
	return oauth_store_count(&require_factor, &arguments) > 0;
}
