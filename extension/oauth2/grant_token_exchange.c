/*
 * grant_token_exchange.c
 *		A token for another one (RFC 8693): with less scope, for other places, with somebody who
 *		acts for the subject; and for tokens of OAuth 1.0a, so that clients can move on without
 *		asking their users.
 *
 * The new token never allows more than the one that was presented: its scope narrows, it is for
 * places within those of the grant, it ends when that token does, and with its grant.  No refresh
 * token comes with it.  The exception is a token of OAuth 1.0a, which is not limited in time.
 *
 * audience is the name of a service, which here is a URI, as resource is, or the client_id of a
 * client: "the logical name of the target service" (section 2.1).  Both go into aud.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "http/http.h"
#include "oauth2/exchange.h"
#include "store/client.h"
#include "text/text.h"
#include "token/token.h"

#define MAX_TARGETS	10

/* ---- the parameters of section 2.1 ---- */

static bool
is_client(const char *name)
{
	OAuthClient *client = strchr(name, ' ') == NULL ? oauth_store_find_client(name, NULL) : NULL;

	return client != NULL && !client->is_disabled;
}

/*
 * "If the authorization server is unwilling or unable to issue a token for any target service
 * indicated by the resource or audience parameters, the invalid_target error code SHOULD be used"
 * (section 2.2.2)
 */
static OAuthFault *
check_audience(const char *audience)
{
	if (is_client(audience))
		return NULL;
	if (oauth2_resource_check(audience) != NULL)
		return oauth_fault(OAUTH_INVALID_TARGET,
						   "audience must be a URI, or the client_id of a client of this server.");
	return oauth2_resource_check_registered(audience);
}

/* Adds the audiences to the resources. */
static OAuthFault *
read_audience(const OAuthParams *params, const char **resource)
{
	List	   *audiences = oauth_params_all(params, "audience");
	ListCell   *cell;
	OAuthFault *fault;

	if (list_length(audiences) > MAX_TARGETS)
		return oauth_fault(OAUTH_INVALID_TARGET, "A request can name 10 audiences.");
	foreach(cell, audiences)
	{
		const char *audience = lfirst(cell);

		if ((fault = check_audience(audience)) != NULL)
			return fault;
		if (*resource == NULL)
			*resource = audience;
		else if (!oauth_uris_include(*resource, audience))
			*resource = psprintf("%s %s", *resource, audience);
	}
	return NULL;
}

static OAuthFault *
read_parameters(const OAuthParams *params, OAuth2Exchange *exchange)
{
	OAuthFault *fault;

	if ((fault = oauth_params_get(params, "subject_token", &exchange->subject_token)) != NULL ||
		(fault = oauth_params_get(params, "subject_token_type", &exchange->subject_token_type)) !=
		NULL ||
		(fault = oauth_params_get(params, "actor_token", &exchange->actor_token)) != NULL ||
		(fault = oauth_params_get(params, "actor_token_type",
								  &exchange->actor_token_type)) != NULL ||
		(fault = oauth_params_get(params, "requested_token_type",
								  &exchange->requested_token_type)) != NULL ||
		(fault = oauth_params_get(params, "scope", &exchange->scope)) != NULL ||
		(fault = oauth2_resource_read(params, &exchange->resource)) != NULL)
		return fault;
	return read_audience(params, &exchange->resource);
}

static OAuthFault *
check_parameters(const OAuth2Exchange *exchange)
{
	if (exchange->subject_token == NULL || exchange->subject_token_type == NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "subject_token and subject_token_type must both be sent.");
	/* "REQUIRED when the actor_token parameter is present [...] MUST NOT be included otherwise" */
	if ((exchange->actor_token == NULL) != (exchange->actor_token_type == NULL))
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "actor_token and actor_token_type come together.");
	return NULL;
}

/* ---- the tokens ---- */

/* The two parties; *elsewhere is the answer that moves the request to where they can be read. */
static OAuthFault *
read_parties(const OAuth2Exchange *exchange, OAuth2Party *subject, OAuth2Party *actor,
			 OAuthResponse **elsewhere)
{
	OAuthFault *fault = oauth2_party_read(exchange->request, exchange->subject_token_type,
										  exchange->subject_token, subject);

	if (fault == NULL && exchange->actor_token != NULL)
		fault = oauth2_party_read(exchange->request, exchange->actor_token_type,
								  exchange->actor_token, actor);
	*elsewhere = subject->elsewhere ? subject->elsewhere : actor->elsewhere;
	return fault;
}

