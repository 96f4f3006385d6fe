/*
 * throttle.h
 *		Attempts that failed.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_THROTTLE_H
#define OAUTH_STORE_THROTTLE_H

#include "oauth.h"

/* ---- throttle.c ---- */

/* What one attempt is counted under. */
typedef struct OAuthThrottle
{
	const char *kind;			/* password, client_secret, user_code */
	const char *account;		/* NULL: it does not exist */
	Datum		address;		/* an inet, 0: unknown */
	int			allowance;		/* failures that are free */
	void	   *counted_here;	/* uuids: account and address, account, address */
	void	   *counted_anywhere;
	void	   *address_key;
	Datum		site;			/* of an address of IPv6 the network of 48 bits; 0: of no other */
	void	   *site_here;		/* account and site; NULL: not counted */
	void	   *site_key;		/* site */
	bool		is_off;
} OAuthThrottle;

extern bool oauth_store_count_visit(const OAuthThrottle *throttle);
extern bool oauth_store_try_counts(const OAuthThrottle *throttle);
extern bool oauth_store_count_attempt(const OAuthThrottle *throttle);
extern void oauth_store_count_failure(const OAuthThrottle *throttle);
extern void oauth_store_forget_attempt(const OAuthThrottle *throttle);
extern int	oauth_store_throttle_wait(const OAuthThrottle *throttle);
extern int64 oauth_store_forget_account(const char *account);
extern int64 oauth_store_purge_throttle(void);

#endif							/* OAUTH_STORE_THROTTLE_H */
