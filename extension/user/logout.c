/*
 * logout.c
 *		The SQL function that logs people out: oauth_end_session().
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "store/event.h"
#include "store/session.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(oauth_end_session);

static void
note_logout(const char *subject, int64 n)
{
	OAuthEvent	event = {.event = "logout", .subject = subject, .detail = "by SQL"};

	if (n > 0)
		oauth_event_note(NULL, &event);
}

/* Ends the session of that sid, as it is here or as a client with pairwise subjects knows it. */
static char *
end_session_of(const char *sid, const char *subject)
{
	char	   *whose = oauth_store_end_session_of_sid(sid, subject);
	char	   *sid_here = whose == NULL ? oauth_sid_of_pairwise(sid) : NULL;

	return sid_here != NULL ? oauth_store_end_session_of_sid(sid_here, subject) : whose;
}

/* oauth_end_session(subject text, sid text) RETURNS bigint */
Datum
oauth_end_session(PG_FUNCTION_ARGS)
{
	char	   *subject = oauth_optional_argument(fcinfo, 0);
	char	   *sid = oauth_optional_argument(fcinfo, 1);
	int64		n;

	if (subject == NULL && sid == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("oauth_end_session needs a subject or a sid"),
				 errhint("oauth_end_session('42') ends all sessions of subject 42; SELECT sid FROM "
						 "oauth.session_overview lists the sessions.")));
	if (sid == NULL)
		n = oauth_store_end_sessions(subject);
	else
	{
		subject = end_session_of(sid, subject);
		n = subject != NULL;
	}
	note_logout(subject, n);
	PG_RETURN_INT64(n);
}
