/*
 * setting.c
 *		The settings.
 *
 * They are superuser settings, set with ALTER DATABASE app SET oauth.x = ...  The
 * exceptions: the file of the master key and the validator of logins belong to the server and
 * change at reload, and a connection sets its own lane.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "setting.h"

#include <limits.h>

#include "catalog/pg_authid.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(oauth_settings);

char	   *oauth_setting_allowed_hosts;
char	   *oauth_setting_client_id_metadata_hosts;
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
int			oauth_setting_pushed_request_rate;
int			oauth_setting_delivery_rate;
bool		oauth_setting_require_registered_resource;
int			oauth_setting_assertion_lifetime;
bool		oauth_setting_dpop_nonce;
bool		oauth_setting_require_dpop;
int			oauth_setting_request_uri_lifetime;
bool		oauth_setting_require_pushed_authorization_requests;
char	   *oauth_setting_mtls_issuer;
bool		oauth_setting_client_id_metadata_documents;
int			oauth_setting_signing_key_lead;
int			oauth_setting_signing_key_lifetime;
int			oauth_setting_lane;
bool		oauth_setting_terminate_sessions;
char	   *oauth_setting_validator_conninfo;
bool		oauth_setting_validator_delegation;
int			oauth_setting_validator_identity;
bool		oauth_setting_validator_superuser;
int			oauth_setting_validator_timeout;

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

static const struct config_enum_entry validator_identities[] = {
	{"subject", OAUTH_VALIDATOR_SUBJECT, false},
	{"username", OAUTH_VALIDATOR_USERNAME, false},
	{NULL, 0, false}
};

static bool check_issuer(char **value, void **extra, GucSource source);
static bool check_url(char **value, void **extra, GucSource source);
static bool check_hosts(char **value, void **extra, GucSource source);
static bool check_link(char **value, void **extra, GucSource source);

#define DEFAULT_MASTER_KEY_FILE "oauth.key"

/*
 * Every setting: what oauth_settings() shows, and for most of them all that is needed to define it.
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
	bool	   *flag;			/* of a setting that is on or off */
	char	  **text;			/* of a text that is set as any other */
	GucStringCheckHook check;	/* likewise */
	bool		is_of_server;	/* it belongs to the server, and changes at reload */
} OAuthSetting;

#define NUMBER(variable, default_, least, most) \
	.number = &oauth_setting_##variable, .boot = default_, .min = least, .max = most
#define SECONDS(variable, default_, least, most) \
	NUMBER(variable, default_, least, most), .flags = GUC_UNIT_S

