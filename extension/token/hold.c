/*
 * hold.c
 *		One batch at a time uses up what is good once.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "setting.h"
#include "store/token.h"
#include "token/token.h"

/*
 * NULL if this transaction may change what belongs to the grant, or to a code that has none yet; do
 * not rely on what was read before.  Otherwise no fault of the client: the request must queue again
 * on the same lane, because another batch is at it.
 */
OAuthFault *
oauth_hold(int64 handle)
{
	return oauth_store_hold(handle) ? NULL : oauth_fault_lane(oauth_setting_lane);
}
