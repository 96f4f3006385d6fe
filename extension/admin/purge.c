/*
 * purge.c
 *		The SQL functions of the operator: purge, status, rotation of the master key.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "oauth1/oauth1.h"
#include "secret/secret.h"
#include "store/store.h"

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
	oauth1_nonce_purge();
	oauth_store_purge_events();
	PG_RETURN_INT64(n);
}

/* oauth.ready() RETURNS text */
Datum
oauth_ready(PG_FUNCTION_ARGS)
{
	char	   *table = oauth_store_locked_table();

	if (table != NULL)
		PG_RETURN_TEXT_P(cstring_to_text(psprintf("another session has locked table oauth.%s: SELECT * FROM pg_locks WHERE "
												  "relation = 'oauth.%s'::regclass;", table, table)));
	/* foreign keys are triggers too, and rows that end others would end none */
	if (SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA)
		PG_RETURN_TEXT_P(cstring_to_text("session_replication_role is replica, so no trigger and no foreign key holds"));
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
	Datum		values[13];
	bool		nulls[13] = {false};

	oauth_store_status(&status);
	values[0] = Int64GetDatum(status.clients);
	values[1] = Int64GetDatum(status.users);
	values[2] = Int64GetDatum(status.subjects);
	values[3] = Int64GetDatum(status.grants);
	values[4] = Int64GetDatum(status.access_tokens);
	values[5] = Int64GetDatum(status.refresh_tokens);
	values[6] = Int64GetDatum(status.oauth1_tokens);
	values[7] = Int64GetDatum(status.expired_rows);
	values[8] = interval_of_seconds(oauth_setting_access_token_lifetime);
	values[9] = interval_of_seconds(oauth_setting_refresh_token_lifetime);
	values[10] = TimestampTzGetDatum(status.master_key_created_at);
	nulls[10] = status.master_key_created_at == 0;
	values[11] = CStringGetTextDatum(oauth_setting_master_key_file);
	values[12] = TimestampTzGetDatum(status.purged_at);
	nulls[12] = status.purged_at == 0;
	return oauth_row(fcinfo, values, nulls);
}
