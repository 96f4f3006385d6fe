/*
 * oauth.c
 *		The module: its magic block, and what it sets up when it is loaded.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/admin.h"
#include "application/application.h"
#include "client/client.h"
#include "http/http.h"
#include "setting.h"
#include "store/event.h"
#include "store/function.h"
#include "user/user.h"
#include "validator/validator.h"

/* A warning, and no error with WERROR=1, because some systems offer no newer server. */
#if OAUTH_HAS_HOLES(PG_VERSION_NUM)
#warning "PostgreSQL 18.6 has holes that concern extensions; build for 18.7 or newer"
#endif

PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	oauth_settings_define(oauth2_redirect_schemes_check);
	oauth_store_user_is_active_hook = oauth_application_user_is_active;
	oauth_flow_init();
	oauth_identity_init();
	oauth_hint_begin();
	oauth_store_event_init();
	oauth_store_claims_init();
#if PG_VERSION_NUM >= 180000
	oauth_session_ending_init();
#endif
}
