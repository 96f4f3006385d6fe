/*
 * explain_assertion.c
 *		Why a JWT would be refused as a grant (RFC 7523) or in an exchange (RFC 8693): whose it is,
 *		which keys there are, who signed it, for whom and until when.
 *
 * Nothing is fetched here, and no function of the application runs.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/admin.h"
#include "client/client.h"
#include "http/http.h"
#include "jose/jose.h"
#include "oauth2/exchange.h"
#include "setting.h"
#include "store/client.h"
#include "store/document.h"
#include "store/function.h"
#include "store/issuer.h"

#include "utils/builtins.h"

/* A JWT that is looked at. */
typedef struct Look
{
	OAuthExplanation *explanation;
	const OAuthClient *client;
	const char *name;			/* of the parameter */
	OAuthJws	jws;
	Jsonb	   *claims;
	const char *iss;
	OAuthTrustedIssuer *issuer; /* NULL: the client itself */
} Look;

/* The claim as the JWT has it, for people. */
static char *
claim_shown(Jsonb *claims, const char *name)
{
	JsonbValue *found = oauth_jwt_claim(claims, name);
	Jsonb	   *json = found ? JsonbValueToJsonb(found) : NULL;

	return json ? oauth_explain_shown(JsonbToCString(NULL, &json->root, VARSIZE(json))) : "none";
}

static bool
explain_form(Look *look, const char *token)
{
	const char *problem = oauth_jwt_parse(token, strlen(token), &look->jws, &look->claims);

	if (problem != NULL)
		oauth_explain_step(look->explanation, look->name, OAUTH_EXPLAIN_REFUSED, problem, NULL);
	else
		oauth_explain_step(look->explanation, look->name, OAUTH_EXPLAIN_OK,
						   psprintf("a JWT of typ %s, signed with %s, kid %s",
									look->jws.typ ? oauth_explain_shown(look->jws.typ) : "(none)",
									look->jws.algorithm ? look->jws.algorithm->name :
									"an unknown algorithm",
									look->jws.kid ? oauth_explain_shown(look->jws.kid) :
									"(none)"), NULL);
	return problem == NULL;
}

static bool
explain_issuer(Look *look, bool may_be_client)
{
	const char *detail;
	const char *remedy = "SELECT issuer, audience FROM oauth.trusted_issuer_overview;";

	look->iss = oauth_jwt_text(look->claims, "iss");
	look->issuer = look->iss ? oauth_store_find_trusted_issuer(look->iss) : NULL;
	if (look->issuer != NULL ||
		(may_be_client && look->iss != NULL && strcmp(look->iss, look->client->client_id) == 0))
	{
		oauth_explain_step(look->explanation, "issuer", OAUTH_EXPLAIN_OK,
						   look->issuer ? psprintf("%s is trusted", look->iss) :
						   "it is the client itself", NULL);
		return true;
	}
	detail = psprintf("iss is %s, which nobody trusts here", claim_shown(look->claims, "iss"));
	if (look->iss != NULL && oauth_setting_issuer != NULL &&
		strcmp(look->iss, oauth_setting_issuer) == 0)
		detail = "it was signed here";
	else if (look->iss != NULL)
		remedy = psprintf("SELECT oauth_trust_issuer(%s, jwks_uri => '...');",
						  quote_literal_cstr(oauth_explain_shown(look->iss)));
	oauth_explain_step(look->explanation, "issuer", OAUTH_EXPLAIN_REFUSED, detail, remedy);
	return false;
}

/* Whether the keys are here; if not, the request would wait for them, or be refused. */
static bool
explain_document(Look *look, const char *url)
{
	OAuthDocument *document = oauth_store_find_document(url);

	if (document != NULL && document->body != NULL)
		return true;
	if (document == NULL)
		look->explanation->not_asked = "the keys would be fetched first";
	oauth_explain_step(look->explanation, "keys",
					   document ? OAUTH_EXPLAIN_REFUSED : OAUTH_EXPLAIN_OPEN,
					   document ?
					   psprintf("%s could not be fetched: %s", url, document->problem) :
					   psprintf("%s would be fetched first", url),
					   document ? "it is tried again a minute later; SELECT * FROM "
					   "oauth.trusted_issuer_overview;" : NULL);
	return false;
}

static bool
explain_signature(Look *look)
{
	OAuthClient *signer = look->issuer ? oauth_issuer_keys(look->issuer) :
		unconstify(OAuthClient *, look->client);
	OAuthJwsPolicy policy = {.algorithms = oauth_client_algorithms(look->client, NULL)};
	OAuthClientKeys keys;
	const char *problem;

	if (signer->jwks_uri != NULL && !explain_document(look, signer->jwks_uri))
		return false;
	if (oauth_client_keys(signer, &keys) != NULL)
		return false;
	policy.keys = keys.keys;
	problem = keys.problem ? keys.problem : oauth_jws_check(&look->jws, &policy);
	oauth_explain_step(look->explanation, "signature",
					   problem ? OAUTH_EXPLAIN_REFUSED : OAUTH_EXPLAIN_OK,
					   problem ? problem : "it holds",
					   problem == NULL ? NULL : signer->jwks_uri ?
					   psprintf("a key that is new is fetched within a minute; SELECT "
								"oauth_forget_document(%s) has all fetched again",
								quote_literal_cstr(signer->jwks_uri)) :
					   look->issuer ? "SELECT oauth_trust_issuer(...) with the keys of today" :
					   "the client registers its keys as jwks, or jwks_uri");
	return problem == NULL;
}

