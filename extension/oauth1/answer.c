/*
 * answer.c
 *		The answers to OAuth 1.0a requests: credentials, or a problem.
 *
 * Credentials are a form (RFC 5849, sections 2.1 and 2.3).  RFC 5849 leaves the body of a refusal
 * open; clients expect the form of the Problem Reporting extension, oauth_problem=<name>.  It is
 * sent in the challenge as well, because a proxy that asks /auth passes nothing else on.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"
#include "oauth1/oauth1.h"
#include "text/text.h"

static OAuthResponse *
form(int status)
{
	OAuthResponse *response = oauth_response(status);

	oauth_response_header(response, "Content-Type", "application/x-www-form-urlencoded");
	oauth_response_header(response, "Cache-Control", "no-store");
	return response;
}

static void
member(OAuthResponse *response, const char *name, const char *value)
{
	appendStringInfo(&response->body, "%s%s=%s", response->body.len > 0 ? "&" : "", name,
					 oauth1_encode(value));
}

/* RFC 5849, section 3.5.1 knows no parameter of the challenge but "realm". */
OAuthResponse *
oauth1_problem(const OAuthFault *fault, const char *realm)
{
	OAuthResponse *response = form(oauth_fault_status(fault));

	oauth_response_header(response, "WWW-Authenticate",
						  psprintf("OAuth realm=\"%s\", oauth_problem=\"%s\"", realm,
								   oauth_fault_name(fault)));
	member(response, "oauth_problem", oauth_fault_name(fault));
	member(response, "oauth_problem_advice", fault->description);
	oauth_response_retry_after(response, fault);
	return response;
}

/*
 * The credentials as a form.  confirmed: temporary credentials, whose answer confirms the callback
 * (section 2.1).
 */
OAuthResponse *
oauth1_credentials(const char *token, const char *secret, bool confirmed)
{
	OAuthResponse *response = form(200);

	member(response, "oauth_token", token);
	member(response, "oauth_token_secret", secret);
	if (confirmed)
		member(response, "oauth_callback_confirmed", "true");
	return response;
}
