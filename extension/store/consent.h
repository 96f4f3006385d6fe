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

/* What a subject has allowed a client for good. */
typedef struct OAuthKeptConsent
{
	const char *scope;
	List	   *claims;			/* of char *, besides those of the scope */
	const char *authorization_details;	/* JSON; NULL: none */
} OAuthKeptConsent;

extern OAuthKeptConsent oauth_store_consent(const char *subject, const char *client_id);
extern void oauth_store_keep_consent(const char *subject, const char *client_id,
									 const OAuthKeptConsent *kept);
extern List *oauth_store_connected(const char *subject);

#endif							/* OAUTH_STORE_CONSENT_H */
