/*
 * session.c
 *		The SQL functions about sessions that somebody logged in to with a token: which there are,
 *		and ending them.  Before PostgreSQL 18 there are none.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "store/event.h"
#include "validator/validator.h"

#include <signal.h>

#include "access/xlog.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(oauth_database_sessions);
PG_FUNCTION_INFO_V1(oauth_terminate_sessions);

#if PG_VERSION_NUM < 180000
void
oauth_slots_visit(bool (*visit) (const OAuthSlot *slot, void *argument), void *argument)
{
}
#endif

static bool
copy(const OAuthSlot *slot, void *argument)
{
	List	  **sessions = argument;
	OAuthSlot  *session = palloc(sizeof(OAuthSlot));

	*session = *slot;
	*sessions = lappend(*sessions, session);
	return true;
}

/*
 * _oauth_database_sessions() RETURNS TABLE (pid integer, backend_start timestamptz, role oid,
 *		token_handle bigint, grant_handle bigint)
 */
Datum
oauth_database_sessions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	List	   *sessions = NIL;
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	oauth_slots_visit(copy, &sessions);
	foreach(cell, sessions)
	{
		const OAuthSlot *session = lfirst(cell);
		OAuthResult row = {0};

		oauth_row_int32(&row, session->pid);
		oauth_row_timestamp(&row, session->backend_start);
		oauth_row_value(&row, ObjectIdGetDatum(session->role));
		oauth_row_int64(&row, session->token);
		oauth_row_int64(&row, session->grant);
		oauth_row_put(result, &row);
	}
	return (Datum) 0;
}

/* Whose sessions are to end; NULL: of any. */
typedef struct Whose
{
	const uint8 *subject;		/* SHA-256 */
	const uint8 *client;
	int64		n;				/* that were ended */
} Whose;

static const uint8 *
digest(const char *name)
{
	uint8	   *hash = palloc(OAUTH_HASH_LENGTH);

	if (name == NULL)
		return NULL;
	oauth_sha256(name, strlen(name), hash);
	return hash;
}

static bool
end_if_theirs(const OAuthSlot *slot, void *argument)
{
	Whose	   *whose = argument;

	if ((whose->subject == NULL || memcmp(whose->subject, slot->subject, OAUTH_HASH_LENGTH) == 0) &&
		(whose->client == NULL || memcmp(whose->client, slot->client, OAUTH_HASH_LENGTH) == 0) &&
		kill(slot->pid, SIGTERM) == 0)
		whose->n++;
	return true;
}

/* A standby can end its sessions, and notes nothing. */
static void
note(const char *subject, const char *client_id, int64 n)
{
	OAuthEvent	event = {.event = "logout", .subject = subject, .client_id = client_id,
		.detail = "sessions of PostgreSQL, by SQL"};

	if (n > 0 && !RecoveryInProgress())
		oauth_event_note(NULL, &event);
}

/* oauth_terminate_sessions(subject text, client_id text) RETURNS bigint */
Datum
oauth_terminate_sessions(PG_FUNCTION_ARGS)
{
	const char *subject = oauth_optional_argument(fcinfo, 0);
	const char *client_id = oauth_optional_argument(fcinfo, 1);
	Whose		whose = {.subject = digest(subject), .client = digest(client_id)};

	if (subject == NULL && client_id == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("oauth_terminate_sessions needs a subject or a client_id"),
				 errhint("oauth_terminate_sessions(subject => '42') ends those of subject 42; "
						 "SELECT * FROM oauth.database_session lists them.")));
	oauth_slots_visit(end_if_theirs, &whose);
	note(subject, client_id, whose.n);
	PG_RETURN_INT64(whose.n);
}
