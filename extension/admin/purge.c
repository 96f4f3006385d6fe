/*
 * purge.c
 *		The SQL functions for operators: purge, status, rotation of the master key.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "oauth1/oauth1.h"
#include "secret/secret.h"
#include "setting.h"
#include "store/delivery.h"
#include "store/document.h"
#include "store/event.h"
#include "store/key.h"
#include "store/store.h"
#include "store/throttle.h"
#include "store/user.h"

#include "commands/trigger.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_purge_expired);
PG_FUNCTION_INFO_V1(oauth_rotate_master_key);
PG_FUNCTION_INFO_V1(oauth_status);
PG_FUNCTION_INFO_V1(oauth_ready);

/* oauth_purge_expired() RETURNS bigint */
Datum
oauth_purge_expired(PG_FUNCTION_ARGS)
{
	int64		n;

	if (!oauth_store_hold_purge())
		PG_RETURN_INT64(0);
	oauth_store_forget_restored();
	n = oauth_store_purge();
	n += oauth_store_purge_throttle();
	n += oauth_store_purge_known();
	n += oauth_store_purge_documents();
	n += oauth_store_purge_deliveries();
	oauth_replay_purge();
	oauth_store_purge_events();
	n += oauth_signing_keys_purge();
	PG_RETURN_INT64(n);
}

/* oauth.ready() RETURNS text */
Datum
oauth_ready(PG_FUNCTION_ARGS)
{
	char	   *table = oauth_store_locked_table();

	if (table != NULL)
		return CStringGetTextDatum(psprintf("another session has locked table oauth.%s: SELECT *"
											" FROM pg_locks WHERE relation = 'oauth.%s'::regclass;",
											table, table));
	/* foreign keys are triggers too, and rows that should end others would end none */
	if (SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA)
		PG_RETURN_TEXT_P(cstring_to_text(
										 "session_replication_role is replica, so no trigger and "
										 "no foreign key holds"));
	PG_RETURN_NULL();
}

/* oauth_rotate_master_key() RETURNS bigint */
Datum
oauth_rotate_master_key(PG_FUNCTION_ARGS)
{
	uint8		current[OAUTH_KEY_ID_LENGTH];
	uint8		next[OAUTH_KEY_ID_LENGTH];
	int64		n;

	oauth_store_hold_keys(true);
	oauth_master_key_current(current, false);
	oauth_master_key_add(current, next);
	oauth_store_replace_key(next);
	n = oauth_reseal_all();
	oauth_event_configured(NULL, NULL, "master key was rotated");
	PG_RETURN_INT64(n);
}

static Datum
interval_of_seconds(int seconds)
{
	Interval   *interval = palloc0(sizeof(Interval));

	interval->day = seconds / SECS_PER_DAY;
	interval->time = seconds % SECS_PER_DAY * USECS_PER_SEC;
	return IntervalPGetDatum(interval);
}

/* oauth_status(): one row of counts, lifetimes, key ages */
Datum
oauth_status(PG_FUNCTION_ARGS)
{
	OAuthStatus status;
	OAuthResult row = {0};

	oauth_store_status(&status);
	oauth_row_int64(&row, status.clients);
	oauth_row_int64(&row, status.users);
	oauth_row_int64(&row, status.subjects);
	oauth_row_int64(&row, status.grants);
	oauth_row_int64(&row, status.access_tokens);
	oauth_row_int64(&row, status.refresh_tokens);
	oauth_row_int64(&row, status.oauth1_tokens);
	oauth_row_int64(&row, status.expired_rows);
	oauth_row_value(&row, interval_of_seconds(oauth_setting_access_token_lifetime));
	oauth_row_value(&row, interval_of_seconds(oauth_setting_refresh_token_lifetime));
	oauth_row_timestamp(&row, status.master_key_created_at);
	oauth_row_text(&row, oauth_setting_master_key_file);
	oauth_row_timestamp(&row, status.purged_at);
	oauth_row_int64(&row, status.signing_keys);
	oauth_row_timestamp(&row, status.signing_key_used_from);
	return oauth_row_return(fcinfo, &row);
}
