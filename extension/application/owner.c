/*
 * owner.c
 *		Acting as the owner of something, and as oneself again.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"

#include "miscadmin.h"

/*
 * From here on the user is the owner; a search_path or the like that is set meanwhile ends with
 * it.  At an error all of it comes back with the transaction or savepoint.  Whoever runs code of
 * the owner restricts it, so that it cannot escape.
 */
OAuthOneself
oauth_become_owner(Oid owner, bool is_restricted)
{
	OAuthOneself oneself;
	int			flags = SECURITY_LOCAL_USERID_CHANGE | (is_restricted ? SECURITY_RESTRICTED_OPERATION : 0);

	GetUserIdAndSecContext(&oneself.user, &oneself.context);
	oneself.nest_level = NewGUCNestLevel();
	SetUserIdAndSecContext(owner, oneself.context | flags);
	return oneself;
}

/* A search_path, say, that was set meanwhile must not be that of our own statements. */
void
oauth_become_oneself(const OAuthOneself *oneself)
{
	AtEOXact_GUC(false, oneself->nest_level);
	SetUserIdAndSecContext(oneself->user, oneself->context);
}