/* Shows each claim beside the value that is expected; the answer says which one counts. */
static void
explain_claims(Look *look)
{
	const char *audience = look->issuer && look->issuer->audience ? look->issuer->audience :
		oauth_setting_issuer;
	double		exp;
	bool		has_exp = oauth_jwt_seconds(look->claims, "exp", &exp) == NULL &&
		oauth_jwt_has(look->claims, "exp");
	bool		is_for_us = audience && oauth_jwt_is_for(look->claims, audience);
	const char *problem = oauth_jwt_time_problem(look->claims, GetCurrentTimestamp(),
												 OAUTH_JWT_SKEW);

	oauth_explain_step(look->explanation, "audience",
					   is_for_us ? OAUTH_EXPLAIN_OK : OAUTH_EXPLAIN_OPEN,
					   psprintf("aud is %s; wanted is %s", claim_shown(look->claims, "aud"),
								audience ? audience : "oauth.issuer, which is not set"),
					   look->issuer && !is_for_us ?
					   "SELECT oauth_trust_issuer(..., audience => '...') says what "
					   "else it may be" : NULL);
	oauth_explain_step(look->explanation, "time",
					   problem || !has_exp ? OAUTH_EXPLAIN_REFUSED : OAUTH_EXPLAIN_OK,
					   problem ? problem : !has_exp ? "there is no exp" :
					   psprintf("exp is %d seconds ahead",
								(int) Min(exp - oauth_jwt_now(GetCurrentTimestamp()), 1e9)),
					   problem ? "look at the clocks of both machines" : NULL);
	if (oauth_jwt_has(look->claims, "client_id"))
		oauth_explain_step(look->explanation, "client_id", OAUTH_EXPLAIN_OPEN,
						   psprintf("it was issued to %s",
									claim_shown(look->claims, "client_id")), NULL);
}

/* Who it is here; a function of the application is not asked. */
static void
explain_subject(Look *look)
{
	const char *sub = oauth_jwt_text(look->claims, "sub");

	if (look->issuer != NULL && look->issuer->function.name != NULL)
	{
		look->explanation->not_asked = "a function of the application would run";
		oauth_explain_step(look->explanation, "subject", OAUTH_EXPLAIN_OPEN,
						   psprintf("%s.%s says who the sub %s is here; it is not called here",
									look->issuer->function.schema, look->issuer->function.name,
									claim_shown(look->claims, "sub")), NULL);
		return;
	}
	oauth_explain_step(look->explanation, "subject", sub ? OAUTH_EXPLAIN_OK : OAUTH_EXPLAIN_REFUSED,
					   sub == NULL ? "there is no sub" :
					   look->issuer ? psprintf("%s|%s", look->iss, oauth_explain_shown(sub)) :
					   oauth_explain_shown(sub),
					   look->issuer ? "SELECT oauth_trust_issuer(..., subject_function => '...') "
					   "makes users of here of them" : NULL);
}

static void
explain_jwt(OAuthExplanation *explanation, const OAuthClient *client, const char *name,
			const char *token, bool may_be_client)
{
	Look		look = {.explanation = explanation, .client = client, .name = name};

	if (!explain_form(&look, token) || !explain_issuer(&look, may_be_client) ||
		!explain_signature(&look))
		return;
	explain_claims(&look);
	explain_subject(&look);
}

/* grant_type jwt-bearer */
void
oauth2_explain_jwt_bearer(OAuthExplanation *explanation, const OAuthClient *client,
						  const OAuthParams *params)
{
	const char *assertion;

	if (oauth_params_get(params, "assertion", &assertion) == NULL && assertion != NULL)
		explain_jwt(explanation, client, "assertion", assertion, true);
}

/* One of the tokens of an exchange. */
static void
explain_exchanged(OAuthExplanation *explanation, const OAuthClient *client,
				  const OAuthParams *params, const char *name)
{
	const char *token;
	const char *type;

	if (oauth_params_get(params, name, &token) != NULL || token == NULL ||
		oauth_params_get(params, psprintf("%s_type", name), &type) != NULL || type == NULL ||
		strcmp(type, OAUTH2_OAUTH1_TYPE) == 0)
		return;
	if (oauth2_is_of_others(token))
		explain_jwt(explanation, client, name, token, false);
	else if (strcmp(type, OAUTH2_ID_TOKEN_TYPE) != 0)
	{
		(void) oauth2_explain_token_string(explanation, name, token, OAUTH_ACCESS_TOKEN,
										   "an access token");
		oauth2_explain_owner(explanation, client, token, OAUTH_ACCESS_TOKEN,
							 "a client exchanges tokens that were issued to it");
	}
}

/* grant_type token-exchange */
void
oauth2_explain_exchange(OAuthExplanation *explanation, const OAuthClient *client,
						const OAuthParams *params)
{
	explain_exchanged(explanation, client, params, "subject_token");
	explain_exchanged(explanation, client, params, "actor_token");
	if (oauth_store_has_claims_function())
		explanation->not_asked = "a function of the application would run";
}
