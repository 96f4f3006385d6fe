/*
 * request_object.c
 *		Request objects: an authorization request as a JWT that the client has signed (RFC 9101;
 *		OpenID Connect Core, section 6.1).
 *
 * One is passed by value, in the parameter request.  It is always signed, with a key that the
 * client registered; alg none and encryption are not here.  It is good for this server and this
 * client only, which iss and aud say: without them, an object that the client made for another
 * server would do here.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "http/http.h"
#include "oauth2/request_object.h"
#include "store/client.h"
#include "text/text.h"

#include "utils/builtins.h"

#define TYP "oauth-authz-req+jwt"
#define HOUR SECS_PER_HOUR		/* the longest life of an object of FAPI */

static OAuthFault *
invalid(const char *description)
{
	return oauth_fault(OAUTH_INVALID_REQUEST_OBJECT, description);
}

/* NULL for no problem. */
static OAuthFault *
problem_fault(const char *problem)
{
	return problem ? invalid(psprintf("The request object: %s", problem)) : NULL;
}

/*
 * A JWE has five parts.  The three of a JWS are taken apart, and not believed yet.
 */
static OAuthFault *
check_form(OAuth2RequestObject *object)
{
	int			n_dots = 0;

	for (const char *c = object->token; *c; c++)
		n_dots += *c == '.';
	if (n_dots == 4)
		return invalid("The request object is encrypted, which is not supported.");
	return problem_fault(oauth_jwt_parse(object->token, strlen(object->token), &object->jws,
										 &object->claims));
}

/*
 * "This specification defines the application/oauth-authz-req+jwt media type [...] the use of
 * explicit typing" (RFC 9101, section 10.8.1).  An object without typ is one of OpenID Connect
 * Core; one with another typ is something else.
 */
static OAuthFault *
check_typ(OAuth2RequestObject *object)
{
	return object->jws.typ == NULL || oauth_typ_equals(object->jws.typ, TYP) ? NULL :
		invalid("The typ of a request object is " TYP ".");
}

/* What the client may sign with, in words. */
static const char *
algorithm_problem(const OAuthClient *client, const OAuthJwsAlgorithm *algorithm)
{
	const char *problem;

	if (client->request_object_signing_alg != NULL)
		return psprintf("The request object must be signed with %s, as the client registered.",
						client->request_object_signing_alg);
	problem = oauth_profile_problem(client, "a request object", algorithm ? algorithm->name : "");
	return problem ? problem :
		psprintf("The request object must be signed with %s.",
				 oauth_words_as_choice(oauth_words_join(oauth_jws_algorithms())));
}

/*
 * "Request Objects [...] signed by a different algorithm, MUST be rejected" than the registered one
 * (OpenID Connect Dynamic Client Registration, section 2); "The none algorithm [...] MUST NOT be
 * used" (RFC 9101, section 10.5, of a client whose objects are signed, as all are here).
 */
static OAuthFault *
check_algorithm(OAuth2RequestObject *object)
{
	const OAuthJwsAlgorithm *algorithm = object->jws.algorithm;
	const OAuthClient *client = object->client;

	if (algorithm != NULL &&
		oauth_list_has(oauth_client_algorithms(client, client->request_object_signing_alg),
					   algorithm->name))
		return NULL;
	return invalid(algorithm_problem(client, algorithm));
}

/*
 * "The authorization server MUST validate the signature [...] If signature validation fails, the
 * authorization server MUST return an invalid_request_object error" (RFC 9101, section 6.2).
 */
static OAuthFault *
check_signature(OAuth2RequestObject *object)
{
	OAuthJwsPolicy policy =
	{.algorithms = oauth_client_algorithms(object->client,
										   object->client->request_object_signing_alg),
		.typ = TYP,
	.typ_may_be_absent = true};
	const char *problem;
	OAuthFault *fault = oauth_client_verify(object->client, &policy, &object->jws, &problem);

	/* only those who run the server are told why the fetch failed */
	if (fault == NULL && problem != NULL && policy.keys == NIL && object->client->jwks_uri != NULL)
		return invalid("The keys at the jwks_uri of the client cannot be had.");
	return fault ? fault : problem_fault(problem);
}

