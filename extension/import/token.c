/*
 * token.c
 *		Taking over tokens from another provider, a batch of rows at a time.
 *
 * A row of the source is a grant with an access token, a refresh token or both, or with a token of
 * OAuth 1.0a.  Tokens keep their strings: what is stored is the SHA-256 and a name (imported.c).
 * They get handles of the time when they were issued, if the source knows it, so that they are as
 * old here as they were there.
 *
 * The memory needed does not grow with the number of tokens.  It grows with the number of clients:
 * one line for each is kept.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "import/import.h"
#include "secret/secret.h"
#include "setting.h"
#include "store/token.h"
#include "text/text.h"

#include "utils/memutils.h"
#include "utils/timestamp.h"

static const char *const kinds[OAUTH_IMPORT_KINDS] = {[OAUTH_IMPORT_ACCESS] = "access_token",
	[OAUTH_IMPORT_REFRESH] = "refresh_token",
[OAUTH_IMPORT_OAUTH1] = "oauth1_token"};

/* Where a kind of token stands in the rows of the source; 0: the source has no such column. */
static const struct
{
	int			token;
	int			expires_at;
	int			refusal;
}			columns[OAUTH_IMPORT_KINDS] = {

	[OAUTH_IMPORT_ACCESS] = {OAUTH_SOURCE_ACCESS_TOKEN, OAUTH_SOURCE_ACCESS_EXPIRES_AT,
	OAUTH_SOURCE_ACCESS_REFUSAL},
	[OAUTH_IMPORT_REFRESH] = {OAUTH_SOURCE_REFRESH_TOKEN, OAUTH_SOURCE_REFRESH_EXPIRES_AT,
	OAUTH_SOURCE_REFRESH_REFUSAL},
	[OAUTH_IMPORT_OAUTH1] = {OAUTH_SOURCE_KEY, 0, 0},
};

/* Why nothing of a grant can be taken; NULL if it can. */
const char *
oauth_import_refusal(OAuthImport *import, const OAuthImportedGrant *grant, const char *refusal)
{
	OAuthImportedClient *client = oauth_import_client(import, grant->client_id);

	if (grant->client_id == NULL)
		return "it has no client";
	if (client == NULL)
		return "its client is not in the source";
	if (client->refusal != NULL)
		return "its client was skipped";
	if (refusal != NULL)
		return refusal;
	if (grant->subject != NULL &&
		(!oauth_is_plain(grant->subject, OAUTH_MAX_SUBJECT) || grant->subject[0] == ' ' ||
		 grant->subject[strlen(grant->subject) - 1] == ' '))
		return "its subject is empty, too long, or has characters that subjects cannot have";
	return NULL;
}

/* Why this token of a grant cannot be taken; NULL if it can. */
static const char *
refusal_of_token(const OAuthImportedGrant *grant, int kind, const char *refusal)
{
	const OAuthImportedToken *token = &grant->tokens[kind];

	if (refusal != NULL)
		return refusal;
	if (token->ends_at != 0 && token->ends_at <= GetCurrentTimestamp())
		return "expired";
	if (grant->subject == NULL && kind != OAUTH_IMPORT_ACCESS)
		return "it has no user";
	return NULL;
}

static bool
hash_token(const char *string, OAuthKept kept, uint8 *hash)
{
	if (kept == OAUTH_KEPT_SHA256)
		return oauth_import_sha256(string, hash);
	/* also for a digest of the signature: 32 bytes are stored in any case */
	oauth_sha256(string, strlen(string), hash);
	return true;
}

/*
 * When a token ends here: at the same time as at the source.  A refresh token that never ended
 * there gets the lifetime of one issued today.
 */
static TimestampTz
end_of(int kind, TimestampTz ends_at)
{
	if (ends_at != 0 || kind == OAUTH_IMPORT_OAUTH1)
		return ends_at;
	return kind == OAUTH_IMPORT_ACCESS ?
		DT_NOEND :
		oauth_seconds_from_now(oauth_setting_refresh_token_lifetime);
}

