/*
 * user.c
 *		SQL of oauth.user and oauth.subject.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/session.h"
#include "store/statement.h"
#include "store/token.h"
#include "store/user.h"
#include "text/text.h"

#include "utils/fmgroids.h"

static OAuthTable username_table = {
	.name = "user", .index = "user_subject_key", .equals = F_TEXTEQ,
	.columns = {"subject", "username"}
};

#define USER_SQL \
	"SELECT u.subject, u.password_hash, s.disabled_at IS NOT NULL, u.username" \
	" FROM oauth.user u JOIN oauth.subject s ON s.subject = u.subject WHERE u.username_key = $1"

static OAuthStatement find_user = {
	.sql = USER_SQL,
	.only_reads = true,
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement hold_user = {
	.sql = USER_SQL " FOR SHARE OF u",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement insert_subject = {
	.sql = "INSERT INTO oauth.subject (subject) VALUES ($1) ON CONFLICT DO NOTHING",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthTable subject_table = {
	.name = "subject", .equals = F_TEXTEQ, .places = &oauth_store_subject_places,
	.columns = {"subject", "disabled_at"}
};

static OAuthStatement insert_user = {
	.sql = "INSERT INTO oauth.user (username, subject, password_hash) VALUES ($1, $2, $3)"
	" ON CONFLICT DO NOTHING",
	.n_arguments = 3, .argument_types = {TEXTOID, TEXTOID, TEXTOID}
};

static OAuthStatement set_password = {
	.sql = "UPDATE oauth.user SET password_hash = $2, password_set_at = now() WHERE username = $1",
	.n_arguments = 2, .argument_types = {TEXTOID, TEXTOID}
};

/*
 * Subjects are random numbers in hexadecimal, so any place between them is as good as any other;
 * after the last one comes the first.
 */
static OAuthStatement find_hash_at = {.sql = "(SELECT u.password_hash FROM oauth.user u WHERE "
	"u.subject >= encode($1, 'hex') ORDER BY u.subject "
	"LIMIT 1)"
	" UNION ALL (SELECT u.password_hash FROM oauth.user u "
	"ORDER BY u.subject LIMIT 1) LIMIT 1",
	.only_reads = true,
	.n_arguments = 1,
.argument_types = {BYTEAOID}};

static OAuthStatement replace_hash = {
	.sql = "UPDATE oauth.user SET password_hash = $2 WHERE username = $1 AND password_hash = $3",
	.n_arguments = 3, .argument_types = {TEXTOID, TEXTOID, TEXTOID}
};

static OAuthStatement disable_subject = {.sql = "UPDATE oauth.subject SET disabled_at = now() "
	"WHERE subject = $1 AND disabled_at IS NULL",
	.n_arguments = 1,
.argument_types = {TEXTOID}};

