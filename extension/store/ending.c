/*
 * ending.c
 *		SQL of ending tokens and grants, and of notifying programs that cache them.
 *
 * A resource server that caches answers of introspection can LISTEN to oauth_revoked: the payload
 * is the SHA-256 of a token that ended, in hexadecimal, or "*" if many ended and every cached
 * answer may be wrong.  The notification arrives when the transaction has committed.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "setting.h"
#include "store/statement.h"
#include "store/token.h"

#define CHANNEL		"oauth_revoked"
#define MAX_TOLD	"100"

static OAuthStatement revoke_access_token = {.sql = "UPDATE oauth.access_token SET revoked_at = "
	"clock_timestamp() WHERE handle = $1 AND "
	"revoked_at IS NULL"
	" RETURNING encode(token_hash, 'hex')",
	.n_arguments = 1,
.argument_types = {INT8OID}};

static OAuthStatement revoke_oauth1_token = {.sql = "UPDATE oauth.oauth1_token SET revoked_at = "
	"clock_timestamp() WHERE handle = $1 AND "
	"revoked_at IS NULL"
	" RETURNING encode(token_hash, 'hex')",
	.n_arguments = 1,
.argument_types = {INT8OID}};

#define END_GRANTS \
	"UPDATE oauth.grant SET ended_at = clock_timestamp()," \
	" ended_reason = $1 WHERE ended_at IS NULL AND "

static OAuthStatement end_grant = {
	.sql = END_GRANTS "handle = $2 RETURNING handle",
	.n_arguments = 2, .argument_types = {TEXTOID, INT8OID}
};

static OAuthStatement end_grants_of_subject = {
	.sql = END_GRANTS "subject = $2 RETURNING handle",
	.sees_latest = true,
	.n_arguments = 2, .argument_types = {TEXTOID, TEXTOID}
};

static OAuthStatement end_grants_of_issuer = {
	.sql = END_GRANTS "issuer = $2 RETURNING handle",
	.sees_latest = true,
	.n_arguments = 2, .argument_types = {TEXTOID, TEXTOID}
};

/* The tokens with which somebody of that issuer acts, for a subject that may be another's. */
static OAuthStatement revoke_tokens_of_actors = {
	.sql = "UPDATE oauth.access_token SET revoked_at = clock_timestamp()"
	" WHERE act IS NOT NULL AND revoked_at IS NULL AND expires_at > clock_timestamp()"
	" AND jsonb_path_exists(act, '$.**.iss ? (@ == $iss)', jsonb_build_object('iss', $1))",
	.sees_latest = true,
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/*
 * "Refresh tokens issued without the offline_access property to a session being logged out SHOULD
 * be revoked.  Refresh tokens issued with the offline_access property normally SHOULD NOT be
 * revoked."  (OpenID Connect Back-Channel Logout 1.0, section 2.7)
 */
#define IS_ONLINE \
	"sid IS NOT NULL AND 'openid' = ANY (string_to_array(scope, ' '))" \
	" AND 'offline_access' <> ALL (string_to_array(scope, ' '))"

static OAuthStatement end_grants_of_session = {
	.sql = END_GRANTS "sid = $2 AND " IS_ONLINE " RETURNING handle",
	.sees_latest = true,
	.n_arguments = 2, .argument_types = {TEXTOID, TEXTOID}
};

static OAuthStatement end_online_grants = {
	.sql = END_GRANTS "subject = $2 AND " IS_ONLINE " RETURNING handle",
	.sees_latest = true,
	.n_arguments = 2, .argument_types = {TEXTOID, TEXTOID}
};

static OAuthStatement end_grants_between = {
	.sql = END_GRANTS "subject = $2 AND client_id = $3 RETURNING handle",
	.n_arguments = 3, .argument_types = {TEXTOID, TEXTOID, TEXTOID}
};

static OAuthStatement end_grants_of_client = {
	.sql = END_GRANTS "client_id = $2",
	.n_arguments = 2, .argument_types = {TEXTOID, TEXTOID}
};

static OAuthStatement forget_consent = {
	.sql = "DELETE FROM oauth.consent WHERE subject = $1 AND client_id = $2",
	.n_arguments = 2, .argument_types = {TEXTOID, TEXTOID}
};

static OAuthStatement tell = {
	.sql = "SELECT pg_notify('" CHANNEL "', $1)",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/* The tokens of those grants that have not ended before. */
static OAuthStatement tell_grants = {
	.sql = "SELECT pg_notify('" CHANNEL "', encode(t.token_hash, 'hex')) FROM ("
	"(SELECT token_hash FROM oauth.access_token WHERE grant_handle = ANY ($1) AND revoked_at IS "
	"NULL"
	" AND expires_at > clock_timestamp() LIMIT " MAX_TOLD ") UNION ALL"
	" (SELECT token_hash FROM oauth.oauth1_token WHERE grant_handle = ANY ($1) AND revoked_at IS"
	" NULL"
	" LIMIT " MAX_TOLD ")) t",
	.n_arguments = 1, .argument_types = {INT8ARRAYOID}
};

/* payload: a digest in hexadecimal, or "*" for all tokens. */
static void
notify(const char *payload)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, payload);
	if (oauth_setting_notify_revocation)
		oauth_store_count(&tell, &arguments);
}