static bool
claim_is(const OAuth2RequestObject *object, const char *name, const char *value)
{
	char	   *text = oauth_jwt_text(object->claims, name);

	return text !=NULL && strcmp(text, value) == 0;
}

/*
 * "it SHOULD contain the Claims iss (issuer) and aud (audience) [...] The value of aud should be
 * the value of the authorization server (AS) issuer" (RFC 9101, section 4).
 */
static OAuthFault *
check_iss(OAuth2RequestObject *object)
{
	return claim_is(object, "iss", object->client->client_id) ? NULL :
		invalid("The iss of the request object must be the client_id.");
}

static OAuthFault *
check_aud(OAuth2RequestObject *object)
{
	return oauth_jwt_is_for(object->claims, oauth_issuer()) ? NULL :
		invalid("The aud of the request object must be the issuer of this server.");
}

/*
 * "shall require the request object to contain an exp claim that has a lifetime of no longer than
 * 60 minutes after the nbf claim [and] an nbf claim that is no longer than 60 minutes in the past"
 * (FAPI 2.0 Message Signing, section 5.3.1).
 */
static OAuthFault *
check_times_of_profile(OAuth2RequestObject *object)
{
	double		now = oauth_jwt_now(GetCurrentTimestamp());
	double		exp;
	double		nbf;
	const char *problem;

	if ((problem = oauth_jwt_seconds(object->claims, "exp", &exp)) != NULL ||
		(problem = oauth_jwt_seconds(object->claims, "nbf", &nbf)) != NULL)
		return problem_fault(problem);
	/* false if either is not there, and thus not a number */
	if (exp <= nbf + HOUR && nbf >= now - HOUR)
		return NULL;
	return invalid("The request object must have nbf, an hour ago at most, and exp, an hour later "
				   "at most.");
}

static OAuthFault *
check_time(OAuth2RequestObject *object)
{
	TimestampTz now = GetCurrentTimestamp();
	const char *problem = oauth_jwt_time_problem(object->claims, now, OAUTH_JWT_SKEW);
	double		iat;

	if (problem == NULL)
		problem = oauth_jwt_seconds(object->claims, "iat", &iat);
	if (problem == NULL && iat > oauth_jwt_now(now) + OAUTH_JWT_SKEW)
		problem = "The token was issued in the future.";
	if (problem != NULL || !oauth_client_is_fapi(object->client))
		return problem_fault(problem);
	return check_times_of_profile(object);
}

/*
 * "the sub (subject) claim with the client_id value [must not be used], to prevent its use as a
 * JWT client assertion" (RFC 9101, section 10.8): what has it may be such an assertion.
 */
static OAuthFault *
check_sub(OAuth2RequestObject *object)
{
	return claim_is(object, "sub", object->client->client_id) ?
		invalid("The sub of a request object must not be the client_id: it could be a client "
				"assertion.") : NULL;
}

/* "request and request_uri parameters MUST NOT be included in Request Objects" (section 4) */
static OAuthFault *
check_is_flat(OAuth2RequestObject *object)
{
	if (!oauth_jwt_has(object->claims, "request") && !oauth_jwt_has(object->claims, "request_uri"))
		return NULL;
	return invalid("A request object has no request and no request_uri in it.");
}

/*
 * "The client ID values in the client_id request parameter and in the Request Object client_id
 * claim MUST be identical" (section 5).
 */
static OAuthFault *
check_client_id(OAuth2RequestObject *object)
{
	return claim_is(object, "client_id", object->client->client_id) ? NULL :
		invalid("The client_id in the request object must be the one beside it.");
}

/* ---- its parameters ---- */

typedef enum Form
{
	STRING,						/* nothing else */
	NUMBER,						/* or a number */
	STRINGS,					/* or an array of strings, each a parameter */
	JSON						/* or an object or array, where the parameter is JSON in a string */
} Form;

/* The parameters that are read here.  Others are ignored, whatever they are. */
static const struct
{
	const char *name;
	Form		form;
}			parameters[] = {
	{"acr_values", STRING}, {"authorization_details", JSON}, {"claims", JSON},
	{"client_id", STRING}, {"code_challenge", STRING}, {"code_challenge_method", STRING},
	{"dpop_jkt", STRING}, {"id_token_hint", STRING}, {"login_hint", STRING}, {"max_age", NUMBER},
	{"nonce", STRING}, {"prompt", STRING}, {"redirect_uri", STRING}, {"registration", JSON},
	{"resource", STRINGS}, {"response_mode", STRING}, {"response_type", STRING},
	{"scope", STRING}, {"state", STRING}, {"ui_locales", STRING}
};