static const OAuthSetting settings[] = {
	{"oauth.access_token_lifetime", "How long an access token lives, unless its client says "
		"otherwise.",
	SECONDS(access_token_lifetime, SECS_PER_DAY, 1, INT_MAX)},
	{"oauth.allowed_hosts", "Hosts that signed requests may name, space-separated; empty for any.",
	.boot_text = "", .text = &oauth_setting_allowed_hosts},
	{"oauth.assertion_lifetime", "How far ahead the exp of a client assertion, or of an assertion "
		"of a trusted issuer, may be.",
	SECONDS(assertion_lifetime, 300, 10, 3600)},
	{"oauth.bcrypt_cost", "Cost of the bcrypt hash of new passwords; each step doubles the work.",
	NUMBER(bcrypt_cost, 10, 4, 14)},
	{"oauth.client_id_metadata_documents", "Whether a client may name itself by the https "
		"URL of its metadata document, without registration.",
	.boot_text = "off", .flag = &oauth_setting_client_id_metadata_documents},
	{"oauth.client_id_metadata_hosts", "Hosts of such URLs, space-separated: app.example, "
		"*.app.example, or !bad.example for one from which no clients are taken; empty for any.",
	.boot_text = "", .text = &oauth_setting_client_id_metadata_hosts, .check = check_hosts},
	{"oauth.code_lifetime", "How long an authorization code lives.",
	SECONDS(code_lifetime, 60, 1, 600)},
	{"oauth.consent_url", "Where the application asks whether a client may; empty for the page "
		"here.",
	.boot_text = "", .text = &oauth_setting_consent_url, .check = check_url},
	{"oauth.device_code_lifetime", "How long a device waits for somebody to allow it.",
	SECONDS(device_code_lifetime, 600, 30, 3600)},
	{"oauth.delivery_rate", "How many messages (logout tokens) one host is sent in a minute for "
		"clients that registered themselves, without an initial access token; 0 for any number.",
	NUMBER(delivery_rate, 60, 0, 1000000)},
	{"oauth.device_interval", "How long a device waits between two questions whether it has been "
		"allowed.",
	SECONDS(device_interval, 5, 1, 60)},
	{"oauth.device_rate", "How many device codes one address may ask for in an hour before it "
		"waits; 0 for any number.",
	NUMBER(device_rate, 600, 0, 1000000)},
	{"oauth.dpop_nonce", "Whether DPoP proofs must contain a nonce of this server (RFC 9449, "
		"section 8).",
	.boot_text = "off", .flag = &oauth_setting_dpop_nonce},
	{"oauth.event_retention", "How long events are kept, and the grants they name; 0 to note none.",
	SECONDS(event_retention, 90 * SECS_PER_DAY, 0, INT_MAX)},
	{"oauth.failed_attempts", "How many wrong passwords or secrets for one account from one "
		"address are free; those after them wait, longer each time. Ten times as many for the "
		"account from anywhere, and for the address. 0 to count none.",
	NUMBER(failed_attempts, 10, 0, 10000)},
	{"oauth.grant_lifetime", "How long refreshing can go on after a grant was made; 0 for ever.",
	SECONDS(grant_lifetime, 0, 0, INT_MAX)},
	{"oauth.help_url", "Where the login page links to for help; empty for no link.",
	.boot_text = "", .text = &oauth_setting_help_url, .check = check_link},
	{"oauth.id_token_lifetime", "How long an ID token is good, unless its client says otherwise.",
	SECONDS(id_token_lifetime, 3600, 1, SECS_PER_DAY)},
	{"oauth.issuer", "What the provider calls itself: the https URL its clients know (RFC 8414).",
	.text = &oauth_setting_issuer, .check = check_issuer},
	{"oauth.lane", "What a connection of the shim is for; what is not for its lane is not done on "
		"it.",
	.boot_text = "any"},
	{"oauth.login_request_lifetime", "How long the application may take for a login or a decision.",
	SECONDS(login_request_lifetime, 900, 30, SECS_PER_DAY)},
	{"oauth.login_url", "Where the application logs people in; empty for the page here.",
	.boot_text = "", .text = &oauth_setting_login_url, .check = check_url},
	{"oauth.master_key_file", "File of the keys that seal what must be recoverable; relative to "
		"the data directory.",
	.boot_text = DEFAULT_MASTER_KEY_FILE},
	{"oauth.mtls_issuer", "The https URL at which clients show certificates, where that is another "
		"host (RFC 8705, section 5); empty: the same.",
	.boot_text = "", .text = &oauth_setting_mtls_issuer, .check = check_issuer},
	{"oauth.notify_revocation", "Whether NOTIFY oauth_revoked tells of tokens that end, and "
		"others tell the shim of messages and new keys; a transaction that is prepared must not.",
	.boot_text = "on", .flag = &oauth_setting_notify_revocation},
	{"oauth.oauth1_token_lifetime", "How long an OAuth 1.0a token lives; 0 until it is revoked.",
	SECONDS(oauth1_token_lifetime, 0, 0, INT_MAX)},
	{"oauth.password_reset_url", "Where the login page links to for those who forgot their "
		"password; empty for no link.",
	.boot_text = "", .text = &oauth_setting_password_reset_url, .check = check_link},
	{"oauth.purge_batch", "How many rows of a kind one call of oauth_purge_expired() removes.",
	NUMBER(purge_batch, 10000, 1, 1000000)},
	{"oauth.pushed_request_rate", "How many authorization requests of strangers are kept for one "
		"address in an hour, of public clients and signed ones; 0 for any number.",
	NUMBER(pushed_request_rate, 3600, 0, 1000000)},
	{"oauth.redirect_schemes", "Schemes without a dot that redirect URIs may have, "
		"space-separated: cursor vscode. Any program may claim one, so it is empty unless you "
		"trust those who register.",
	.boot_text = ""},
	{"oauth.refresh_grace", "How long a used refresh token brings the same answer again, for "
		"clients that retry.",
	SECONDS(refresh_grace, 10, 0, 300)},
	{"oauth.refresh_token_lifetime", "How long a refresh token lives if it is not used.",
	SECONDS(refresh_token_lifetime, 30 * SECS_PER_DAY, 1, INT_MAX)},
	{"oauth.registration", "Who may register clients over HTTP: closed (nobody), token (with an "
		"initial access token), open.",
	.boot_text = "closed"},
	{"oauth.registration_idle", "When a client that registered itself and has no grant is "
		"removed; 0 never.",
	SECONDS(registration_idle, 30 * SECS_PER_DAY, 0, INT_MAX)},
	{"oauth.registration_limit", "How many clients that registered themselves without an initial "
		"access token and have no grant are kept; the oldest go first. 0 for any number.",
	NUMBER(registration_limit, 10000, 0, INT_MAX)},
	{"oauth.registration_rate", "How many clients one address may register in an hour, where "
		"registration is open, before it waits; 0 for any number.",
	NUMBER(registration_rate, 100, 0, 1000000)},
	{"oauth.request_token_lifetime", "How long OAuth 1.0a temporary credentials wait for approval "
		"and exchange.",
	SECONDS(request_token_lifetime, 900, 1, SECS_PER_DAY)},
	{"oauth.request_uri_lifetime", "How long a pushed authorization request waits for the browser.",
	SECONDS(request_uri_lifetime, 60, 5, 600)},
	{"oauth.require_dpop", "Whether access tokens must be bound to a key (RFC 9449): at "
		"protected resources bearer tokens are refused.",
	.boot_text = "off", .flag = &oauth_setting_require_dpop},
	{"oauth.require_pkce", "Whether confidential clients too must use PKCE (RFC 7636), as public "
		"ones always must.",
	.boot_text = "off", .flag = &oauth_setting_require_pkce},
	{"oauth.require_pushed_authorization_requests", "Whether every client must push its "
		"authorization requests (RFC 9126).",
	.boot_text = "off", .flag = &oauth_setting_require_pushed_authorization_requests},
	{"oauth.require_registered_resource", "Whether clients can name only resources that "
		"oauth_register_resource() knows (RFC 8707).",
	.boot_text = "off", .flag = &oauth_setting_require_registered_resource},
	{"oauth.rsa_min_bits", "Shortest RSA public key that a client may have.",
	NUMBER(rsa_min_bits, 2048, 1024, 16384)},
	{"oauth.second_factor", "Whether built-in users log in with a second factor, the codes of an "
		"application: off (nobody), optional (who has set one up, or must), required (everybody).",
	.boot_text = "optional"},
	{"oauth.session_lifetime", "How long somebody stays logged in on the pages.",
	SECONDS(session_lifetime, 12 * 3600, 60, INT_MAX)},
	{"oauth.sign_up_url", "Where the login page links to for those who have no account; empty for "
		"no link.",
	.boot_text = "", .text = &oauth_setting_sign_up_url, .check = check_link},
	{"oauth.signing_key_lead", "How long a new signing key is published before it is used, so "
		"that verifiers that keep the key set have it.",
	SECONDS(signing_key_lead, SECS_PER_DAY, 0, 30 * SECS_PER_DAY)},
	{"oauth.signing_key_lifetime", "How long a signing key is used before its successor is; 0: "
		"until somebody makes one.",
	SECONDS(signing_key_lifetime, 90 * SECS_PER_DAY, 0, INT_MAX)},
	{"oauth.terminate_sessions", "Whether sessions of PostgreSQL that somebody logged in to with a "
		"token end when the token is revoked, or its client or user is disabled.",
	.boot_text = "off", .flag = &oauth_setting_terminate_sessions},
	{"oauth.timestamp_window", "How far the timestamp of an OAuth 1.0a request may be from the "
		"clock, either way.",
	SECONDS(timestamp_window, 300, 1, 3600)},
	{"oauth.validator_conninfo", "How the validator of PostgreSQL 18 connects to the database that "
		"knows the tokens, as libpq takes it; empty: nobody logs in with a token.",
		.boot_text = "", .text = &oauth_setting_validator_conninfo,
	.flags = GUC_SUPERUSER_ONLY, .is_of_server = true},
	{"oauth.validator_delegation", "Whether lines of pg_hba.conf may say delegate_ident_mapping=1: "
		"then every token with the scope of the line logs in as any role of the line.",
	.boot_text = "off", .flag = &oauth_setting_validator_delegation, .is_of_server = true},
	{"oauth.validator_identity", "What the server takes for the name of somebody who logs in with "
		"a token, and a map of pg_ident.conf is about: subject, or username.",
	.boot_text = "subject"},
	{"oauth.validator_superuser", "Whether a token may log in as a superuser, or as a role that "
		"can become one.",
	.boot_text = "off", .flag = &oauth_setting_validator_superuser, .is_of_server = true},
	{"oauth.validator_timeout", "How long the validator waits for the database that knows the "
		"tokens.",
	NUMBER(validator_timeout, 5000, 10, 600000), .flags = GUC_UNIT_MS, .is_of_server = true},
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

/* Names of hosts, each of which may have an exclamation mark or an asterisk and a dot before it. */
static bool
check_hosts(char **value, void **extra, GucSource source)
{
	for (const char *c = *value + strspn(*value, " "); *c; c += strspn(c, " "))
	{
		size_t		length = strcspn(c, " ");
		const char *host = c + (*c == '!');

		if (strncmp(host, "*.", 2) == 0)
			host += 2;
		if (host == c + length || host[0] == '.' || c[length - 1] == '.' ||
			strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]") <
			(size_t) (c + length - host))
		{
			GUC_check_errdetail("\"%.*s\" is not the name of a host.", (int) length, c);
			GUC_check_errhint("Hosts are separated by spaces, and have no scheme and no port: "
							  "app.example *.app.example !bad.example");
			return false;
		}
		c += length;
	}
	return true;
}

