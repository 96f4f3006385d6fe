/*
 * shown.c
 *		Members of client metadata that are kept for people to see: addresses of pages, words, and
 *		lists of words.
 *
 * They are kept in OAuthClient.metadata as they came.  What a client says of itself and what cannot
 * be shown is left out; an administrator is told.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/member.h"
#include "text/text.h"

#include "utils/builtins.h"

#define MAX_WORDS		255
#define MAX_CONTACTS	50

/* What becomes a link on a page: never javascript: or data: */
static bool
is_web_page(const char *uri)
{
	return oauth_is_plain(uri, OAUTH_MAX_URI) && strpbrk(uri, " \"<>\\^`{|}") == NULL &&
		(pg_strncasecmp(uri, "https://", 8) == 0 || pg_strncasecmp(uri, "http://", 7) == 0);
}

/*
 * The address that the client gave for a page about itself; NULL if there is none that may be a
 * link.
 */
char *
oauth_client_web_page(const OAuthClient *client, const char *name)
{
	char	   *uri = NULL;

	if (client->metadata == NULL ||
		oauth_member_read_text(client->metadata, name, NULL, &uri) != NULL || uri == NULL)
		return NULL;
	return is_web_page(uri) ? uri : NULL;
}

static OAuthFault *
check_page(Jsonb *json, const char *name)
{
	char	   *uri = NULL;
	OAuthFault *fault = oauth_member_read_text(json, name, NULL, &uri);

	if (fault != NULL || uri == NULL || is_web_page(uri))
		return fault;
	return oauth_bad_member(name, "the address of a web page");
}

static OAuthFault *
check_words(Jsonb *json, const char *name)
{
	char	   *words = NULL;
	char	   *problem;
	OAuthFault *fault = oauth_member_read_text(json, name, NULL, &words);

	if (fault != NULL || words == NULL || (problem = oauth_why_not_plain(words, MAX_WORDS)) == NULL)
		return fault;
	return oauth_fault(OAUTH_INVALID_CLIENT_METADATA, psprintf("%s %s.", name, problem));
}

static OAuthFault *
check_words_list(Jsonb *json, const char *name)
{
	List	   *list = NIL;
	ListCell   *cell;
	char	   *problem;
	OAuthFault *fault = oauth_member_read_list(json, name, NULL, &list);

	if (fault != NULL)
		return fault;
	if (list_length(list) > MAX_CONTACTS)
		return oauth_bad_member(name, "an array of at most 50 strings");
	foreach(cell, list)
		if ((problem = oauth_why_not_plain(lfirst(cell), MAX_WORDS)) != NULL)
			return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
							   psprintf("A string of %s %s.", name, problem));
	return NULL;
}

/* {name: value} */
static Datum
object_of(const char *name, JsonbValue *value)
{
	JsonbParseState *state = NULL;
	JsonbValue	key = {.type = jbvString};

	key.val.string.val = unconstify(char *, name);
	key.val.string.len = strlen(name);
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	pushJsonbValue(&state, WJB_KEY, &key);
	pushJsonbValue(&state, WJB_VALUE, value);
	return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}

/* Puts the member in place of the one before; null removes that, and so does a fault. */
static OAuthFault *
keep(const OAuthMember *member, OAuthMetadata *metadata, OAuthFault *fault)
{
	JsonbValue *value = oauth_member_value(metadata->json, member->name);
	Datum		kept = JsonbPGetDatum(metadata->client->metadata);

	if (value == NULL)
		return NULL;
	if (fault != NULL && !metadata->is_own)
		return fault;
	if (fault != NULL || value->type == jbvNull)
		kept = DirectFunctionCall2(jsonb_delete, kept, CStringGetTextDatum(member->name));
	else
		kept = DirectFunctionCall2(jsonb_concat, kept, object_of(member->name, value));
	metadata->client->metadata = DatumGetJsonbP(kept);
	return NULL;
}

static OAuthFault *
read_page(const OAuthMember *member, OAuthMetadata *metadata)
{
	return keep(member, metadata, check_page(metadata->json, member->name));
}

static OAuthFault *
read_words(const OAuthMember *member, OAuthMetadata *metadata)
{
	return keep(member, metadata, check_words(metadata->json, member->name));
}

static OAuthFault *
read_words_list(const OAuthMember *member, OAuthMetadata *metadata)
{
	return keep(member, metadata, check_words_list(metadata->json, member->name));
}

static void
write_shown(StringInfo json, const OAuthMember *member, const OAuthClient *client)
{
	JsonbValue *value = oauth_member_value(client->metadata, member->name);
	Jsonb	   *object = value ? DatumGetJsonbP(object_of(member->name, value)) : NULL;
	char	   *text = value ? JsonbToCString(NULL, &object->root, VARSIZE(object)) : NULL;

	if (value != NULL)
		appendStringInfo(json, ", %.*s", (int) strlen(text) - 2, text +1);
}

const OAuthMemberKind oauth_member_page = {read_page, write_shown};
const OAuthMemberKind oauth_member_words = {read_words, write_shown};
const OAuthMemberKind oauth_member_words_list = {read_words_list, write_shown};
