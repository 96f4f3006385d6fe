/*
 * member.c
 *		Members of client metadata by the kind of their value: strings, arrays of strings, seconds,
 *		true or false.
 *
 * A member that is not there leaves the client as it is; null brings back the default.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/member.h"
#include "http/http.h"
#include "store/client.h"
#include "text/text.h"

#include "utils/builtins.h"
#include "utils/json.h"

OAuthFault *
oauth_bad_member(const char *name, const char *what)
{
	return oauth_fault(OAUTH_INVALID_CLIENT_METADATA, psprintf("%s must be %s.", name, what));
}

/* The member's value, NULL if it is not there. */
JsonbValue *
oauth_member_value(Jsonb *json, const char *name)
{
	return getKeyJsonValueFromContainer(&json->root, name, strlen(name), NULL);
}

void *
oauth_member_field(OAuthClient *client, const OAuthMember *member)
{
	return (char *) client + member->offset;
}

const void *
oauth_member_field_in(const OAuthClient *client, const OAuthMember *member)
{
	return (const char *) client + member->offset;
}

/* ---- strings ---- */

OAuthFault *
oauth_member_read_text(Jsonb *json, const char *name, const char *when_null, char **value)
{
	JsonbValue *found = oauth_member_value(json, name);

	if (found == NULL)
		return NULL;
	if (found->type == jbvNull)
		*value = when_null ? pstrdup(when_null) : NULL;
	else if (found->type == jbvString)
		*value = pnstrdup(found->val.string.val, found->val.string.len);
	else
		return oauth_bad_member(name, "a string");
	return NULL;
}

OAuthFault *
oauth_member_text_read(const OAuthMember *member, OAuthMetadata *metadata)
{
	return oauth_member_read_text(metadata->json, member->name, member->when_null,
								  oauth_member_field(metadata->client, member));
}

/* What is usual tells nothing of a client that cannot ask for an ID token. */
void
oauth_member_text_write(StringInfo json, const OAuthMember *member, const OAuthClient *client)
{
	const char *value = *(char *const *) oauth_member_field_in(client, member);

	if (value == NULL)
		value = member->usual ? member->usual : member->when_null;
	if (value == NULL || (member->usual != NULL && strcmp(value, member->usual) == 0 &&
						  !oauth_client_uses_openid(client)))
		return;
	oauth_json_member(json, member->name, value);
}

const OAuthMemberKind oauth_member_text = {oauth_member_text_read, oauth_member_text_write};

/* ---- arrays of strings ---- */

OAuthFault *
oauth_member_read_list(Jsonb *json, const char *name, const char *when_null, List **value)
{
	JsonbValue *found = oauth_member_value(json, name);
	JsonbIterator *iterator;
	JsonbValue	element;
	JsonbIteratorToken token;

	if (found == NULL)
		return NULL;
	*value = when_null ? list_make1(pstrdup(when_null)) : NIL;
	if (found->type == jbvNull)
		return NULL;
	if (found->type != jbvBinary || !JsonContainerIsArray(found->val.binary.data))
		return oauth_bad_member(name, "an array of strings");
	*value = NIL;
	iterator = JsonbIteratorInit(found->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE)
	{
		if (token != WJB_ELEM)
			continue;
		if (element.type != jbvString)
			return oauth_bad_member(name, "an array of strings");
		*value = lappend(*value, pnstrdup(element.val.string.val, element.val.string.len));
	}
	return NULL;
}

static OAuthFault *
read_list(const OAuthMember *member, OAuthMetadata *metadata)
{
	return oauth_member_read_list(metadata->json, member->name, member->when_null,
								  oauth_member_field(metadata->client, member));
}

void
oauth_member_write_list(StringInfo json, const char *name, const List *strings)
{
	ListCell   *cell;
	const char *separator = "";

	appendStringInfoString(json, ", ");
	escape_json(json, name);
	appendStringInfoString(json, ": [");
	foreach(cell, strings)
	{
		appendStringInfoString(json, separator);
		escape_json(json, lfirst(cell));
		separator = ", ";
	}
	appendStringInfoChar(json, ']');
}

static void
write_list(StringInfo json, const OAuthMember *member, const OAuthClient *client)
{
	const void *field = oauth_member_field_in(client, member);

	oauth_member_write_list(json, member->name, *(List *const *) field);
}

void
oauth_member_write_unless_empty(StringInfo json, const OAuthMember *member,
								const OAuthClient *client)
{
	if (*(List *const *) oauth_member_field_in(client, member) != NIL)
		write_list(json, member, client);
}

const OAuthMemberKind oauth_member_list = {read_list, write_list};
const OAuthMemberKind oauth_member_optional_list = {read_list, oauth_member_write_unless_empty};

/* ---- seconds: 0 of the client stands for the setting ---- */

/* Seconds from least to the most of the member; null stands for none. */
OAuthFault *
oauth_member_read_seconds(const OAuthMember *member, OAuthMetadata *metadata, int least, int none)
{
	JsonbValue *found = oauth_member_value(metadata->json, member->name);
	int		   *field = oauth_member_field(metadata->client, member);
	int			most = member->most ? member->most : PG_INT32_MAX;
	double		seconds;

	if (found == NULL)
		return NULL;
	*field = none;
	if (found->type == jbvNull)
		return NULL;
	if (found->type != jbvNumeric)
		return oauth_bad_member(member->name, "a number of seconds");
	seconds = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
												 NumericGetDatum(found->val.numeric)));
	if (!(seconds >= least && seconds <= most))
		return oauth_bad_member(member->name,
								psprintf("a number of seconds from %d to %d", least, most));
	*field = (int) seconds;
	return NULL;
}

static OAuthFault *
read_seconds(const OAuthMember *member, OAuthMetadata *metadata)
{
	return oauth_member_read_seconds(member, metadata, 1, 0);
}

static void
write_seconds(StringInfo json, const OAuthMember *member, const OAuthClient *client)
{
	int			seconds = *(const int *) oauth_member_field_in(client, member);

	if (seconds != 0)
		oauth_json_number(json, member->name, seconds);
}

const OAuthMemberKind oauth_member_seconds = {read_seconds, write_seconds};

/* ---- true or false; null is false ---- */

static OAuthFault *
read_flag(const OAuthMember *member, OAuthMetadata *metadata)
{
	JsonbValue *found = oauth_member_value(metadata->json, member->name);
	bool	   *field = oauth_member_field(metadata->client, member);

	if (found == NULL)
		return NULL;
	if (found->type != jbvBool && found->type != jbvNull)
		return oauth_bad_member(member->name, "true or false");
	*field = found->type == jbvBool && found->val.boolean;
	return NULL;
}

static void
write_flag(StringInfo json, const OAuthMember *member, const OAuthClient *client)
{
	if (*(const bool *) oauth_member_field_in(client, member))
		appendStringInfo(json, ", \"%s\": true", member->name);
}

const OAuthMemberKind oauth_member_flag = {read_flag, write_flag};
