/*
 * setting.h
 *		The settings of postgresql.conf, ALTER DATABASE and SET.
 *
 * docs/reference/settings.md says what each is for.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_SETTING_H
#define OAUTH_SETTING_H

#include "oauth.h"

#include "utils/guc.h"

extern char *oauth_setting_issuer;
extern char *oauth_setting_master_key_file;
extern int	oauth_setting_access_token_lifetime;	/* seconds */
extern int	oauth_setting_refresh_token_lifetime;	/* seconds */
extern int	oauth_setting_refresh_grace;	/* seconds */
extern int	oauth_setting_grant_lifetime;	/* seconds, 0 for no limit */
extern int	oauth_setting_bcrypt_cost;
extern int	oauth_setting_purge_batch;	/* rows */
extern int	oauth_setting_timestamp_window; /* seconds */
extern int	oauth_setting_request_token_lifetime;	/* seconds */
extern int	oauth_setting_oauth1_token_lifetime;	/* seconds, 0 for no limit */
extern int	oauth_setting_rsa_min_bits;
extern int	oauth_setting_code_lifetime;	/* seconds */
extern int	oauth_setting_id_token_lifetime;	/* seconds */
extern int	oauth_setting_session_lifetime; /* seconds */
extern int	oauth_setting_device_code_lifetime; /* seconds */
extern int	oauth_setting_device_interval;	/* seconds */
extern int	oauth_setting_failed_attempts;	/* 0: they are not counted */
extern int	oauth_setting_event_retention;	/* seconds, 0: no events */
extern bool oauth_setting_require_pkce;
extern bool oauth_setting_notify_revocation;
extern char *oauth_setting_allowed_hosts;
extern char *oauth_setting_login_url;
extern char *oauth_setting_redirect_schemes;
extern char *oauth_setting_consent_url;
extern char *oauth_setting_password_reset_url;
extern char *oauth_setting_sign_up_url;
extern char *oauth_setting_help_url;
extern int	oauth_setting_login_request_lifetime;	/* seconds */

/* Who logs in with a second factor. */
typedef enum OAuthSecondFactorSetting
{
	OAUTH_SECOND_FACTOR_OFF,
	OAUTH_SECOND_FACTOR_OPTIONAL,
	OAUTH_SECOND_FACTOR_REQUIRED
} OAuthSecondFactorSetting;

extern int	oauth_setting_second_factor;

/* Who may register clients over HTTP. */
typedef enum OAuthRegistration
{
	OAUTH_REGISTER_CLOSED,
	OAUTH_REGISTER_WITH_TOKEN,
	OAUTH_REGISTER_OPEN
} OAuthRegistration;

extern int	oauth_setting_registration;
extern bool oauth_setting_client_id_metadata_documents;
extern char *oauth_setting_client_id_metadata_hosts;
extern int	oauth_setting_registration_idle;	/* seconds, 0 for ever */
extern int	oauth_setting_registration_limit;	/* idle clients, 0 for any number */
extern int	oauth_setting_registration_rate;	/* an hour and address, 0 for any number */
extern int	oauth_setting_device_rate;	/* likewise */
extern int	oauth_setting_pushed_request_rate;	/* likewise */
extern int	oauth_setting_delivery_rate;	/* a minute and host, 0 for any number */
extern bool oauth_setting_require_registered_resource;
extern int	oauth_setting_assertion_lifetime;	/* seconds */
extern bool oauth_setting_dpop_nonce;
extern bool oauth_setting_require_dpop;
extern int	oauth_setting_request_uri_lifetime; /* seconds */
extern bool oauth_setting_require_pushed_authorization_requests;
extern char *oauth_setting_mtls_issuer;
extern int	oauth_setting_signing_key_lead; /* seconds */
extern int	oauth_setting_signing_key_lifetime; /* seconds, 0: successors are made by hand */
extern int	oauth_setting_lane;

/* What the server knows somebody by who logs in with a token. */
typedef enum OAuthValidatorIdentity
{
	OAUTH_VALIDATOR_SUBJECT,
	OAUTH_VALIDATOR_USERNAME
} OAuthValidatorIdentity;

extern bool oauth_setting_terminate_sessions;
extern char *oauth_setting_validator_conninfo;
extern bool oauth_setting_validator_delegation;
extern int	oauth_setting_validator_identity;
extern bool oauth_setting_validator_superuser;
extern int	oauth_setting_validator_timeout;	/* milliseconds */
extern void oauth_settings_define(GucStringCheckHook check_redirect_schemes);

#endif							/* OAUTH_SETTING_H */
