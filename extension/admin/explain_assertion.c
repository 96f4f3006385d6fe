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

#include <math.h>

#include "utils/builtins.h"

#define ANOTHER_KIND "its issuer signs another kind of JWT for this"

/* A JWT that is looked at, as the endpoint looks at it. */
typedef struct Look
{
	OAuthExplanation *explanation;
	OAuth2TrustedJwt assertion;
	OAuthJws	jws;
} Look;

static const OAuthClient *
client_of(const Look *look)
{
	return look->assertion.request->client;
}

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
	const char *problem = oauth_jwt_parse(token, strlen(token), &look->jws,
										  &look->assertion.claims);

	if (problem != NULL)
		oauth_explain_step(look->explanation, look->assertion.name, OAUTH_EXPLAIN_REFUSED, problem,
						   NULL);
	else
		oauth_explain_step(look->explanation, look->assertion.name, OAUTH_EXPLAIN_OK,
						   psprintf("a JWT of typ %s, signed with %s, kid %s",
									look->jws.typ ? oauth_explain_shown(look->jws.typ) : "(none)",
									look->jws.algorithm ? look->jws.algorithm->name :
									"an unknown algorithm",
									look->jws.kid ? oauth_explain_shown(look->jws.kid) :
									"(none)"), NULL);
	return problem == NULL;
}

/* oauth.issuer is set. */
static bool
explain_issuer(Look *look)
{
	const char *problem = oauth2_trusted_jwt_find_issuer(&look->assertion);
	const char *iss = look->assertion.iss;
	const char *remedy = "SELECT issuer, audience FROM oauth.trusted_issuer_overview;";

	if (problem == NULL)
		oauth_explain_step(look->explanation, "issuer", OAUTH_EXPLAIN_OK,
						   look->assertion.issuer ? psprintf("%s is trusted", iss) :
						   "it is the client itself", NULL);
	else if (iss != NULL && strcmp(iss, oauth_setting_issuer) == 0)
		oauth_explain_step(look->explanation, "issuer", OAUTH_EXPLAIN_REFUSED,
						   "it was signed here", remedy);
	else
		oauth_explain_step(look->explanation, "issuer", OAUTH_EXPLAIN_REFUSED,
						   psprintf("iss is %s, which nobody trusts here",
									claim_shown(look->assertion.claims, "iss")),
						   iss ? psprintf("SELECT oauth_trust_issuer(%s, jwks_uri => '...');",
										  quote_literal_cstr(oauth_explain_shown(iss))) : remedy);
	return problem == NULL;
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
explain_typ(Look *look, const OAuthJwsPolicy *policy)
{
	const char *typ = look->jws.typ;

	if (typ ? oauth_typ_equals(typ, policy->typ) : policy->typ_may_be_absent)
		return true;
	oauth_explain_step(look->explanation, "typ", OAUTH_EXPLAIN_REFUSED,
					   psprintf("typ is %s; wanted is %s%s",
								typ ? oauth_explain_shown(typ) : "none", policy->typ,
								policy->typ_may_be_absent ? ", or none" : ""),
					   ANOTHER_KIND);
	return false;
}

static bool
explain_signature(Look *look)
{
	const OAuthTrustedIssuer *issuer = look->assertion.issuer;
	const OAuthClient *signer = issuer ? oauth_issuer_keys(issuer) : client_of(look);
	OAuthJwsPolicy policy = oauth2_trusted_jwt_policy(&look->assertion, &look->jws);
	OAuthClientKeys keys;
	const char *problem;

	if (!explain_typ(look, &policy))
		return false;
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
					   issuer ? "SELECT oauth_trust_issuer(...) with the keys of today" :
					   "the client registers its keys as jwks, or jwks_uri");
	return problem == NULL;
}

/* ---- what it says ---- */

static char *
audience_shown(const OAuth2TrustedJwt *assertion)
{
	const char *audience = assertion->issuer && !assertion->is_id_jag ?
		assertion->issuer->audience : NULL;

	return psprintf("aud is %s; wanted is %s", claim_shown(assertion->claims, "aud"),
					audience ? audience : oauth_setting_issuer);
}

