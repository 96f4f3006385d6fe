/*
 * check_authorization_details.c
 *		The parameter authorization_details (RFC 9396), wherever it comes: in an authorization
 *		request, pushed or not, and in a token request.
 *
 * - each object has the form of section 2 and a type that the client may ask for
 *   (client/authorization_details.c)
 * - "The resource parameter does not have any impact on the way the AS processes the
 *   authorization_details authorization request parameter" (section 3.2), so locations are compared
 *   with nothing
 * - whether the application grants them is asked once the subject is known (authorize_consent.c)
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "oauth2/authorization.h"
#include "store/authorization_details.h"
#include "store/client.h"
#include "store/token.h"
#include "text/text.h"

OAuthFault *
oauth2_details_read(const OAuthClient *client, const OAuthParams *params, const char **details)
{
	const char *sent;
	OAuthFault *fault = oauth_params_get(params, "authorization_details", &sent);

	return fault ? fault : oauth_details_read(client, sent, details);
}

OAuthFault *
oauth2_check_authorization_details(OAuth2Authorization *request)
{
	return oauth2_details_read(request->client, &request->params, &request->authorization_details);
}

/*
 * The answer that sends a token request to where functions of the application run; NULL if they are
 * not needed, or run here.  It is asked before anything is written.
 */
OAuthIssued *
oauth2_details_elsewhere(const OAuthClient *client, const char *details)
{
	OAuthIssued *issued;

	if (!oauth_details_need_application(details) ||
		!oauth_response_is_other_lane(OAUTH_LANE_APPLICATION))
		return NULL;
	issued = palloc0(sizeof(OAuthIssued));
	issued->elsewhere = oauth_response_application(client->client_id, NULL);
	return issued;
}

/* What a token is asked for of the granted details (section 6); all of them if none are sent. */
OAuthFault *
oauth2_details_narrow(const OAuthGrant *grant, const OAuthParams *params, const char **details)
{
	OAuthFault *fault = oauth_params_get(params, "authorization_details", details);

	return fault ? fault : oauth_details_narrow(grant->authorization_details, details);
}

/* A grant with which none can be asked for: it does not leave them out silently. */
OAuthFault *
oauth2_details_refuse(const OAuthParams *params)
{
	const char *sent;
	OAuthFault *fault = oauth_params_get(params, "authorization_details", &sent);

	if (fault != NULL || sent == NULL)
		return fault;
	return oauth_fault(OAUTH_INVALID_AUTHORIZATION_DETAILS,
					   "With this grant_type there are no authorization_details.");
}

/* Metadata, section 10: "authorization_details_types_supported". */
void
oauth2_details_types(StringInfo json)
{
	List	   *types = oauth_store_details_types();

	if (types != NIL)
		oauth_json_words(json, "authorization_details_types_supported", oauth_words_join(types));
}
