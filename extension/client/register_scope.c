/*
 * register_scope.c
 *		oauth_register_scope(): a scope that clients may ask for, and what people are told of it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "setting.h"
#include "store/scope.h"
#include "text/text.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_register_scope);

#define MAX_DESCRIPTION 1000

/*
 * Notices: registering a scope gives it to nobody, but making it a default gives it to an unknown
 * number of clients.
 */
static void
notice_about_clients(const char *scope, bool is_default, bool is_for_strangers)
{
	if (is_default && oauth_store_default_is_used())
		ereport(NOTICE, (errmsg("every client without a scope of its own now gets \"%s\"", scope),
						 errhint("SELECT client_id, client_name FROM oauth.client WHERE scope IS "
								 "NULL lists them.")));
	else if (!is_default && !is_for_strangers && !oauth_store_scope_is_given(scope))
		ereport(NOTICE,
				(errmsg("no client may ask for \"%s\" yet", scope),
				 errhint("SELECT oauth_update_client(client_id, %s) lets one.",
						 quote_literal_cstr(psprintf("{\"scope\": \"read %s\"}", scope)))));
}

/* Strangers may ask users for the scopes that are advertised. */
static void
notice_about_strangers(const char *scope)
{
	ereport(NOTICE,
			(errmsg("clients that register themselves may ask for \"%s\"", scope),
			 errhint("is_advertised => false keeps it for clients that you give it to.")));
}

/* oauth_register_scope(scope text, description text, is_default boolean, is_advertised boolean) */
Datum
oauth_register_scope(PG_FUNCTION_ARGS)
{
	char	   *scope = oauth_argument(fcinfo, 0, "scope");
	char	   *description = oauth_argument(fcinfo, 1, "description");
	bool		is_default = oauth_flag_argument(fcinfo, 2);
	bool		is_advertised = oauth_argument_is_null(fcinfo, 3) || PG_GETARG_BOOL(3);
	bool		was_withheld;
	bool		is_for_strangers;
	List	   *words;
	char	   *problem;
	OAuthFault *fault = oauth2_scope_parse(scope, &words);

	if (fault == NULL && (list_length(words) != 1 || strcmp(linitial(words), scope) != 0))
		fault = oauth_fault(OAUTH_INVALID_SCOPE, "One scope is one word without spaces.");
	if (fault != NULL)
		oauth_fault_raise(fault, "RFC 6749, section 3.3: printable ASCII but space, double quote "
						  "and backslash.");
	description = oauth_single_spaced(description);
	if ((problem = oauth_why_not_plain(description, MAX_DESCRIPTION)) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the description %s", problem),
				 errhint("It is one line for the user who is asked for consent: give 1 to %d bytes "
						 "that can all be seen.",
						 MAX_DESCRIPTION)));
	if (strpbrk(scope, ",;") != NULL)
		ereport(NOTICE,
				(errmsg("scope \"%s\" is one word, and what looks like a separator is part of it",
						scope),
				 errhint("Scopes are registered one by one, and separated by spaces where there "
						 "are more.")));
	oauth_store_seed_scopes();
	was_withheld = oauth_store_scope_is_withheld(scope);
	oauth_store_register_scope(scope, description, is_default, is_advertised);
	is_for_strangers = is_advertised && oauth_setting_registration == OAUTH_REGISTER_OPEN;
	notice_about_clients(scope, is_default, is_for_strangers);
	if (is_for_strangers || (is_advertised && was_withheld))
		notice_about_strangers(scope);
	oauth_event_configured(NULL, NULL, psprintf("scope %s was registered", scope));
	PG_RETURN_VOID();
}
