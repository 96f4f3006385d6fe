/*
 * setting.c
 *		The settings.
 *
 * They are superuser settings, set with ALTER DATABASE app SET oauth.x = ...  There are two
 * exceptions: the file of the master key belongs to the server and changes at reload, and a
 * connection sets its own lane.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

#include <limits.h>

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(oauth_settings);

char	   *oauth_setting_allowed_hosts;
char	   *oauth_setting_issuer;
char	   *oauth_setting_login_url;
char	   *oauth_setting_redirect_schemes;
char	   *oauth_setting_consent_url;
char	   *oauth_setting_password_reset_url;
char	   *oauth_setting_sign_up_url;
char	   *oauth_setting_help_url;
int			oauth_setting_login_request_lifetime;
char	   *oauth_setting_master_key_file;
int			oauth_setting_access_token_lifetime;
int			oauth_setting_refresh_token_lifetime;
int			oauth_setting_refresh_grace;
int			oauth_setting_grant_lifetime;
int			oauth_setting_bcrypt_cost;
int			oauth_setting_purge_batch;
int			oauth_setting_timestamp_window;
int			oauth_setting_request_token_lifetime;
int			oauth_setting_oauth1_token_lifetime;
int			oauth_setting_rsa_min_bits;
int			oauth_setting_code_lifetime;
int			oauth_setting_id_token_lifetime;
int			oauth_setting_session_lifetime;
int			oauth_setting_device_code_lifetime;
int			oauth_setting_device_interval;
int			oauth_setting_event_retention;
int			oauth_setting_failed_attempts;
bool		oauth_setting_require_pkce;
bool		oauth_setting_notify_revocation;
int			oauth_setting_registration;
int			oauth_setting_second_factor;
int			oauth_setting_registration_idle;
int			oauth_setting_registration_limit;
int			oauth_setting_registration_rate;
int			oauth_setting_device_rate;
bool		oauth_setting_require_registered_resource;
int			oauth_setting_signing_key_lead;
int			oauth_setting_signing_key_lifetime;
int			oauth_setting_lane;

static const struct config_enum_entry lanes[] = {
	{"any", OAUTH_LANE_ANY, false},
	{"reading", OAUTH_LANE_READING, false},
	{"writing", OAUTH_LANE_WRITING, false},
	{"signing", OAUTH_LANE_SIGNING, false},
	{"slow", OAUTH_LANE_SLOW, false},
	{"application", OAUTH_LANE_APPLICATION, false},
	{NULL, 0, false}
};

static const struct config_enum_entry second_factors[] = {
	{"off", OAUTH_SECOND_FACTOR_OFF, false},
	{"optional", OAUTH_SECOND_FACTOR_OPTIONAL, false},
	{"required", OAUTH_SECOND_FACTOR_REQUIRED, false},
	{NULL, 0, false}
};

static const struct config_enum_entry registrations[] = {
	{"closed", OAUTH_REGISTER_CLOSED, false},
	{"token", OAUTH_REGISTER_WITH_TOKEN, false},
	{"open", OAUTH_REGISTER_OPEN, false},
	{NULL, 0, false}
};

#define DEFAULT_MASTER_KEY_FILE "oauth.key"

/*
 * Every setting: what oauth_settings() shows, and for whole numbers all that is needed to define
 * it.
 */
typedef struct OAuthSetting
{
	const char *name;
	const char *meaning;
	const char *boot_text;		/* default, unless it is a number */
	int		   *number;
	int			boot;
	int			min;
	int			max;
	int			flags;
} OAuthSetting;

