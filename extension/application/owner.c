/*
 * owner.c
 *		Acting as the owner of something, and returning to the previous user.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"

#include "miscadmin.h"
#include "utils/guc.h"

/*
 * Switches to the owner.  Settings that are changed from here on, such as search_path, are restored
 * by oauth_become_oneself(), and after an error by the end of the transaction or savepoint.
 * is_restricted: for running the owner's code, so that it cannot escape.
 */
OAuthOneself
oauth_become_owner(Oid owner, bool is_restricted)
{
	OAuthOneself oneself;
	int			flags = SECURITY_LOCAL_USERID_CHANGE |
		(is_restricted ? SECURITY_RESTRICTED_OPERATION : 0);

	GetUserIdAndSecContext(&oneself.user, &oneself.context);
	oneself.nest_level = NewGUCNestLevel();
	SetUserIdAndSecContext(owner, oneself.context | flags);
	return oneself;
}

/* A search_path, for example, that was set meanwhile must not apply to our own statements. */
void
oauth_become_oneself(const OAuthOneself *oneself)
{
	AtEOXact_GUC(false, oneself->nest_level);
	SetUserIdAndSecContext(oneself->user, oneself->context);
}
