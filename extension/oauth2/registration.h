/*
 * registration.h
 *		What the files of dynamic client registration share: the request, its checks, its answers.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_REGISTRATION_H
#define OAUTH_REGISTRATION_H

#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/client.h"

#define OAUTH2_REGISTER	"/oauth2/register"

/* ---- registration_request.c ---- */

extern OAuthFault *oauth2_bad_metadata(const char *description);
extern char *oauth2_registration_bearer(const OAuthRequest *request, OAuthFault **fault);
extern OAuthFault *oauth2_registration_body(const OAuthRequest *request, Jsonb **metadata);

/* ---- registration_check.c ---- */

extern OAuthFault *oauth2_registration_check(const OAuthRequest *request, OAuthClient *client,
											 Jsonb *metadata, const OAuthClient *seen,
											 bool is_trusted);

/* ---- registration_sector.c ---- */

extern void oauth2_registration_keep_subjects(OAuthClient *client, Jsonb *metadata,
											  const OAuthClient *before);
extern OAuthFault *oauth2_registration_check_sector(const OAuthClient *client,
													const OAuthClient *before);
extern OAuthFault *oauth2_registration_check_sector_document(const OAuthRequest *request,
															 const OAuthClient *client,
															 const OAuthClient *before,
															 bool is_counted);

/* ---- registration_answer.c ---- */

extern OAuthResponse *oauth2_registration_information(int status, const OAuthClient *client,
													  const char *secret, const char *token);
extern OAuthResponse *oauth2_registration_refuse(OAuthFault *fault);
extern void oauth2_registration_note(const OAuthRequest *request, const OAuthClient *client,
									 const char *what);

/* ---- initial_access_token.c ---- */

extern OAuthFault *oauth2_initial_token_check(const char *token, OAuthTokenString *parsed);
extern OAuthFault *oauth2_initial_token_use(const OAuthTokenString *token);

/* ---- manage_registration.c ---- */

extern OAuthResponse *oauth2_manage_registration(const OAuthRequest *request,
												 const char *client_id);

#endif							/* OAUTH_REGISTRATION_H */
