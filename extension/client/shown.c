/*
 * shown.c
 *		Members of client metadata that are kept for people to see: addresses of pages, words, and
 *		lists of words.
 *
 * They are kept in OAuthClient.metadata as they came.  What a client says of itself is left out if
 * it cannot be shown; an administrator gets an error.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/member.h"
#include "store/client.h"
#include "text/text.h"

#include "utils/builtins.h"

#define MAX_CONTACTS	50
#define MAX_TAGGED		50
#define MAX_TAG			35

/* A link on a page: never javascript: or data: */
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

	if (fault != NULL || words == NULL ||
		(problem = oauth_why_not_plain(words, OAUTH_MAX_WORDS)) == NULL)
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
		if ((problem = oauth_why_not_plain(lfirst(cell), OAUTH_MAX_WORDS)) != NULL)
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
put_member(const OAuthMember *member, OAuthMetadata *metadata, OAuthFault *fault)
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
	return put_member(member, metadata, check_page(metadata->json, member->name));
}

static OAuthFault *
read_words(const OAuthMember *member, OAuthMetadata *metadata)
{
	return put_member(member, metadata, check_words(metadata->json, member->name));
}

static OAuthFault *
read_words_list(const OAuthMember *member, OAuthMetadata *metadata)
{
	return put_member(member, metadata, check_words_list(metadata->json, member->name));
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

/* ---- the same in other languages: client_name#fr ---- */

/* "Human-readable" members, of which there may be one a language (RFC 7591, section 2.2). */
static const struct
{
	const char *name;
	const OAuthMemberKind *kind;
}			tagged[] =
{
	{"client_name", &oauth_member_words},
	{"client_uri", &oauth_member_page},
	{"logo_uri", &oauth_member_page},
	{"tos_uri", &oauth_member_page},
	{"policy_uri", &oauth_member_page},
};

/* Whether that can be a language tag: letters and digits, with hyphens between (RFC 5646). */
static bool
is_language_tag(const char *tag)
{
	size_t		length = strlen(tag);

	return length > 0 && length <= MAX_TAG && tag[0] != '-' && tag[length - 1] != '-' &&
		strspn(tag, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == length;
}

/* How a member with a language is read; NULL if the name is not that of one. */
static const OAuthMemberKind *
kind_of_tagged(const char *name)
{
	const char *tag = strchr(name, '#');

	for (size_t i = 0; tag != NULL && i < lengthof(tagged); i++)
		if (strlen(tagged[i].name) == (size_t) (tag - name) &&
			strncmp(tagged[i].name, name, tag - name) == 0)
			return is_language_tag(tag + 1) ? tagged[i].kind : NULL;
	return NULL;
}

/* The members of the object with a language, as OAuthMember. */
static List *
tagged_members(Jsonb *json)
{
	JsonbIterator *iterator = JsonbIteratorInit(&json->root);
	JsonbIteratorToken token;
	JsonbValue	key;
	List	   *members = NIL;

	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		OAuthMember *member;

		if (token != WJB_KEY)
			continue;
		member = palloc0(sizeof(OAuthMember));
		member->name = pnstrdup(key.val.string.val, key.val.string.len);
		member->kind = kind_of_tagged(member->name);
		if (member->kind != NULL)
			members = lappend(members, member);
	}
	return members;
}

OAuthFault *
oauth_members_read_tagged(OAuthMetadata *metadata)
{
	List	   *members = tagged_members(metadata->json);
	ListCell   *cell;
	OAuthFault *fault;

	foreach(cell, members)
	{
		OAuthMember *member = lfirst(cell);

		if ((fault = member->kind->read(member, metadata)) != NULL)
			return fault;
	}
	return list_length(tagged_members(metadata->client->metadata)) <= MAX_TAGGED ? NULL :
		oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
					"A client can have 50 members with a language.");
}

void
oauth_members_write_tagged(StringInfo json, const OAuthClient *client)
{
	ListCell   *cell;

	foreach(cell, tagged_members(client->metadata))
		write_shown(json, lfirst(cell), client);
}

/* Whether a member with a tag is that member, for readers of the language: fr-CA is for fr. */
static bool
is_for_readers(const char *tagged_name, const char *name, const char *language)
{
	size_t		length = strlen(name);
	const char *tag = tagged_name + length + 1;

	return strncmp(tagged_name, name, length) == 0 && tagged_name[length] == '#' &&
		(pg_strcasecmp(tag, language) == 0 ||
		 (strchr(language, '-') == NULL && strcspn(tag, "-") == strlen(language) &&
		  pg_strncasecmp(tag, language, strlen(language)) == 0));
}

/* The member that has it in the language, if there is one: client_name#fr; else the name itself. */
const char *
oauth_client_member_in(const OAuthClient *client, const char *name, const char *language)
{
	ListCell   *cell;

	foreach(cell, client->metadata ? tagged_members(client->metadata) : NIL)
	{
		const OAuthMember *member = lfirst(cell);

		if (is_for_readers(member->name, name, language))
			return member->name;
	}
	return name;
}

/* The name of the client for a reader of the language. */
const char *
oauth_client_name_in(const OAuthClient *client, const char *language)
{
	const char *member = oauth_client_member_in(client, "client_name", language);
	char	   *name = client->client_name;

	if (client->metadata != NULL)
		(void) oauth_member_read_text(client->metadata, member, NULL, &name);
	return oauth_readable_name(name, client->client_id);
}
