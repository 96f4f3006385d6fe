/*
 * authorization_details.c
 *		What a client asks for beside scope, object by object (RFC 9396).
 *
 * The form is checked here: section 2 says what is in every object.  What else belongs into one of
 * a type only the application knows, so a type can have a function of the application that looks at
 * each object, refuses it, or says what is granted in its place (section 7.1).  In between,
 * authorization details are JSON text as jsonb writes it: each object in one spelling.
 *
 * "The AS MUST refuse to process any unknown authorization details type or authorization details
 * not conforming to the respective type definition."  (section 5)
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "client/client.h"
#include "jose/jose.h"
#include "store/authorization_details.h"
#include "store/client.h"
#include "store/function.h"
#include "text/text.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#define ARGUMENTS "jsonb, text, text"
#define MAX_DETAILS 16384		/* bytes */
#define MAX_OBJECTS 20
#define MAX_REASON 300			/* bytes of what the application says */

static const Oid argument_types[] = {JSONBOID, TEXTOID, TEXTOID};

static OAuthFault *
invalid(const char *description)
{
	return oauth_fault(OAUTH_INVALID_AUTHORIZATION_DETAILS, description);
}

static JsonbValue *
member(JsonbContainer * object, const char *name)
{
	return getKeyJsonValueFromContainer(object, name, strlen(name), NULL);
}

static bool
is_array(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data);
}

static bool
is_object(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data);
}

static JsonbValue *
element(Jsonb *array, uint32 i)
{
	return getIthJsonbValueFromContainer(&array->root, i);
}

/* Object number i of details that were checked. */
static JsonbContainer *
object_at(Jsonb *details, uint32 i)
{
	return element(details, i)->val.binary.data;
}

static char *
text_of(JsonbContainer * object)
{
	return JsonbToCString(NULL, object, 0);
}

/* What was checked before and came back from a table. */
static Jsonb *
checked(const char *details)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(details)));
}

/* ---- the form ---- */

static bool
is_array_of_strings(const JsonbValue *value)
{
	JsonbContainer *array = is_array(value) ? value->val.binary.data : NULL;

	for (uint32 i = 0; array != NULL && i < JsonContainerSize(array); i++)
		if (getIthJsonbValueFromContainer(array, i)->type != jbvString)
			return false;
	return array != NULL;
}

/* Section 2.2: the members that mean the same in every type. */
static OAuthFault *
check_common_members(JsonbContainer * object)
{
	static const char *const arrays[] = {"locations", "actions", "datatypes", "privileges"};
	JsonbValue *identifier = member(object, "identifier");

	for (size_t i = 0; i < lengthof(arrays); i++)
	{
		JsonbValue *found = member(object, arrays[i]);

		if (found != NULL && !is_array_of_strings(found))
			return invalid(psprintf("In authorization_details, %s is an array of strings.",
									arrays[i]));
	}
	if (identifier != NULL && identifier->type != jbvString)
		return invalid("In authorization_details, identifier is a string.");
	return NULL;
}

/* "type: [...] This field is REQUIRED."  NULL if it is not there, or could not be registered. */
static char *
type_of(JsonbContainer * object)
{
	JsonbValue *type = member(object, "type");
	char	   *name;

	if (type == NULL || type->type != jbvString)
		return NULL;
	name = pnstrdup(type->val.string.val, type->val.string.len);
	return oauth_is_details_type(name) ? name : NULL;
}

/* "the AS [...] MUST refuse [...] any unknown authorization details type" */
static OAuthFault *
check_type(const OAuthClient *client, JsonbContainer * object)
{
	char	   *type = type_of(object);

	if (type == NULL || oauth_store_find_details_type(type) == NULL)
		return invalid("In authorization_details, type names no type that this server knows.");
	if (!oauth_list_has(client->authorization_details_types, type))
		return invalid(psprintf("The client may not ask for authorization_details of type %s.",
								type));
	return NULL;
}

static OAuthFault *
check_object(const OAuthClient *client, const JsonbValue *value)
{
	OAuthFault *fault;

	if (!is_object(value))
		return invalid("authorization_details is an array of objects.");
	fault = check_type(client, value->val.binary.data);
	return fault ? fault : check_common_members(value->val.binary.data);
}