static const OAuthSetting settings[] = {
	{"oauth.access_token_lifetime", "How long an access token lives, unless its client says "
		"otherwise.",
	NULL, &oauth_setting_access_token_lifetime, SECS_PER_DAY, 1, INT_MAX, GUC_UNIT_S},
	{"oauth.allowed_hosts", "Hosts that signed requests may name, space-separated; empty for any.",
	"", NULL, 0, 0, 0, 0},
	{"oauth.bcrypt_cost", "Cost of the bcrypt hash of new passwords; each step doubles the work.",
	NULL, &oauth_setting_bcrypt_cost, 10, 4, 14, 0},
	{"oauth.code_lifetime", "How long an authorization code lives.",
	NULL, &oauth_setting_code_lifetime, 60, 1, 600, GUC_UNIT_S},
	{"oauth.consent_url", "Where the application asks whether a client may; empty for the page "
		"here.",
	"", NULL, 0, 0, 0, 0},
	{"oauth.device_code_lifetime", "How long a device waits for somebody to allow it.",
	NULL, &oauth_setting_device_code_lifetime, 600, 30, 3600, GUC_UNIT_S},
	{"oauth.device_interval", "How long a device waits between two questions whether it has been "
		"allowed.",
	NULL, &oauth_setting_device_interval, 5, 1, 60, GUC_UNIT_S},
	{"oauth.device_rate", "How many device codes one address may ask for in an hour before it "
		"waits; 0 for any number.",
	NULL, &oauth_setting_device_rate, 600, 0, 1000000, 0},
	{"oauth.event_retention", "How long events are kept, and the grants they name; 0 to note none.",
	NULL, &oauth_setting_event_retention, 90 * SECS_PER_DAY, 0, INT_MAX, GUC_UNIT_S},
	{"oauth.failed_attempts", "How many wrong passwords or secrets for one account from one "
		"address are free; those after them wait, longer each time. Ten times as many for the "
		"account from anywhere, and for the address. 0 to count none.",
	NULL, &oauth_setting_failed_attempts, 10, 0, 10000, 0},
	{"oauth.grant_lifetime", "How long refreshing can go on after a grant was made; 0 for ever.",
	NULL, &oauth_setting_grant_lifetime, 0, 0, INT_MAX, GUC_UNIT_S},
	{"oauth.help_url", "Where the login page links to for help; empty for no link.",
	"", NULL, 0, 0, 0, 0},
	{"oauth.id_token_lifetime", "How long an ID token is good, unless its client says otherwise.",
	NULL, &oauth_setting_id_token_lifetime, 3600, 1, SECS_PER_DAY, GUC_UNIT_S},
	{"oauth.issuer", "What the provider calls itself: the https URL its clients know (RFC 8414).",
	NULL, NULL, 0, 0, 0, 0},
	{"oauth.lane", "What a connection of the shim is for; what is not for its lane is not done on "
		"it.",
	"any", NULL, 0, 0, 0, 0},
	{"oauth.login_request_lifetime", "How long the application may take for a login or a decision.",
	NULL, &oauth_setting_login_request_lifetime, 900, 30, SECS_PER_DAY, GUC_UNIT_S},
	{"oauth.login_url", "Where the application logs people in; empty for the page here.",
	"", NULL, 0, 0, 0, 0},
	{"oauth.master_key_file", "File of the keys that seal what must be recoverable; relative to "
		"the data directory.",
	DEFAULT_MASTER_KEY_FILE, NULL, 0, 0, 0, 0},
	{"oauth.notify_revocation", "Whether NOTIFY oauth_revoked tells of tokens that end; a "
		"transaction that is prepared must not.",
	"on", NULL, 0, 0, 0, 0},
	{"oauth.oauth1_token_lifetime", "How long an OAuth 1.0a token lives; 0 until it is revoked.",
	NULL, &oauth_setting_oauth1_token_lifetime, 0, 0, INT_MAX, GUC_UNIT_S},
	{"oauth.password_reset_url", "Where the login page links to for those who forgot their "
		"password; empty for no link.",
	"", NULL, 0, 0, 0, 0},
	{"oauth.purge_batch", "How many rows of a kind one call of oauth_purge_expired() removes.",
	NULL, &oauth_setting_purge_batch, 10000, 1, 1000000, 0},
	{"oauth.redirect_schemes", "Schemes without a dot that redirect URIs may have, "
		"space-separated: cursor vscode. Any program may claim one, so it is empty unless you "
		"trust those who register.",
	"", NULL, 0, 0, 0, 0},
	{"oauth.refresh_grace", "How long a used refresh token brings the same answer again, for "
		"clients that retry.",
	NULL, &oauth_setting_refresh_grace, 10, 0, 300, GUC_UNIT_S},
	{"oauth.refresh_token_lifetime", "How long a refresh token lives if it is not used.",
	NULL, &oauth_setting_refresh_token_lifetime, 30 * SECS_PER_DAY, 1, INT_MAX, GUC_UNIT_S},
	{"oauth.registration", "Who may register clients over HTTP: closed (nobody), token (with an "
		"initial access token), open.",
	"closed", NULL, 0, 0, 0, 0},
	{"oauth.registration_idle", "When a client that registered itself and has no grant is "
		"removed; 0 never.",
	NULL, &oauth_setting_registration_idle, 30 * SECS_PER_DAY, 0, INT_MAX, GUC_UNIT_S},
	{"oauth.registration_limit", "How many clients that registered themselves without an initial "
		"access token and have no grant are kept; the oldest go first. 0 for any number.",
	NULL, &oauth_setting_registration_limit, 10000, 0, INT_MAX, 0},
	{"oauth.registration_rate", "How many clients one address may register in an hour, where "
		"registration is open, before it waits; 0 for any number.",
	NULL, &oauth_setting_registration_rate, 100, 0, 1000000, 0},
	{"oauth.request_token_lifetime", "How long OAuth 1.0a temporary credentials wait for approval "
		"and exchange.",
	NULL, &oauth_setting_request_token_lifetime, 900, 1, SECS_PER_DAY, GUC_UNIT_S},
	{"oauth.require_pkce", "Whether confidential clients too must use PKCE (RFC 7636), as public "
		"ones always must.",
	"off", NULL, 0, 0, 0, 0},
	{"oauth.require_registered_resource", "Whether clients can name only resources that "
		"oauth_register_resource() knows (RFC 8707).",
	"off", NULL, 0, 0, 0, 0},
	{"oauth.rsa_min_bits", "Shortest RSA public key that a client may have.",
	NULL, &oauth_setting_rsa_min_bits, 2048, 1024, 16384, 0},
	{"oauth.second_factor", "Whether built-in users log in with a second factor, the codes of an "
		"application: off (nobody), optional (who has set one up, or must), required (everybody).",
	"optional", NULL, 0, 0, 0, 0},
	{"oauth.session_lifetime", "How long somebody stays logged in on the pages.",
	NULL, &oauth_setting_session_lifetime, 12 * 3600, 60, INT_MAX, GUC_UNIT_S},
	{"oauth.sign_up_url", "Where the login page links to for those who have no account; empty for "
		"no link.",
	"", NULL, 0, 0, 0, 0},
	{"oauth.signing_key_lead", "How long a new signing key is published before it is used, so "
		"that verifiers that keep the key set have it.",
	NULL, &oauth_setting_signing_key_lead, SECS_PER_DAY, 0, 30 * SECS_PER_DAY, GUC_UNIT_S},
	{"oauth.signing_key_lifetime", "How long a signing key is used before its successor is; 0: "
		"until somebody makes one.",
	NULL, &oauth_setting_signing_key_lifetime, 90 * SECS_PER_DAY, 0, INT_MAX, GUC_UNIT_S},
	{"oauth.timestamp_window", "How far the timestamp of an OAuth 1.0a request may be from the "
		"clock, either way.",
	NULL, &oauth_setting_timestamp_window, 300, 1, 3600, GUC_UNIT_S},
};