/* One token of a row, if the row has it. */
static void
read_token(OAuthImport *import, OAuthSourceReader *source, uint64 row, OAuthImportedGrant *grant,
		   int kind, const char *refusal, OAuthKeptHow kept_how)
{
	OAuthImportedToken *token = &grant->tokens[kind];
	char	   *string = oauth_store_source_string(source, row, columns[kind].token);
	OAuthKept	kept;

	token->state = OAUTH_IMPORT_NONE;
	if (string == NULL)
		return;
	if (columns[kind].expires_at != 0)
		token->ends_at = oauth_store_source_time(source, row, columns[kind].expires_at);
	if (refusal == NULL)
		refusal = refusal_of_token(grant, kind, columns[kind].refusal == 0 ? NULL :
								   oauth_store_source_string(source, row, columns[kind].refusal));
	kept = kept_how(string);
	if (refusal == NULL && kept == OAUTH_KEPT_HASHED)
		refusal = "it is stored as the hash of a password, which no token can be found by";
	if (refusal == NULL && (string[0] == '\0' || oauth_token_is_ours(string, strlen(string)) ||
							!hash_token(string, kept, token->hash)))
		refusal = "it is no token";
	oauth_wipe(string, strlen(string));
	if (refusal != NULL)
	{
		oauth_import_count(import, kinds[kind], "skipped", refusal, 1);
		return;
	}
	token->state = OAUTH_IMPORT_WANTED;
	token->expires_at = end_of(kind, token->ends_at);
}

static void
read_row(OAuthImport *import, OAuthSourceReader *source, uint64 row, OAuthImportedGrant *grant,
		 OAuthKeptHow kept_how)
{
	const char *refusal = oauth_store_source_string(source, row, OAUTH_SOURCE_REFUSAL);

	grant->client_id = oauth_store_source_string(source, row, OAUTH_SOURCE_TOKEN_CLIENT);
	grant->subject = oauth_store_source_string(source, row, OAUTH_SOURCE_SUBJECT);
	grant->issued_at = oauth_store_source_time(source, row, OAUTH_SOURCE_ISSUED_AT);
	if (oauth_store_source_width(source) >= OAUTH_SOURCE_FAMILY)
		grant->family = oauth_store_source_string(source, row, OAUTH_SOURCE_FAMILY);
	refusal = oauth_import_refusal(import, grant, refusal);
	for (int kind = 0; kind < OAUTH_IMPORT_KINDS; kind++)
		read_token(import, source, row, grant, kind, refusal, kept_how);
	if (refusal == NULL)
		grant->scope = oauth_import_scope(import, oauth_store_source_string(source, row,
																			OAUTH_SOURCE_SCOPE));
}

static bool
is_wanted(const OAuthImportedGrant *grant)
{
	for (int kind = 0; kind < OAUTH_IMPORT_KINDS; kind++)
		if (grant->tokens[kind].state == OAUTH_IMPORT_WANTED)
			return true;
	return false;
}

/* Marks all tokens of a grant as refused. */
static void
refuse_grant(OAuthImport *import, OAuthImportedGrant *grant, const char *refusal)
{
	for (int kind = 0; kind < OAUTH_IMPORT_KINDS; kind++)
		if (grant->tokens[kind].state == OAUTH_IMPORT_WANTED)
		{
			grant->tokens[kind].state = OAUTH_IMPORT_NONE;
			oauth_import_count(import, kinds[kind], "skipped", refusal, 1);
		}
}

/* Creates the subjects; refuses the grants of subjects that are disabled here. */
static void
settle_subjects(OAuthImport *import, OAuthImportedGrant *grants, int n)
{
	List	   *subjects = NIL;
	List	   *disabled;
	ListCell   *cell;

	for (int i = 0; i < n; i++)
		if (grants[i].subject != NULL && is_wanted(&grants[i]))
			subjects = lappend(subjects, unconstify(char *, grants[i].subject));
	if (subjects == NIL)
		return;
	disabled = oauth_store_import_subjects(subjects);
	foreach(cell, disabled)
		for (int i = 0; i < n; i++)
			if (grants[i].subject != NULL && strcmp(grants[i].subject, lfirst(cell)) == 0)
				refuse_grant(import, &grants[i], "its subject has been disabled or deleted here");
}

/* A handle of that time, or of now if the time is unknown, implausible or in use. */
static int64
handle_of(OAuthImport *import, TimestampTz issued_at)
{
	int64		handle;

	if (issued_at <= USECS_PER_DAY || issued_at >= import->started)
		return oauth_handle_next();
	handle = Max(oauth_handle_before(issued_at), import->last_handle + 1);
	if (oauth_handle_time(handle) >= import->started)
		return oauth_handle_next();
	import->last_handle = handle;
	return handle;
}

