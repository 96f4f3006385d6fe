/*
 * check.c
 *		SQL of oauth_check(): what the views of checks.sql find, and settings to come.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"
#include "store/store.h"

static OAuthStatement findings = {
	.sql = "SELECT severity, subject, finding, remedy FROM oauth.finding",
	.only_reads = true
};

/*
 * What new sessions will have of settings that this one has from the database, the configuration or
 * nobody; what it has from itself or its role is what it asks about.
 */
static OAuthStatement settings_to_come = {
	.sql = "SELECT s.name, coalesce(d.value, f.setting, s.boot_val) FROM pg_catalog.pg_settings s"
	" LEFT JOIN LATERAL (SELECT substr(c, strpos(c, '=') + 1) AS value"
	" FROM pg_catalog.pg_db_role_setting r, unnest(r.setconfig) c WHERE r.setrole = 0"
	" AND r.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database"
	" WHERE datname = current_database())) AND starts_with(c, s.name || '=')"
	" ORDER BY r.setdatabase <> 0 DESC LIMIT 1) d ON true LEFT JOIN LATERAL (SELECT f.setting"
	" FROM pg_catalog.pg_file_settings f WHERE f.name = s.name AND f.applied"
	" ORDER BY f.seqno DESC LIMIT 1) f ON s.source = 'database' AND d.value IS NULL"
	" WHERE s.context IN ('superuser', 'user') AND (starts_with(s.name, 'oauth.')"
	" OR starts_with(s.name, 'log_') OR starts_with(s.name, 'debug_print_')"
	" OR starts_with(s.name, 'auto_explain.') OR s.name IN ('synchronous_commit',"
	" 'pg_stat_statements.track_utility')) AND s.name <> 'oauth.lane' AND (s.source = 'database'"
	" OR d.value IS NOT NULL AND s.source IN ('default', 'configuration file', 'global'))",
	.only_reads = true
};

static OAuthStatement has_key = {
	.sql = "SELECT FROM oauth.master_key WHERE retired_at IS NULL",
	.only_reads = true
};

static void *
read_finding(uint64 row)
{
	OAuthFinding *finding = SPI_palloc(sizeof(OAuthFinding));

	finding->severity = oauth_store_string(row, 1);
	finding->subject = oauth_store_string(row, 2);
	finding->finding = oauth_store_string(row, 3);
	finding->remedy = oauth_store_string(row, 4);
	return finding;
}

/* What there is to change, as OAuthFinding. */
List *
oauth_store_findings(void)
{
	return oauth_store_list(&findings, NULL, read_finding);
}

static void *
read_setting(uint64 row)
{
	OAuthSettingToCome *setting = SPI_palloc(sizeof(OAuthSettingToCome));

	setting->name = oauth_store_string(row, 1);
	setting->value = oauth_store_string(row, 2);
	return setting;
}

/*
 * The settings that ALTER DATABASE has changed since the session began, or before:
 * OAuthSettingToCome.
 */
List *
oauth_store_settings_to_come(void)
{
	return oauth_store_list(&settings_to_come, NULL, read_setting);
}

/* Whether something here is sealed, so that the file of the key must be there. */
bool
oauth_store_has_key(void)
{
	return oauth_store_count(&has_key, NULL) > 0;
}
