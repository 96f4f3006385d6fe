/*
 * document.h
 *		Documents of other servers.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_DOCUMENT_H
#define OAUTH_STORE_DOCUMENT_H

#include "oauth.h"

/* ---- document.c ---- */

/* A document of another server. */
typedef struct OAuthDocument
{
	const char *body;			/* UTF-8, at most 64 KiB; NULL: it cannot be had now */
	const char *media_type;		/* in lower case, without parameters; NULL: none was said */
	const char *problem;		/* why not; NULL: there is a body */
	TimestampTz fetched_at;		/* of the body */
	bool		may_refetch;	/* the last fetch is more than a minute ago */
} OAuthDocument;

typedef enum OAuthClaim
{
	OAUTH_CLAIM_NOT_WANTED,		/* nobody wants it, or somebody has fetched it */
	OAUTH_CLAIM_OF_OTHERS,		/* somebody else is fetching it */
	OAUTH_CLAIM_OURS
} OAuthClaim;

extern OAuthDocument *oauth_store_find_document(const char *url);
extern bool oauth_store_want_document(const char *url);
extern OAuthClaim oauth_store_claim_document(const char *url);
extern bool oauth_store_keep_document(const char *url, const char *body, const char *media_type,
									  int fresh_seconds);
extern bool oauth_store_fail_document(const char *url, const char *problem);
extern void oauth_store_put_document(const char *url, const char *body, const char *media_type,
									 TimestampTz fresh_until);
extern bool oauth_store_forget_document(const char *url);
extern int64 oauth_store_purge_documents(void);

#endif							/* OAUTH_STORE_DOCUMENT_H */
