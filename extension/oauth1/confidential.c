/*
 * confidential.c
 *		Whether credentials may be answered on this connection (RFC 5849, section 2.1).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"
#include "oauth1/oauth1.h"

/*
 * Temporary credentials and tokens are answered unencrypted: "the server MUST require the use of a
 * transport-layer mechanism such as TLS or SSL" (sections 2.1 and 2.3).
 */
OAuthFault *
oauth1_require_confidential(const OAuthRequest *request)
{
	if (!request->is_confidential)
		return oauth_fault(OAUTH1_PARAMETER_REJECTED, "Credentials are handed out over TLS only.");
	return NULL;
}
