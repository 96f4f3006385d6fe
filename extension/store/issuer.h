/*
 * issuer.h
 *		Issuers whose tokens are taken.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_ISSUER_H
#define OAUTH_STORE_ISSUER_H

#include "oauth.h"
#include "store/function.h"

/* ---- trusted_issuer.c ---- */

/* An issuer whose JWTs are grants here (RFC 7523). */
typedef struct OAuthTrustedIssuer
{
	const char *issuer;			/* the iss of its JWTs */
	Jsonb	   *jwks;			/* its keys, or NULL */
	const char *jwks_uri;		/* or where they are */
	OAuthApplicationFunction function;	/* that says who somebody is here; its name NULL: none */
	const char *audience;		/* what its JWTs call this provider; NULL: by oauth.issuer */
} OAuthTrustedIssuer;

extern OAuthTrustedIssuer *oauth_store_find_trusted_issuer(const char *name);
extern void oauth_store_hold_trusted_issuers(void);
extern bool oauth_store_hold_trusted_issuer(const char *name);
extern void oauth_store_trust_issuer(const OAuthTrustedIssuer *issuer);
extern bool oauth_store_distrust_issuer(const char *name);

#endif							/* OAUTH_STORE_ISSUER_H */