/* Scope and resource, within what the subject's token allows. */
static OAuthFault *
narrow(const OAuth2Exchange *exchange, const OAuth2Party *subject, OAuthIssue *issue)
{
	OAuthFault *fault;

	issue->resource = exchange->resource;
	if (subject->assertion.iss != NULL)
	{
		if ((fault = oauth2_trusted_jwt_scope(&subject->assertion, exchange->scope,
											  &issue->scope)) != NULL ||
			(fault = oauth2_trusted_jwt_resource(&subject->assertion, &issue->resource)) != NULL)
			return fault;
	}
	else
	{
		issue->scope = exchange->scope;
		if ((fault = oauth2_scope_narrow(subject->scope, &issue->scope)) != NULL)
			return fault;
		if (issue->resource == NULL)
			issue->resource = subject->resource;
		if ((fault = oauth2_resource_narrow(&subject->grant, &issue->resource)) != NULL)
			return fault;
	}
	return oauth2_resource_check_scope(issue->client, issue->resource, issue->scope);
}

/* ---- the token that is issued ---- */

/* Which type that is: of RFC 8693 a JWT is an access token as well, if it is one. */
static OAuthFault *
decide_type(const OAuth2Exchange *exchange, const OAuthIssue *issue, const char **type)
{
	*type = exchange->requested_token_type ? exchange->requested_token_type :
		OAUTH2_ACCESS_TOKEN_TYPE;
	if (strcmp(*type, OAUTH2_ACCESS_TOKEN_TYPE) == 0)
		return NULL;
	if (strcmp(*type, OAUTH2_JWT_TYPE) != 0)
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "requested_token_type can only be " OAUTH2_ACCESS_TOKEN_TYPE ", or "
						   OAUTH2_JWT_TYPE ".");
	return oauth_token_rules(issue->client, issue->resource).is_jwt ? NULL :
		oauth_fault(OAUTH_INVALID_REQUEST,
					"Access tokens of this client, or for this resource, are no JWTs.");
}

static OAuthIssued *
moved(OAuthResponse *elsewhere)
{
	OAuthIssued *issued = palloc0(sizeof(OAuthIssued));

	issued->elsewhere = elsewhere;
	return issued;
}

/* The subject of somebody else's JWT gets a grant here; what was issued here has one. */
static OAuthFault *
settle_subject(const OAuth2Party *subject, OAuthIssue *issue)
{
	OAuthFault *fault;

	issue->subject = subject->subject;
	issue->grant = subject->grant.handle;
	if (subject->assertion.iss == NULL)
	{
		issue->authentication = &subject->grant.authentication;
		return NULL;
	}
	issue->issuer = subject->assertion.iss;
	fault = oauth2_trusted_jwt_subject(&subject->assertion, &issue->subject);
	return fault ? fault : oauth2_trusted_jwt_hold(&subject->assertion, issue->subject);
}

static OAuthFault *
exchange_tokens(const OAuth2Exchange *exchange, OAuthIssued **issued)
{
	OAuth2Party subject = {.name = "subject_token"};
	OAuth2Party actor = {.name = "actor_token"};
	OAuthIssue	issue = {
		.client = exchange->request->client, .cnf = exchange->request->cnf,
		.grant_type = OAUTH_GRANT_TOKEN_EXCHANGE
	};
	OAuthResponse *elsewhere;
	const char *type;
	OAuthFault *fault;

	if ((fault = read_parties(exchange, &subject, &actor, &elsewhere)) != NULL)
		return fault;
	if (elsewhere != NULL)
	{
		*issued = moved(elsewhere);
		return NULL;
	}
	if ((fault = oauth2_exchange_act(exchange, &subject, exchange->actor_token ? &actor : NULL,
									 &issue.act)) != NULL ||
		(fault = narrow(exchange, &subject, &issue)) != NULL ||
		(fault = decide_type(exchange, &issue, &type)) != NULL)
		return fault;
	if ((*issued = oauth2_access_token_elsewhere(issue.client, issue.resource)) != NULL)
		return NULL;
	if ((fault = settle_subject(&subject, &issue)) != NULL ||
		(fault = oauth2_trusted_jwt_hold_issuer(&actor.assertion)) != NULL)
		return fault;
	issue.not_after = subject.expires_at;
	issue.authorization_details = subject.authorization_details;
	*issued = oauth_issue(&issue);
	(*issued)->issued_token_type = type;
	return NULL;
}

OAuthFault *
oauth2_grant_token_exchange(const OAuth2TokenRequest *request, OAuthIssued **issued)
{
	OAuth2Exchange exchange = {.request = request};
	OAuthFault *fault;

	if ((fault = read_parameters(&request->params, &exchange)) != NULL ||
		(fault = check_parameters(&exchange)) != NULL)
		return fault;
	return strcmp(exchange.subject_token_type, OAUTH2_OAUTH1_TYPE) == 0 ?
		oauth2_exchange_oauth1(&exchange, issued) : exchange_tokens(&exchange, issued);
}