/* Its name in oauth.lane and to the shim. */
const char *
oauth_lane_name(OAuthLane lane)
{
	for (size_t i = 0; lanes[i].name != NULL; i++)
		if (lanes[i].val == (int) lane)
			return lanes[i].name;
	elog(ERROR, "unknown lane %d", (int) lane);
}

static const char *
meaning(const char *name)
{
	for (size_t i = 0; i < lengthof(settings); i++)
		if (strcmp(settings[i].name, name) == 0)
			return settings[i].meaning;
	elog(ERROR, "unknown setting \"%s\"", name);
}

/*
 * https, or http on this machine; an issuer has no query, no fragment and no slash at its end (RFC
 * 8414, section 2).
 */
static bool
check_issuer(char **value, void **extra, GucSource source)
{
	const char *issuer = *value;
	size_t		length = issuer ? strlen(issuer) : 0;

	if (length == 0)
		return true;
	if (strncmp(issuer, "https://", 8) != 0 && strncmp(issuer, "http://", 7) != 0)
	{
		GUC_check_errdetail("An issuer begins with https:// (or http:// for trying things out).");
		return false;
	}
	if (strcspn(issuer, "?# \"\\<>") != length || issuer[length - 1] == '/')
	{
		GUC_check_errdetail(
							"An issuer has no query, no fragment and no slash at its end (RFC "
							"8414, section 2).");
		return false;
	}
	return true;
}