/* The array, or NULL and the fault. */
static Jsonb *
read_array(const char *sent, OAuthFault **fault)
{
	size_t		length = strlen(sent);
	const char *problem = NULL;
	Jsonb	   *json = NULL;

	*fault = NULL;
	if (length > MAX_DETAILS)
		*fault = invalid("authorization_details has more than 16384 bytes.");
	else if ((json = oauth_json_read(sent, length, &problem)) == NULL)
		*fault = invalid(psprintf("authorization_details: %s", problem));
	else if (!JB_ROOT_IS_ARRAY(json) || JB_ROOT_IS_SCALAR(json) || JB_ROOT_COUNT(json) == 0)
		*fault = invalid("authorization_details is a JSON array of one or more objects.");
	else if (JB_ROOT_COUNT(json) > MAX_OBJECTS)
		*fault = invalid("authorization_details has more than 20 objects.");
	return *fault ? NULL : json;
}

/*
 * Reads what a client sent, NULL: nothing.  *details is NULL then, else JSON in which each object
 * is of a type that the client may ask for.  Functions of the application have not been asked.
 */
OAuthFault *
oauth_details_read(const OAuthClient *client, const char *sent, const char **details)
{
	OAuthFault *fault;
	Jsonb	   *json;

	*details = NULL;
	if (sent == NULL)
		return NULL;
	if ((json = read_array(sent, &fault)) == NULL)
		return fault;
	for (uint32 i = 0; i < JB_ROOT_COUNT(json) && fault == NULL; i++)
		fault = check_object(client, element(json, i));
	if (fault == NULL)
		*details = text_of(&json->root);
	return fault;
}

/* The types that a client sent, each once; NIL if that cannot be read. */
List *
oauth_details_types(const char *sent)
{
	OAuthFault *fault;
	Jsonb	   *json = read_array(sent, &fault);
	List	   *types = NIL;

	for (uint32 i = 0; json != NULL && i < JB_ROOT_COUNT(json); i++)
	{
		JsonbValue *value = element(json, i);
		char	   *type = is_object(value) ? type_of(value->val.binary.data) : NULL;

		if (type != NULL && !oauth_list_has(types, type))
			types = lappend(types, type);
	}
	return types;
}

/* ---- the application's functions ---- */

/* Raises 42883 if there is no such function, 42809 if it returns something else. */
void
oauth_details_find_function(OAuthApplicationFunction *function)
{
	function->arguments = ARGUMENTS;
	oauth_application_find(function, lengthof(argument_types), argument_types);
	if (function->result_type != JSONBOID)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("function %s.%s cannot check authorization details", function->schema,
						function->name),
				 errhint("It must return jsonb: the object that is granted.")));
}

/* Whether the application has to be asked about them. */
bool
oauth_details_need_application(const char *details)
{
	Jsonb	   *json = details ? checked(details) : NULL;
	bool		needs = false;

	for (uint32 i = 0; json != NULL && i < JB_ROOT_COUNT(json) && !needs; i++)
	{
		OAuthAuthorizationDetailsType *type;

		type = oauth_store_find_details_type(type_of(object_at(json, i)));
		needs = type != NULL && type->function.name != NULL;
	}
	return needs;
}

/* error_description has characters of %x20-21 / %x23-5B / %x5D-7E (RFC 6749, section 5.2). */
static OAuthFault *
refused(const JsonbValue *reason)
{
	char	   *words = pnstrdup(reason->val.string.val, Min(reason->val.string.len, MAX_REASON));

	for (char *c = words; *c; c++)
		if ((unsigned char) *c < ' ' || (unsigned char) *c >= 0x7F || *c == '"' || *c == '\\')
			*c = *c == '"' ? '\'' : '?';
	return invalid(words);
}

/* What the function returns for the object; NULL for null.  In it nobody calls. */
static Jsonb *
call_function(OAuthApplicationFunction *function, const OAuthClient *client, const char *subject,
			  Jsonb *object)
{
	NullableDatum arguments[] = {
		{.value = JsonbPGetDatum(object)},
		oauth_application_text(client->client_id), oauth_application_text(subject)
	};
	OAuthIdentity hidden;
	Datum		result;
	bool		is_null;

	oauth_details_find_function(function);
	hidden = oauth_identity_hide();
	result = oauth_application_call(function, lengthof(arguments), arguments, &is_null);
	oauth_identity_restore(&hidden);
	return is_null ? NULL : DatumGetJsonbP(result);
}

