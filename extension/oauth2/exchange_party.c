/*
 * exchange_party.c
 *		The subject_token and the actor_token of an exchange (RFC 8693, section 2.1): who it is of
 *		whom they speak.
 *
 * A client exchanges what is its own: access tokens that were issued to it, and ID tokens whose aud
 * it is.  A token that another client let it see stays with that client.  Beside these there are
 * JWTs of trusted issuers whose aud is this provider.
 *
 * What was issued here has a grant, and what is exchanged for it goes on under that grant: one row
 * ends both.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "client/client.h"
#include "http/http.h"
#include "jose/jose.h"
#include "oauth2/exchange.h"
#include "secret/secret.h"
#include "setting.h"
#include "store/client.h"
#include "store/token.h"
#include "text/text.h"
#include "token/token.h"

typedef OAuthFault *(*PartyReader) (const OAuth2TokenRequest *request, const char *token,
									OAuth2Party *party);

static OAuthFault *
refuse(const OAuth2Party *party, const char *problem)
{
	return oauth_fault(OAUTH_INVALID_REQUEST,
					   psprintf("The %s is not accepted: %s", party->name, problem));
}

/* ---- of trusted issuers ---- */

/* Whether the token is a JWT that another issuer than this provider says to have signed. */
bool
oauth2_is_of_others(const char *token)
{
	OAuthJws	jws;
	Jsonb	   *claims;
	const char *iss;

	return oauth_jwt_parse(token, strlen(token), &jws, &claims) == NULL &&
		(iss = oauth_jwt_text(claims, "iss")) != NULL &&
		(oauth_setting_issuer == NULL || strcmp(iss, oauth_setting_issuer) != 0);
}

static OAuthFault *
read_assertion(const OAuth2TokenRequest *request, const char *token, OAuth2TrustedJwtUse use,
			   OAuth2Party *party)
{
	OAuth2TrustedJwt *assertion = &party->assertion;
	const char *problem;
	OAuthFault *fault;

	assertion->use = use;
	assertion->name = party->name;
	assertion->request = request;
	if ((fault = oauth2_trusted_jwt_verify(assertion, token)) != NULL)
		return fault;
	party->claims = assertion->claims;
	party->iss = assertion->iss;
	party->sub = assertion->sub;
	party->expires_at = assertion->expires_at;
	party->elsewhere = oauth2_trusted_jwt_elsewhere(assertion);
	problem = oauth2_actor_of(assertion->claims, &party->act);
	return problem ? refuse(party, problem) : NULL;
}

/* ---- access tokens ---- */

/* What the application says of the subject, for it may say who may act (section 4.4). */
static void
ask_application(const OAuthToken *token, OAuth2Party *party)
{
	if (oauth_claims_about(token, &party->claims) != OAUTH_LANE_ANY)
		party->elsewhere = oauth_response_application(token->client_id, token->subject);
}

static OAuthFault *
read_own_access_token(const OAuth2TokenRequest *request, const OAuthToken *token,
					  OAuth2Party *party)
{
	if (token == NULL || strcmp(token->client_id, request->client->client_id) != 0)
		return refuse(party, "it is unknown, has ended, or is one of another client.");
	/* who has found it without its key cannot turn it into one that needs none */
	if (token->cnf != NULL && !oauth_cnf_equals(token->cnf, request->cnf))
		return refuse(party, "it is bound to a key, and the request does not prove to have it.");
	party->grant.handle = token->grant;
	if (!oauth_store_read_grant(&party->grant))
		return refuse(party, "its grant has ended.");
	ask_application(token, party);
	party->subject = token->subject;
	party->scope = token->scope;
	party->resource = token->resource;
	party->authorization_details = token->authorization_details;
	party->expires_at = token->expires_at;
	party->sub = token->subject ? oauth_subject_for(request->client, token->subject) :
		token->client_id;
	party->client_id = token->client_id;
	party->act = token->act;
	return NULL;
}

static OAuthFault *
read_access_token(const OAuth2TokenRequest *request, const char *token, OAuth2Party *party)
{
	OAuthToken *own = oauth_find_access_token(token, strlen(token));

	return own == NULL && oauth2_is_of_others(token) ?
		read_assertion(request, token, OAUTH2_AS_ACCESS_TOKEN, party) :
		read_own_access_token(request, own, party);
}

