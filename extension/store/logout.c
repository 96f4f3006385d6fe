/*
 * logout.c
 *		SQL of logging out: ending sessions, and which clients are told (OpenID Connect Back-Channel
 *		Logout 1.0, section 2).
 *
 * A client is told if it has a backchannel_logout_uri and was given an ID token in that session,
 * whether or not its grant has ended.  Each message is a row of oauth.delivery, written in the
 * transaction that ends the session: what is rolled back is never sent.  It is signed when it is
 * sent, so ending many sessions is cheap.
 *
 * What was granted in the session without offline_access ends with it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/delivery.h"
#include "store/session.h"
#include "store/statement.h"
#include "store/token.h"

/* sid: an expression for the session that the message names. */
#define CLIENTS_TOLD(sid) \
	"SELECT DISTINCT g.client_id, c.backchannel_logout_uri, g.subject, " sid \
	" FROM oauth.grant g JOIN oauth.client c ON c.client_id = g.client_id" \
	" JOIN oauth.subject u ON u.subject = g.subject" \
	" WHERE g.sid IS NOT NULL AND c.backchannel_logout_uri IS NOT NULL AND c.disabled_at IS NULL" \
	" AND 'openid' = ANY (string_to_array(g.scope, ' '))"

/*
 * If all sessions of a subject end, there is a message for each living one: a client that was given
 * a sid may know the session by nothing else.  One more message, without a sid, stands for the
 * sessions that have expired here and may go on at the client.  A subject that was disabled, and a
 * session that has ended, had their messages before.
 */
#define IS_LIVING \
	"EXISTS (SELECT FROM oauth.session l WHERE l.sid = g.sid AND l.ended_at IS NULL" \
	" AND l.expires_at > now())"
#define OF_ALL_SESSIONS \
	CLIENTS_TOLD("CASE WHEN c.backchannel_logout_session_required OR " IS_LIVING \
				 " THEN g.sid END") \
	" AND u.disabled_at IS NULL AND g.emptied_at IS NULL" \
	" AND NOT EXISTS (SELECT FROM oauth.session s WHERE s.sid = g.sid AND s.ended_at IS NOT NULL)"

#define NOT_BUILT_IN "NOT EXISTS (SELECT FROM oauth.user b WHERE b.subject = g.subject)"

static OAuthStatement told_of_session = {
	.sql = CLIENTS_TOLD("g.sid") " AND g.sid = $1 ORDER BY 1",
	.sees_latest = true,
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement told_of_subjects = {
	.sql = OF_ALL_SESSIONS " AND g.subject = ANY ($1) AND ($2 OR " NOT_BUILT_IN ")"
	" ORDER BY 1, 3, 4",
	.sees_latest = true,
	.n_arguments = 2, .argument_types = {TEXTARRAYOID, BOOLOID}
};

static OAuthStatement told_of_every_subject = {
	.sql = OF_ALL_SESSIONS " AND " NOT_BUILT_IN " ORDER BY 1, 3, 4",
	.sees_latest = true
};

#define END_SESSION \
	"UPDATE oauth.session SET ended_at = clock_timestamp() WHERE ended_at IS NULL AND "

static OAuthStatement end_session = {
	.sql = END_SESSION "handle = $1 RETURNING sid",
	.n_arguments = 1, .argument_types = {INT8OID}
};

static OAuthStatement end_session_of_sid = {
	.sql = END_SESSION "sid = $1 AND subject = coalesce($2, subject) RETURNING sid, subject",
	.n_arguments = 2, .argument_types = {TEXTOID, TEXTOID}
};

static OAuthStatement end_sessions = {
	.sql = END_SESSION "subject = $1",
	.sees_latest = true,
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement end_sessions_of_acr = {
	.sql = END_SESSION "subject = $1 AND coalesce(acr, $2) = $2 RETURNING sid",
	.sees_latest = true,
	.n_arguments = 2, .argument_types = {TEXTOID, TEXTOID}
};

/* The sid goes on in another row. */
static OAuthStatement replace_session = {
	.sql = "UPDATE oauth.session SET ended_at = clock_timestamp(), sid = NULL"
	" WHERE handle = $1 AND ended_at IS NULL",
	.n_arguments = 1, .argument_types = {INT8OID}
};

static void *
read_message(uint64 row)
{
	OAuthDelivery *delivery = SPI_palloc(sizeof(OAuthDelivery));

	delivery->kind = OAUTH_BACKCHANNEL_LOGOUT;
	delivery->client_id = oauth_store_string(row, 1);
	delivery->url = oauth_store_string(row, 2);
	delivery->subject = oauth_store_string(row, 3);
	delivery->sid = oauth_store_string(row, 4);
	return delivery;
}

/* Writes a message for each client that the statement finds. */
static void
tell_clients(OAuthStatement *statement, OAuthArguments *arguments)
{
	ListCell   *cell;

	foreach(cell, oauth_store_list(statement, arguments, read_message))
		oauth_store_add_delivery(lfirst(cell));
}

/* A session has ended: its clients are told, and keep what was granted with offline_access. */
static void
leave_session(const char *sid)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, sid);
	tell_clients(&told_of_session, &arguments);
	oauth_store_end_grants_of_session(sid);
}

