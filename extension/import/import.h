/*
 * import.h
 *		What the import*.c files share: moving in from another provider.  Knows no request; only
 *		this room reads tables of others.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_IMPORT_IMPORT_H
#define OAUTH_IMPORT_IMPORT_H

#include "oauth.h"

#include "executor/spi.h"
#include "utils/hsearch.h"

/* ---- store.c ---- */

/* A query over the tables of a source, while it is read. */
typedef struct OAuthSourceReader
{
	Portal		portal;
	Oid			owner;
	SPITupleTable *rows;
} OAuthSourceReader;

/* The outcome for a token. */
typedef enum OAuthImportState
{
	OAUTH_IMPORT_NONE,			/* there is none, or it was skipped */
	OAUTH_IMPORT_WANTED,
	OAUTH_IMPORT_TAKEN,
	OAUTH_IMPORT_KNOWN,			/* it was taken by an earlier import */
	OAUTH_IMPORT_TWICE			/* it stands in the source twice */
} OAuthImportState;

enum
{
	OAUTH_IMPORT_ACCESS,
	OAUTH_IMPORT_REFRESH,
	OAUTH_IMPORT_OAUTH1,
	OAUTH_IMPORT_KINDS
};

typedef struct OAuthImportedToken
{
	OAuthImportState state;
	uint8		hash[OAUTH_HASH_LENGTH];
	int64		handle;
	TimestampTz ends_at;		/* at the source; 0: never */
	TimestampTz expires_at;		/* here */
	bytea	   *secret_sealed;
} OAuthImportedToken;

/* A grant of the source, with its tokens. */
typedef struct OAuthImportedGrant
{
	int64		handle;
	bool		is_new;
	const char *client_id;
	const char *subject;		/* NULL: the client itself */
	const char *scope;
	TimestampTz issued_at;		/* 0: unknown */
	const char *family;			/* rows of one family share a grant; NULL: one row each */
	OAuthImportedToken tokens[OAUTH_IMPORT_KINDS];
} OAuthImportedGrant;

extern void oauth_store_hold_import(void);
extern bool oauth_store_source_schema(const char *schema);
extern Oid	oauth_store_source_table(const char *schema, const char *name, Oid *owner);
extern void oauth_store_check_readable(Oid table, const char *name);
extern Oid	oauth_store_source_column(Oid table, const char *name);
extern bool oauth_store_source_reference(Oid table, const char *column, char **schema, char **name,
										 char **key);
extern void oauth_store_open_source(OAuthSourceReader *source, const char *sql, Oid owner);
extern uint64 oauth_store_fetch_source(OAuthSourceReader *source, long n);
extern void oauth_store_close_source(OAuthSourceReader *source);
extern char *oauth_store_source_string(const OAuthSourceReader *source, uint64 row, int column);
extern int	oauth_store_source_width(const OAuthSourceReader *source);
extern TimestampTz oauth_store_source_time(const OAuthSourceReader *source, uint64 row, int column);
extern bool oauth_store_client_origin(const char *client_id, char **imported_from,
									  bool *is_disabled);
extern List *oauth_store_import_subjects(List *subjects);
extern bool oauth_store_handles_are_used(int64 first, int64 last);
extern void oauth_store_name_tokens(OAuthImportedToken **tokens, int n, TimestampTz started,
									bool are_signatures);
extern int64 oauth_store_grant_of_token(int64 handle);
extern void oauth_store_import_grants(const OAuthImportedGrant *grants, int n,
									  const char *grant_type);

/* ---- pace.c ---- */

/* In microseconds. */
typedef struct OAuthImportPace
{
	int64		clock;			/* when this batch began; 0: none has */
	int64		processor;		/* what had been used of it by then */
	int64		taken;			/* by the batches since the last look */
	int64		used;			/* of the processor, by the same */
	long		displaced;		/* how often, before them */
	bool		is_shared;		/* others want the processor too */
} OAuthImportPace;

/* ---- import.c ---- */

/* An import that is running. */
typedef struct OAuthImport
{
	const char *source;			/* the provider */
	const char *schema;			/* where its tables are */
	const char *time_zone;		/* the time zone of its times that have none */
	Oid			owner;			/* of the tables */
	bool		is_dry;
	TimestampTz started;
	TimestampTz noticed;		/* when the last notice was raised */
	OAuthImportPace pace;
	int64		last_handle;
	char		family[64];		/* of the previous row */
	int64		family_grant;	/* 0: it has none yet */
	bool		are_signatures; /* the source knows nothing else of its tokens */
	MemoryContext context;		/* lives as long as the import */
	MemoryContext batch;		/* is emptied after each batch */
	List	   *report;
	HTAB	   *clients;
	HTAB	   *scopes;
	const char *users_join;		/* SQL, "" without a table of users */
	const char *subject;		/* SQL */
	const char *user_refusal;	/* SQL */
	/* Turns a scope of the source into words; NULL: it is words already. */
	const char *(*scope_of) (struct OAuthImport *import, const char *scope);
	void	   *scope_map;		/* the state of scope_of */
} OAuthImport;

typedef void (*OAuthImportBody) (FunctionCallInfo fcinfo, OAuthImport *import);

