/*
 * scope.c
 *		Scopes (RFC 6749, section 3.3), and the SQL function that registers one.
 *
 *		scope       = scope-token *( SP scope-token )
 *		scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "store/store.h"
#include "text/text.h"

#include "utils/builtins.h"
#include "utils/formatting.h"

PG_FUNCTION_INFO_V1(oauth_register_scope);

#define MAX_WORD	128
#define MAX_WORDS	100
#define MAX_NAMED	5			/* words in the description of a fault */
#define MAX_DESCRIPTION 1000

static bool
is_scope_character(unsigned char c)
{
	return c == 0x21 || (c >= 0x23 && c <= 0x5B) || (c >= 0x5D && c <= 0x7E);
}

/* The words of a scope, each once, in their order.  Several spaces count as one. */
OAuthFault *
oauth2_scope_parse(const char *scope, List **words)
{
	int			n = 0;

	*words = NIL;
	for (const char *c = scope; *c;)
	{
		const char *start = c;
		char	   *word;

		while (is_scope_character(*c))
			c++;
		n += c > start ? 1 : 0;
		if (*c != ' ' && *c != '\0')
			return oauth_fault(OAUTH_INVALID_SCOPE, psprintf("Word %d of the scope has a character "
															 "that scopes cannot have.",
															 c > start ? n : n + 1));
		if (c - start > MAX_WORD)
			return oauth_fault(OAUTH_INVALID_SCOPE,
							   psprintf("Word %d of the scope is longer than %d characters.", n,
										MAX_WORD));
		if (list_length(*words) == MAX_WORDS)
			return oauth_fault(OAUTH_INVALID_SCOPE,
							   psprintf("The scope has more than %d words.", MAX_WORDS));
		word = pnstrdup(start, c - start);
		if (c > start && !oauth_list_has(*words, word))
			*words = lappend(*words, word);
		while (*c == ' ')
			c++;
	}
	return *words != NIL ? NULL : oauth_fault(OAUTH_INVALID_SCOPE, "The scope is empty.");
}

/*
 * NULL if scope has every word of required; otherwise a fault with that reason that names the first
 * few missing words.
 */
OAuthFault *
oauth2_scope_refuse(OAuthFaultCode code, const char *scope, const char *required,
					const char *reason)
{
	StringInfoData description;
	int			n = 0;

	if (oauth_words_include(scope, required))
		return NULL;
	initStringInfo(&description);
	appendStringInfoString(&description, reason);
	for (const char *c = required + strspn(required, " "); *c && n < MAX_NAMED; c += strspn(c, " "))
	{
		size_t		length = strcspn(c, " ");
		bool		is_word = length <= MAX_WORD;

		for (size_t i = 0; i < length && is_word; i++)
			is_word = is_scope_character(c[i]);
		if (is_word && !oauth_words_have(scope, c, length))
			appendStringInfo(&description, "%s%.*s", n++ > 0 ? " " : " (", (int) length, c);
		c += length;
	}
	appendStringInfoString(&description, n > 0 ? ")." : ".");
	return oauth_fault(code, description.data);
}

/*
 * What the writer of a scope with an unregistered word probably means; NULL if there is no guess.
 */
const char *
oauth2_scope_hint(const char *scope)
{
	List	   *words;
	ListCell   *cell;
	char	   *separated = pstrdup(scope);

	for (char *c = separated; *c; c++)
		if (strchr(",;|", *c) != NULL)
			*c = ' ';
	if (strcmp(separated, scope) != 0 && oauth2_scope_parse(separated, &words) == NULL &&
		list_length(oauth_store_unknown_scopes(words)) < list_length(words))
		return psprintf("The words of a scope are separated by spaces: %s.",
						quote_literal_cstr(separated));
	if (oauth2_scope_parse(scope, &words) != NULL)
		return NULL;
	foreach(cell, oauth_store_unknown_scopes(words))
	{
		char	   *lower = asc_tolower(lfirst(cell), strlen(lfirst(cell)));

		if (strcmp(lower, lfirst(cell)) != 0 &&
			oauth_store_unknown_scopes(list_make1(lower)) == NIL)
			return psprintf("Scopes are case-sensitive: there is %s.", quote_literal_cstr(lower));
	}
	return NULL;
}

/* The words of words that scope contains. */
static List *
intersection(const char *scope, const char *words)
{
	List	   *both = NIL;

	for (const char *c = words; *c;)
	{
		size_t		length = strcspn(c, " ");

		if (oauth_words_have(scope, c, length))
			both = lappend(both, pnstrdup(c, length));
		c += length;
		c += strspn(c, " ");
	}
	return both;
}

/*
 * The scope that a request gets.
 *
 * "If the client omits the scope parameter when requesting authorization, the authorization server
 * MUST either process the request using a pre-defined default value or fail the request indicating
 * an invalid scope."  The default value is those default scopes that the client may have.
 */
OAuthFault *
oauth2_scope_decide(const OAuthClient *client, const char *requested, const char **scope)
{
	const char *allowed = oauth_client_scope(client);
	List	   *words;
	OAuthFault *fault;

	if (requested == NULL)
	{
		words = intersection(allowed, oauth_store_default_scope());
		if (words == NIL)
			return oauth_fault(OAUTH_INVALID_SCOPE,
							   "The client has no default scope: name the scope you need.");
		*scope = oauth_words_join(words);
		return NULL;
	}
	fault = oauth2_scope_parse(requested, &words);
	if (fault != NULL)
		return fault;
	*scope = oauth_words_join(words);
	return oauth2_scope_refuse(OAUTH_INVALID_SCOPE, allowed, *scope,
							   "The client may not ask for this scope");
}

/*
 * The scope that a token is asked for, of what was granted; all of it if nothing is asked for.
 * "The requested scope MUST NOT include any scope not originally granted by the resource owner"
 * (RFC 6749, section 6)
 */
OAuthFault *
oauth2_scope_narrow(const char *granted, const char **scope)
{
	List	   *words;
	OAuthFault *fault;

	if (*scope == NULL)
	{
		*scope = granted;
		return NULL;
	}
	if ((fault = oauth2_scope_parse(*scope, &words)) != NULL)
		return fault;
	*scope = oauth_words_join(words);
	return oauth2_scope_refuse(OAUTH_INVALID_SCOPE, granted, *scope, "This scope was not granted");
}

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
