/*
 * client_document.h
 *		Clients whose client_id is the URL of a document that describes them
 *		(draft-ietf-oauth-client-id-metadata-document).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_CLIENT_DOCUMENT_H
#define OAUTH_CLIENT_DOCUMENT_H

#include "http/http.h"
#include "store/client.h"

/* ---- client_id_uri.c ---- */

extern bool oauth2_is_client_id_uri(const char *client_id);
extern const char *oauth2_client_id_uri_why_not(const char *client_id);
extern char *oauth2_client_id_host(const char *client_id);

/* ---- client_document_check.c ---- */

extern OAuthFault *oauth2_client_document_check(const char *client_id, const char *body,
												const OAuthClient *before, OAuthClient *client);

/* ---- client_document.c ---- */

extern bool oauth2_client_document_has_lasted(const OAuthClient *client);
extern OAuthFault *oauth2_client_document_read(const OAuthRequest *http, const char *client_id);

#endif							/* OAUTH_CLIENT_DOCUMENT_H */
