/*
 * trusted_jwt_claims.c
 *		What the claims of an assertion must say (RFC 7523, section 3, items 2 to 8; of an identity
 *		assertion draft-ietf-oauth-identity-assertion-authz-grant, sections 3.1 and 4.4.1), and what
 *		they allow.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "http/http.h"
#include "jose/jose.h"
#include "oauth2/trusted_jwt.h"
#include "setting.h"
#include "store/client.h"
#include "store/token.h"
#include "text/text.h"

#include "utils/float.h"

#define MAX_ACR 255

/* ---- for whom it is ---- */

/* "If the aud claim is an array, it MUST contain exactly one element" (4.4.1) */
static bool
has_one_audience(Jsonb *claims)
{
	JsonbValue *aud = oauth_jwt_claim(claims, "aud");

	return aud != NULL && (aud->type != jbvBinary || JsonContainerSize(aud->val.binary.data) == 1);
}

/*
 * "The JWT MUST contain an "aud" (audience) claim containing a value that identifies the
 * authorization server as an intended audience.  The token endpoint URL of the authorization server
 * MAY be used" (item 3).  FAPI clients name the issuer, as an audience of its own.
 */
static bool
is_for_us(const OAuth2TrustedJwt *assertion)
{
	Jsonb	   *claims = assertion->claims;
	const char *issuer = oauth_issuer();

	if (assertion->is_id_jag)
		return has_one_audience(claims) && oauth_jwt_is_for(claims, issuer);
	if (assertion->issuer != NULL && assertion->issuer->audience != NULL)
		return oauth_jwt_is_for(claims, assertion->issuer->audience);
	if (oauth_client_is_fapi(assertion->request->client))
		return oauth_jwt_is_only_for(claims, issuer);
	return oauth_jwt_is_for(claims, issuer) ||
		oauth_jwt_is_for(claims, psprintf("%s/oauth2/token", issuer)) ||
		oauth_jwt_is_for(claims, psprintf("%s/oauth2/access_token", issuer));
}

/*
 * "The client_id claim MUST identify the same client as the client authentication in the request"
 * (4.4.1).  Other JWTs need not name a client; one that names another is not for this one.
 */
static bool
is_of_client(const OAuth2TrustedJwt *assertion)
{
	static const char *const names[] = {"client_id", "azp"};
	const char *client_id = assertion->request->client->client_id;

	if (assertion->is_id_jag && !oauth_jwt_has(assertion->claims, "client_id"))
		return false;
	for (size_t i = 0; i < lengthof(names); i++)
	{
		const char *named = oauth_jwt_text(assertion->claims, names[i]);

		/* the azp of an ID token is the client at that issuer (Core, section 2) */
		if (i > 0 && assertion->use == OAUTH2_AS_ID_TOKEN)
			continue;
		if (oauth_jwt_has(assertion->claims, names[i]) &&
			(named == NULL || strcmp(named, client_id) != 0))
			return false;
	}
	return true;
}

/* ---- which kind it is, where no typ says so ---- */

/*
 * Whether it has what only an ID token has: "ID Tokens are only intended to be
 * processed by the Relying Party [...] and not by other actors in a different trust domain" (3).
 */
static bool
is_of_login(Jsonb *claims)
{
	static const char *const of_login[] = {"nonce", "at_hash", "c_hash", "s_hash"};

	for (size_t i = 0; i < lengthof(of_login); i++)
		if (oauth_jwt_has(claims, of_login[i]))
			return true;
	return false;
}

static const char *
kind_problem(OAuth2TrustedJwt *assertion)
{
	bool		may_be_of_login = assertion->is_id_jag || assertion->use == OAUTH2_AS_ID_TOKEN ||
		assertion->use == OAUTH2_AS_ACCESS_TOKEN;

	/* "typ: logout+jwt" is younger than logout tokens (Back-Channel Logout, section 2.4) */
	if (oauth_jwt_has(assertion->claims, "events"))
		return "it is a logout token.";
	if (!may_be_of_login && is_of_login(assertion->claims))
		return "it is an ID token.";
	return NULL;
}

/* ---- when it is good ---- */

/* That time, and at most a year from now. */
static TimestampTz
time_of(double seconds, double now)
{
	return GetCurrentTimestamp() +
		(TimestampTz) (Min(seconds - now, 365.0 * SECS_PER_DAY) * USECS_PER_SEC);
}