static char *
text_of(const JsonbValue *value)
{
	return pnstrdup(value->val.string.val, value->val.string.len);
}

static bool
add_strings(OAuthParams *params, const char *name, JsonbContainer * array)
{
	if (!JsonContainerIsArray(array))
		return false;
	for (uint32 i = 0; i < JsonContainerSize(array); i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(array, i);

		if (element->type != jbvString)
			return false;
		oauth_params_add(params, name, text_of(element));
	}
	return true;
}

/* False if a value of that kind cannot be the parameter. */
static bool
add_parameter(OAuthParams *params, const char *name, Form form, const JsonbValue *value)
{
	if (value->type == jbvString)
		oauth_params_add(params, name, text_of(value));
	else if (form == NUMBER && value->type == jbvNumeric)
		oauth_params_add(params, name,
						 DatumGetCString(DirectFunctionCall1(numeric_out,
															 NumericGetDatum(value->val.numeric))));
	else if (form == STRINGS && value->type == jbvBinary)
		return add_strings(params, name, value->val.binary.data);
	else if (form == JSON && value->type == jbvBinary)
		oauth_params_add(params, name,
						 JsonbToCString(NULL, value->val.binary.data, value->val.binary.len));
	else
		return false;
	return true;
}

/*
 * "The parameters [...] are represented as top-level members of a JSON object.  Parameter names and
 * string values MUST be included as JSON strings. [...] Numerical values MUST be included as JSON
 * numbers" (section 4).
 */
static OAuthFault *
read_parameters(OAuth2RequestObject *object)
{
	for (size_t i = 0; i < lengthof(parameters); i++)
	{
		const char *name = parameters[i].name;
		JsonbValue *value = oauth_jwt_claim(object->claims, name);

		if (value != NULL && !add_parameter(&object->params, name, parameters[i].form, value))
			return invalid(psprintf("In the request object, %s is of the wrong type.", name));
	}
	return NULL;
}

/* ---- all of it ---- */

#define KEYS_REMEDY "register the client's keys as jwks or jwks_uri, and sign with one of them; " \
	"oauth.document shows why a jwks_uri could not be fetched"

/* In this order: what is cheap and needs no trust comes first. */
static const OAuth2RequestObjectCheck checks[] = {
	{"request object", check_form, "send a JWT in three parts: base64url without padding"},
	{"typ", check_typ, "set typ " TYP " in the header, or none"},
	{"alg", check_algorithm, "sign with the request_object_signing_alg of the client"},
	{"signature", check_signature, KEYS_REMEDY},
	{"iss", check_iss, "set iss to the client_id"},
	{"aud", check_aud, "set aud to the issuer, as the metadata of this server has it"},
	{"exp and nbf", check_time, "make a new request object for each request, and set the clock"},
	{"sub", check_sub, "leave sub out"},
	{"request within", check_is_flat, "put the parameters themselves into the request object"},
	{"client_id", check_client_id, "set client_id in the request object, and the same beside it"},
	{"parameters", read_parameters, "max_age may be a number, resource an array, claims an object; "
	"all else is a string"},
};

/* The checks one after the other; NULL behind the last. */
const OAuth2RequestObjectCheck *
oauth2_request_object_check(size_t i)
{
	return i < lengthof(checks) ? &checks[i] : NULL;
}

/*
 * The parameters of a request object of the client; they are all of the request, whatever came
 * beside it: "the authorization server [...] MUST only use the parameters included in the Request
 * Object" (section 5).
 */
OAuthFault *
oauth2_request_object_read(const OAuthClient *client, const char *token, OAuthParams *params)
{
	OAuth2RequestObject object = {.client = client, .token = token};

	for (size_t i = 0; i < lengthof(checks); i++)
	{
		OAuthFault *fault = checks[i].check(&object);

		if (fault != NULL)
			return fault;
	}
	*params = object.params;
	return NULL;
}
