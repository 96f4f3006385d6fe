/*
 * consent.h
 *		What users have allowed.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_CONSENT_H
#define OAUTH_STORE_CONSENT_H

#include "oauth.h"

/* ---- consent.c ---- */

/* An application that has access. */
typedef struct OAuthConnected
{
	char	   *client_id;
	char	   *client_name;
	char	   *last_token;		/* a date */
	char	   *scope;			/* of all its grants */
} OAuthConnected;

extern char *oauth_store_consent(const char *subject, const char *client_id, List **claims);
extern void oauth_store_keep_consent(const char *subject, const char *client_id, const char *scope,
									 List *claims);
extern List *oauth_store_connected(const char *subject);

#endif							/* OAUTH_STORE_CONSENT_H */
