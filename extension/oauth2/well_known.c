/*
 * well_known.c
 *		What the documents below /.well-known/ have in common (RFC 8615): their paths, and that they
 *		are public.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"
#include "oauth2/well_known.h"

/* Where the path of the issuer begins; its end if it has none. */
const char *
oauth2_issuer_path(const char *issuer)
{
	const char *authority = strstr(issuer, "://") + 3;

	return authority + strcspn(authority, "/");
}

OAuthResponse *
oauth2_public_json(const OAuthRequest *request)
{
	OAuthResponse *response = oauth_response(200);

	oauth_response_header(response, "Content-Type", "application/json");
	oauth_response_header(response, "Cache-Control", "public, max-age=300");
	oauth_response_shared(request, response);
	return response;
}

OAuthResponse *
oauth2_not_found(const char *description)
{
	return oauth_response_fault(oauth_fault(OAUTH_NOT_FOUND, description));
}

/* What follows the well-known part of a path; NULL if the path does not begin with that. */
const char *
oauth2_path_after(const char *path, const char *well_known)
{
	size_t		length = strlen(well_known);

	if (strncmp(path, well_known, length) != 0 || strchr("/", path[length]) == NULL)
		return NULL;
	return path + length;
}