/* ---- ID tokens ---- */

/* The claims of an ID token that the client got here and that is good now; NULL: it is none. */
static Jsonb *
id_token_claims(const OAuthClient *client, const char *token)
{
	Jsonb	   *claims;
	const char *text;

	if (!oauth_verify_own_jwt(token, "JWT", &claims) ||
		(text = oauth_jwt_text(claims, "iss")) == NULL || strcmp(text, oauth_issuer()) != 0 ||
		!oauth_jwt_is_for(claims, client->client_id))
		return NULL;
	/* other JWTs for the client have no at_hash, which each ID token has */
	if (oauth_jwt_text(claims, "at_hash") == NULL || oauth_jwt_text(claims, "sub") == NULL)
		return NULL;
	if (!oauth_jwt_has(claims, "exp") ||
		oauth_jwt_time_problem(claims, GetCurrentTimestamp(), 0) != NULL)
		return NULL;
	return claims;
}

/*
 * The login that the ID token tells of must go on: its session has not ended, and neither has the
 * grant for which it was issued.
 */
static bool
find_login(const OAuthClient *client, OAuth2Party *party)
{
	const char *seen = oauth_jwt_text(party->claims, "sid");
	const char *sid = seen ? oauth_sid_of(client, seen) : NULL;

	if (seen != NULL && sid == NULL)
		return false;
	party->grant.handle = oauth_store_login_grant(client->client_id, sid,
												  sid ? NULL : party->sub);
	return party->grant.handle != 0 && oauth_store_read_grant(&party->grant) &&
		strcmp(oauth_subject_for(client, party->grant.subject), party->sub) == 0;
}

static OAuthFault *
read_id_token(const OAuth2TokenRequest *request, const char *token, OAuth2Party *party)
{
	double		exp = 0;

	if (oauth2_is_of_others(token))
		return read_assertion(request, token, OAUTH2_AS_ID_TOKEN, party);
	if ((party->claims = id_token_claims(request->client, token)) == NULL)
		return refuse(party, "it is no ID token that the client got here, or has expired.");
	party->sub = oauth_jwt_text(party->claims, "sub");
	if (!find_login(request->client, party))
		return refuse(party, "the session or the grant that it tells of has ended.");
	(void) oauth_jwt_seconds(party->claims, "exp", &exp);
	party->expires_at = GetCurrentTimestamp() +
		(TimestampTz) ((exp - oauth_jwt_now(GetCurrentTimestamp())) * USECS_PER_SEC);
	party->subject = party->grant.subject;
	party->scope = party->grant.scope;
	party->resource = party->grant.resource;
	party->authorization_details = party->grant.authorization_details;
	return NULL;
}

/* ---- JWTs ---- */

/* "indicates that the token is a JWT" (section 3): an access token can be one. */
static OAuthFault *
read_jwt(const OAuth2TokenRequest *request, const char *token, OAuth2Party *party)
{
	OAuthJws	jws;

	if (oauth_jws_parse(token, strlen(token), &jws) != NULL)
		return refuse(party, "it is no JWT.");
	return oauth2_is_of_others(token) ? read_assertion(request, token, OAUTH2_AS_JWT, party) :
		read_own_access_token(request, oauth_find_access_token(token, strlen(token)), party);
}

static const struct
{
	const char *type;
	PartyReader read;
}			types[] =
{
	{OAUTH2_ACCESS_TOKEN_TYPE, read_access_token},
	{OAUTH2_ID_TOKEN_TYPE, read_id_token},
	{OAUTH2_JWT_TYPE, read_jwt}
};

/* The types of tokens that are exchanged, for people. */
char *
oauth2_exchanged_types(void)
{
	return OAUTH_ENUMERATE(types);
}

/* Reads a token of that type.  The name of the party is set; the rest is filled in. */
OAuthFault *
oauth2_party_read(const OAuth2TokenRequest *request, const char *type, const char *token,
				  OAuth2Party *party)
{
	for (size_t i = 0; i < lengthof(types); i++)
		if (strcmp(types[i].type, type) == 0)
			return types[i].read(request, token, party);
	return oauth_fault(OAUTH_INVALID_REQUEST,
					   psprintf("%s_type must be one of %s.", party->name,
								oauth2_exchanged_types()));
}
