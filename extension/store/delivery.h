/*
 * delivery.h
 *		Messages for other servers.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_DELIVERY_H
#define OAUTH_STORE_DELIVERY_H

#include "oauth.h"

/* ---- delivery.c ---- */

#define OAUTH_BACKCHANNEL_LOGOUT "backchannel_logout"

/* A message for another server.  To add one, set kind to sid; the store sets the others. */
typedef struct OAuthDelivery
{
	const char *kind;
	const char *client_id;
	const char *url;
	const char *subject;		/* NULL: only the session is named */
	const char *sid;			/* NULL: all sessions of the subject */
	int64		handle;			/* the same each time that it is sent */
	int			attempt;		/* from 1 on */
} OAuthDelivery;

extern void oauth_store_add_delivery(const OAuthDelivery *delivery);
extern List *oauth_store_take_deliveries(int max);
extern bool oauth_store_end_delivery(int64 handle, int attempt, int status, const char *problem);
extern int64 oauth_store_waiting_deliveries(int64 *oldest_seconds);
extern int64 oauth_store_purge_deliveries(void);

#endif							/* OAUTH_STORE_DELIVERY_H */
