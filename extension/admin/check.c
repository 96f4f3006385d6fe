/*
 * check.c
 *		oauth_check(): what a careful operator would change, and how.
 *
 * Most of it is SQL; what only the file system knows, the state of the master key file, is checked
 * here.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "secret/secret.h"
#include "setting.h"
#include "store/store.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(oauth_check);

static OAuthFinding *
finding_about_key(const char *severity, const char *finding, const char *remedy)
{
	OAuthFinding *about_key = palloc(sizeof(OAuthFinding));

	about_key->severity = severity;
	about_key->subject = "master key file";
	about_key->finding = finding;
	about_key->remedy = remedy;
	return about_key;
}

/* The operating system user that the server runs as, who must own the file. */
static const char *
server_user(void)
{
	struct passwd *entry = getpwuid(geteuid());

	return entry ? entry->pw_name : "postgres";
}

/*
 * A key file in the data directory is in every copy of the data, and pg_upgrade does not copy it.
 */
static OAuthFinding *
check_place(const char *path, bool exists)
{
	char	   *directory = pstrdup(path);
	char	   *real;
	char	   *data;
	const char *move = exists ? psprintf(" && mv %s /etc/oauth/oauth.key", path) : "";
	bool		is_inside;

	get_parent_directory(directory);
	real = realpath(directory, NULL);
	data = realpath(DataDir, NULL);
	is_inside = real != NULL && data != NULL && path_is_prefix_of_path(data, real);
	free(real);
	free(data);
	if (!is_inside)
		return NULL;
	return finding_about_key("medium",
							 psprintf("%s is in the data directory, and so in every copy of it",
									  path),
							 psprintf("LOAD 'oauth'; ALTER SYSTEM SET oauth.master_key_file = "
									  "'/etc/oauth/oauth.key'; "
									  "SELECT pg_reload_conf();  -- first, as root: "
									  "install -d -o %s -m 700 /etc/oauth%s",
									  server_user(), move));
}

/* Applies the same rule as reading the file does. */
static OAuthFinding *
check_mode(const char *path, const struct stat *status)
{
	bool		is_own = status->st_uid == geteuid();
	mode_t		others = is_own ? S_IRWXG | S_IRWXO : S_IWGRP | S_IXGRP | S_IRWXO;

	if (S_ISREG(status->st_mode) && (is_own || status->st_uid == 0) &&
		(status->st_mode & others) == 0)
		return NULL;
	return finding_about_key("high",
							 psprintf("others may read or replace %s, so the server refuses it",
									  path),
							 psprintf("-- as root: chown %s %s && chmod 600 %s", server_user(),
									  path, path));
}

/* A user who may write to the directory could replace the file. */
static OAuthFinding *
check_directory(const char *path)
{
	char	   *directory = pstrdup(path);
	struct stat status;

	get_parent_directory(directory);
	if (stat(directory, &status) != 0 || (status.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return NULL;
	return finding_about_key("high", psprintf("others may write to %s", directory),
							 psprintf("-- as root: chmod go-w %s", directory));
}

/* Whether its content is what this database needs; a session that has read it before goes on. */
static OAuthFinding *
check_content(const char *path)
{
	const char *hint;
	const char *problem = oauth_master_key_problem(&hint);

	return problem ? finding_about_key("high", psprintf("%s \"%s\"", problem, path),
									   psprintf("-- %s", hint)) : NULL;
}

static List *
check_key_file(void)
{
	char	   *path = is_absolute_path(oauth_setting_master_key_file) ?
		pstrdup(oauth_setting_master_key_file) :
		psprintf("%s/%s", DataDir, oauth_setting_master_key_file);
	struct stat status;
	bool		exists = stat(path, &status) == 0;
	OAuthFinding *mode = exists ? check_mode(path, &status) : NULL;
	List	   *findings = list_make3(check_place(path, exists), check_directory(path), mode);

	if (exists && mode == NULL)
		findings = lappend(findings, check_content(path));
	else if (!exists && oauth_store_has_key())
		findings = lappend(findings, finding_about_key("high", psprintf("%s is not there", path),
													   "-- bring it back from a backup: it opens "
													   "what is sealed here"));
	return findings;
}

/*
 * The version of the running server, which can differ from the one that the extension was built
 * for.
 */
static OAuthFinding *
check_version(void)
{
	const char *number = GetConfigOption("server_version_num", false, false);
	int			version = (int) strtol(number, NULL, 10);
	OAuthFinding *finding = palloc(sizeof(OAuthFinding));

	if (!OAUTH_HAS_HOLES(version))
		return NULL;
	finding->severity = "high";
	finding->subject = psprintf("PostgreSQL %d.%d", version / 10000, version % 10000);
	finding->finding = "has holes that concern extensions";
	finding->remedy = "-- install " OAUTH_SOUND_VERSIONS;
	return finding;
}

static void
put_finding(ReturnSetInfo *result, const OAuthFinding *finding)
{
	OAuthResult row = {0};

	oauth_row_text(&row, finding->severity);
	oauth_row_text(&row, finding->subject);
	oauth_row_text(&row, finding->finding);
	oauth_row_text(&row, finding->remedy);
	oauth_row_put(result, &row);
}

/*
 * Settings of ALTER DATABASE apply to new sessions; an administrator who has just followed a remedy
 * asks again in the old session.
 */
static void
set_as_new_sessions(void)
{
	ListCell   *cell;

	foreach(cell, oauth_store_settings_to_come())
	{
		const OAuthSettingToCome *setting = lfirst(cell);

		(void) set_config_option(setting->name, setting->value, PGC_SUSET, PGC_S_INTERACTIVE,
								 GUC_ACTION_SAVE, true, DEBUG1, false);
	}
}

/* oauth_check() RETURNS TABLE (severity text, subject text, finding text, remedy text) */
Datum
oauth_check(PG_FUNCTION_ARGS)
{
	static const char *const severities[] = {"high", "medium", "low"};
	int			nest_level = NewGUCNestLevel();
	List	   *findings;
	ListCell   *cell;

	set_as_new_sessions();
	findings = lcons(check_version(), list_concat(check_key_file(), oauth_store_findings()));
	AtEOXact_GUC(false, nest_level);
	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; i < lengthof(severities); i++)
		foreach(cell, findings)
		{
			const OAuthFinding *finding = lfirst(cell);

			if (finding != NULL && strcmp(finding->severity, severities[i]) == 0)
				put_finding((ReturnSetInfo *) fcinfo->resultinfo, finding);
		}
	return (Datum) 0;
}
