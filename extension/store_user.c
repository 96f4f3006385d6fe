/*
 * store_user.c
 *		SQL of oauth.user and oauth.subject, and the functions of pgcrypto that passwords need.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store.h"

/* Found by membership in the extension, never by name through a path. */
static OAuthStatement pgcrypto_function = {
	.sql = "SELECT p.oid FROM pg_catalog.pg_proc p"
	" JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'"
	" JOIN pg_catalog.pg_extension e ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid"
	" WHERE e.extname = 'pgcrypto' AND p.proname = split_part($1, '(', 1)"
	" AND replace(oidvectortypes(p.proargtypes), ' ', '') || ')' = split_part($1, '(', 2)",
	.only_reads = true,
	.n_arguments = 1, .argument_types = {TEXTOID}
};

#define USER_SQL \
	"SELECT u.subject, u.password_hash, s.disabled_at IS NOT NULL" \
	" FROM oauth.user u JOIN oauth.subject s ON s.subject = u.subject WHERE u.username = $1"

static OAuthStatement find_user = {
	.sql = USER_SQL,
	.only_reads = true,
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement hold_user = {
	.sql = USER_SQL " FOR SHARE OF u",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement find_username = {
	.sql = "SELECT username FROM oauth.user WHERE subject = $1",
	.only_reads = true,
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement insert_subject = {
	.sql = "INSERT INTO oauth.subject (subject) VALUES ($1) ON CONFLICT DO NOTHING",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement find_subject = {
	.sql = "SELECT disabled_at IS NOT NULL FROM oauth.subject WHERE subject = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement insert_user = {
	.sql = "INSERT INTO oauth.user (username, subject, password_hash) VALUES ($1, $2, $3)"
	" ON CONFLICT (username) DO NOTHING",
	.n_arguments = 3, .argument_types = {TEXTOID, TEXTOID, TEXTOID}
};

static OAuthStatement set_password = {
	.sql = "UPDATE oauth.user SET password_hash = $2, password_set_at = now() WHERE username = $1",
	.n_arguments = 2, .argument_types = {TEXTOID, TEXTOID}
};

static OAuthStatement disable_subject = {
	.sql = "UPDATE oauth.subject SET disabled_at = now() WHERE subject = $1 AND disabled_at IS NULL",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/* FOR UPDATE: see enable_client. */
static OAuthStatement enable_subject = {
	.sql = "UPDATE oauth.subject SET disabled_at = NULL"
	" WHERE subject = (SELECT s.subject FROM oauth.subject s WHERE s.subject = $1 FOR UPDATE)"
	" AND disabled_at IS NOT NULL AND deleted_at IS NULL",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement delete_user = {
	.sql = "DELETE FROM oauth.user WHERE username = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement delete_subject = {
	.sql = "UPDATE oauth.subject SET deleted_at = now(), disabled_at = coalesce(disabled_at, now()) WHERE subject = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/* signature is 'name(type,type)'.  42883 if pgcrypto has no such function. */
Oid
oauth_store_pgcrypto_function(const char *signature)
{
	Datum		arguments[] = {CStringGetTextDatum(signature)};
	Oid			function = InvalidOid;
	bool		is_null;

	if (oauth_store_run(&pgcrypto_function, arguments, NULL) > 0)
		function = DatumGetObjectId(oauth_store_column(0, 1, &is_null));
	oauth_store_end();
	if (!OidIsValid(function))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("extension pgcrypto has no function %s", signature),
				 errhint("CREATE EXTENSION pgcrypto")));
	return function;
}

static OAuthUser *
read_user(OAuthStatement *statement, const char *username)
{
	Datum		arguments[] = {CStringGetTextDatum(username)};
	OAuthUser  *user = NULL;

	if (oauth_store_run(statement, arguments, NULL) > 0)
	{
		user = SPI_palloc(sizeof(OAuthUser));
		user->subject = oauth_store_string(0, 1);
		user->password_hash = oauth_store_string(0, 2);
		user->is_disabled = oauth_store_bool(0, 3);
	}
	oauth_store_end();
	return user;
}

/* NULL if there is no such user. */
OAuthUser *
oauth_store_find_user(const char *username)
{
	return read_user(&find_user, username);
}

/* The same, whose password nobody changes until the transaction ends. */
OAuthUser *
oauth_store_hold_user(const char *username)
{
	return read_user(&hold_user, username);
}

/* NULL if the subject is no built-in user's. */
char *
oauth_store_find_username(const char *subject)
{
	Datum		arguments[] = {CStringGetTextDatum(subject)};
	char	   *username = NULL;

	if (oauth_store_run(&find_username, arguments, NULL) > 0)
		username = oauth_store_string(0, 1);
	oauth_store_end();
	return username;
}

/* Makes the subject known, and says whether it is disabled. */
bool
oauth_store_use_subject(const char *subject)
{
	Datum		arguments[] = {CStringGetTextDatum(subject)};
	bool		is_disabled = false;
	bool		is_known = oauth_store_run(&find_subject, arguments, NULL) > 0;

	if (is_known)
		is_disabled = oauth_store_bool(0, 1);
	oauth_store_end();
	if (!is_known)
		oauth_store_count(&insert_subject, arguments, NULL);
	return is_disabled;
}

bool
oauth_store_has_subject(const char *subject)
{
	Datum		arguments[] = {CStringGetTextDatum(subject)};

	return oauth_store_count(&find_subject, arguments, NULL) > 0;
}

/* False if the name is taken. */
bool
oauth_store_insert_user(const char *username, const char *subject, const char *password_hash)
{
	Datum		arguments[] = {
		CStringGetTextDatum(username), CStringGetTextDatum(subject), CStringGetTextDatum(password_hash)
	};

	oauth_store_count(&insert_subject, &arguments[1], NULL);
	return oauth_store_count(&insert_user, arguments, NULL) > 0;
}

void
oauth_store_set_password(const char *username, const char *password_hash)
{
	Datum		arguments[] = {CStringGetTextDatum(username), CStringGetTextDatum(password_hash)};

	oauth_store_count(&set_password, arguments, NULL);
}

bool
oauth_store_disable_subject(const char *subject)
{
	Datum		arguments[] = {CStringGetTextDatum(subject)};

	if (oauth_store_count(&disable_subject, arguments, NULL) == 0)
		return false;
	oauth_store_tell_all();
	return true;
}

bool
oauth_store_enable_subject(const char *subject)
{
	Datum		arguments[] = {CStringGetTextDatum(subject)};

	return oauth_store_count(&enable_subject, arguments, NULL) > 0;
}

/* The name goes; the subject stays as one that has ended, until nothing refers to it. */
void
oauth_store_delete_user(const char *username, const char *subject)
{
	Datum		name[] = {CStringGetTextDatum(username)};
	Datum		id[] = {CStringGetTextDatum(subject)};

	oauth_store_count(&delete_user, name, NULL);
	oauth_store_count(&delete_subject, id, NULL);
	oauth_store_tell_all();
}
