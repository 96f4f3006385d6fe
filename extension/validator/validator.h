/*
 * validator.h
 *		Logging in to PostgreSQL with a token (RFC 7628; authentication method oauth of PostgreSQL
 *		18).  Knows tokens as the rooms below find them, and exports nothing to the other rooms but
 *		what _PG_init calls.
 *
 * A login is three processes: the session that begins asks, over libpq, a session of the database
 * that knows the tokens, and that one answers by oauth.validate_login().  What asks is compiled
 * from PostgreSQL 18 on (validator.c, question.c, role.c, slot.c); what answers, always.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_VALIDATOR_H
#define OAUTH_VALIDATOR_H

#include "crypto/crypto.h"
#include "setting.h"
#include "store/token.h"

/* ---- question.c ---- */

/* What oauth.validate_login() says of a token. */
typedef struct OAuthLoginAnswer
{
	char	   *refusal;		/* why it may not log in; NULL: it may */
	char	   *subject;
	char	   *username;		/* NULL: unknown */
	char	   *client_id;
	int64		grant;
	Oid			database;		/* that knows the token */
	uint64		system;			/* its cluster */
} OAuthLoginAnswer;

/* A connection to the database that knows the tokens, for one login. */
typedef struct OAuthQuestion OAuthQuestion;

extern OAuthQuestion *oauth_question_begin(const char **problem);
extern OAuthLoginAnswer *oauth_question_ask(OAuthQuestion *question, const OAuthTokenString *token,
											const char *scope, const char **problem);
extern void oauth_question_end(OAuthQuestion *question);

/* ---- role.c ---- */

extern const char *oauth_role_is_powerful(const char *role);

/* ---- slot.c ---- */

/* A session that somebody logged in to with a token. */
typedef struct OAuthSlot
{
	int			pid;			/* 0: the slot is free */
	Oid			database;		/* that knows the token */
	Oid			role;			/* that was logged in as */
	TimestampTz backend_start;
	int64		token;			/* handles */
	int64		grant;
	uint8		subject[OAUTH_HASH_LENGTH]; /* SHA-256 of what they are called */
	uint8		client[OAUTH_HASH_LENGTH];
} OAuthSlot;

extern void oauth_slots_attach(void);
extern void oauth_slot_take(const OAuthTokenString *token, const OAuthLoginAnswer *answer,
							const char *role);
extern void oauth_slots_visit(bool (*visit) (const OAuthSlot *slot, void *argument),
							  void *argument);

/* ---- ending.c ---- */

extern void oauth_session_ending_init(void);

#endif							/* OAUTH_VALIDATOR_H */