/* FOR UPDATE: see enable_client. */
static OAuthStatement enable_subject = {
	.sql = "UPDATE oauth.subject SET disabled_at = NULL"
	" WHERE subject = (SELECT s.subject FROM oauth.subject s WHERE s.subject = $1 FOR UPDATE)"
	" AND disabled_at IS NOT NULL AND deleted_at IS NULL",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/* Until the transaction ends, nobody revives the subject or ends its tokens. */
static OAuthStatement hold_subject = {
	.sql = "SELECT disabled_at IS NOT NULL FROM oauth.subject WHERE subject = $1 FOR KEY SHARE",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement hold_subject_alone = {
	.sql = "SELECT FROM oauth.subject WHERE subject = $1 FOR UPDATE",
	.sees_latest = true,
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement revive_subject = {
	.sql = "UPDATE oauth.subject SET disabled_at = NULL, deleted_at = NULL"
	" WHERE subject = (SELECT s.subject FROM oauth.subject s WHERE s.subject = $1 FOR UPDATE) AND"
	" disabled_at IS NOT NULL",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/*
 * What was allowed, or approved and not fetched yet, before the subject was disabled; after a
 * deletion it may be another person.
 */
static OAuthStatement forget_approvals[] = {
	{
		.sql = "DELETE FROM oauth.consent WHERE subject = $1"
		" AND EXISTS (SELECT FROM oauth.subject WHERE subject = $1 AND deleted_at IS NOT NULL)",
		.n_arguments = 1, .argument_types = {TEXTOID}
	},
	{
		.sql = "DELETE FROM oauth.request_token WHERE subject = $1 AND used_at IS NULL",
		.n_arguments = 1, .argument_types = {TEXTOID}
	},
	{
		.sql = "DELETE FROM oauth.device_code WHERE subject = $1 AND used_at IS NULL",
		.n_arguments = 1, .argument_types = {TEXTOID}
	},
};

#define NOT_BUILT_IN "NOT EXISTS (SELECT FROM oauth.user u WHERE u.subject = s.subject)"
#define DELETE_SUBJECTS \
	"UPDATE oauth.subject s SET deleted_at = now(), disabled_at = coalesce(disabled_at, now())" \
	" WHERE deleted_at IS NULL AND " NOT_BUILT_IN

static OAuthStatement disable_subjects = {.sql = "UPDATE oauth.subject s SET disabled_at = now() "
	"WHERE subject = ANY ($1) AND disabled_at IS NULL "
	"AND " NOT_BUILT_IN,
	.sees_latest = true,
	.n_arguments = 1,
.argument_types = {TEXTARRAYOID}};

static OAuthStatement delete_subjects = {
	.sql = DELETE_SUBJECTS " AND subject = ANY ($1)",
	.sees_latest = true,
	.n_arguments = 1, .argument_types = {TEXTARRAYOID}
};

static OAuthStatement delete_every_subject = {
	.sql = DELETE_SUBJECTS,
	.sees_latest = true
};

static OAuthStatement delete_user = {
	.sql = "DELETE FROM oauth.user WHERE username = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement delete_subject = {.sql = "UPDATE oauth.subject SET deleted_at = now(), "
	"disabled_at = coalesce(disabled_at, now()) WHERE "
	"subject = $1",
	.n_arguments = 1,
.argument_types = {TEXTOID}};

static OAuthUser *
read_user(OAuthStatement *statement, const char *username)
{
	OAuthArguments arguments = {0};
	OAuthUser  *user = NULL;

	oauth_add_text(&arguments, oauth_username_key(username));
	if (oauth_store_run(statement, &arguments) > 0)
	{
		user = SPI_palloc(sizeof(OAuthUser));
		user->username = oauth_store_string(0, 4);
		user->subject = oauth_store_string(0, 1);
		user->password_hash = oauth_store_string(0, 2);
		user->is_disabled = oauth_store_bool(0, 3);
	}
	oauth_store_end();
	return user;
}

/* The user with that name, in any spelling (typed.c); NULL if there is none. */
OAuthUser *
oauth_store_find_user(const char *username)
{
	return read_user(&find_user, username);
}

/* The same, with the password locked against changes until the transaction ends. */
OAuthUser *
oauth_store_hold_user(const char *username)
{
	return read_user(&hold_user, username);
}

/* The hash of the user next to that place; NULL if there are no users. */
char *
oauth_store_hash_at(const uint8 *place)
{
	OAuthArguments arguments = {0};
	char	   *hash = NULL;

	oauth_add_bytes(&arguments, place, OAUTH_HASH_LENGTH);
	if (oauth_store_run(&find_hash_at, &arguments) > 0)
		hash = oauth_store_string(0, 1);
	oauth_store_end();
	return hash;
}

/* Stores another hash of the same password; false if the stored one is no longer the user's. */
bool
oauth_store_replace_hash(const OAuthUser *user, const char *hash)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, user->username);
	oauth_add_text(&arguments, hash);
	oauth_add_text(&arguments, user->password_hash);
	return oauth_store_count(&replace_hash, &arguments) > 0;
}

/* NULL if the subject is not a built-in user. */
char *
oauth_store_find_username(const char *subject)
{
	char	   *username = NULL;
	OAuthRow	row;

	if (oauth_store_open_row(&row, &username_table, CStringGetTextDatum(subject)))
		username = oauth_store_row_string(&row, 1);
	oauth_store_close_row(&row);
	return username;
}

/* Whether there is the subject now; *is_disabled is false if there is none. */
bool
oauth_store_find_subject(const char *subject, bool *is_disabled)
{
	OAuthRow	row;
	bool		found;

	oauth_store_begin_latest();
	found = oauth_store_open_row(&row, &subject_table, CStringGetTextDatum(subject));
	*is_disabled = found && !oauth_store_row_is_null(&row, 1);
	oauth_store_close_row(&row);
	oauth_store_end_latest();
	return found;
}

/* Creates the subject if it does not exist; returns whether it is disabled. */
bool
oauth_store_use_subject(const char *subject)
{
	OAuthArguments arguments = {0};
	bool		is_disabled;

	if (oauth_store_find_subject(subject, &is_disabled))
		return is_disabled;
	oauth_add_text(&arguments, subject);
	oauth_store_count(&insert_subject, &arguments);
	return false;
}

bool
oauth_store_has_subject(const char *subject)
{
	bool		is_disabled;

	return oauth_store_find_subject(subject, &is_disabled);
}

/* False if the name is taken. */
bool
oauth_store_insert_user(const char *username, const char *subject, const char *password_hash)
{
	OAuthArguments subjects = {0};
	OAuthArguments arguments = {0};

	oauth_add_text(&subjects, subject);
	oauth_store_count(&insert_subject, &subjects);
	oauth_add_text(&arguments, username);
	oauth_add_text(&arguments, subject);
	oauth_add_text(&arguments, password_hash);
	return oauth_store_count(&insert_user, &arguments) > 0;
}

void
oauth_store_set_password(const char *username, const char *password_hash)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, username);
	oauth_add_text(&arguments, password_hash);
	oauth_store_count(&set_password, &arguments);
}

