/*
 * functions.c
 *		The SQL function of this room.  It reads no table and no setting.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "jose/jose.h"
#include "text/text.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_verify_jwt);

static List *
read_algorithms(FunctionCallInfo fcinfo)
{
	List	   *names = oauth_list_argument(fcinfo, 2, "algorithms");
	ListCell   *cell;

	foreach(cell, names)
		if (oauth_jws_algorithm(lfirst(cell)) == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("algorithm \"%s\" is unknown", (char *) lfirst(cell)),
					 errhint("Give some of %s; and HS256 only where the keys are secrets.",
							 oauth_words_join(oauth_jws_algorithms()))));
	if (names == NIL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("argument \"algorithms\" is empty"),
						errhint("Name the algorithms that you accept, as in '{RS256,ES256}'.")));
	return names;
}

/* The keys of the argument; the private members of its own keys do no harm to the caller. */
static List *
read_keys(FunctionCallInfo fcinfo, List *algorithms)
{
	int			may_be = OAUTH_JWK_PRIVATE |
		(oauth_list_has(algorithms, "HS256") ? OAUTH_JWK_SECRET : 0);
	Jsonb	   *jwks = oauth_jsonb_argument(fcinfo, 1, "jwks");
	const char *problem;
	List	   *keys = oauth_jwk_set_read(jwks, may_be, &problem);

	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"jwks\" is no set of keys"),
				 errdetail("%s", problem),
				 errhint("Give {\"keys\": [...]}, as the jwks_uri of an issuer answers it.")));
	return keys;
}

/*
 * What can be told of the token is told, also of one that is not valid: it helps to find out why.
 */
static void
add_columns(OAuthResult *row, const OAuthJws *jws, Jsonb *claims, const char *problem)
{
	oauth_row_bool(row, problem == NULL);
	if (jws->header != NULL && JB_ROOT_IS_OBJECT(jws->header))
		oauth_row_value(row, JsonbPGetDatum(jws->header));
	else
		oauth_row_null(row);
	if (problem == NULL)
		oauth_row_value(row, JsonbPGetDatum(claims));
	else
		oauth_row_null(row);
	oauth_row_text(row, problem);
}

/*
 * oauth_verify_jwt(token text, jwks jsonb, algorithms text[], typ text DEFAULT NULL) RETURNS TABLE
 * (valid boolean, header jsonb, claims jsonb, problem text)
 *
 * One row, whatever the token is, also for null.
 */
Datum
oauth_verify_jwt(PG_FUNCTION_ARGS)
{
	char	   *token = oauth_optional_argument(fcinfo, 0);
	OAuthJwsPolicy policy = {.algorithms = read_algorithms(fcinfo)};
	OAuthJws	jws = {.header = NULL};
	Jsonb	   *claims = NULL;
	const char *problem = "There is no token.";
	OAuthResult row = {0};

	policy.keys = read_keys(fcinfo, policy.algorithms);
	policy.typ = oauth_optional_argument(fcinfo, 3);
	if (token != NULL)
		problem = oauth_jwt_verify(token, strlen(token), &policy, &jws, &claims);
	if (problem == NULL)
		problem = oauth_jwt_time_problem(claims, GetCurrentTimestamp(), 0);
	add_columns(&row, &jws, claims, problem);
	return oauth_row_return(fcinfo, &row);
}
