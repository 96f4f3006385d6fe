/*
 * functions.c
 *		The SQL functions of tokens: issue, verify, introspect, revoke.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "store/client.h"
#include "store/event.h"
#include "store/oauth1.h"
#include "store/token.h"
#include "store/user.h"
#include "text/text.h"
#include "token/token.h"
#include "user/user.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_issue_token);
PG_FUNCTION_INFO_V1(oauth_verify_access_token);
PG_FUNCTION_INFO_V1(oauth_verify_token);
PG_FUNCTION_INFO_V1(oauth_revoke_token);
PG_FUNCTION_INFO_V1(oauth_revoke_subject);
PG_FUNCTION_INFO_V1(oauth_revoke_client);

static void
check_subject(const char *subject)
{
	if (!oauth_is_subject(subject))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a subject has 1 to %d bytes, no control characters and no space at "
							   "either end",
							   OAUTH_MAX_SUBJECT),
						errhint("It is the subject that oauth_create_user() returned, or the id "
								"that the application has for the user.")));
}

/*
 * Refuses a username: it is not a subject, so a token for it would belong to nobody, and revoking
 * it would revoke nothing.
 */
static void
refuse_username(const char *subject)
{
	OAuthUser  *user;

	if (!oauth_store_has_subject(subject) && (user = oauth_find_user(subject)) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is the name of a user, not a subject", subject),
				 errhint("The subject of this user is %s.", user->subject)));
}

/*
 * The same for users of the application's own table: raises 42704 if no user has that id, 55000 if
 * the user is not active.
 */
static void
use_own_user(const char *subject)
{
	const OAuthUserSource *source = oauth_store_user_source();

	if (oauth_application_user_hold(subject) != NULL)
		return;
	refuse_username(subject);
	if (oauth_application_user_by_id(source, subject, false) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("user \"%s\" does not exist", subject),
				 errhint("Users are those of %s.%s, and subjects what its column %s has.",
						 source->schema, source->name, source->id)));
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("user \"%s\" is not active", subject),
			 errhint("The users of %s.%s say so.", source->schema, source->name)));
}

/* Creates the subject if it does not exist.  Raises 55000 if it is disabled. */
void
oauth_use_subject(const char *subject)
{
	bool		is_disabled;

	check_subject(subject);
	if (oauth_store_users_are_external())
	{
		use_own_user(subject);
		return;
	}
	if (!oauth_store_find_subject(subject, &is_disabled))
	{
		refuse_username(subject);
		is_disabled = oauth_store_use_subject(subject);
	}
	if (is_disabled)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("subject \"%s\" is disabled", subject),
				 errhint("SELECT oauth_enable_user(...) lets a built-in user in again.")));
}

static OAuthClient *
enabled_client(const char *client_id)
{
	OAuthClient *client = oauth_client_required(client_id);

	if (client->is_disabled)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("client \"%s\" is disabled", client_id),
				 errhint("SELECT oauth_enable_client('%s') lets it in again.", client_id)));
	return client;
}

/* The issued tokens as a row, with the members of RFC 6749, section 5.1. */
Datum
oauth_issued_row(FunctionCallInfo fcinfo, const OAuthIssued *issued)
{
	OAuthResult row = {0};

	oauth_row_text(&row, issued->access_token);
	oauth_row_text(&row, "Bearer");
	oauth_row_int32(&row, oauth_seconds_left(issued->expires_at));
	oauth_row_text(&row, issued->refresh_token);
	oauth_row_text(&row, issued->scope);
	return oauth_row_return(fcinfo, &row);
}

/*
 * oauth_issue_token(client_id text, subject text, scope text, lifetime interval, refresh boolean,
 *		resource text)
 *		RETURNS TABLE (access_token text, token_type text, expires_in integer, refresh_token text,
 *		scope text)
 */
Datum
oauth_issue_token(PG_FUNCTION_ARGS)
{
	OAuthClient *client = enabled_client(oauth_argument(fcinfo, 0, "client_id"));
	OAuthIssue	issue = {.client = client};
	OAuthEvent	event = {.event = "issue"};
	const char *requested = oauth_optional_argument(fcinfo, 2);
	const char *hint;
	OAuthIssued *issued;
	OAuthFault *fault;

	issue.subject = oauth_optional_argument(fcinfo, 1);
	issue.grant_type = issue.subject ? "oauth_issue_token" : OAUTH_GRANT_CLIENT_CREDENTIALS;
	issue.lifetime = oauth_seconds_argument(fcinfo, 3, "lifetime");
	issue.refresh = oauth_flag_argument(fcinfo, 4);
	issue.resource = oauth2_resource_argument(fcinfo, 5);
	if (issue.resource != NULL &&
		(fault = oauth2_resource_check_registered(issue.resource)) != NULL)
		oauth_fault_raise(fault, "SELECT oauth_register_resource(...) registers it.");
	if ((fault = oauth2_scope_decide(client, requested, &issue.scope)) != NULL)
		oauth_fault_raise(fault, requested && (hint = oauth2_scope_hint(requested)) != NULL ?
						  hint :
						  psprintf("SELECT oauth_update_client('%s', '{\"scope\": "
								   "\"...\"}') changes what the "
								   "client may have.",
								   client->client_id));
	if ((fault = oauth2_resource_check_scope(client, issue.resource, issue.scope)) != NULL)
		oauth_fault_raise(fault, "SELECT * FROM oauth.resource_overview says what it knows.");
	oauth_client_require_unbound(client);
	if (issue.refresh && issue.subject == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a client that acts for itself gets no refresh token"),
						errhint("It can always ask again; give a subject otherwise (RFC 6749, "
								"section 4.4.3).")));
	if (issue.refresh && !oauth_client_may(client, OAUTH_GRANT_REFRESH_TOKEN))
		ereport(NOTICE, (errmsg("the client cannot use its refresh token: it is not registered for "
								"the grant refresh_token"),
						 errhint("SELECT oauth_update_client(client_id, '{\"grant_types\": "
								 "[\"refresh_token\", ...]}') changes that.")));
	if (issue.subject != NULL)
		oauth_use_subject(issue.subject);
	issued = oauth_issue(&issue);
	event.grant = issued->grant;
	oauth_issue_note(NULL, client, &event);
	return oauth_issued_row(fcinfo, issued);
}

