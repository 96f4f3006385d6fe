/*
 * disabled.c
 *		Whether the client or the subject of a grant is disabled or deleted.
 *
 * The indexes asked here contain only those: for a living token the answer is an empty page or two,
 * and no row is read.  That the row exists at all is ensured by the foreign keys of grants,
 * sessions and codes.  The requests of a batch that read in one snapshot share what it says: that
 * nobody is disabled, or that a name is not, for the next request is often of the same client.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"
#include "store/token.h"
#include "store/user.h"

#include "utils/fmgroids.h"

enum
{
	NAME, DISABLED_AT
};

/* Clients, or subjects. */
typedef struct Parties
{
	OAuthTable	table;
	uint64		batch;			/* which has found out this: */
	bool		are_enabled;	/* all of them */
	const char *enabled;		/* one of them; NULL: none was asked about */
} Parties;

static Parties clients = {.table = {
		.name = "client", .index = "client_disabled", .equals = F_TEXTEQ,
.columns = {"client_id", "disabled_at"}}
};
static Parties subjects = {.table = {
		.name = "subject", .index = "subject_disabled", .equals = F_TEXTEQ,
.columns = {"subject", "disabled_at"}}
};

static bool
look_up(Parties *parties, const char *name)
{
	OAuthRow	row;
	bool		disabled = oauth_store_open_row(&row, &parties->table, CStringGetTextDatum(name)) &&
		!oauth_store_row_is_null(&row, DISABLED_AT);

	oauth_store_close_row(&row);
	return disabled;
}

/* The same, where what is found out holds for the whole batch. */
static bool
look_up_for_batch(Parties *parties, const char *name, MemoryContext batch)
{
	if (parties->batch != oauth_store_batch_number())
	{
		parties->are_enabled = oauth_store_index_is_empty(&parties->table);
		parties->enabled = NULL;
		parties->batch = oauth_store_batch_number();
	}
	if (parties->are_enabled || (parties->enabled && strcmp(parties->enabled, name) == 0))
		return false;
	if (look_up(parties, name))
		return true;
	parties->enabled = MemoryContextStrdup(batch, name);
	return false;
}

static bool
is_disabled(Parties *parties, const char *name)
{
	MemoryContext batch = oauth_store_batch_of_snapshot();

	return batch ? look_up_for_batch(parties, name, batch) : look_up(parties, name);
}

/* Whether the client that a row refers to is enabled. */
bool
oauth_store_client_is_enabled(const char *client_id)
{
	return !is_disabled(&clients, client_id);
}

/* Whether the subject is disabled here, whatever the application says of its users. */
bool
oauth_store_subject_is_disabled(const char *subject)
{
	return is_disabled(&subjects, subject);
}

/*
 * Asks the application whether a user of its own is active.  _PG_init sets the hook; without it, no
 * token counts as living.
 */
bool		(*oauth_store_user_is_active_hook) (const char *subject) = NULL;

static bool
user_is_active(const char *subject)
{
	if (oauth_store_user_is_active_hook == NULL)
		elog(ERROR, "nothing asks the application whether its users are active");
	return oauth_store_user_is_active_hook(subject);
}

/* Whether the subject that a row refers to is enabled. */
bool
oauth_store_subject_is_enabled(const char *subject)
{
	return !oauth_store_subject_is_disabled(subject) &&
		(!oauth_store_must_check_user() || user_is_active(subject));
}
