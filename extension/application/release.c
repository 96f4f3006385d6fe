/*
 * release.c
 *		Which claims of the application a client gets to see (OpenID Connect Core, sections 5.1, 5.4
 *		and 5.5).
 *
 * The claims function returns all that it knows of a person.  A standard claim is let through where
 * its scope was granted, or where the claims parameter of the authorization request asks for it.
 * Claims of the application's own naming pass as it decides; in an ID token they have to be asked
 * for, unless the client wants its claims there.
 *
 * "If a Claim is not returned, that Claim Name SHOULD be omitted from the JSON object representing
 * the Claims; it SHOULD NOT be present with a null or empty string value."  (section 5.3.2)
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "text/text.h"

#include "utils/builtins.h"

/* The standard claims, and the scope that asks for each (sections 5.1 and 5.4). */
static const struct
{
	const char *name;
	const char *scope;
}			standard_claims[] =
{
	{"name", "profile"},
	{"family_name", "profile"},
	{"given_name", "profile"},
	{"middle_name", "profile"},
	{"nickname", "profile"},
	{"preferred_username", "profile"},
	{"profile", "profile"},
	{"picture", "profile"},
	{"website", "profile"},
	{"gender", "profile"},
	{"birthdate", "profile"},
	{"zoneinfo", "profile"},
	{"locale", "profile"},
	{"updated_at", "profile"},
	{"email", "email"},
	{"email_verified", "email"},
	{"address", "address"},
	{"phone_number", "phone"},
	{"phone_number_verified", "phone"},
};

/* The names of all standard claims, space-separated: claims_supported. */
const char *
oauth_standard_claims(void)
{
	return OAUTH_NAMES_JOIN(standard_claims);
}

/*
 * What the claims parameter (JSON, or NULL) asks for in one place: its member userinfo or id_token
 * (section 5.5).  NULL if that asks for nothing.
 */
Jsonb *
oauth_claims_requested(const char *parameter, const char *place)
{
	Jsonb	   *claims;
	JsonbValue *member;

	if (parameter == NULL)
		return NULL;
	claims = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(parameter)));
	if (!JB_ROOT_IS_OBJECT(claims))
		return NULL;
	member = getKeyJsonValueFromContainer(&claims->root, place, strlen(place), NULL);
	return member != NULL && member->type == jbvBinary &&
		JsonContainerIsObject(member->val.binary.data) ? JsonbValueToJsonb(member) : NULL;
}

/* How that claim is requested; NULL if it is not. */
static JsonbValue *
request_for(const Jsonb *requested, const char *name)
{
	return requested == NULL ? NULL :
		getKeyJsonValueFromContainer(unconstify(JsonbContainer *, &requested->root), name,
									 strlen(name), NULL);
}

/* Whether that claim is requested, with whatever value. */
bool
oauth_claims_ask_for(const Jsonb *requested, const char *name)
{
	return request_for(requested, name) != NULL;
}

static bool
are_equal(JsonbValue *a, JsonbValue *b)
{
	return compareJsonbContainers(&JsonbValueToJsonb(a)->root, &JsonbValueToJsonb(b)->root) == 0;
}

static bool
is_among(JsonbValue *values, JsonbValue *value)
{
	JsonbContainer *array = values->val.binary.data;

	if (values->type != jbvBinary || !JsonContainerIsArray(array))
		return false;
	for (uint32 i = 0; i < JsonContainerSize(array); i++)
		if (are_equal(getIthJsonbValueFromContainer(array, i), value))
			return true;
	return false;
}

/*
 * Whether the request asks for that claim with this value: "value: Requests that the Claim be
 * returned with a particular value", "values: [...] with one of a set of values" (section 5.5.1).
 * An essential claim is treated like a voluntary one, because "the Authorization Server MUST NOT
 * generate an error when Claims are not returned, whether they are Essential or Voluntary".
 */
static bool
is_requested(const Jsonb *requested, const char *name, JsonbValue *value)
{
	JsonbValue *how = request_for(requested, name);
	JsonbValue *wanted;

	if (how == NULL)
		return false;
	if (how->type != jbvBinary || !JsonContainerIsObject(how->val.binary.data))
		return true;
	wanted = getKeyJsonValueFromContainer(how->val.binary.data, "value", strlen("value"), NULL);
	if (wanted != NULL && !are_equal(wanted, value))
		return false;
	wanted = getKeyJsonValueFromContainer(how->val.binary.data, "values", strlen("values"), NULL);
	return wanted == NULL || is_among(wanted, value);
}

/* The scope of a standard claim, in whatever language (section 5.2); NULL for any other claim. */
const char *
oauth_claim_scope(const char *name)
{
	const char *base = pnstrdup(name, strcspn(name, "#"));

	for (size_t i = 0; i < lengthof(standard_claims); i++)
		if (strcmp(standard_claims[i].name, base) == 0)
			return standard_claims[i].scope;
	return NULL;
}

/* Null, an empty string or an empty address. */
static bool
is_empty(const JsonbValue *value, bool is_standard)
{
	if (value->type == jbvNull)
		return true;
	if (value->type == jbvString)
		return value->val.string.len == 0;
	return is_standard && value->type == jbvBinary && value->val.binary.data != NULL &&
		JsonContainerSize(value->val.binary.data) == 0;
}

/* Whether a claim is let through. */
bool
oauth_claim_is_released(const OAuthRelease *release, const char *name, JsonbValue *value)
{
	const char *scope = oauth_claim_scope(name);
	bool		is_of_scope = release->has_claims_of_scope &&
		(scope == NULL || oauth_words_include(release->scope, scope));

	if (is_empty(value, scope != NULL))
		return false;
	return is_of_scope || is_requested(release->requested, name, value);
}