/* The client's own grant for tokens without a subject: the existing one, or a new one. */
static int64
standing_grant(OAuthImport *import, const char *client_id)
{
	OAuthImportedClient *client = oauth_import_client(import, client_id);

	if (client->standing_grant == 0)
		client->standing_grant = oauth_store_standing_grant(client_id);
	return client->standing_grant;
}

static void
assign_handles(OAuthImport *import, OAuthImportedGrant *grant, TimestampTz issued_at)
{
	grant->handle = grant->subject ? handle_of(import, issued_at) :
		standing_grant(import, grant->client_id);
	for (int kind = 0; kind < OAUTH_IMPORT_KINDS; kind++)
		grant->tokens[kind].handle = handle_of(import, issued_at);
}

/* Whether tokens were issued here during the time that this batch covers. */
static bool
handles_are_used(const OAuthImportedGrant *grants, int n)
{
	int64		first = PG_INT64_MAX;
	int64		last = 0;

	for (int i = 0; i < n; i++)
		if (is_wanted(&grants[i]) && grants[i].issued_at != 0)
		{
			first = Min(first, grants[i].tokens[0].handle - 1);
			last = Max(last, grants[i].tokens[OAUTH_IMPORT_KINDS - 1].handle);
		}
	return last != 0 && oauth_store_handles_are_used(first, last);
}

/* Gives each grant and token its handle, of its own time unless that is in use. */
static void
settle_handles(OAuthImport *import, OAuthImportedGrant *grants, int n)
{
	for (int i = 0; i < n; i++)
		if (is_wanted(&grants[i]))
			assign_handles(import, &grants[i], grants[i].issued_at);
	if (!handles_are_used(grants, n))
		return;
	for (int i = 0; i < n; i++)
		if (is_wanted(&grants[i]) && grants[i].issued_at != 0 &&
			oauth_store_handles_are_used(grants[i].tokens[0].handle - 1,
										 grants[i].tokens[OAUTH_IMPORT_KINDS - 1].handle))
			assign_handles(import, &grants[i], 0);
}

/*
 * The grant that tokens of this row, or of earlier rows of its family, belong to already; 0 if
 * there is none.
 */
static int64
present_grant(OAuthImport *import, const OAuthImportedGrant *grant)
{
	int64		present = 0;

	if (grant->family != NULL && strcmp(grant->family, import->family) == 0)
		present = import->family_grant;
	for (int kind = 0; kind < OAUTH_IMPORT_KINDS && present == 0; kind++)
		if (grant->tokens[kind].state == OAUTH_IMPORT_KNOWN)
			present = oauth_store_grant_of_token(grant->tokens[kind].handle);
	return present;
}

/* Continues a grant of which something is here already. */
static void
settle_grant(OAuthImport *import, OAuthImportedGrant *grant)
{
	bool		is_taken = false;
	int64		present;

	for (int kind = 0; kind < OAUTH_IMPORT_KINDS; kind++)
		is_taken |= grant->tokens[kind].state == OAUTH_IMPORT_TAKEN;
	if (grant->subject == NULL || (!is_taken && grant->family == NULL))
		return;
	present = present_grant(import, grant);
	grant->is_new = is_taken && present == 0;
	if (present != 0)
		grant->handle = present;
	if (grant->family != NULL)
	{
		strlcpy(import->family, grant->family, sizeof(import->family));
		import->family_grant = grant->is_new || present != 0 ? grant->handle : 0;
	}
}

/*
 * Stores the names of all tokens that are wanted; a token whose name is stored already is not taken
 * again.
 */
static void
settle_tokens(OAuthImport *import, OAuthImportedGrant *grants, int n)
{
	OAuthImportedToken **wanted = palloc(n * OAUTH_IMPORT_KINDS * sizeof(OAuthImportedToken *));
	int			n_wanted = 0;

	for (int i = 0; i < n; i++)
		for (int kind = 0; kind < OAUTH_IMPORT_KINDS; kind++)
			if (grants[i].tokens[kind].state == OAUTH_IMPORT_WANTED)
				wanted[n_wanted++] = &grants[i].tokens[kind];
	if (n_wanted > 0)
		oauth_store_name_tokens(wanted, n_wanted, import->started, import->are_signatures);
	for (int i = 0; i < n; i++)
		settle_grant(import, &grants[i]);
}

