/*
 * claims.c
 *		What a function of the application says of a subject beside what is known here.
 *
 * Its members are added to what introspection (RFC 7662, section 2.2: "Specific implementations MAY
 * extend this structure") and userinfo (OpenID Connect Core, section 5.3.2) answer, and to /api/.
 * The function gets subject, client_id and scope, runs as its owner (application.c), and is asked
 * at each answer, so that nothing of it is stored or outdated.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "audit/audit.h"
#include "catalog/pg_type.h"
#include "http/http.h"
#include "store/function.h"
#include "store/token.h"
#include "text/text.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"


PG_FUNCTION_INFO_V1(oauth_set_claims_function);

#define ARGUMENTS "text, text, text"

static const Oid argument_types[] = {TEXTOID, TEXTOID, TEXTOID};

/*
 * What only the provider says of a token (RFC 7662, section 2.2; RFC 7800, section 3.1; RFC 8693,
 * section 4.1; RFC 9396, section 9.2; RFC 9470, section 6.2), whether it does or not.
 */
static const char *const registered[] = {
	"active", "scope", "client_id", "username", "token_type", "exp", "iat", "nbf", "sub", "aud",
	"iss", "jti", "cnf", "acr", "auth_time", "act", "authorization_details"
};

/*
 * What only an ID token or a logout token says (OpenID Connect Core, section 2; Back-Channel
 * Logout, section 2.4).
 */
static const char *const of_login[] = {
	"nonce", "amr", "azp", "at_hash", "c_hash", "s_hash", "sid", "events"
};

static void
find_function(OAuthApplicationFunction *function)
{
	oauth_application_find(function, lengthof(argument_types), argument_types);
	if (function->result_type != JSONBOID)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("function %s.%s cannot return claims", function->schema, function->name),
				 errhint("It must return jsonb, an object.")));
}

/* Refuses a caller who does not own the current function, which may be another application's. */
static void
check_caller_may_replace(void)
{
	OAuthApplicationFunction now = {0};

	oauth_store_hold_claims_function();
	if (oauth_store_find_claims_function(&now) &&
		!oauth_application_caller_owns(&now, lengthof(argument_types), argument_types))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("%s.%s is the claims function now, and you do not own it",
							   now.schema, now.name),
						errhint("Let its owner, or a superuser, call this.")));
}

/* oauth_set_claims_function(function text) */
Datum
oauth_set_claims_function(PG_FUNCTION_ARGS)
{
	OAuthApplicationFunction function = {0};

	oauth_application_refuse_restricted("oauth_set_claims_function()");
	check_caller_may_replace();
	if (PG_ARGISNULL(0))
	{
		oauth_store_set_claims_function(NULL);
		oauth_event_configured(NULL, NULL, "no function says claims any more");
		PG_RETURN_VOID();
	}
	oauth_application_parse(oauth_argument(fcinfo, 0, "function"), ARGUMENTS, &function);
	find_function(&function);
	oauth_application_check_owner(&function);
	oauth_store_set_claims_function(&function);
	oauth_event_configured(NULL, NULL,
						   psprintf("%s says claims",
									quote_qualified_identifier(function.schema, function.name)));
	PG_RETURN_VOID();
}

/*
 * Neither the subject of the token nor the client that asks about it calls the function: in it
 * nobody calls.
 */
static Jsonb *
call_function(OAuthApplicationFunction *function, const OAuthToken *token)
{
	NullableDatum arguments[] = {oauth_application_text(token->subject),
		oauth_application_text(token->client_id),
		oauth_application_text(token->scope)};
	OAuthIdentity hidden;
	Datum		result;
	bool		is_null;
	Jsonb	   *claims;

	function->arguments = ARGUMENTS;
	find_function(function);
	hidden = oauth_identity_hide();
	result = oauth_application_call(function, lengthof(arguments), arguments, &is_null);
	oauth_identity_restore(&hidden);
	if (is_null)
		return NULL;
	claims = DatumGetJsonbP(result);
	if (!JB_ROOT_IS_OBJECT(claims))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("claims function %s.%s did not return an object", function->schema,
							   function->name),
						errhint("It must return a jsonb object, or null for no claims.")));
	return claims;
}

