/*
 * key.h
 *		Keys: the master keys, the keys that sign, that of pairwise subjects, and what is sealed.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_KEY_H
#define OAUTH_STORE_KEY_H

#include "oauth.h"

/* ---- key.c ---- */

extern bool oauth_store_current_key(uint8 *key_id, bool for_sealing);
extern bool oauth_store_hold_keys(bool wait);
extern void oauth_store_insert_key(const uint8 *key_id);
extern void oauth_store_replace_key(const uint8 *key_id);

/* ---- pairwise.c ---- */

extern char *oauth_store_pairwise_sector(const char *client_id);
extern bytea *oauth_store_pairwise_key(void);
extern void oauth_store_insert_pairwise_key(bytea *sealed);

/* ---- sealed.c ---- */

/* The tables that have sealed values. */
typedef enum OAuthSealedTable
{
	OAUTH_SEALED_CLIENT,
	OAUTH_SEALED_IMPORTED_KEY,
	OAUTH_SEALED_OAUTH1_TOKEN,
	OAUTH_SEALED_REQUEST_TOKEN,
	OAUTH_SEALED_SIGNING_KEY,
	OAUTH_SEALED_PAIRWISE_KEY,
	OAUTH_SEALED_SECOND_FACTOR
} OAuthSealedTable;

typedef struct OAuthSealedRow
{
	Datum		key;			/* of the row, in the type of the table's primary key */
	bytea	   *secret;			/* NULL if there is none */
	bytea	   *old_secret;		/* a client's, during a rotation of its secret; NULL if there is
								 * none */
} OAuthSealedRow;

extern List *oauth_store_sealed_rows(OAuthSealedTable table, const OAuthSealedRow *after);
extern void oauth_store_write_sealed(OAuthSealedTable table, const OAuthSealedRow *row);

/* ---- signing_key.c ---- */

/* A key that is to be published. */
typedef struct OAuthNewSigningKey
{
	const char *alg;
	const char *kid;
	const char *public_key;		/* a JWK */
	bytea	   *private_key_sealed;
	TimestampTz used_from;
} OAuthNewSigningKey;

extern bool oauth_store_hold_signing_keys(const char *alg, bool wait);
extern char *oauth_store_signing_kid(const char *alg);
extern bytea *oauth_store_sealed_signing_key(const char *kid);
extern Jsonb *oauth_store_public_signing_key(const char *kid);
extern char *oauth_store_published_keys(bool newest);
extern bool oauth_store_insert_signing_key(const OAuthNewSigningKey *key);
extern bool oauth_store_use_published_key(const char *alg);
extern bool oauth_store_retire_signing_key(const char *kid);
extern void oauth_store_retire_other_keys(const char *alg, const char *kid);
extern char *oauth_store_signing_key_alg(const char *kid);
extern List *oauth_store_due_signing_keys(bool at_once);
extern List *oauth_store_wanted_algs(List *algs);
extern void oauth_store_note_lasting_signature(const char *kid, TimestampTz expires_at);
extern int64 oauth_store_purge_signing_keys(void);

#endif							/* OAUTH_STORE_KEY_H */
