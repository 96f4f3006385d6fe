/*
 * document.c
 *		Documents of other servers: the key sets of clients, and the like.
 *
 * No backend opens a connection.  What is not here is noted as wanted, and the request is answered
 * with status 0 and the line "Fetch: https://..."; the shim fetches the document and asks again.
 * So a document is asked for before the request has done anything that must not be done twice.
 *
 * A URL comes from a registered client or an administrator.  Where it may come from a stranger, the
 * request is counted for its address (audit/throttle.c) before the document is asked for.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "http/http.h"
#include "store/document.h"

#include "access/xact.h"
#include "access/xlog.h"

static OAuthDocument *
unavailable(const char *problem)
{
	OAuthDocument *document = palloc0(sizeof(OAuthDocument));

	document->problem = problem;
	return document;
}

/* The fault with which the request ends that needs it; NULL: it cannot be had. */
static OAuthFault *
want_document(const char *url)
{
	bool		may_write = !XactReadOnly && !RecoveryInProgress();

	/* a lane that only reads is left by the same answer (oauth_response_fetch) */
	if (may_write && !oauth_store_want_document(url))
		return NULL;
	return oauth_fault(OAUTH_FETCH, pstrdup(url));
}

/*
 * The document at that URL, with a body or with the problem that there is; or a fault, with which
 * the caller returns: the shim fetches it and asks again.
 */
OAuthFault *
oauth_document_get(const char *url, OAuthDocument **document)
{
	const char *why_not = oauth_server_uri_why_not(url);
	OAuthFault *fault;

	*document = oauth_store_find_document(url);
	if (*document != NULL)
		return NULL;
	if (why_not != NULL)
	{
		*document = unavailable(psprintf("the URL %s", why_not));
		return NULL;
	}
	if ((fault = want_document(url)) == NULL)
		*document = unavailable("too many documents are wanted now");
	return fault;
}

/*
 * The document lacks what is looked for (a key that may be new): the fault that has it fetched
 * again, at most once a minute; NULL: it is as new as it can be.
 */
OAuthFault *
oauth_document_get_newer(const char *url, const OAuthDocument *document)
{
	return document->may_refetch && oauth_server_uri_why_not(url) == NULL ? want_document(url) :
		NULL;
}
