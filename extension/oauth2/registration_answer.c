/*
 * registration_answer.c
 *		The answer to a client that registers or manages itself (RFC 7591, section 3.2; RFC 7592,
 *		section 3), and the event.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "http/http.h"
#include "oauth2/registration.h"
#include "store/client.h"
#include "store/event.h"

/* Client information with the two members of RFC 7592, section 3. */
OAuthResponse *
oauth2_registration_information(int status, const OAuthClient *client, const char *secret,
								const char *token)
{
	OAuthResponse *response = oauth_response_json(status);
	Jsonb	   *metadata = DatumGetJsonbP(oauth_client_metadata_write(client, secret));
	StringInfo	body = &response->body;

	(void) JsonbToCString(body, &metadata->root, VARSIZE(metadata));
	body->data[--body->len] = '\0'; /* the brace at the end */
	oauth_json_member(body, "registration_client_uri",
					  psprintf("%s" OAUTH2_REGISTER "/%s", oauth_issuer(), client->client_id));
	oauth_json_member(body, "registration_access_token", token);
	appendStringInfoChar(body, '}');
	return response;
}

OAuthResponse *
oauth2_registration_refuse(OAuthFault *fault)
{
	OAuthResponse *response = oauth_response_fault(fault);

	if (fault->code == OAUTH_NO_CREDENTIALS)
		oauth_response_header(response, "WWW-Authenticate", "Bearer realm=\"register\"");
	if (fault->code == OAUTH_INVALID_TOKEN)
		oauth_response_header(response, "WWW-Authenticate",
							  "Bearer realm=\"register\", error=\"invalid_token\"");
	if (fault->code == OAUTH_ACCESS_DENIED)
		response->status = 403;
	return response;
}

void
oauth2_registration_note(const OAuthRequest *request, const OAuthClient *client, const char *what)
{
	OAuthEvent	event = {.event = "register", .client_id = client->client_id, .detail = what};

	oauth_event_note(request, &event);
}
