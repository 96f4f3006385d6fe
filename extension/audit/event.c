/*
 * event.c
 *		The audit log: who did what from where, and how it ended.
 *
 * An event is noted where the thing was done or refused: by a client of HTTP, from the address that
 * the shim saw, or by a role of the database.  Secrets have no way into it: what it says of a
 * failure is the text of the fault.
 *
 * What changes nothing writes nothing, so a hot standby and read-only transactions note no event.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "http/http.h"
#include "store/store.h"
#include "text/text.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#define MAX_REQUEST_ID	128

/* Where the session comes from; 0 for a socket of this machine. */
static Datum
session_address(void)
{
	LOCAL_FCINFO(fcinfo, 0);
	Datum		address;

	InitFunctionCallInfoData(*fcinfo, NULL, 0, InvalidOid, NULL, NULL);
	address = inet_client_addr(fcinfo);
	return fcinfo->isnull ? (Datum) 0 : address;
}

/*
 * The id that the shim gave the request, or took from a trusted proxy; NULL for a value of somebody
 * else's that is none.
 */
static char *
request_id_of(const OAuthRequest *request)
{
	char	   *id;

	if (oauth_request_header(request, "X-Request-Id", &id) == 1 && id[0] != '\0' &&
		oauth_is_plain(id, MAX_REQUEST_ID))
		return id;
	return NULL;
}

/* request: NULL where a role of the database does it. */
void
oauth_event_note(const OAuthRequest *request, const OAuthEvent *event)
{
	OAuthEvent	noted = *event;

	if (oauth_setting_event_retention == 0 || XactReadOnly || RecoveryInProgress())
		return;
	if (event->fault != NULL)
		noted.detail = event->fault->description;
	oauth_store_note_event(&noted, event->fault ? oauth_fault_name(event->fault) : NULL,
						   request ? request->peer : session_address(),
						   request ? NULL : GetUserNameFromId(GetSessionUserId(), true),
						   request ? request_id_of(request) : NULL);
}

/*
 * Somebody decided on a page whether a client may.  client_id may be NULL where that is not known
 * any more.
 */
void
oauth_event_consent(const OAuthRequest *request, const char *client_id, const char *subject,
					bool approved)
{
	OAuthEvent	event = {.event = "consent", .client_id = client_id, .subject = subject};

	if (!approved)
		event.fault = oauth_fault(OAUTH_ACCESS_DENIED, "The user refused.");
	oauth_event_note(request, &event);
}

/* A role changed how the provider is set up.  detail says what, with the name of the thing. */
void
oauth_event_configured(const char *client_id, const char *subject, const char *detail)
{
	OAuthEvent	event = {.event = "configure",
		.client_id = client_id,
		.subject = subject,
		.detail = detail};

	oauth_event_note(NULL, &event);
}