/* What the application grants in the place of the object: one of the same type. */
static OAuthFault *
ask_application(OAuthApplicationFunction *function, const OAuthClient *client, const char *subject,
				Jsonb *object, Jsonb **granted)
{
	Jsonb	   *result = call_function(function, client, subject, object);
	char	   *type;

	if (result == NULL)
		return invalid("The application does not grant these authorization_details.");
	if (JB_ROOT_IS_SCALAR(result) &&
		element(result, 0)->type == jbvString)
		return refused(element(result, 0));
	type = JB_ROOT_IS_OBJECT(result) ? type_of(&result->root) : NULL;
	if (type == NULL || strcmp(type, type_of(&object->root)) != 0 ||
		check_common_members(&result->root) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("function %s.%s did not return an object of type \"%s\"",
						function->schema, function->name, type_of(&object->root)),
				 errhint("It returns the object that is granted, a string that says why it is "
						 "refused, or null.")));
	*granted = result;
	return NULL;
}

/* What is granted in the place of one object: itself, unless its type has a function. */
static OAuthFault *
decide(const OAuthClient *client, const char *subject, Jsonb *object, Jsonb **granted)
{
	OAuthAuthorizationDetailsType *type = oauth_store_find_details_type(type_of(&object->root));

	*granted = object;
	if (type == NULL)
		return invalid("In authorization_details, type names no type that this server knows.");
	return type->function.name == NULL ? NULL :
		ask_application(&type->function, client, subject, object, granted);
}

/*
 * Asks the application about each object; *details becomes what it grants.  subject NULL: the
 * client itself.  It must run where functions of the application may.
 */
OAuthFault *
oauth_details_decide(const OAuthClient *client, const char *subject, const char **details)
{
	Jsonb	   *json = *details ? checked(*details) : NULL;
	StringInfoData granted;

	if (json == NULL)
		return NULL;
	initStringInfo(&granted);
	for (uint32 i = 0; i < JB_ROOT_COUNT(json); i++)
	{
		Jsonb	   *object;
		OAuthFault *fault = decide(client, subject, JsonbValueToJsonb(element(json, i)), &object);

		if (fault != NULL)
			return fault;
		appendStringInfo(&granted, "%s%s", i == 0 ? "[" : ", ", text_of(&object->root));
	}
	appendStringInfoChar(&granted, ']');
	if (granted.len > 2 * MAX_DETAILS)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("authorization details have more than %d bytes once functions "
							   "have added to them", 2 * MAX_DETAILS),
						errhint("Let the functions of their types add less.")));
	*details = granted.data;
	return NULL;
}

/* ---- comparing ---- */

static bool
has_object(Jsonb *details, JsonbContainer * object)
{
	for (uint32 i = 0; i < JB_ROOT_COUNT(details); i++)
		if (compareJsonbContainers(object_at(details, i), object) == 0)
			return true;
	return false;
}

static bool
has_all(Jsonb *details, Jsonb *objects)
{
	for (uint32 i = 0; i < JB_ROOT_COUNT(objects); i++)
		if (!has_object(details, object_at(objects, i)))
			return false;
	return true;
}

/* Whether both have the same objects, in whatever order; NULL: none. */
bool
oauth_details_equal(const char *one, const char *other)
{
	Jsonb	   *first = one ? checked(one) : NULL;
	Jsonb	   *second = other ? checked(other) : NULL;

	if (first == NULL || second == NULL)
		return first == second;
	return has_all(first, second) && has_all(second, first);
}

/*
 * What of the granted details is asked for: *details is what was sent, and becomes that part; NULL
 * asks for all of them.
 *
 * "The AS checks whether the underlying grant [...] allows the issuance of an access token with the
 * requested authorization details.  Otherwise, the AS refuses the request with the error code
 * "invalid_authorization_details"" (section 6).  What makes an object less than another depends on
 * its type ("there is no standardized mechanism to compare two arbitrary authorization detail
 * requests", section 6.1), so an object is granted if one that equals it was.
 */
OAuthFault *
oauth_details_narrow(const char *granted, const char **details)
{
	OAuthFault *fault;
	Jsonb	   *asked;
	Jsonb	   *all;

	if (*details == NULL)
	{
		*details = granted;
		return NULL;
	}
	if ((asked = read_array(*details, &fault)) == NULL)
		return fault;
	all = granted ? checked(granted) : NULL;
	for (uint32 i = 0; i < JB_ROOT_COUNT(asked); i++)
	{
		JsonbValue *value = element(asked, i);

		if (!is_object(value))
			return invalid("authorization_details is an array of objects.");
		if (all == NULL || !has_object(all, value->val.binary.data))
			return invalid("authorization_details goes beyond what was granted: each object must "
						   "be one of those that were.");
	}
	*details = text_of(&asked->root);
	return NULL;
}
