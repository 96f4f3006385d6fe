/*
 * well_known.h
 *		What the documents below /.well-known/ share.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_WELL_KNOWN_H
#define OAUTH_WELL_KNOWN_H

#include "http/http.h"
#include "oauth2/oauth2.h"

extern const char *oauth2_issuer_path(const char *issuer);
extern const char *oauth2_path_after(const char *path, const char *well_known);
extern OAuthResponse *oauth2_public_json(const OAuthRequest *request);
extern OAuthResponse *oauth2_not_found(const char *description);

#endif							/* OAUTH_WELL_KNOWN_H */
