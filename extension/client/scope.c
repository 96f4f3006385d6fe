/*
 * scope.c
 *		Scopes (RFC 6749, section 3.3).
 *
 *		scope       = scope-token *( SP scope-token )
 *		scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "store/client.h"
#include "store/scope.h"
#include "text/text.h"

#include "utils/builtins.h"
#include "utils/formatting.h"

#define MAX_WORD	128
#define MAX_WORDS	100
#define MAX_NAMED	5			/* words in the description of a fault */
#define OFFLINE		"offline_access"

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

/* The scope without offline_access. */
static OAuthFault *
leave_offline_out(const char **scope)
{
	List	   *words;
	List	   *kept = NIL;
	ListCell   *cell;
	OAuthFault *fault = oauth2_scope_parse(*scope, &words);

	if (fault != NULL)
		return fault;
	foreach(cell, words)
		if (strcmp(lfirst(cell), OFFLINE) != 0)
			kept = lappend(kept, lfirst(cell));
	if (kept == NIL)
		return oauth_fault(OAUTH_INVALID_SCOPE,
						   "The scope " OFFLINE " needs prompt=consent, and a client that may "
						   "refresh.");
	*scope = oauth_words_join(kept);
	return NULL;
}

/*
 * The scope that a request for a user gets.  Without the grant refresh_token nothing would come of
 * offline_access, so it is left out; and unless the user is asked.
 */
OAuthFault *
oauth2_scope_decide_for_user(const OAuthClient *client, const char *requested, bool is_asked,
							 const char **scope)
{
	OAuthFault *fault = oauth2_scope_decide(client, requested, scope);

	if (fault != NULL || !oauth_words_include(*scope, OFFLINE) ||
		(is_asked && oauth_client_may(client, OAUTH_GRANT_REFRESH_TOKEN)))
		return fault;
	return leave_offline_out(scope);
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