static void
define(const OAuthSetting *setting)
{
	GucContext	context = setting->is_of_server ? PGC_SIGHUP : PGC_SUSET;

	if (setting->number != NULL)
		DefineCustomIntVariable(setting->name, setting->meaning, NULL, setting->number,
								setting->boot, setting->min, setting->max, context,
								setting->flags, NULL, NULL, NULL);
	if (setting->flag != NULL)
		DefineCustomBoolVariable(setting->name, setting->meaning, NULL, setting->flag,
								 strcmp(setting->boot_text, "on") == 0, context, setting->flags,
								 NULL, NULL, NULL);
	if (setting->text !=NULL)
		DefineCustomStringVariable(setting->name, setting->meaning, NULL, setting->text,
								   setting->boot_text, context, setting->flags, setting->check,
								   NULL, NULL);
}

/*
 * Defines every setting.  The caller passes the check of redirect URI schemes, which is not known
 * on this floor.
 */
void
oauth_settings_define(GucStringCheckHook check_redirect_schemes)
{
	for (size_t i = 0; i < lengthof(settings); i++)
		define(&settings[i]);
	DefineCustomStringVariable("oauth.master_key_file", meaning("oauth.master_key_file"), NULL,
							   &oauth_setting_master_key_file, DEFAULT_MASTER_KEY_FILE, PGC_SIGHUP,
							   GUC_SUPERUSER_ONLY, NULL, NULL, NULL);
	DefineCustomStringVariable("oauth.redirect_schemes", meaning("oauth.redirect_schemes"), NULL,
							   &oauth_setting_redirect_schemes, "", PGC_SUSET, 0,
							   check_redirect_schemes, NULL, NULL);
	DefineCustomEnumVariable("oauth.lane", meaning("oauth.lane"), NULL, &oauth_setting_lane,
							 OAUTH_LANE_ANY, lanes, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable("oauth.registration", meaning("oauth.registration"), NULL,
							 &oauth_setting_registration, OAUTH_REGISTER_CLOSED, registrations,
							 PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable("oauth.second_factor", meaning("oauth.second_factor"), NULL,
							 &oauth_setting_second_factor, OAUTH_SECOND_FACTOR_OPTIONAL,
							 second_factors, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable("oauth.validator_identity", meaning("oauth.validator_identity"), NULL,
							 &oauth_setting_validator_identity, OAUTH_VALIDATOR_SUBJECT,
							 validator_identities, PGC_SIGHUP, 0, NULL, NULL, NULL);
	MarkGUCPrefixReserved("oauth");
}

static const char *
unit_of(const OAuthSetting *setting)
{
	return setting->flags & GUC_UNIT_S ? "s" : setting->flags & GUC_UNIT_MS ? "ms" : NULL;
}

/*
 * The value, as who asks may see it: one that only superusers see may have a password in it.
 */
static const char *
shown_value(const OAuthSetting *setting)
{
	if ((setting->flags & GUC_SUPERUSER_ONLY) &&
		!has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_SETTINGS))
		return NULL;
	return GetConfigOption(setting->name, false, false);
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
		OAuthResult row = {0};

		oauth_row_text(&row, setting->name);
		oauth_row_text(&row, shown_value(setting));
		oauth_row_text(&row, boot);
		oauth_row_text(&row, unit_of(setting));
		oauth_row_text(&row, setting->meaning);
		oauth_row_put(result, &row);
	}
	return (Datum) 0;
}