/*
 * An address of the application's page: on another site, or a path on this one.  A parameter is
 * appended to it, so it has no fragment.
 */
static bool
check_url(char **value, void **extra, GucSource source)
{
	const char *url = *value;

	if (url == NULL || url[0] == '\0')
		return true;
	if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0 &&
		(url[0] != '/' || url[1] == '/'))
	{
		GUC_check_errdetail("The address of a page begins with https:// (or http:// for trying "
							"things out), or is a path.");
		return false;
	}
	for (const char *c = url; *c; c++)
		if ((unsigned char) *c <= ' ' || (unsigned char) *c >= 0x7F ||
			strchr("#\"\\<>", *c) != NULL)
		{
			GUC_check_errdetail("It is printable ASCII without spaces, quotes and fragment.");
			return false;
		}
	return true;
}

/* An address that a page of ours links to: https, or a path on this host. */
static bool
check_link(char **value, void **extra, GucSource source)
{
	const char *url = *value;
	bool		is_https = url != NULL && strncmp(url, "https://", 8) == 0;

	if (url == NULL || url[0] == '\0')
		return true;
	if (!is_https && (url[0] != '/' || url[1] == '/'))
	{
		GUC_check_errdetail(
							"A link begins with https://, or is a path on this host, such as "
							"/forgot.");
		return false;
	}
	for (const char *c = url; *c; c++)
		if ((unsigned char) *c <= ' ' || (unsigned char) *c >= 0x7F ||
			strchr("\"'\\<>`{|}^", *c) != NULL)
		{
			GUC_check_errdetail(
								"A link is printable ASCII without spaces, quotes, brackets and "
								"backslashes.");
			return false;
		}
	if (is_https && !isalnum((unsigned char) url[8]) && url[8] != '[')
	{
		GUC_check_errdetail("The link has no host.");
		return false;
	}
	return true;
}

/*
 * Defines every setting.  The caller passes the check of redirect URI schemes, which is not known
 * on this floor.
 */
