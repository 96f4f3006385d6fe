/*
 * store.h
 *		The tables: a file for each, all SQL is here.  Knows no rule of OAuth.
 *
 * What others ask of a table is declared in a header for each noun, store/client.h and so on; here
 * is what concerns all of them.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_H
#define OAUTH_STORE_H

#include "oauth.h"

/* ---- bulk.c ---- */

extern bool oauth_store_begin_batch(void);
extern void oauth_store_settle(void);
extern void oauth_store_end_batch(bool is_answered);

/* ---- pgcrypto.c ---- */

extern Oid	oauth_store_pgcrypto_function(const char *signature);

/* ---- guard.c ---- */

extern void oauth_store_await_removal(Oid table, Datum key);

/* ---- extension.c ---- */

extern char *oauth_store_api_schema(void);

/* ---- housekeeping.c ---- */

typedef struct OAuthStatus
{
	int64		clients;
	int64		users;
	int64		subjects;
	int64		grants;
	int64		access_tokens;
	int64		refresh_tokens;
	int64		oauth1_tokens;
	int64		expired_rows;
	TimestampTz master_key_created_at;	/* 0 if there is none */
	TimestampTz purged_at;		/* 0 for never */
	int64		signing_keys;	/* that are published */
	TimestampTz signing_key_used_from;	/* of the oldest that signs, 0 if there is none */
} OAuthStatus;

extern bool oauth_store_hold_purge(void);
extern int64 oauth_store_purge(void);
extern char *oauth_store_locked_table(void);
extern void oauth_store_status(OAuthStatus *status);

/* ---- restore.c ---- */

extern void oauth_store_forget_restored(void);

/* ---- check.c ---- */

/* What a careful operator would change. */
/* A setting, and what ALTER DATABASE has made of it for new sessions. */
typedef struct OAuthSettingToCome
{
	char	   *name;
	char	   *value;
} OAuthSettingToCome;

typedef struct OAuthFinding
{
	const char *severity;		/* high, medium or low */
	const char *subject;
	const char *finding;
	const char *remedy;			/* SQL, or a comment */
} OAuthFinding;

extern List *oauth_store_findings(void);
extern List *oauth_store_settings_to_come(void);
extern bool oauth_store_has_key(void);

#endif							/* OAUTH_STORE_H */