/* The secrets of taken OAuth 1.0a tokens, sealed to their new rows. */
static void
seal_secrets(OAuthImport *import, OAuthSourceReader *source, OAuthImportedGrant *grants, int n)
{
	for (int i = 0; i < n; i++)
	{
		OAuthImportedToken *token = &grants[i].tokens[OAUTH_IMPORT_OAUTH1];
		char	   *secret;

		if (token->state != OAUTH_IMPORT_TAKEN)
			continue;
		secret = oauth_store_source_string(source, i, OAUTH_SOURCE_TOKEN_SECRET);
		token->secret_sealed = oauth_import_seal(import, secret ? secret : "",
												 oauth_seal_binding(OAUTH1_TOKEN, token->handle));
		if (secret != NULL)
			oauth_wipe(secret, strlen(secret));
	}
}

static void
count_tokens(OAuthImport *import, const OAuthImportedGrant *grants, int n)
{
	int64		counts[OAUTH_IMPORT_KINDS][OAUTH_IMPORT_TWICE + 1] = {0};

	for (int i = 0; i < n; i++)
		for (int kind = 0; kind < OAUTH_IMPORT_KINDS; kind++)
			counts[kind][grants[i].tokens[kind].state]++;
	for (int kind = 0; kind < OAUTH_IMPORT_KINDS; kind++)
	{
		if (counts[kind][OAUTH_IMPORT_TAKEN] > 0)
			oauth_import_count(import, kinds[kind], "taken", NULL,
							   counts[kind][OAUTH_IMPORT_TAKEN]);
		if (counts[kind][OAUTH_IMPORT_KNOWN] > 0)
			oauth_import_count(import, kinds[kind], "skipped", "already here",
							   counts[kind][OAUTH_IMPORT_KNOWN]);
		if (counts[kind][OAUTH_IMPORT_TWICE] > 0)
			oauth_import_count(import, kinds[kind], "skipped",
							   "an older one with the same name in the source",
							   counts[kind][OAUTH_IMPORT_TWICE]);
	}
}

static void
import_batch(OAuthImport *import, OAuthSourceReader *source, int n, OAuthKeptHow kept_how)
{
	OAuthImportedGrant *grants = palloc0(n * sizeof(OAuthImportedGrant));

	for (int i = 0; i < n; i++)
		read_row(import, source, i, &grants[i], kept_how);
	settle_subjects(import, grants, n);
	settle_handles(import, grants, n);
	settle_tokens(import, grants, n);
	seal_secrets(import, source, grants, n);
	oauth_store_import_grants(grants, n, import->source);
	count_tokens(import, grants, n);
}

/* How many rows a table of the source has. */
int64
oauth_import_rows(OAuthImport *import, const char *table)
{
	OAuthSourceReader source = {0};
	int64		n = 0;

	oauth_store_open_source(&source,
							psprintf("SELECT count(*)::text FROM %s",
									 oauth_import_name(import, table)),
							import->owner);
	if (oauth_store_fetch_source(&source, 1) > 0)
		n = strtoll(oauth_store_source_string(&source, 0, 1), NULL, 10);
	oauth_store_close_source(&source);
	return n;
}

/*
 * Reads tokens.  If the source knows when they were issued, the oldest come first, as handles do;
 * otherwise the newest, so that of two with one name the newest is taken.  what and table are for
 * the notices.
 */
void
oauth_import_tokens(OAuthImport *import, const char *what, const char *sql, const char *table,
					OAuthKeptHow kept_how)
{
	MemoryContext old = MemoryContextSwitchTo(import->batch);
	int64		total = oauth_import_rows(import, table);
	OAuthSourceReader source = {0};
	int64		done = 0;
	uint64		n;

	import->last_handle = 0;
	oauth_store_open_source(&source, sql, import->owner);
	while ((n = oauth_store_fetch_source(&source, oauth_import_rows_a_batch(import))) > 0)
	{
		import_batch(import, &source, (int) n, kept_how);
		MemoryContextReset(import->batch);
		oauth_import_notice(import, what, done += n, total);
		oauth_import_pace(import);
	}
	oauth_store_close_source(&source);
	MemoryContextSwitchTo(old);
}
