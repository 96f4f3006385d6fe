/*
 * authorization_details_type.c
 *		SQL of oauth.authorization_details_type.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/authorization_details.h"
#include "store/statement.h"
#include "store/store.h"

#include "utils/fmgroids.h"

enum
{
	TYPE_NAME,
	TYPE_DESCRIPTION,
	TYPE_FUNCTION_SCHEMA,
	TYPE_FUNCTION_NAME
};
static OAuthTable type_table = {
	.name = "authorization_details_type", .equals = F_TEXTEQ,
	.columns = {"type", "description", "function_schema", "function_name"}
};

static OAuthStatement register_type = {
	.sql = "INSERT INTO oauth.authorization_details_type (type, description, function_schema,"
	" function_name) VALUES ($1, $2, $3, $4) ON CONFLICT (type) DO UPDATE SET"
	" description = excluded.description, function_schema = excluded.function_schema,"
	" function_name = excluded.function_name",
	.n_arguments = 4, .argument_types = {TEXTOID, TEXTOID, TEXTOID, TEXTOID}
};

static OAuthStatement unregister_type = {
	.sql = "DELETE FROM oauth.authorization_details_type WHERE type = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement list_types = {
	.sql = "SELECT type FROM oauth.authorization_details_type ORDER BY type",
	.only_reads = true
};

/* Prevents others from changing a type until the transaction ends. */
static OAuthStatement hold_types = {
.sql = "LOCK TABLE oauth.authorization_details_type IN SHARE ROW EXCLUSIVE MODE"};

/* The type of that name; NULL: it is not registered. */
OAuthAuthorizationDetailsType *
oauth_store_find_details_type(const char *name)
{
	OAuthAuthorizationDetailsType *type = NULL;
	OAuthRow	row;

	oauth_store_begin_latest();
	if (oauth_store_open_row(&row, &type_table, CStringGetTextDatum(name)))
	{
		type = palloc0(sizeof(OAuthAuthorizationDetailsType));
		type->type = oauth_store_row_string(&row, TYPE_NAME);
		type->description = oauth_store_row_string(&row, TYPE_DESCRIPTION);
		type->function.schema = oauth_store_row_string(&row, TYPE_FUNCTION_SCHEMA);
		type->function.name = oauth_store_row_string(&row, TYPE_FUNCTION_NAME);
	}
	oauth_store_close_row(&row);
	oauth_store_end_latest();
	if (type != NULL && type->function.name != NULL)
		type->function.api_schema = oauth_store_api_schema();
	return type;
}

void
oauth_store_hold_details_types(void)
{
	oauth_store_count(&hold_types, NULL);
}

/* Registers the type, or changes what is registered for it. */
void
oauth_store_register_details_type(const OAuthAuthorizationDetailsType *type)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, type->type);
	oauth_add_text(&arguments, type->description);
	oauth_add_text(&arguments, type->function.schema);
	oauth_add_text(&arguments, type->function.name);
	oauth_store_count(&register_type, &arguments);
}

/* False if it was not registered. */
bool
oauth_store_unregister_details_type(const char *name)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, name);
	return oauth_store_count(&unregister_type, &arguments) > 0;
}

/* The names of all types. */
List *
oauth_store_details_types(void)
{
	return oauth_store_list(&list_types, NULL, oauth_store_first_string);
}
