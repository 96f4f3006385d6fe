/*
 * hint.c
 *		Hints for errors that the server raises before it calls a function of the extension.
 *
 * If a subject is an integer, PostgreSQL says "You might need to add explicit type casts"; for a
 * forgotten GRANT it gives no hint.  The hook adds a useful hint to errors about functions of the
 * API.  It recognizes them by the text of the error and of the statement, and reads no table.  The
 * hook exists once the session has loaded the library: after the first call of any function, or
 * from the start with session_preload_libraries.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/admin.h"
#include "tcop/tcopprot.h"
#include "text/text.h"
#include "utils/elog.h"


#define PREFIX "oauth_"

static emit_log_hook_type next_hook;

/*
 * The name of the API function that the message is about, up to its arguments; NULL if there is
 * none.
 */
static char *
function_in(const char *message)
{
	const char *name = strstr(message, PREFIX);
	size_t		length;

	while (name != NULL && name > message && strchr(" .\"", name[-1]) == NULL)
		name = strstr(name + 1, PREFIX);
	if (name == NULL)
		return NULL;
	length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
	return pnstrdup(name, length);
}

/* Functions with a subject argument, by their names. */
static bool
takes_subject(const char *function)
{
	static const char *const functions[] = {
		"oauth_issue_token", "oauth_revoke_subject", "oauth_accept_login"
	};

	return OAUTH_FIND_NAMED(functions, function) != NULL;
}

/* Whether an argument of the call has that type: "subject => integer", "(integer", ", integer". */
static bool
has_type(const char *message, const char *type)
{
	for (const char *found = strstr(message, type); found != NULL; found = strstr(found + 1, type))
	{
		char		before = found > message ? found[-1] : ' ';
		char		after = found[strlen(type)];

		if (strchr(" (", before) != NULL && strchr(",)", after) != NULL && after != '\0')
			return true;
	}
	return false;
}

/*
 * Whether an argument is a number: any argument if name is NULL, otherwise the one passed by that
 * name.
 */
static bool
has_number(const char *message, const char *name)
{
	static const char *const types[] = {"integer", "bigint", "smallint", "numeric"};

	for (size_t i = 0; i < lengthof(types); i++)
		if (name == NULL ? has_type(message, types[i]) :
			strstr(message, psprintf("%s => %s", name, types[i])) != NULL)
			return true;
	return false;
}

static char *
hint_about_arguments(const char *message, const char *function)
{
	if (has_number(message, "lifetime"))
		return "A lifetime is an interval: '1 hour'.";
	if (has_number(message, "max_age"))
		return "max_age is an interval: '5 minutes'.";
	if (strcmp(function, "oauth_rotate_client_secret") == 0 && has_number(message, NULL))
		return "The overlap is an interval: '1 day'.";
	if (strcmp(function, "oauth_update_client") == 0)
		return "What changes is one object of type jsonb: oauth_update_client(client_id, "
			"'{\"scope\": \"read\"}').";
	if (takes_subject(function) && (has_number(message, NULL) || has_type(message, "uuid")))
		return psprintf("A subject is text: %s(... subject => id::text ...).", function);
	return psprintf("\\df *.%s shows its schema, which must be in the search_path, and the names "
					"and types of its arguments.",
					function);
}

static char *
hint_for(const ErrorData *error)
{
	const char *statement = debug_query_string;
	char	   *function;

	if (error->sqlerrcode == ERRCODE_INVALID_TEXT_REPRESENTATION && error->hint == NULL &&
		strncmp(error->message_id, "malformed array literal", strlen("malformed array literal")) ==
		0 &&
		statement != NULL && strstr(statement, PREFIX) != NULL)
		return "A list is written in braces: '{one,two}', or ARRAY['one', 'two'].";
	if (error->sqlerrcode == ERRCODE_FOREIGN_KEY_VIOLATION && error->hint == NULL &&
		error->schema_name != NULL && strcmp(error->schema_name, "oauth") == 0)
		return "Rows of the provider are changed by its functions: oauth_delete_client(client_id), "
			"oauth_delete_user(username), "
			"oauth_revoke_subject(subject); \\df oauth_* lists them.";
	if ((function = function_in(error->message)) == NULL)
		return NULL;
	if (error->sqlerrcode == ERRCODE_UNDEFINED_FUNCTION &&
		strcmp(error->message_id, "function %s does not exist") == 0)
		return hint_about_arguments(error->message, function);
	if (error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE && error->hint == NULL &&
		strcmp(error->message_id, "permission denied for function %s") == 0)
		return psprintf("GRANT EXECUTE ON FUNCTION %s TO the role that is to call it.", function);
	return NULL;
}

static void
add_hint(ErrorData *error)
{
	char	   *hint;

	if (error->elevel == ERROR && error->message != NULL && error->message_id != NULL &&
		error->hide_stmt == false && (hint = hint_for(error)) != NULL)
		error->hint = MemoryContextStrdup(error->assoc_context, hint);
	if (next_hook != NULL)
		next_hook(error);
}

/* Called once a session, when the library is loaded. */
void
oauth_hint_begin(void)
{
	next_hook = emit_log_hook;
	emit_log_hook = add_hint;
}
