/*
 * api.h
 *		Who calls a protected resource, and what answers.  Knows no grant and no page.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_API_H
#define OAUTH_API_H

#include "endpoint/endpoint.h"
#include "http/http.h"
#include "store/function.h"
#include "store/token.h"

/* ---- caller.c ---- */

extern OAuthFault *oauth_caller(const OAuthRequest *request, const OAuthRequest *signed_request,
								const char *resource, OAuthLane signed_lane, OAuthToken **caller,
								OAuthLane *lane);
extern OAuthResponse *oauth_caller_elsewhere(const OAuthRequest *signed_request,
											 const OAuthToken *caller, OAuthLane lane);
extern OAuthResponse *oauth_caller_challenge(const OAuthRequest *request, const OAuthFault *fault,
											 const char *required_scope, const char *metadata);

/* ---- resource.c ---- */

extern const OAuthEndpoint oauth_resource_endpoint;
extern OAuthResponse *oauth_resource_answer(const OAuthRequest *request, Datum datum);

/* ---- protect.c ---- */

extern OAuthResponse *oauth_protected_call(OAuthProtectedFunction *entry, Datum request);

/* ---- forward_auth.c ---- */

extern const OAuthEndpoint oauth_forward_auth_endpoint;
extern OAuthFault *oauth_forward_auth_check(const OAuthParams *params);
extern const OAuthRequest *oauth_original_request(const OAuthRequest *request);

#endif							/* OAUTH_API_H */
