/*
 * event.c
 *		The audit log: who did what from where, and how it ended.
 *
 * An event is noted where the action was done or refused: by an HTTP client, from the address that
 * the shim saw, or by a role of the database.  Secrets never get into it: a failure is described by
 * the text of its fault.
 *
 * Whatever changes nothing writes nothing, so a hot standby and read-only transactions note no
 * events.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "http/http.h"
#include "setting.h"
#include "store/event.h"
#include "text/text.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#define MAX_REQUEST_ID	128

/* The address that the session comes from; 0 for a Unix-domain socket. */
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
 * The id that the shim gave the request, or took from a trusted proxy; NULL if the value is not a
 * valid id.
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

/* Notes an event.  request is NULL when a role of the database acts. */
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
 * Notes the refusal of a proof that cannot be guessed: a client assertion, a DPoP proof, a request
 * object.  Strangers can bring about any number of them, so they are noted as often as wrong
 * secrets are: oauth.failed_attempts for one client from one address, ten times as many for the
 * client, and for the address.  The answer is the same, noted or not.
 */
void
oauth_event_refusal(const OAuthRequest *request, const OAuthEvent *event)
{
	const char *account = event->client_id ? event->client_id : "";
	OAuthThrottle *throttle = oauth_throttle(request, oauth_fault_name(event->fault), account,
											 event->client_id != NULL,
											 oauth_setting_failed_attempts);

	if (oauth_throttle_count_key_guess(throttle) == NULL)
		oauth_event_note(request, event);
}

/* Notes a person's decision about a client.  client_id is NULL if the client is gone. */
void
oauth_event_consent(const OAuthRequest *request, const char *client_id, const char *subject,
					bool approved)
{
	OAuthEvent	event = {.event = "consent", .client_id = client_id, .subject = subject};

	if (!approved)
		event.fault = oauth_fault(OAUTH_ACCESS_DENIED, "The user refused.");
	oauth_event_note(request, &event);
}

/* Notes a change of the configuration by a role.  detail says what changed, with its name. */
void
oauth_event_configured(const char *client_id, const char *subject, const char *detail)
{
	OAuthEvent	event = {.event = "configure",
		.client_id = client_id,
		.subject = subject,
		.detail = detail};

	oauth_event_note(NULL, &event);
}
