/*
 * jwt.c
 *		JSON Web Tokens: RFC 7519, and what RFC 8725 asks of those who read them.
 *
 * The time is an argument.  Whose token it is and for whom, the caller compares: iss, aud and sub
 * mean something else in each protocol.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "jose/jose.h"

#include "utils/builtins.h"
#include "utils/float.h"

/* The claim of that name; NULL: there is none. */
JsonbValue *
oauth_jwt_claim(Jsonb *claims, const char *name)
{
	return getKeyJsonValueFromContainer(&claims->root, name, strlen(name), NULL);
}

static const char *
read_claims(const OAuthJws *jws, Jsonb **claims)
{
	const char *problem;

	*claims = oauth_json_read(jws->payload, jws->payload_length, &problem);
	if (*claims != NULL && !JB_ROOT_IS_OBJECT(*claims))
	{
		*claims = NULL;
		problem = "The claims are no JSON object (RFC 7519, section 7.2).";
	}
	return problem;
}

/* Takes a token apart that nobody has verified yet, to learn whose keys it needs. */
const char *
oauth_jwt_parse(const char *token, int length, OAuthJws *jws, Jsonb **claims)
{
	const char *problem = oauth_jws_parse(token, length, jws);

	*claims = NULL;
	return problem ? problem : read_claims(jws, claims);
}

/* The claims of a token that the policy accepts; exp and its sisters are not looked at. */
const char *
oauth_jwt_verify(const char *token, int length, const OAuthJwsPolicy *policy, OAuthJws *jws,
				 Jsonb **claims)
{
	const char *problem = oauth_jws_verify(token, length, policy, jws);

	*claims = NULL;
	return problem ? problem : read_claims(jws, claims);
}

/* ---- time ---- */

/* That time as a NumericDate: seconds since 1970, with a fraction. */
double
oauth_jwt_now(TimestampTz now)
{
	return (double) now / USECS_PER_SEC +
		(double) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
}

/*
 * A NumericDate, "A JSON numeric value ... non-integer values can be represented" (RFC 7519,
 * section 2).  *seconds is NaN if it is not there; a problem if it is something else.
 */
const char *
oauth_jwt_seconds(Jsonb *claims, const char *name, double *seconds)
{
	JsonbValue *found = oauth_jwt_claim(claims, name);

	*seconds = get_float8_nan();
	if (found == NULL)
		return NULL;
	if (found->type != jbvNumeric)
		return psprintf("The claim %s is no number (RFC 7519, section 4.1).", name);
	*seconds = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
												  NumericGetDatum(found->val.numeric)));
	return NULL;
}

/*
 * exp and nbf where they are there, with clocks that may differ by skew seconds; and whether iat is
 * a number.  A comparison with NaN is false.
 */
const char *
oauth_jwt_time_problem(Jsonb *claims, TimestampTz now, int skew)
{
	double		at = oauth_jwt_now(now);
	double		exp;
	double		nbf;
	double		iat;
	const char *problem;

	if ((problem = oauth_jwt_seconds(claims, "exp", &exp)) != NULL ||
		(problem = oauth_jwt_seconds(claims, "nbf", &nbf)) != NULL ||
		(problem = oauth_jwt_seconds(claims, "iat", &iat)) != NULL)
		return problem;
	/* "the expiration time on or after which the JWT MUST NOT be accepted" (4.1.4) */
	if (at >= exp + skew)
		return "The token has expired.";
	/* "the time before which the JWT MUST NOT be accepted" (4.1.5) */
	if (at < nbf - skew)
		return "The token is not valid yet.";
	return NULL;
}

/* ---- claims ---- */

bool
oauth_jwt_has(Jsonb *claims, const char *name)
{
	return oauth_jwt_claim(claims, name) != NULL;
}

/* The string of that name; NULL if there is none. */
char *
oauth_jwt_text(Jsonb *claims, const char *name)
{
	JsonbValue *found = oauth_jwt_claim(claims, name);

	return found != NULL && found->type == jbvString ?
		pnstrdup(found->val.string.val, found->val.string.len) : NULL;
}

static bool
is_text(const JsonbValue *value, const char *text)
{
	return value->type == jbvString && value->val.string.len == (int) strlen(text) &&
		memcmp(value->val.string.val, text, value->val.string.len) == 0;
}

/*
 * Whether aud names that audience: "an array of case-sensitive strings, each containing a
 * StringOrURI value.  In the special case when the JWT has one audience, the "aud" value MAY be a
 * single case-sensitive string" (RFC 7519, section 4.1.3).  An array with something else in it
 * names nobody.
 */
bool
oauth_jwt_is_for(Jsonb *claims, const char *audience)
{
	JsonbValue *aud = oauth_jwt_claim(claims, "aud");
	JsonbContainer *list;
	bool		is_there = false;

	if (aud == NULL)
		return false;
	if (aud->type != jbvBinary)
		return is_text(aud, audience);
	list = aud->val.binary.data;
	if (!JsonContainerIsArray(list))
		return false;
	for (uint32 i = 0; i < JsonContainerSize(list); i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(list, i);

		if (element->type != jbvString)
			return false;
		is_there = is_there || is_text(element, audience);
	}
	return is_there;
}

/* Whether aud is that one string, and no array. */
bool
oauth_jwt_is_only_for(Jsonb *claims, const char *audience)
{
	JsonbValue *aud = oauth_jwt_claim(claims, "aud");

	return aud != NULL && is_text(aud, audience);
}
