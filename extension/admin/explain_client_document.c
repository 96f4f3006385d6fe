/*
 * explain_client_document.c
 *		The steps from a URL as client_id to a client, with what the answer omits (see explain.c).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/admin.h"
#include "oauth2/client_document.h"
#include "setting.h"
#include "store/client.h"
#include "store/document.h"

#include "utils/builtins.h"

/* A document that is looked at, as the endpoint would. */
typedef struct Reading
{
	const char *client_id;
	const char *body;
	const OAuthClient *known;
	OAuthClient *client;
	OAuthFault *fault;
} Reading;

static void
read_document(void *argument)
{
	Reading    *reading = argument;

	reading->fault = oauth2_client_document_check(reading->client_id, reading->body,
												  reading->known, reading->client);
}

/* Whether a client of that URL may be at all. */
static bool
explain_uri(OAuthExplanation *explanation, const char *client_id)
{
	const char *why_not = oauth2_client_id_uri_why_not(client_id);

	if (!oauth_setting_client_id_metadata_documents)
	{
		oauth_explain_step(explanation, "metadata document", OAUTH_EXPLAIN_REFUSED,
						   "the client_id is a URL, and documents of clients are not read here",
						   "ALTER DATABASE ... SET oauth.client_id_metadata_documents = on;");
		return false;
	}
	oauth_explain_step(explanation, "client_id",
					   why_not ? OAUTH_EXPLAIN_REFUSED : OAUTH_EXPLAIN_OK,
					   why_not ? psprintf("it is a URL that %s", why_not) :
					   "it is a URL that can have a document",
					   why_not ? "see oauth.client_id_metadata_hosts, and docs/registration.md" :
					   NULL);
	return why_not == NULL;
}

/* The document is not here.  True: the client that its document described before is used. */
static bool
explain_absence(OAuthExplanation *explanation, const char *client_id, const OAuthClient *known,
				const char *problem)
{
	bool		has_lasted = known != NULL && oauth2_client_document_has_lasted(known);

	oauth_explain_step(explanation, "metadata document",
					   problem == NULL ? OAUTH_EXPLAIN_OPEN :
					   has_lasted ? OAUTH_EXPLAIN_OK : OAUTH_EXPLAIN_REFUSED,
					   problem == NULL ? "it is not here, and the shim would fetch it" :
					   psprintf("it could not be fetched: %s%s", problem,
								has_lasted ? "; what it said before counts, for two days" : ""),
					   has_lasted ? NULL : psprintf("SELECT oauth_keep_document(%s, '...');",
													quote_literal_cstr(client_id)));
	return problem != NULL && has_lasted;
}

/* The client that the document describes; NULL if it does not. */
static OAuthClient *
explain_document(OAuthExplanation *explanation, const char *client_id, const OAuthClient *known,
				 const OAuthDocument *document)
{
	Reading		reading = {client_id, document->body, known, palloc0(sizeof(OAuthClient)), NULL};
	ErrorData  *error = oauth_try(read_document, &reading, false);
	bool		waits;

	if (error != NULL)
		ReThrowError(error);
	waits = reading.fault != NULL && reading.fault->code == OAUTH_FETCH;
	oauth_explain_step(explanation, "metadata document",
					   waits ? OAUTH_EXPLAIN_OPEN :
					   reading.fault ? OAUTH_EXPLAIN_REFUSED : OAUTH_EXPLAIN_OK,
					   waits ? psprintf("the shim would fetch %s", reading.fault->description) :
					   reading.fault ? reading.fault->description :
					   psprintf("it describes %s",
								oauth_explain_shown(reading.client->client_name)),
					   reading.fault == NULL || waits ? NULL :
					   psprintf("when it is corrected: SELECT oauth_forget_document(%s);",
								quote_literal_cstr(client_id)));
	return reading.fault ? NULL : reading.client;
}

/*
 * Explains the document of a client_id, where the endpoint reads it; false if it does not: nobody
 * asks for the document of a client that an administrator has registered or disabled.  *client is
 * NULL if the request ends there.
 */
bool
oauth2_explain_client_document(OAuthExplanation *explanation, const char *client_id,
							   OAuthClient **client)
{
	OAuthClient *known;
	OAuthDocument *document;

	*client = NULL;
	if (client_id == NULL || !oauth2_is_client_id_uri(client_id))
		return false;
	known = oauth_store_find_client(client_id, NULL);
	if (known != NULL && (!known->is_document || known->is_disabled))
		return false;
	if (!explain_uri(explanation, client_id))
		return true;
	document = oauth_store_find_document(client_id);
	if (document != NULL && document->body != NULL)
		*client = explain_document(explanation, client_id, known, document);
	else if (explain_absence(explanation, client_id, known, document ? document->problem : NULL))
		*client = known;
	return true;
}
