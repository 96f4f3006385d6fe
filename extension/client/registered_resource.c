/*
 * registered_resource.c
 *		Resource servers that tokens are made for in their own way: as JWTs, for a shorter time,
 *		with the scopes that they know (RFC 8707, RFC 9068).
 *
 * A token may be for several resources.  Then it lives for the shortest of their times, has the
 * scopes that any of them knows, and is a JWT if one of them wants that: the others can ask here
 * about a JWT as about any token.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "http/http.h"
#include "secret/secret.h"
#include "setting.h"
#include "store/client.h"
#include "store/resource.h"
#include "store/scope.h"
#include "text/text.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_register_resource);
PG_FUNCTION_INFO_V1(oauth_unregister_resource);

#define DEFAULT_ALG "ES256"

/* ---- what holds for a token ---- */

/* Adds what one resource says. */
static void
add_rules(OAuthTokenRules *rules, const OAuthRegisteredResource *resource, StringInfo scope)
{
	int			lifetime = resource->access_token_lifetime;

	if (strcmp(resource->access_token_format, "jwt") == 0)
		rules->is_jwt = true;
	if (rules->signing_alg == NULL)
		rules->signing_alg = resource->signing_alg;
	if (lifetime != 0 && (rules->lifetime == 0 || lifetime < rules->lifetime))
		rules->lifetime = lifetime;
	if (resource->scope == NULL)
		rules->has_any_scope = true;
	else
		appendStringInfo(scope, "%s%s", scope->len > 0 ? " " : "", resource->scope);
}

/* What a resource says does not count for clients of FAPI 2.0 whose profile says otherwise. */
static bool
may_be_signed_with(const OAuthClient *client, const char *alg)
{
	return !oauth_client_is_fapi(client) || oauth_profile_admits(alg);
}

/*
 * How an access token of that client for these resources (NULL: for none in particular) is made.
 * Where no resource is registered, the client says whether it is a JWT.
 */
OAuthTokenRules
oauth_token_rules(const OAuthClient *client, const char *resource)
{
	OAuthTokenRules rules = {0};
	StringInfoData scope;
	List	   *audience = NIL;
	bool		is_registered = false;

	initStringInfo(&scope);
	for (const char *c = resource ? resource : ""; *c; c += strspn(c, " "))
	{
		size_t		length = strcspn(c, " ");
		char	   *uri = pnstrdup(c, length);
		OAuthRegisteredResource *found = oauth_store_find_resource(oauth_uri_normal(uri));

		audience = lappend(audience, found ? unconstify(char *, found->uri) : uri);
		if (found != NULL)
			add_rules(&rules, found, &scope);
		else
			rules.has_any_scope = true;
		is_registered = is_registered || found != NULL;
		c += length;
	}
	if (!is_registered)
		rules.is_jwt = client->access_token_format != NULL &&
			strcmp(client->access_token_format, "jwt") == 0;
	rules.audience = audience != NIL ? oauth_words_join(audience) : NULL;
	rules.scope = is_registered && !rules.has_any_scope ? scope.data : NULL;
	if (rules.signing_alg == NULL || !may_be_signed_with(client, rules.signing_alg))
		rules.signing_alg = DEFAULT_ALG;
	return rules;
}

/* The words of scope that the token can have. */
const char *
oauth_token_scope(const OAuthTokenRules *rules, const char *scope)
{
	StringInfoData words;

	if (rules->scope == NULL)
		return scope;
	initStringInfo(&words);
	for (const char *c = scope + strspn(scope, " "); *c; c += strspn(c, " "))
	{
		size_t		length = strcspn(c, " ");

		if (oauth_words_have(rules->scope, c, length))
			appendStringInfo(&words, "%s%.*s", words.len > 0 ? " " : "", (int) length, c);
		c += length;
	}
	return words.data;
}