/* That time of the claims, seen from now. */
static char *
moment_shown(Jsonb *claims, const char *name)
{
	double		now = oauth_jwt_now(GetCurrentTimestamp());
	double		seconds;

	if (oauth_jwt_seconds(claims, name, &seconds) != NULL || isnan(seconds))
		return claim_shown(claims, name);
	return psprintf("%.0f seconds %s", fabs(seconds - now), seconds > now ? "ahead" : "ago");
}

static char *
time_shown(const OAuth2TrustedJwt *assertion)
{
	return psprintf("exp is %s, iat is %s", moment_shown(assertion->claims, "exp"),
					moment_shown(assertion->claims, "iat"));
}

static char *
kind_shown(const OAuth2TrustedJwt *assertion)
{
	return assertion->is_id_jag ? "it is an identity assertion" : NULL;
}

static char *
jti_shown(const OAuth2TrustedJwt *assertion)
{
	return oauth_jwt_has(assertion->claims, "jti") ?
		psprintf("jti is %s", claim_shown(assertion->claims, "jti")) : NULL;
}

static char *
client_shown(const OAuth2TrustedJwt *assertion)
{
	if (!oauth_jwt_has(assertion->claims, "client_id") &&
		!oauth_jwt_has(assertion->claims, "azp"))
		return NULL;
	return psprintf("client_id is %s, azp is %s; it came from %s",
					claim_shown(assertion->claims, "client_id"),
					claim_shown(assertion->claims, "azp"),
					assertion->request->client->client_id);
}

static char *
key_shown(const OAuth2TrustedJwt *assertion)
{
	if (!oauth_jwt_has(assertion->claims, "cnf"))
		return NULL;
	return psprintf("cnf is %s; the request proves to have %s",
					claim_shown(assertion->claims, "cnf"),
					assertion->request->cnf ? assertion->request->cnf : "no key");
}

/* What people want to see beside a check, NULL: nothing, and what they can do. */
static const struct
{
	const char *check;
	char	   *(*shown) (const OAuth2TrustedJwt *assertion);
	const char *remedy;
}			sights[] =
{
	{"kind", kind_shown, ANOTHER_KIND},
	{"sub", NULL, "its issuer must say who it is about"},
	{"audience", audience_shown,
		"its issuer must name that; SELECT oauth_trust_issuer(..., audience => '...') changes "
	"it, but for identity assertions"},
	{"time", time_shown, "look at the clocks of both machines, and at oauth.assertion_lifetime"},
	{"jti", jti_shown, "its issuer must give each one a jti of its own"},
	{"client_id", client_shown, "the client asks its issuer for one that names it"},
	{"cnf", key_shown, "the client must send the DPoP proof, or the certificate, of that key"}
};

/* Adds the check with what was found.  What holds because it is not there gets no step. */
static void
explain_check(OAuthExplanation *explanation, const OAuth2TrustedJwt *assertion, const char *check,
			  const char *problem)
{
	for (size_t i = 0; i < lengthof(sights); i++)
	{
		char	   *shown;

		if (strcmp(sights[i].check, check) != 0)
			continue;
		shown = sights[i].shown ? sights[i].shown(assertion) : NULL;
		if (problem != NULL)
			oauth_explain_step(explanation, check, OAUTH_EXPLAIN_REFUSED,
							   shown ? psprintf("%s (%s)", problem, shown) : problem,
							   sights[i].remedy);
		else if (shown != NULL)
			oauth_explain_step(explanation, check, OAUTH_EXPLAIN_OK, shown, NULL);
	}
}

/* All checks of the endpoint, which ends at the first that fails. */
static bool
explain_claims(Look *look)
{
	bool		holds = true;

	for (const OAuth2ClaimCheck *check = oauth2_claim_checks; check->name != NULL; check++)
	{
		const char *problem = check->problem(&look->assertion);

		explain_check(look->explanation, &look->assertion, check->name, problem);
		holds = holds && problem == NULL;
	}
	return holds;
}