bool
oauth_store_disable_subject(const char *subject)
{
	OAuthArguments arguments = {0};

	oauth_store_tell_of_logout(list_make1(unconstify(char *, subject)), true);
	oauth_add_text(&arguments, subject);
	if (oauth_store_count(&disable_subject, &arguments) == 0)
		return false;
	oauth_store_tell_ended(OAUTH_SUBJECT_ENDED, 0, subject);
	oauth_store_notify_revocation();
	return true;
}

bool
oauth_store_enable_subject(const char *subject)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, subject);
	oauth_store_await_grants(&oauth_store_subjects, subject);
	if (oauth_store_count(&enable_subject, &arguments) == 0)
		return false;
	oauth_store_await_grants(&oauth_store_subjects, subject);
	return true;
}

/* Deletes the name; the subject stays, ended, until nothing refers to it. */
void
oauth_store_delete_user(const char *username, const char *subject)
{
	OAuthArguments name = {0};
	OAuthArguments id = {0};

	oauth_store_tell_of_logout(list_make1(unconstify(char *, subject)), true);
	oauth_add_text(&name, username);
	oauth_store_count(&delete_user, &name);
	oauth_add_text(&id, subject);
	oauth_store_count(&delete_subject, &id);
	oauth_store_tell_ended(OAUTH_SUBJECT_ENDED, 0, subject);
	oauth_store_notify_revocation();
}

/*
 * Creates the subject if it does not exist, and locks it against changes; returns whether it is
 * disabled.
 */
bool
oauth_store_hold_subject(const char *subject)
{
	OAuthArguments arguments = {0};
	bool		is_disabled;

	oauth_add_text(&arguments, subject);
	oauth_store_count(&insert_subject, &arguments);
	is_disabled = oauth_store_run(&hold_subject, &arguments) > 0 && oauth_store_bool(0, 1);
	oauth_store_end();
	return is_disabled;
}

/* Enables a disabled subject; everything from before stays ended. */
void
oauth_store_revive_subject(const char *subject)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, subject);
	for (size_t i = 0; i < lengthof(forget_approvals); i++)
		oauth_store_count(&forget_approvals[i], &arguments);
	oauth_store_await_grants(&oauth_store_subjects, subject);
	if (oauth_store_count(&revive_subject, &arguments) == 0)
		return;
	oauth_store_await_grants(&oauth_store_subjects, subject);
	oauth_store_end_grants_of_subject(subject, "user was disabled");
	oauth_store_end_dead_sessions(subject);
}

/*
 * Ends the tokens of users who were deleted or deactivated, by one mark each.  Not for built-in
 * users.
 */
int64
oauth_store_end_subjects(List *subjects, bool are_deleted)
{
	OAuthArguments arguments = {0};
	uint64		n;
	ListCell   *cell;

	oauth_store_tell_of_logout(subjects, false);
	foreach(cell, subjects)
		oauth_store_tell_ended(OAUTH_SUBJECT_ENDED, 0, lfirst(cell));
	oauth_add_value(&arguments, oauth_array_from_list(subjects));
	n = oauth_store_count(are_deleted ? &delete_subjects : &disable_subjects, &arguments);
	if (n > 0)
		oauth_store_notify_revocation();
	return (int64) n;
}

int64
oauth_store_end_every_subject(void)
{
	uint64		n;

	oauth_store_tell_of_every_logout();
	n = oauth_store_count(&delete_every_subject, NULL);
	oauth_store_tell_ended(OAUTH_EVERY_SUBJECT_ENDED, 0, NULL);
	if (n > 0)
		oauth_store_notify_revocation();
	return (int64) n;
}

/* Ends all tokens and sessions of a user who stays. */
int64
oauth_store_end_access(const char *subject, const char *reason)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, subject);
	oauth_store_await_grants(&oauth_store_subjects, subject);
	if (oauth_store_count(&hold_subject_alone, &arguments) == 0 ||
		oauth_store_find_username(subject) != NULL)
		return 0;
	oauth_store_await_grants(&oauth_store_subjects, subject);
	oauth_store_end_sessions(subject);
	return oauth_store_end_grants_of_subject(subject, reason);
}