/*
 * "The JWT MUST contain an "exp" (expiration time) claim that limits the time window during which
 * the JWT can be used. [...] The authorization server may reject JWTs with an "exp" claim value
 * that is unreasonably far in the future" (item 4).
 */
static const char *
time_problem(OAuth2TrustedJwt *assertion)
{
	double		now = oauth_jwt_now(GetCurrentTimestamp());
	double		exp;
	double		iat;
	const char *problem = oauth_jwt_time_problem(assertion->claims, GetCurrentTimestamp(),
												 OAUTH_JWT_SKEW);

	if (problem != NULL || (problem = oauth_jwt_seconds(assertion->claims, "exp", &exp)) != NULL ||
		(problem = oauth_jwt_seconds(assertion->claims, "iat", &iat)) != NULL)
		return problem;
	if (isnan(exp))
		return "it has no exp.";
	if (iat > now + OAUTH_JWT_SKEW)
		return "its iat is in the future.";
	if (assertion->is_id_jag && isnan(iat))
		return "it has no iat.";
	if (assertion->use == OAUTH2_AS_GRANT &&
		exp > now + oauth_setting_assertion_lifetime + OAUTH_JWT_SKEW)
		return psprintf("its exp is more than %d seconds ahead.", oauth_setting_assertion_lifetime);
	assertion->expires_at = time_of(exp, now);
	if (assertion->use == OAUTH2_AS_GRANT)
		assertion->made_at = oauth_replay_made_at(iat, exp);
	return NULL;
}

/* "The JWT MAY contain a "jti" (JWT ID) claim" (item 7); an identity assertion has one. */
static const char *
jti_problem(OAuth2TrustedJwt *assertion)
{
	assertion->jti = oauth_jwt_text(assertion->claims, "jti");
	if (assertion->jti != NULL && assertion->jti[0] != '\0')
		return NULL;
	return oauth_jwt_has(assertion->claims, "jti") ? "its jti is no text." :
		assertion->is_id_jag ? "it has no jti." : NULL;
}

/* ---- whose key it needs ---- */

static bool
confirms(Jsonb *cnf, const char *name, const char *bound_to)
{
	const char *value = oauth_jwt_text(cnf, name);

	return value != NULL && bound_to != NULL &&
		strcmp(psprintf("%s:%s", name, value), bound_to) == 0;
}

/*
 * Whether the request proves to have the key that the claims name, if they do (RFC 7800, section
 * 3.1; RFC 9449, section 6.1; RFC 8705, section 3.1).
 */
bool
oauth2_claims_confirm(Jsonb *claims, const char *cnf)
{
	JsonbValue *found = oauth_jwt_claim(claims, "cnf");

	if (found == NULL)
		return true;
	if (found->type != jbvBinary || !JsonContainerIsObject(found->val.binary.data))
		return false;
	return confirms(JsonbValueToJsonb(found), "jkt", cnf) ||
		confirms(JsonbValueToJsonb(found), "x5t#S256", cnf);
}

/* ---- all of that ---- */

/* "The JWT MUST contain a "sub" (subject) claim" (item 2) */
static const char *
sub_problem(OAuth2TrustedJwt *assertion)
{
	assertion->sub = oauth_jwt_text(assertion->claims, "sub");
	return assertion->sub == NULL || assertion->sub[0] == '\0' ? "it has no sub." : NULL;
}

static const char *
audience_problem(OAuth2TrustedJwt *assertion)
{
	return is_for_us(assertion) ? NULL : "its aud does not name this server.";
}

static const char *
client_problem(OAuth2TrustedJwt *assertion)
{
	return is_of_client(assertion) ? NULL : "it was issued to another client, or names none.";
}

static const char *
key_problem(OAuth2TrustedJwt *assertion)
{
	return oauth2_claims_confirm(assertion->claims, assertion->request->cnf) ? NULL :
		"it is bound to a key, and the request does not prove to have it.";
}

const OAuth2ClaimCheck oauth2_claim_checks[] = {
	{"kind", kind_problem},
	{"sub", sub_problem},
	{"audience", audience_problem},
	{"time", time_problem},
	{"jti", jti_problem},
	{"client_id", client_problem},
	{"cnf", key_problem},
	{NULL}
};