/*
 * All sessions of these subjects are about to end.  are_built_in: built-in users may be among them;
 * otherwise those are left out.
 */
void
oauth_store_tell_of_logout(List *subjects, bool are_built_in)
{
	OAuthArguments arguments = {0};

	oauth_add_value(&arguments, oauth_array_from_list(subjects));
	oauth_add_bool(&arguments, are_built_in);
	tell_clients(&told_of_subjects, &arguments);
}

/* The same for all subjects but built-in users. */
void
oauth_store_tell_of_every_logout(void)
{
	tell_clients(&told_of_every_subject, NULL);
}

/* Ends a session, and tells the clients of it. */
void
oauth_store_end_session(int64 handle)
{
	OAuthArguments arguments = {0};
	char	   *sid = NULL;

	oauth_add_int64(&arguments, handle);
	if (oauth_store_run(&end_session, &arguments) > 0)
		sid = oauth_store_string(0, 1);
	oauth_store_end();
	if (sid != NULL)
		leave_session(sid);
}

/*
 * The same for the session of that sid, of that subject (NULL: any); returns whose it was, NULL
 * if there is none that has not ended.
 */
char *
oauth_store_end_session_of_sid(const char *sid, const char *subject)
{
	OAuthArguments arguments = {0};
	char	   *whose = NULL;

	oauth_add_text(&arguments, sid);
	oauth_add_text(&arguments, subject);
	if (oauth_store_run(&end_session_of_sid, &arguments) > 0)
		whose = oauth_store_string(0, 2);
	oauth_store_end();
	if (whose != NULL)
		leave_session(sid);
	return whose;
}

/* Ends a session that another one of the same browser and subject takes the place of. */
void
oauth_store_replace_session(int64 handle)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	oauth_store_count(&replace_session, &arguments);
}

/* Ends all sessions of the subject, and tells the clients; returns how many. */
int64
oauth_store_end_sessions(const char *subject)
{
	oauth_store_tell_of_logout(list_make1(unconstify(char *, subject)), true);
	oauth_store_end_online_grants(subject);
	return oauth_store_end_dead_sessions(subject);
}

/*
 * Ends those sessions of the subject that are of that acr, or say none, and tells the clients of
 * each.
 */
void
oauth_store_end_sessions_of_acr(const char *subject, const char *acr)
{
	OAuthArguments arguments = {0};
	ListCell   *cell;

	oauth_add_text(&arguments, subject);
	oauth_add_text(&arguments, acr);
	foreach(cell, oauth_store_list(&end_sessions_of_acr, &arguments, oauth_store_first_string))
		if (lfirst(cell) != NULL)
			leave_session(lfirst(cell));
}

/* The same for a subject that was disabled: the clients were told then. */
int64
oauth_store_end_dead_sessions(const char *subject)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, subject);
	return (int64) oauth_store_count(&end_sessions, &arguments);
}