/*
 * Is told what has ended, for whom sessions of PostgreSQL concern (validator/ending.c).  _PG_init
 * sets it, from PostgreSQL 18 on.
 */
void		(*oauth_store_ended_hook) (OAuthEnding what, int64 handle, const char *name) = NULL;

void
oauth_store_tell_ended(OAuthEnding what, int64 handle, const char *name)
{
	if (oauth_store_ended_hook != NULL)
		oauth_store_ended_hook(what, handle, name);
}

/* Notifies that many tokens have ended at once. */
void
oauth_store_notify_revocation(void)
{
	notify("*");
}

static bool
revoke_row(OAuthStatement *statement, int64 handle)
{
	OAuthArguments arguments = {0};
	char	   *hash = NULL;

	oauth_add_int64(&arguments, handle);
	if (oauth_store_run(statement, &arguments) > 0)
		hash = oauth_store_string(0, 1);
	oauth_store_end();
	if (hash != NULL)
		notify(hash);
	return hash != NULL;
}

/*
 * Runs a statement that returns the handles of the grants that it ended, and notifies of their
 * tokens.
 */
static int64
end_and_tell(OAuthStatement *statement, OAuthArguments *arguments)
{
	MemoryContext caller = CurrentMemoryContext;
	OAuthArguments grants = {0};
	uint64		n = oauth_store_run(statement, arguments);

	for (uint64 row = 0; row < n; row++)
		oauth_store_tell_ended(OAUTH_GRANT_ENDED, oauth_store_int64(row, 1), NULL);
	oauth_add_value(&grants, oauth_store_handles(n, caller));
	oauth_store_end();
	if (n > 0 && oauth_setting_notify_revocation &&
		oauth_store_count(&tell_grants, &grants) >= (uint64) strtol(MAX_TOLD, NULL, 10))
		oauth_store_notify_revocation();
	return (int64) n;
}

/* True if the token lived. */
bool
oauth_store_revoke_access_token(int64 handle)
{
	oauth_store_tell_ended(OAUTH_TOKEN_ENDED, handle, NULL);
	return revoke_row(&revoke_access_token, handle);
}

bool
oauth_store_revoke_oauth1_token(int64 handle)
{
	return revoke_row(&revoke_oauth1_token, handle);
}

bool
oauth_store_end_grant(int64 grant, const char *reason)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, reason);
	oauth_add_int64(&arguments, grant);
	return end_and_tell(&end_grant, &arguments) > 0;
}

/* Ends the grants of that name, which is what the statement looks for. */
static int64
end_grants_of(OAuthStatement *statement, const char *name, const char *reason)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, reason);
	oauth_add_text(&arguments, name);
	return end_and_tell(statement, &arguments);
}

int64
oauth_store_end_grants_of_subject(const char *subject, const char *reason)
{
	return end_grants_of(&end_grants_of_subject, subject, reason);
}

/* A session ends, and with it what clients got in it and may not use without it. */
int64
oauth_store_end_grants_of_session(const char *sid)
{
	return end_grants_of(&end_grants_of_session, sid, "session was ended");
}

/* The same of all sessions of a subject. */
int64
oauth_store_end_online_grants(const char *subject)
{
	return end_grants_of(&end_online_grants, subject, "all sessions were ended");
}

/*
 * Ends the grants that were made by a JWT of that issuer, and the tokens with which somebody of it
 * acts.
 */
int64
oauth_store_end_grants_of_issuer(const char *issuer, const char *reason)
{
	OAuthArguments actors = {0};
	int64		n = end_grants_of(&end_grants_of_issuer, issuer, reason);

	oauth_add_text(&actors, issuer);
	if (oauth_store_count(&revoke_tokens_of_actors, &actors) > 0)
		oauth_store_notify_revocation();
	return n;
}

/* Ends the grants of one subject and one client, with the consent that was kept. */
int64
oauth_store_end_grants_between(const char *subject, const char *client_id, const char *reason)
{
	OAuthArguments consent = {0};
	OAuthArguments arguments = {0};

	oauth_add_text(&consent, subject);
	oauth_add_text(&consent, client_id);
	oauth_store_count(&forget_consent, &consent);
	oauth_add_text(&arguments, reason);
	oauth_add_text(&arguments, subject);
	oauth_add_text(&arguments, client_id);
	return end_and_tell(&end_grants_between, &arguments);
}

int64
oauth_store_end_grants_of_client(const char *client_id, const char *reason)
{
	OAuthArguments arguments = {0};
	int64		n;

	oauth_add_text(&arguments, reason);
	oauth_add_text(&arguments, client_id);
	n = (int64) oauth_store_count(&end_grants_of_client, &arguments);
	oauth_store_tell_ended(OAUTH_CLIENT_ENDED, 0, client_id);
	if (n > 0)
		oauth_store_notify_revocation();
	return n;
}
