/*
 * flow.c
 *		The pages that a login may lead back to, and what continues there once the application has
 *		decided.
 *
 * The pages know this table and no protocol; the protocols know the pages.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth1/oauth1.h"
#include "oauth2/oauth2.h"
#include "page/page.h"

static const OAuthFlow flows[] = {
	{"/oauth2/authorize", oauth2_authorize_decided, oauth2_authorize_client},
	{"/oauth/authorize", oauth1_authorize_decided, oauth1_authorize_client},
	{"/oauth2/device", NULL, NULL},
	{"/account", NULL, NULL},
	{NULL, NULL, NULL}
};

/* _PG_init calls it. */
void
oauth_flow_init(void)
{
	oauth_flows = flows;
}