void
oauth_settings_define(GucStringCheckHook check_redirect_schemes)
{
	for (size_t i = 0; i < lengthof(settings); i++)
	{
		const OAuthSetting *setting = &settings[i];

		if (setting->number != NULL)
			DefineCustomIntVariable(setting->name, setting->meaning, NULL, setting->number,
									setting->boot, setting->min, setting->max, PGC_SUSET,
									setting->flags, NULL, NULL, NULL);
	}
	DefineCustomStringVariable("oauth.allowed_hosts", meaning("oauth.allowed_hosts"), NULL,
							   &oauth_setting_allowed_hosts, "", PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("oauth.issuer", meaning("oauth.issuer"), NULL, &oauth_setting_issuer,
							   NULL, PGC_SUSET, 0, check_issuer, NULL, NULL);
	DefineCustomStringVariable("oauth.login_url", meaning("oauth.login_url"), NULL,
							   &oauth_setting_login_url, "", PGC_SUSET, 0, check_url, NULL, NULL);
	DefineCustomStringVariable("oauth.consent_url", meaning("oauth.consent_url"), NULL,
							   &oauth_setting_consent_url, "", PGC_SUSET, 0, check_url, NULL, NULL);
	DefineCustomStringVariable("oauth.password_reset_url", meaning("oauth.password_reset_url"),
							   NULL, &oauth_setting_password_reset_url, "", PGC_SUSET, 0,
							   check_link, NULL, NULL);
	DefineCustomStringVariable("oauth.sign_up_url", meaning("oauth.sign_up_url"), NULL,
							   &oauth_setting_sign_up_url, "", PGC_SUSET, 0, check_link, NULL,
							   NULL);
	DefineCustomStringVariable("oauth.help_url", meaning("oauth.help_url"), NULL,
							   &oauth_setting_help_url, "", PGC_SUSET, 0, check_link, NULL, NULL);
	DefineCustomStringVariable("oauth.master_key_file", meaning("oauth.master_key_file"), NULL,
							   &oauth_setting_master_key_file, DEFAULT_MASTER_KEY_FILE, PGC_SIGHUP,
							   GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomStringVariable("oauth.redirect_schemes", meaning("oauth.redirect_schemes"), NULL,
							   &oauth_setting_redirect_schemes, "", PGC_SUSET, 0,
							   check_redirect_schemes, NULL, NULL);
	DefineCustomBoolVariable("oauth.require_pkce", meaning("oauth.require_pkce"), NULL,
							 &oauth_setting_require_pkce, false, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("oauth.require_registered_resource",
							 meaning("oauth.require_registered_resource"), NULL,
							 &oauth_setting_require_registered_resource, false, PGC_SUSET, 0, NULL,
							 NULL, NULL);
	DefineCustomBoolVariable("oauth.notify_revocation", meaning("oauth.notify_revocation"), NULL,
							 &oauth_setting_notify_revocation, true, PGC_SUSET, 0, NULL, NULL,
							 NULL);
	DefineCustomEnumVariable("oauth.lane", meaning("oauth.lane"), NULL, &oauth_setting_lane,
							 OAUTH_LANE_ANY, lanes, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable("oauth.registration", meaning("oauth.registration"), NULL,
							 &oauth_setting_registration, OAUTH_REGISTER_CLOSED, registrations,
							 PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable("oauth.second_factor", meaning("oauth.second_factor"), NULL,
							 &oauth_setting_second_factor, OAUTH_SECOND_FACTOR_OPTIONAL,
							 second_factors, PGC_SUSET, 0, NULL, NULL, NULL);
	MarkGUCPrefixReserved("oauth");
}

/*
 * oauth_settings() RETURNS TABLE (name, value, "default", unit, meaning)
 */
Datum
oauth_settings(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; i < lengthof(settings); i++)
	{
		const OAuthSetting *setting = &settings[i];
		const char *boot = setting->number ? psprintf("%d", setting->boot) : setting->boot_text;
		const char *unit = (setting->flags & GUC_UNIT_S) ? "s" : NULL;
		OAuthResult row = {0};

		oauth_row_text(&row, setting->name);
		oauth_row_text(&row, GetConfigOption(setting->name, false, false));
		oauth_row_text(&row, boot);
		oauth_row_text(&row, unit);
		oauth_row_text(&row, setting->meaning);
		oauth_row_put(result, &row);
	}
	return (Datum) 0;
}
