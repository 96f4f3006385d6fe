/*
 * authorization_details_type.c
 *		Types of authorization details (RFC 9396, section 2.1): registering them.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "audit/audit.h"
#include "client/client.h"
#include "store/authorization_details.h"
#include "text/text.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_register_authorization_details_type);
PG_FUNCTION_INFO_V1(oauth_unregister_authorization_details_type);

#define MAX_TYPE 255
#define MAX_DESCRIPTION 1000
#define ARGUMENTS "jsonb, text, text"

static const Oid argument_types[] = {JSONBOID, TEXTOID, TEXTOID};

/* Whether a type can have that name: the characters are those of a scope, for lists of both. */
bool
oauth_is_details_type(const char *name)
{
	size_t		length = strlen(name);

	for (const char *c = name; *c; c++)
		if ((unsigned char) *c <= ' ' || (unsigned char) *c >= 0x7F || *c == '"' || *c == '\\')
			return false;
	return length > 0 && length <= MAX_TYPE;
}

static char *
type_argument(FunctionCallInfo fcinfo)
{
	char	   *type = oauth_argument(fcinfo, 0, "type");

	if (!oauth_is_details_type(type))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a type of authorization details has 1 to %d printable ASCII "
							   "characters without space, quote and backslash", MAX_TYPE),
						errhint("For example payment_initiation, or a URI of your own: "
								"https://bank.example/payment.")));
	return type;
}

/* One line for the user who is asked; NULL: the type itself is shown. */
static char *
description_argument(FunctionCallInfo fcinfo)
{
	char	   *description = oauth_optional_argument(fcinfo, 1);
	char	   *problem;

	if (description == NULL)
		return NULL;
	description = oauth_single_spaced(description);
	if ((problem = oauth_why_not_plain(description, MAX_DESCRIPTION)) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the description %s", problem),
				 errhint("It is one line for the user who is asked for consent: give 1 to %d bytes "
						 "that can all be seen.", MAX_DESCRIPTION)));
	return description;
}

/* Refuses a caller who does not own the function that checks the type now. */
static void
check_caller_may_replace(const char *name)
{
	OAuthAuthorizationDetailsType *type;

	oauth_store_hold_details_types();
	type = oauth_store_find_details_type(name);
	if (type != NULL && type->function.name != NULL &&
		!oauth_application_caller_owns(&type->function, lengthof(argument_types), argument_types))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("%s.%s checks type \"%s\" now, and you do not own it",
							   type->function.schema, type->function.name, name),
						errhint("Let its owner, or a superuser, call this.")));
}

/*
 * oauth_register_authorization_details_type(type text, description text, check_function text)
 *		RETURNS void
 */
Datum
oauth_register_authorization_details_type(PG_FUNCTION_ARGS)
{
	OAuthAuthorizationDetailsType type = {.type = type_argument(fcinfo)};
	char	   *check_function = oauth_optional_argument(fcinfo, 2);

	oauth_application_refuse_restricted("oauth_register_authorization_details_type()");
	type.description = description_argument(fcinfo);
	check_caller_may_replace(type.type);
	if (check_function != NULL)
	{
		oauth_application_parse(check_function, ARGUMENTS, &type.function);
		oauth_details_find_function(&type.function);
		oauth_application_check_owner(&type.function);
	}
	oauth_store_register_details_type(&type);
	oauth_event_configured(NULL, NULL,
						   psprintf("authorization details type %s was registered", type.type));
	PG_RETURN_VOID();
}

/* oauth_unregister_authorization_details_type(type text) RETURNS boolean */
Datum
oauth_unregister_authorization_details_type(PG_FUNCTION_ARGS)
{
	char	   *name = type_argument(fcinfo);
	bool		was_there;

	oauth_application_refuse_restricted("oauth_unregister_authorization_details_type()");
	check_caller_may_replace(name);
	was_there = oauth_store_unregister_details_type(name);
	if (was_there)
		oauth_event_configured(NULL, NULL,
							   psprintf("authorization details type %s is no longer registered",
										name));
	PG_RETURN_BOOL(was_there);
}
