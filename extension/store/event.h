/*
 * event.h
 *		The audit log.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_EVENT_H
#define OAUTH_STORE_EVENT_H

#include "oauth.h"

/* ---- event.c ---- */

/* What happened, in words of the RFCs; what is not said is NULL or 0. */
typedef struct OAuthEvent
{
	const char *event;			/* issue, refresh, revoke, login, logout, authenticate, consent,
								 * register, configure */
	const OAuthFault *fault;	/* why it was refused */
	int64		grant;			/* which says client and subject, so that these can be left out */
	const char *client_id;
	const char *subject;
	const char *detail;
} OAuthEvent;

extern void oauth_store_note_event(const OAuthEvent *event, const char *outcome, Datum peer,
								   const char *role, const char *request_id);
extern void oauth_store_purge_events(void);
extern void oauth_store_event_init(void);

#endif							/* OAUTH_STORE_EVENT_H */
