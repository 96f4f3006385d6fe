/*
 * signing_key.c
 *		The SQL functions of signing keys: create, import, retire, rotate, publish, sign.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "http/http.h"
#include "secret/secret.h"
#include "store/key.h"
#include "text/text.h"

#include "utils/builtins.h"
#include "utils/numeric.h"

PG_FUNCTION_INFO_V1(oauth_create_signing_key);
PG_FUNCTION_INFO_V1(oauth_import_signing_key);
PG_FUNCTION_INFO_V1(oauth_retire_signing_key);
PG_FUNCTION_INFO_V1(oauth_rotate_signing_keys);
PG_FUNCTION_INFO_V1(oauth_jwks_sql);
PG_FUNCTION_INFO_V1(oauth_sign_jwt_sql);

/* What ID tokens are signed with unless the client says otherwise, and every library verifies. */
#define DEFAULT_ALG "RS256"

/* When the key is to be used, 0 for now; 22008 for a time that never comes. */
static TimestampTz
used_from_argument(FunctionCallInfo fcinfo, int n)
{
	TimestampTz used_from = oauth_argument_is_null(fcinfo, n) ? 0 : PG_GETARG_TIMESTAMPTZ(n);

	if (used_from == DT_NOEND)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("argument \"used_from\" is never"),
				 errhint("Give the time from when the key signs: now() + interval '1 day'")));
	return used_from == DT_NOBEGIN ? 0 : used_from;
}

/* oauth_create_signing_key(alg text, used_from timestamptz) RETURNS text */
Datum
oauth_create_signing_key(PG_FUNCTION_ARGS)
{
	char	   *alg = oauth_argument(fcinfo, 0, "alg");

	PG_RETURN_TEXT_P(cstring_to_text(oauth_signing_key_make(alg, used_from_argument(fcinfo, 1))));
}

/* oauth_import_signing_key(private_key text, alg text, used_from timestamptz) RETURNS text */
Datum
oauth_import_signing_key(PG_FUNCTION_ARGS)
{
	char	   *pem = oauth_argument(fcinfo, 0, "private_key");
	char	   *kid = oauth_signing_key_import(pem, oauth_optional_argument(fcinfo, 1),
											   used_from_argument(fcinfo, 2));

	oauth_wipe(pem, strlen(pem));
	PG_RETURN_TEXT_P(cstring_to_text(kid));
}

/* oauth_retire_signing_key(kid text) RETURNS boolean */
Datum
oauth_retire_signing_key(PG_FUNCTION_ARGS)
{
	char	   *kid = oauth_argument(fcinfo, 0, "kid");
	char	   *alg = oauth_store_signing_key_alg(kid);
	char	   *used;

	if (alg == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("signing key \"%s\" does not exist", kid),
						errhint("SELECT kid, alg, state FROM oauth.signing_key_overview lists "
								"them.")));
	used = oauth_store_signing_kid(alg);
	if (!oauth_store_retire_signing_key(kid))
		PG_RETURN_BOOL(false);
	if (used != NULL && strcmp(used, kid) == 0)
		ereport(NOTICE,
				(errmsg("the key was the one that signs: the next signature with %s is made "
						"with a key that verifiers do not know yet",
						alg),
				 errhint("oauth_rotate_signing_keys() publishes a successor first.")));
	oauth_event_configured(NULL, NULL, psprintf("signing key %s of %s was retired", kid, alg));
	PG_RETURN_BOOL(true);
}

/* oauth_rotate_signing_keys(at_once boolean) RETURNS bigint */
Datum
oauth_rotate_signing_keys(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(oauth_signing_keys_rotate(oauth_flag_argument(fcinfo, 0), true));
}

/* oauth_jwks() RETURNS jsonb */
Datum
oauth_jwks_sql(PG_FUNCTION_ARGS)
{
	bool		is_empty;

	return DirectFunctionCall1(jsonb_in, CStringGetDatum(oauth_jwks(false, &is_empty)));
}

/* The claims with those that every JWT here has, as JSON (RFC 7519, section 4.1). */
static char *
complete_claims(Jsonb *claims)
{
	StringInfoData payload;
	char	   *given = JsonbToCString(NULL, &claims->root, VARSIZE(claims));

	initStringInfo(&payload);
	appendStringInfoChar(&payload, '{');
	if (!oauth_jwt_has(claims, "iss"))
		oauth_json_member(&payload, "iss", oauth_issuer());
	if (!oauth_jwt_has(claims, "iat"))
		oauth_json_number(&payload, "iat", (int64) oauth_jwt_now(GetCurrentTimestamp()));
	if (!oauth_jwt_has(claims, "jti"))
		oauth_json_member(&payload, "jti", oauth_random_id());
	if (payload.len > 1 && JB_ROOT_COUNT(claims) > 0)
		appendStringInfoString(&payload, ", ");
	appendStringInfoString(&payload, given + 1);
	return payload.data;
}

static void
refuse_claims(const char *problem, const char *hint)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("the claims cannot be signed: %s", problem), errhint("%s", hint)));
}

/* When it expires; now if it does not say. */
static TimestampTz
expiry_of(Jsonb *claims)
{
	TimestampTz now = GetCurrentTimestamp();
	const char *problem;
	double		seconds;

	if (!oauth_jwt_has(claims, "exp"))
		return now;
	problem = oauth_jwt_seconds(claims, "exp", &seconds);
	if (problem != NULL)
		refuse_claims(problem, "exp is seconds since 1970: extract(epoch FROM now() + interval '1 "
					  "hour')::bigint");
	seconds -= oauth_jwt_now(now);
	return seconds > PG_INT32_MAX ? DT_NOEND : now + (TimestampTz) (seconds * USECS_PER_SEC);
}

/* The claims that are signed, which those who verify must be able to read. */
static char *
readable_claims(Jsonb *claims)
{
	char	   *payload = complete_claims(claims);
	const char *problem = oauth_json_problem(payload, strlen(payload));

	if (problem != NULL)
		refuse_claims(problem, "Some verifiers, oauth_verify_jwt() among them, would not read "
					  "them: a long number can be a text.");
	return payload;
}

/* oauth_sign_jwt(claims jsonb, alg text, typ text) RETURNS text */
Datum
oauth_sign_jwt_sql(PG_FUNCTION_ARGS)
{
	Jsonb	   *claims = oauth_jsonb_argument(fcinfo, 0, "claims");
	const char *alg = oauth_argument_is_null(fcinfo, 1) ? DEFAULT_ALG :
		oauth_argument(fcinfo, 1, "alg");
	const char *typ = oauth_argument(fcinfo, 2, "typ");
	char	   *token;

	if (!JB_ROOT_IS_OBJECT(claims))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("claims must be a JSON object"),
						errhint("As {\"sub\": \"42\", \"aud\": \"https://api.example.com\", "
								"\"exp\": ...}.")));
	if (typ[0] == '\0' || !oauth_is_plain(typ, 64))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("typ must be a media type in printable ASCII, of 64 bytes at most"),
						errhint("It says what the token is for: JWT, at+jwt, logout+jwt (RFC 8725, "
								"section 3.11).")));
	oauth_signing_alg_check(alg);
	token = oauth_sign_lasting_jwt(alg, typ, readable_claims(claims), expiry_of(claims));
	if (strlen(token) > OAUTH_MAX_JWT)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the claims make a token of more than %d bytes", OAUTH_MAX_JWT),
						errhint("No verifier would take it: leave out what can be asked for.")));
	PG_RETURN_TEXT_P(cstring_to_text(token));
}