/* ---- what it allows, and says ---- */

/* When and how strongly the person had logged in, as an identity assertion says it (3.1). */
OAuthAuthentication
oauth2_trusted_jwt_login(const OAuth2TrustedJwt *assertion)
{
	OAuthAuthentication login = {0};
	double		now = oauth_jwt_now(GetCurrentTimestamp());
	double		seconds;

	if (!assertion->is_id_jag)
		return login;
	login.acr = oauth_jwt_text(assertion->claims, "acr");
	if (login.acr != NULL && !oauth_is_plain(login.acr, MAX_ACR))
		login.acr = NULL;
	if (oauth_jwt_seconds(assertion->claims, "auth_time", &seconds) == NULL && seconds > 0 &&
		seconds <= now + OAUTH_JWT_SKEW)
		login.at = time_of(seconds, now);
	return login;
}

/* The words of the claim that the client may have. */
static const char *
words_for(const OAuthClient *client, List *words)
{
	const char *allowed = oauth_client_scope(client);
	List	   *both = NIL;
	ListCell   *cell;

	foreach(cell, words)
		if (oauth_words_have(allowed, lfirst(cell), strlen(lfirst(cell))))
			both = lappend(both, lfirst(cell));
	return both != NIL ? oauth_words_join(both) : NULL;
}

/*
 * The scope that the request gets: what it asks for, within what the client may have and, where the
 * assertion has a scope, within that; without asking, all of both.
 */
OAuthFault *
oauth2_trusted_jwt_scope(const OAuth2TrustedJwt *assertion, const char *requested,
						 const char **scope)
{
	const OAuthClient *client = assertion->request->client;
	const char *granted = oauth_jwt_text(assertion->claims, "scope");
	List	   *words;
	OAuthFault *fault;

	if (!oauth_jwt_has(assertion->claims, "scope"))
		return oauth2_scope_decide(client, requested, scope);
	if (granted == NULL || oauth2_scope_parse(granted, &words) != NULL)
		return oauth2_trusted_jwt_fault(assertion, "its scope is no scope.");
	if (requested == NULL)
	{
		*scope = words_for(client, words);
		return *scope ? NULL : oauth_fault(OAUTH_INVALID_SCOPE,
										   "The client may have no word of this scope.");
	}
	fault = oauth2_scope_decide(client, requested, scope);
	return fault ? fault : oauth2_scope_narrow(granted, scope);
}

/* A string, or an array of strings, as words; NULL: it is something else. */
static List *
uris_of(const JsonbValue *found)
{
	List	   *uris = NIL;
	JsonbContainer *list;

	if (found->type == jbvString)
		return list_make1(pnstrdup(found->val.string.val, found->val.string.len));
	if (found->type != jbvBinary || !JsonContainerIsArray(found->val.binary.data))
		return NIL;
	list = found->val.binary.data;
	for (uint32 i = 0; i < JsonContainerSize(list); i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(list, i);

		if (element->type != jbvString)
			return NIL;
		uris = lappend(uris, pnstrdup(element->val.string.val, element->val.string.len));
	}
	return uris;
}

/*
 * "If the resource claim is present, the Resource Authorization Server MUST process it according to
 * Section 2 of RFC8707" (4.4.1): the token is for these resources, or for those of them that the
 * request names.  *resource: what it names, and then what the token is for.
 */
OAuthFault *
oauth2_trusted_jwt_resource(const OAuth2TrustedJwt *assertion, const char **resource)
{
	JsonbValue *found = oauth_jwt_claim(assertion->claims, "resource");
	OAuthGrant	granted = {0};
	List	   *uris;
	ListCell   *cell;
	OAuthFault *fault;

	if (found == NULL)
		return NULL;
	if ((uris = uris_of(found)) == NIL)
		return oauth2_trusted_jwt_fault(assertion, "its resource is neither a URI nor a list.");
	foreach(cell, uris)
		if ((fault = oauth2_resource_check(lfirst(cell))) != NULL ||
			(fault = oauth2_resource_check_registered(lfirst(cell))) != NULL)
			return fault;
	granted.resource = oauth_words_join(uris);
	return oauth2_resource_narrow(&granted, resource);
}