/* The outcome for a client of the source. */
typedef struct OAuthImportedClient
{
	char		client_id[256]; /* key */
	const char *refusal;		/* NULL: it is here */
	int64		standing_grant; /* 0: not looked up yet */
} OAuthImportedClient;

/* The columns of a query for clients, in their order. */
enum
{
	OAUTH_SOURCE_CLIENT_ID = 1,
	OAUTH_SOURCE_SECRET,
	OAUTH_SOURCE_NAME,
	OAUTH_SOURCE_TYPE,			/* confidential or public */
	OAUTH_SOURCE_GRANT_TYPES,	/* grant types here, space-separated */
	OAUTH_SOURCE_REDIRECT_URIS, /* with white space between them */
	OAUTH_SOURCE_CLIENT_SCOPE,	/* the words it may ask for; null: the default scopes */
	OAUTH_SOURCE_METADATA,		/* a JSON object, or null */
	OAUTH_SOURCE_CLIENT_REFUSAL,	/* why the client is not taken, or null */
	OAUTH_SOURCE_CLIENT_NOTE	/* what is left out of it, or null */
};

/* The columns of a query for tokens, in their order. */
enum
{
	OAUTH_SOURCE_TOKEN_CLIENT = 1,	/* its client_id */
	OAUTH_SOURCE_SUBJECT,		/* null: the client itself */
	OAUTH_SOURCE_SCOPE,
	OAUTH_SOURCE_ISSUED_AT,		/* null: unknown */
	OAUTH_SOURCE_REFUSAL,		/* why nothing of the row is taken, or null */
	OAUTH_SOURCE_ACCESS_TOKEN,
	OAUTH_SOURCE_ACCESS_EXPIRES_AT, /* null: never */
	OAUTH_SOURCE_ACCESS_REFUSAL,
	OAUTH_SOURCE_REFRESH_TOKEN,
	OAUTH_SOURCE_REFRESH_EXPIRES_AT,	/* null: never */
	OAUTH_SOURCE_REFRESH_REFUSAL,
	OAUTH_SOURCE_KEY,			/* of OAuth 1.0a */
	OAUTH_SOURCE_TOKEN_SECRET,
	OAUTH_SOURCE_FAMILY			/* rows of a family are adjacent; omitted if there are none */
};

/* How the source stores a secret. */
typedef enum OAuthKept
{
	OAUTH_KEPT_CLEAR,
	OAUTH_KEPT_SHA256,			/* in hexadecimal */
	OAUTH_KEPT_HASHED,			/* in a form that oauth_password_verify() reads */
	OAUTH_KEPT_SIGNATURE		/* of a token of Ory Hydra: its SHA-384 in hexadecimal */
} OAuthKept;

typedef OAuthKept (*OAuthKeptHow) (const char *stored);

typedef void (*OAuthImportRow) (OAuthImport *import, OAuthSourceReader *source, uint64 row,
								const void *state);

extern Datum oauth_import_run(FunctionCallInfo fcinfo, const char *source, int dry_run,
							  OAuthImportBody body);
extern void oauth_import_count(OAuthImport *import, const char *kind, const char *action,
							   const char *reason, int64 n);
extern Oid	oauth_import_table(OAuthImport *import, const char *name, bool required);
extern const char *oauth_import_column(OAuthImport *import, const char *table, const char *alias,
									   const char *column);
extern const char *oauth_import_optional(OAuthImport *import, const char *table, const char *alias,
										 const char *column, const char *otherwise);
extern bool oauth_import_has(OAuthImport *import, const char *table, const char *column);
extern const char *oauth_import_name(OAuthImport *import, const char *table);
extern int64 oauth_import_rows(OAuthImport *import, const char *table);
extern bool oauth_import_any(OAuthImport *import, const char *sql);
extern void oauth_import_users(OAuthImport *import, const char *table, const char *alias,
							   const char *column, const char *users, const char *key,
							   const char *subject);
extern void oauth_import_each(OAuthImport *import, const char *what, const char *sql,
							  OAuthImportRow import_row, const void *state);
extern void oauth_import_scopes(OAuthImport *import, const char *sql);
extern void oauth_import_clients(OAuthImport *import, const char *sql, OAuthKeptHow kept_how);
extern void oauth_import_tokens(OAuthImport *import, const char *what, const char *sql,
								const char *table, OAuthKeptHow kept_how);
extern bytea *oauth_import_seal(const OAuthImport *import, const char *plain, const char *bound_to);
extern OAuthKept oauth_kept_clear(const char *stored);
extern const char *oauth_import_scope(OAuthImport *import, const char *raw);
extern OAuthImportedClient *oauth_import_client(OAuthImport *import, const char *client_id);
extern const char *oauth_import_refusal(OAuthImport *import, const OAuthImportedGrant *grant,
										const char *refusal);
extern bool oauth_import_sha256(const char *hexadecimal, uint8 *hash);
extern void oauth_import_notice(OAuthImport *import, const char *what, int64 n, int64 total);
extern long oauth_import_rows_a_batch(const OAuthImport *import);
extern void oauth_import_pace(OAuthImport *import);

#endif							/* OAUTH_IMPORT_IMPORT_H */
