/*
 * details.c
 *		Authorization details on the consent page (RFC 9396): what a client asks for, object by
 *		object.
 *
 * An object is shown whole under the description of its type, each member with its value, however
 * deep, because that is what the user allows.  All of it was chosen by others, so it is readable
 * text and nothing else: no markup, nothing invisible, nothing that changes the direction of the
 * lines around it, nothing cut off.
 *
 * The application's words are texts of oauth_set_page(): authorization_details TYPE for a type, and
 * authorization_details TYPE MEMBER for a member of its objects; without one, the type's
 * description, and the name of the member.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "page/page.h"
#include "store/authorization_details.h"
#include "store/page.h"
#include "text/text.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#define PREFIX		"authorization_details "
#define MAX_TEXT	65536		/* bytes: more than a request can have */

static void show_value(StringInfo html, const OAuthWords *words, const char *name,
					   JsonbValue *value);

/* Whether oauth_set_page() may set a text of that name: two words, or three. */
bool
oauth_is_details_text(const char *name)
{
	const char *type = name + strlen(PREFIX);
	size_t		length;

	if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
		return false;
	length = strcspn(type, " ");
	return oauth_is_details_type(pnstrdup(type, length)) &&
		(type[length] == '\0' || type[length + 1] != '\0');
}

/* What the application says in the reader's language; NULL: nothing. */
static const char *
text_for(const OAuthWords *words, const char *name)
{
	const char *found = NULL;
	ListCell   *cell;

	foreach(cell, words->of_details)
	{
		const OAuthPageText *text = lfirst(cell);

		if (strcmp(text->name, name) == 0)
			found = text->body;
	}
	return found;
}

static void
show_text(StringInfo html, const char *text)
{
	oauth_html(html, "<bdi>%s</bdi>", oauth_readable(text, MAX_TEXT));
}

static void
show_scalar(StringInfo html, JsonbValue *value)
{
	if (value->type == jbvString)
		show_text(html, pnstrdup(value->val.string.val, value->val.string.len));
	else if (value->type == jbvNumeric)
		show_text(html, DatumGetCString(DirectFunctionCall1(numeric_out,
															NumericGetDatum(value->val.numeric))));
	else if (value->type == jbvBool)
		show_text(html, value->val.boolean ? "true" : "false");
	else
		show_text(html, "\xE2\x80\x93");
}

/* name: with which the names of texts about its members begin; NULL: there are none. */
static void
show_object(StringInfo html, const OAuthWords *words, const char *name, JsonbContainer * object)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue	value;
	char	   *key = NULL;

	appendStringInfoString(html, "<dl>\n");
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			key = pnstrdup(value.val.string.val, value.val.string.len);
		if (token == WJB_VALUE && (name == NULL || strcmp(key, "type") != 0))
			show_value(html, words, name ? psprintf("%s %s", name, key) : NULL, &value);
		if (token == WJB_KEY && (name == NULL || strcmp(key, "type") != 0))
		{
			const char *text = name ? text_for(words, psprintf("%s %s", name, key)) : NULL;

			appendStringInfoString(html, "<dt>");
			show_text(html, text ? text : key);
			appendStringInfoString(html, "</dt>");
		}
	}
	appendStringInfoString(html, "</dl>\n");
}

static void
show_array(StringInfo html, const OAuthWords *words, JsonbContainer * array)
{
	appendStringInfoString(html, "<ul>");
	for (uint32 i = 0; i < JsonContainerSize(array); i++)
	{
		JsonbValue *element = getIthJsonbValueFromContainer(array, i);

		appendStringInfoString(html, "<li>");
		if (element->type != jbvBinary)
			show_scalar(html, element);
		else if (JsonContainerIsArray(element->val.binary.data))
			show_array(html, words, element->val.binary.data);
		else
			show_object(html, words, NULL, element->val.binary.data);
		appendStringInfoString(html, "</li>\n");
	}
	appendStringInfoString(html, "</ul>");
}

/* The value of a member. */
static void
show_value(StringInfo html, const OAuthWords *words, const char *name, JsonbValue *value)
{
	appendStringInfoString(html, "<dd>");
	if (value->type != jbvBinary)
		show_scalar(html, value);
	else if (JsonContainerIsArray(value->val.binary.data))
		show_array(html, words, value->val.binary.data);
	else
		show_object(html, words, NULL, value->val.binary.data);
	appendStringInfoString(html, "</dd>\n");
}

/* One object, under what its type means. */
static void
show_detail(StringInfo html, const OAuthWords *words, JsonbContainer * object)
{
	JsonbValue *found = getKeyJsonValueFromContainer(object, "type", strlen("type"), NULL);
	char	   *name = pnstrdup(found->val.string.val, found->val.string.len);
	OAuthAuthorizationDetailsType *type = oauth_store_find_details_type(name);
	char	   *text_name = psprintf(PREFIX "%s", name);
	const char *text = text_for(words, text_name);

	if (text == NULL)
		text = type && type->description ? type->description : name;

	appendStringInfoString(html, "<section class=\"detail\"><h2>");
	show_text(html, text);
	appendStringInfoString(html, "</h2>\n");
	show_object(html, words, text_name, object);
	appendStringInfoString(html, "</section>\n");
}

/* The list; details NULL: none. */
void
oauth_page_details(StringInfo html, const OAuthWords *words, const char *details)
{
	Jsonb	   *json;

	if (details == NULL)
		return;
	json = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(details)));
	for (uint32 i = 0; i < JB_ROOT_COUNT(json); i++)
		show_detail(html, words, getIthJsonbValueFromContainer(&json->root, i)->val.binary.data);
}
