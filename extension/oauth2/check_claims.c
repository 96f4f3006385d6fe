/*
 * check_claims.c
 *		Check of an authorization request: the claims parameter (OpenID Connect Core, section 5.5).
 *
 * - it is a JSON object, in which no name comes twice, at any depth
 * - its members userinfo and id_token are objects, whose members are null, or objects with
 *   essential (a boolean), value and values (an array); unknown members are ignored
 * - acr in id_token says how strong the login must be, or should be (section 5.5.1.1)
 * - "If the sub (subject) Claim is requested with a specific value for the ID Token, the
 *   Authorization Server MUST only send a positive response if the End-User identified by that sub
 *   value has an active session [...] or has been Authenticated as a result of the request."
 *   (section 3.1.2.2)
 *
 * The rest is for the release of claims (application/release.c), and is kept with the grant.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "jose/jose.h"
#include "oauth2/authorization.h"

static OAuthFault *
malformed(const char *description)
{
	return oauth_fault(OAUTH_INVALID_REQUEST, description);
}

static JsonbValue *
member(JsonbContainer * object, const char *name)
{
	return getKeyJsonValueFromContainer(object, name, strlen(name), NULL);
}

/* What the value contains; NULL if that is not an object. */
static JsonbContainer *
object_in(const JsonbValue *value)
{
	return value != NULL && value->type == jbvBinary &&
		JsonContainerIsObject(value->val.binary.data) ? value->val.binary.data : NULL;
}

static bool
is_array(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data);
}

static char *
text_of(const JsonbValue *value)
{
	return pnstrdup(value->val.string.val, value->val.string.len);
}

/* How one claim is asked for. */
static OAuthFault *
check_claim(const JsonbValue *claim)
{
	JsonbContainer *object = object_in(claim);
	JsonbValue *found;

	if (claim->type == jbvNull)
		return NULL;
	if (object == NULL)
		return malformed("In claims, each claim is null or an object.");
	if ((found = member(object, "essential")) != NULL && found->type != jbvBool)
		return malformed("In claims, essential is true or false.");
	if ((found = member(object, "values")) != NULL && !is_array(found))
		return malformed("In claims, values is an array.");
	return NULL;
}

static OAuthFault *
check_section(const JsonbValue *section)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;
	OAuthFault *fault = NULL;

	if (section == NULL)
		return NULL;
	if (object_in(section) == NULL)
		return malformed("In claims, userinfo and id_token are objects.");
	iterator = JsonbIteratorInit(object_in(section));
	while (fault == NULL && (token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
		if (token == WJB_VALUE)
			fault = check_claim(&value);
	return fault;
}

/* The texts that the claim may be: value, or values.  False if one of them is no text. */
static bool
read_texts(JsonbContainer * claim, List **texts)
{
	JsonbValue *value = member(claim, "value");
	JsonbValue *values = member(claim, "values");
	JsonbContainer *array = values ? values->val.binary.data : NULL;

	*texts = NIL;
	if (value != NULL && value->type != jbvString)
		return false;
	if (value != NULL)
		*texts = list_make1(text_of(value));
	for (uint32 i = 0; array != NULL && value == NULL && i < JsonContainerSize(array); i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(array, i);

		if (element->type != jbvString)
			return false;
		*texts = lappend(*texts, text_of(element));
	}
	return true;
}

static OAuthFault *
read_acr(OAuth2Authorization *request, JsonbContainer * id_token)
{
	JsonbContainer *acr = object_in(member(id_token, "acr"));
	JsonbValue *essential = acr ? member(acr, "essential") : NULL;

	if (acr != NULL && !read_texts(acr, &request->acr_values))
		return malformed("In claims, the values of acr are strings.");
	request->acr_is_essential = essential != NULL && essential->val.boolean;
	return NULL;
}

static OAuthFault *
read_subject(OAuth2Authorization *request, JsonbContainer * id_token)
{
	JsonbContainer *sub = object_in(member(id_token, "sub"));
	JsonbValue *value = sub ? member(sub, "value") : NULL;
	const char *subject;

	if (value == NULL)
		return NULL;
	if (value->type != jbvString)
		return malformed("In claims, the value of sub is a string.");
	subject = text_of(value);
	if (request->hint.client_id != NULL && !oauth2_id_token_hint_is_of(&request->hint, subject))
		return malformed("id_token_hint and claims are about different users.");
	request->subject = subject;
	return NULL;
}

OAuthFault *
oauth2_check_claims(OAuth2Authorization *request)
{
	const char *problem;
	JsonbValue *id_token;
	Jsonb	   *json;
	OAuthFault *fault = oauth_params_get(&request->params, "claims", &request->claims);

	if (fault != NULL || request->claims == NULL)
		return fault;
	json = oauth_json_read(request->claims, strlen(request->claims), &problem);
	if (json == NULL || !JB_ROOT_IS_OBJECT(json))
		return malformed("claims is a JSON object, in which no name comes twice.");
	id_token = member(&json->root, "id_token");
	if ((fault = check_section(member(&json->root, "userinfo"))) != NULL ||
		(fault = check_section(id_token)) != NULL || id_token == NULL)
		return fault;
	fault = read_acr(request, object_in(id_token));
	return fault ? fault : read_subject(request, object_in(id_token));
}