/* Warns that the value of an Authorization header is not a token and never verifies. */
void
oauth_token_notice_scheme(const text *token)
{
	if (VARSIZE_ANY_EXHDR(token) > 7 && pg_strncasecmp(VARDATA_ANY(token), "Bearer ", 7) == 0)
		ereport(NOTICE, (errmsg("the argument begins with \"Bearer \", so it is no token"),
						 errhint("Pass the token alone; oauth_authenticate() takes the value of an "
								 "Authorization header.")));
}

/* The living access token of an argument; NULL for anything else, null included. */
static OAuthToken *
token_argument(FunctionCallInfo fcinfo, int n)
{
	text	   *token;

	if (oauth_argument_is_null(fcinfo, n))
		return NULL;
	token = PG_GETARG_TEXT_PP(n);
	oauth_token_notice_scheme(token);
	return oauth_find_access_token(VARDATA_ANY(token), VARSIZE_ANY_EXHDR(token));
}

/*
 * oauth_verify_token(token text, required_scope text, resource text)
 *		RETURNS TABLE (active boolean, client_id text, subject text, scope text, expires_at
 *		timestamptz)
 *
 * Its search_path may be anybody's.
 */
Datum
oauth_verify_access_token(PG_FUNCTION_ARGS)
{
	const char *resource = oauth2_resource_argument(fcinfo, 2);
	OAuthToken *token = token_argument(fcinfo, 0);
	OAuthResult row = {0};
	bool		active;

	active = token != NULL &&
		oauth_words_include(token->scope, oauth_optional_argument(fcinfo, 1)) &&
		oauth2_resource_admits(token->resource, resource);
	oauth_row_bool(&row, active);
	oauth_row_text(&row, active ? token->client_id : NULL);
	oauth_row_text(&row, active ? token->subject : NULL);
	oauth_row_text(&row, active ? token->scope : NULL);
	oauth_row_timestamp(&row, active ? token->expires_at : 0);
	return oauth_row_return(fcinfo, &row);
}

/*
 * The same under the name that the script of 0.1 has.  A library of 0.1, which some session still
 * has when a database is updated, trusts the search_path, and so must not be found by the new one.
 */
Datum
oauth_verify_token(PG_FUNCTION_ARGS)
{
	return oauth_verify_access_token(fcinfo);
}

/* Notes a revocation, if anything was revoked. */
static bool
noted(bool happened, const char *client_id, const char *subject, const char *what)
{
	OAuthEvent	event = {.event = "revoke",
		.client_id = client_id,
		.subject = subject,
		.detail = what};

	if (happened)
		oauth_event_note(NULL, &event);
	return happened;
}

/* oauth_revoke_token(token text) RETURNS boolean */
Datum
oauth_revoke_token(PG_FUNCTION_ARGS)
{
	OAuthToken *access = token_argument(fcinfo, 0);
	OAuthRefreshToken *refresh;
	OAuth1Token *signing;
	text	   *token;

	if (access != NULL)
		PG_RETURN_BOOL(noted(oauth_store_revoke_access_token(access->handle), access->client_id,
							 access->subject, "access token"));
	if (PG_ARGISNULL(0))
		PG_RETURN_BOOL(false);
	token = PG_GETARG_TEXT_PP(0);
	refresh = oauth_find_refresh_token(VARDATA_ANY(token), VARSIZE_ANY_EXHDR(token), false);
	if (refresh != NULL)
		PG_RETURN_BOOL(
					   noted(oauth_store_end_grant(refresh->grant.handle,
												   "refresh token was revoked"),
							 refresh->grant.client_id, refresh->grant.subject,
							 "refresh token, and its grant"));
	signing = oauth_find_oauth1_token(VARDATA_ANY(token), VARSIZE_ANY_EXHDR(token));
	PG_RETURN_BOOL(signing != NULL &&
				   noted(oauth_store_revoke_oauth1_token(signing->handle), signing->grant.client_id,
						 signing->grant.subject, "token of OAuth 1.0a"));
}

/* oauth_revoke_subject(subject text) RETURNS bigint */
Datum
oauth_revoke_subject(PG_FUNCTION_ARGS)
{
	char	   *subject = oauth_argument(fcinfo, 0, "subject");
	int64		n;

	refuse_username(subject);
	if (!oauth_store_has_subject(subject))
		ereport(NOTICE,
				(errmsg("there is no subject \"%s\"", subject),
				 errhint("SELECT username, subject FROM oauth.user lists the built-in users.")));
	n = oauth_store_end_grants_of_subject(subject, "subject was revoked");
	(void) noted(n > 0, NULL, subject, "all grants of the subject");
	PG_RETURN_INT64(n);
}

/* oauth_revoke_client(client_id text) RETURNS bigint */
Datum
oauth_revoke_client(PG_FUNCTION_ARGS)
{
	OAuthClient *client = oauth_client_required(oauth_argument(fcinfo, 0, "client_id"));
	int64		n = oauth_store_end_grants_of_client(client->client_id, "client was revoked");

	(void) noted(n > 0, client->client_id, NULL, "all grants of the client");
	PG_RETURN_INT64(n);
}
