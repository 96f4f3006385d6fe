/*
 * renew.c
 *		A new access token for a refresh token that stays as it is: for clients whose refresh tokens
 *		are not rotated.
 *
 * FAPI 2.0 Security Profile, section 5.3.2.1: the server "shall not use refresh token rotation
 * except in extraordinary circumstances".  Such a client proves who it is with a key, so a copied
 * refresh token is of no use to others.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/client.h"
#include "store/token.h"
#include "token/token.h"

/*
 * The answer has no refresh token: the one that was sent goes on, and lives longer for it.  The
 * caller has checked everything.
 */
OAuthIssued *
oauth_renew(const OAuthClient *client, const OAuthRefreshToken *refresh, const char *scope,
			const char *resource, const char *details, const char *cnf)
{
	const OAuthGrant *grant = &refresh->grant;
	OAuthIssue	issue = {
		.grant = grant->handle, .client = client, .subject = grant->subject,
		.grant_type = grant->grant_type, .scope = scope, .resource = resource, .cnf = cnf,
		.authentication = &grant->authentication,
		.authorization_details = details
	};

	oauth_store_extend_refresh_token(refresh->handle,
									 oauth_refresh_token_end(client, grant->handle));
	return oauth_issue(&issue);
}
