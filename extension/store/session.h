/*
 * session.h
 *		Sessions, and logging out.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_SESSION_H
#define OAUTH_STORE_SESSION_H

#include "crypto/crypto.h"
#include "store/token.h"

/* ---- session.c ---- */

/* Somebody who is logged in. */
typedef struct OAuthSession
{
	int64		handle;
	char	   *subject;
	char	   *username;		/* NULL: not a built-in user */
	OAuthAuthentication authentication; /* sid NULL: it began before there were any */
} OAuthSession;

/* A browser in which a subject is logged in. */
typedef struct OAuthLogin
{
	bool		is_this;		/* the one that asks */
	char	   *browser;		/* NULL: unknown */
	char	   *address;		/* NULL: unknown */
	char	   *since;			/* a time, UTC */
} OAuthLogin;

extern void oauth_store_insert_session(const OAuthSession *session, const char *string,
									   TimestampTz expires_at, Datum peer, const char *browser);
extern List *oauth_store_logins(const OAuthSession *session);
extern OAuthSession *oauth_store_find_session(const OAuthTokenString *presented);
extern void oauth_store_strengthen_session(int64 handle, int64 new_handle, const char *string,
										   const OAuthAuthentication *authentication);

/* ---- logout.c ---- */

extern void oauth_store_end_session(int64 handle);
extern char *oauth_store_end_session_of_sid(const char *sid, const char *subject);
extern void oauth_store_replace_session(int64 handle);
extern int64 oauth_store_end_sessions(const char *subject);
extern void oauth_store_end_sessions_of_acr(const char *subject, const char *acr);
extern int64 oauth_store_end_dead_sessions(const char *subject);
extern void oauth_store_tell_of_logout(List *subjects, bool are_built_in);
extern void oauth_store_tell_of_every_logout(void);

#endif							/* OAUTH_STORE_SESSION_H */