/* Who it is here; a function of the application is not asked. */
static void
explain_subject(Look *look)
{
	const OAuth2TrustedJwt *assertion = &look->assertion;

	if (assertion->issuer != NULL && assertion->issuer->function.name != NULL)
	{
		look->explanation->not_asked = "a function of the application would run";
		oauth_explain_step(look->explanation, "subject", OAUTH_EXPLAIN_OPEN,
						   psprintf("%s.%s says who the sub %s is here; it is not called here",
									assertion->issuer->function.schema,
									assertion->issuer->function.name,
									claim_shown(assertion->claims, "sub")), NULL);
		return;
	}
	oauth_explain_step(look->explanation, "subject", OAUTH_EXPLAIN_OK,
					   assertion->issuer ?
					   psprintf("%s|%s", assertion->iss, oauth_explain_shown(assertion->sub)) :
					   oauth_explain_shown(assertion->sub),
					   assertion->issuer ?
					   "SELECT oauth_trust_issuer(..., subject_function => '...') "
					   "makes users of here of them" : NULL);
}

static OAuthFault *
use_assertion(void *thing)
{
	return oauth2_trusted_jwt_use_up(thing);
}

static void
explain_jwt(OAuthExplanation *explanation, const OAuth2TokenRequest *request, const char *name,
			const char *token, OAuth2TrustedJwtUse use)
{
	Look		look = {
		.explanation = explanation,
		.assertion = {.use = use, .name = name, .request = request}
	};

	if (oauth_setting_issuer == NULL || oauth_setting_issuer[0] == '\0')
		oauth_explain_step(explanation, name, OAUTH_EXPLAIN_REFUSED, "oauth.issuer is not set",
						   "ALTER DATABASE ... SET oauth.issuer = 'https://auth.example.com';");
	else if (explain_form(&look, token) && explain_issuer(&look) && explain_signature(&look) &&
			 explain_claims(&look))
	{
		explain_subject(&look);
		if (use == OAUTH2_AS_GRANT)
			oauth_explain_use(explanation, "jti", use_assertion, &look.assertion);
	}
}

/* grant_type jwt-bearer */
void
oauth2_explain_jwt_bearer(OAuthExplanation *explanation, const OAuth2TokenRequest *request)
{
	const char *assertion;

	if (oauth_params_get(&request->params, "assertion", &assertion) == NULL && assertion != NULL)
		explain_jwt(explanation, request, "assertion", assertion, OAUTH2_AS_GRANT);
}

static OAuth2TrustedJwtUse
use_of(const char *type)
{
	if (strcmp(type, OAUTH2_ACCESS_TOKEN_TYPE) == 0)
		return OAUTH2_AS_ACCESS_TOKEN;
	return strcmp(type, OAUTH2_ID_TOKEN_TYPE) == 0 ? OAUTH2_AS_ID_TOKEN : OAUTH2_AS_JWT;
}

/* One of the tokens of an exchange. */
static void
explain_exchanged(OAuthExplanation *explanation, const OAuth2TokenRequest *request,
				  const char *name)
{
	const OAuthParams *params = &request->params;
	const char *token;
	const char *type;

	if (oauth_params_get(params, name, &token) != NULL || token == NULL ||
		oauth_params_get(params, psprintf("%s_type", name), &type) != NULL || type == NULL ||
		strcmp(type, OAUTH2_OAUTH1_TYPE) == 0)
		return;
	if (strcmp(type, OAUTH2_ACCESS_TOKEN_TYPE) != 0 && strcmp(type, OAUTH2_ID_TOKEN_TYPE) != 0 &&
		strcmp(type, OAUTH2_JWT_TYPE) != 0)
		oauth_explain_step(explanation, psprintf("%s_type", name), OAUTH_EXPLAIN_REFUSED,
						   psprintf("it is %s", oauth_explain_shown(type)),
						   psprintf("it must be one of %s", oauth2_exchanged_types()));
	else if (oauth2_is_of_others(token))
		explain_jwt(explanation, request, name, token, use_of(type));
	else if (strcmp(type, OAUTH2_ID_TOKEN_TYPE) != 0)
	{
		(void) oauth2_explain_token_string(explanation, name, token, OAUTH_ACCESS_TOKEN,
										   "an access token");
		oauth2_explain_owner(explanation, request->client, token, OAUTH_ACCESS_TOKEN,
							 "a client exchanges tokens that were issued to it");
	}
}

/* grant_type token-exchange */
void
oauth2_explain_exchange(OAuthExplanation *explanation, const OAuth2TokenRequest *request)
{
	explain_exchanged(explanation, request, "subject_token");
	explain_exchanged(explanation, request, "actor_token");
	if (oauth_store_has_claims_function())
		explanation->not_asked = "a function of the application would run";
}
