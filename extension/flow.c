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
	{.path = "/oauth2/authorize",
		.decided = oauth2_authorize_decided,
		.client = oauth2_authorize_client,
		.about = oauth2_authorize_login_about,
		.is_kept = oauth2_authorize_is_kept,
	.elsewhere = oauth2_authorize_elsewhere},
	{.path = "/oauth/authorize",
		.decided = oauth1_authorize_decided,
	.client = oauth1_authorize_client},
	{.path = "/oauth2/device"},
	{.path = "/account"},
	{.path = NULL}
};

/* _PG_init calls it. */
void
oauth_flow_init(void)
{
	oauth_flows = flows;
}