/*
 * The claims about who has that token; *claims is NULL if there are none.
 *
 * Code of the application takes as long as it likes: on a connection for other work it is not run,
 * and the lane where it may is returned.
 */
OAuthLane
oauth_claims_about(const OAuthToken *token, Jsonb **claims)
{
	OAuthApplicationFunction function = {0};

	*claims = NULL;
	if (!oauth_store_find_claims_function(&function))
		return OAUTH_LANE_ANY;
	if (oauth_response_is_other_lane(OAUTH_LANE_APPLICATION))
		return OAUTH_LANE_APPLICATION;
	*claims = call_function(&function, token);
	return OAUTH_LANE_ANY;
}

/* For the log, once in a session: an answer of every request would fill it. */
static void
warn_of_registered(const char *name)
{
	static bool has_warned = false;

	if (!has_warned)
		ereport(WARNING,
				(errmsg("the claims function returned \"%s\", which only the provider may", name),
				 errhint("It is left out of the answer.")));
	has_warned = true;
}

static void
append_claim(StringInfo json, const char *name, JsonbValue *value)
{
	Jsonb	   *jsonb = JsonbValueToJsonb(value);

	appendStringInfoString(json, ", ");
	escape_json(json, name);
	appendStringInfoString(json, ": ");
	(void) JsonbToCString(json, &jsonb->root, VARSIZE(jsonb));
}

/* Whether only the provider says that, there. */
static bool
is_of_provider(const OAuthRelease *release, const char *name)
{
	return OAUTH_FIND_NAMED(registered, name) ||
		(release != NULL && OAUTH_FIND_NAMED(of_login, name));
}

/*
 * Appends the claims (NULL is none) as members to an object that was opened with '{' and has one
 * already: those that are released, all with release NULL.  Those that only the provider says are
 * left out.
 */
void
oauth_claims_append(StringInfo json, Jsonb *claims, const OAuthRelease *release)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	found;

	if (claims == NULL)
		return;
	iterator = JsonbIteratorInit(&claims->root);
	while ((token = JsonbIteratorNext(&iterator, &found, true)) != WJB_DONE)
	{
		char	   *name;

		if (token != WJB_KEY)
			continue;
		name = pnstrdup(found.val.string.val, found.val.string.len);
		(void) JsonbIteratorNext(&iterator, &found, true);
		if (is_of_provider(release, name))
			warn_of_registered(name);
		else if (release == NULL || oauth_claim_is_released(release, name, &found))
			append_claim(json, name, &found);
	}
}

/* Whether a request for claims of an ID token asks for one that the application says. */
bool
oauth_claims_ask_application(const Jsonb *requested)
{
	const OAuthRelease release = {0};
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	found;

	if (requested == NULL)
		return false;
	iterator = JsonbIteratorInit(unconstify(JsonbContainer *, &requested->root));
	while ((token = JsonbIteratorNext(&iterator, &found, true)) != WJB_DONE)
		if (token == WJB_KEY &&
			!is_of_provider(&release, pnstrdup(found.val.string.val, found.val.string.len)))
			return true;
	return false;
}

/*
 * The claims with the name of a built-in user as preferred_username, unless they have one: the
 * application may know better.
 */
Jsonb *
oauth_claims_with_name(Jsonb *claims, const char *username)
{
	JsonbParseState *state = NULL;
	JsonbValue	name = {.type = jbvString};
	JsonbValue	value = {.type = jbvString};
	Jsonb	   *of_provider;

	if (username == NULL)
		return claims;
	name.val.string.val = "preferred_username";
	name.val.string.len = strlen(name.val.string.val);
	value.val.string.val = unconstify(char *, username);
	value.val.string.len = strlen(username);
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	pushJsonbValue(&state, WJB_KEY, &name);
	pushJsonbValue(&state, WJB_VALUE, &value);
	of_provider = JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
	if (claims == NULL)
		return of_provider;
	/* of two members with one name, the second counts */
	return DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(of_provider),
											  JsonbPGetDatum(claims)));
}