/*
 * "the authorization server SHOULD [...] restrict" the scope to what the resource knows (RFC 8707,
 * section 2.2, of access tokens); a token for which nothing is left would be of no use.
 */
OAuthFault *
oauth2_resource_check_scope(const OAuthClient *client, const char *resource, const char *scope)
{
	OAuthTokenRules rules;

	if (resource == NULL)
		return NULL;
	rules = oauth_token_rules(client, resource);
	return oauth_token_scope(&rules, scope)[0] != '\0' ? NULL :
		oauth_fault(OAUTH_INVALID_SCOPE, "The resource knows no word of this scope.");
}

/* With oauth.require_registered_resource, only what is registered can be asked for. */
OAuthFault *
oauth2_resource_check_registered(const char *uri)
{
	if (!oauth_setting_require_registered_resource ||
		oauth_store_find_resource(oauth_uri_normal(uri)) != NULL)
		return NULL;
	return oauth_fault(OAUTH_INVALID_TARGET, "This resource is not registered.");
}

/* ---- SQL ---- */

/* The resource of an argument; 22023 if it is none. */
static const char *
resource_argument(FunctionCallInfo fcinfo)
{
	(void) oauth_argument(fcinfo, 0, "resource");
	return oauth2_resource_argument(fcinfo, 0);
}

/* The scope of an argument, each word once; 22023 if it is malformed or has no word. */
static char *
scope_argument(FunctionCallInfo fcinfo, int n)
{
	char	   *scope = oauth_optional_argument(fcinfo, n);
	List	   *words;
	List	   *unknown;
	OAuthFault *fault;

	if (scope == NULL)
		return NULL;
	if ((fault = oauth2_scope_parse(scope, &words)) != NULL)
		oauth_fault_raise(fault, oauth2_scope_hint(scope));
	if (words == NIL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("scope has no word"),
						errhint("NULL stands for any scope.")));
	oauth_store_seed_scopes();
	if ((unknown = oauth_store_unknown_scopes(words)) != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("scope \"%s\" does not exist", (char *) linitial(unknown)),
				 errhint("SELECT oauth_register_scope(%s, '...') adds it, with words for the "
						 "user who is asked for consent.",
						 quote_literal_cstr(linitial(unknown)))));
	return oauth_words_join(words);
}

/*
 * oauth_register_resource(resource text, scope text, access_token_format text,
 *		access_token_lifetime interval, signing_alg text) RETURNS void
 */
Datum
oauth_register_resource(PG_FUNCTION_ARGS)
{
	OAuthRegisteredResource resource = {.uri = resource_argument(fcinfo)};
	const char *format = oauth_argument(fcinfo, 2, "access_token_format");

	if (strcmp(format, "opaque") != 0 && strcmp(format, "jwt") != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("access_token_format \"%s\" does not exist", format),
						errhint("It is opaque, or jwt (RFC 9068).")));
	resource.scope = scope_argument(fcinfo, 1);
	resource.access_token_format = format;
	resource.access_token_lifetime = oauth_seconds_argument(fcinfo, 3, "access_token_lifetime");
	resource.signing_alg = oauth_optional_argument(fcinfo, 4);
	if (resource.signing_alg != NULL)
		oauth_signing_alg_check(resource.signing_alg);
	oauth_store_register_resource(oauth_uri_normal(resource.uri), &resource);
	oauth_event_configured(NULL, NULL, psprintf("resource %s was registered", resource.uri));
	PG_RETURN_VOID();
}

/* oauth_unregister_resource(resource text) RETURNS boolean */
Datum
oauth_unregister_resource(PG_FUNCTION_ARGS)
{
	const char *uri = resource_argument(fcinfo);
	bool		was_registered = oauth_store_unregister_resource(oauth_uri_normal(uri));

	if (was_registered)
		oauth_event_configured(NULL, NULL, psprintf("resource %s is no longer registered", uri));
	PG_RETURN_BOOL(was_registered);
}
