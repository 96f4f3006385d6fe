/*
 * released.c
 *		What an application may do, and what it learns of a person, in the person's language: the
 *		list of the consent page and of the account.
 *
 * Scopes have descriptions, which an administrator writes.  Those of OpenID Connect (Core, sections
 * 3.1.2.1, 5.4 and 11) exist from the start, and are said in every language; where an administrator
 * has described them anew, that counts.  Below a scope that stands for claims, and for the claims
 * parameter (section 5.5), the page says which they are.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "page/page.h"
#include "store/scope.h"
#include "text/text.h"

#include "utils/fmgrprotos.h"

static const struct
{
	const char *scope;
	OAuthText text;
}			scopes[] = {
	{"read", OAUTH_TEXT_SCOPE_READ},
	{"write", OAUTH_TEXT_SCOPE_WRITE},
	{"openid", OAUTH_TEXT_SCOPE_OPENID},
	{"profile", OAUTH_TEXT_SCOPE_PROFILE},
	{"email", OAUTH_TEXT_SCOPE_EMAIL},
	{"address", OAUTH_TEXT_SCOPE_ADDRESS},
	{"phone", OAUTH_TEXT_SCOPE_PHONE},
	{"offline_access", OAUTH_TEXT_SCOPE_OFFLINE}
};

/* The standard claims (section 5.1), by what people call them; all of a kind have one scope. */
static const struct
{
	OAuthText text;
	const char *claims;
}			kinds[] = {
	{OAUTH_TEXT_CLAIM_NAME, "name given_name family_name middle_name"},
	{OAUTH_TEXT_CLAIM_NICKNAME, "nickname"},
	{OAUTH_TEXT_CLAIM_USERNAME, "preferred_username"},
	{OAUTH_TEXT_CLAIM_PROFILE, "profile"},
	{OAUTH_TEXT_CLAIM_PICTURE, "picture"},
	{OAUTH_TEXT_CLAIM_WEBSITE, "website"},
	{OAUTH_TEXT_CLAIM_GENDER, "gender"},
	{OAUTH_TEXT_CLAIM_BIRTHDATE, "birthdate"},
	{OAUTH_TEXT_CLAIM_ZONEINFO, "zoneinfo"},
	{OAUTH_TEXT_CLAIM_LOCALE, "locale"},
	{OAUTH_TEXT_CLAIM_UPDATED_AT, "updated_at"},
	{OAUTH_TEXT_CLAIM_EMAIL, "email email_verified"},
	{OAUTH_TEXT_CLAIM_ADDRESS, "address"},
	{OAUTH_TEXT_CLAIM_PHONE, "phone_number phone_number_verified"}
};

/* Claims about the token or the login, which tell nothing that a client does not know anyway. */
static const char *const of_the_protocol[] = {
	"iss", "sub", "aud", "exp", "iat", "nbf", "jti", "auth_time", "nonce", "acr", "amr", "azp",
	"at_hash", "c_hash", "sid"
};

/* The number of the kind of that claim, in whatever language it is asked for; -1: another claim. */
static int
kind_of(const char *claim)
{
	size_t		length = strcspn(claim, "#");

	for (size_t i = 0; i < lengthof(kinds); i++)
		if (length > 0 && memchr(claim, ' ', length) == NULL &&
			oauth_words_have(kinds[i].claims, claim, length))
			return i;
	return -1;
}

static const char *
scope_of_kind(int kind)
{
	return oauth_claim_scope(pnstrdup(kinds[kind].claims, strcspn(kinds[kind].claims, " ")));
}

/* Adds the names in one place of the claims parameter that scope does not stand for. */
static List *
add_asked(List *asked, Jsonb *claims, const char *place, const char *scope)
{
	JsonbValue *section = getKeyJsonValueFromContainer(&claims->root, place, strlen(place), NULL);
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	key;

	if (section == NULL || section->type != jbvBinary)
		return asked;
	iterator = JsonbIteratorInit(section->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
		if (token == WJB_KEY)
		{
			char	   *name = pnstrdup(key.val.string.val, key.val.string.len);
			int			kind = kind_of(name);

			if (name[0] != '\0' && OAUTH_FIND_NAMED(of_the_protocol, name) == NULL &&
				!oauth_list_has(asked, name) &&
				(kind < 0 || !oauth_words_include(scope, scope_of_kind(kind))))
				asked = lappend(asked, name);
		}
	return asked;
}

/*
 * The claims that the claims parameter (JSON that has been checked, or NULL) asks for beyond those
 * of the scope.
 */
List *
oauth_claims_asked(const char *parameter, const char *scope)
{
	Jsonb	   *claims;

	if (parameter == NULL)
		return NIL;
	claims = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(parameter)));
	return add_asked(add_asked(NIL, claims, "userinfo", scope), claims, "id_token", scope);
}

/*
 * The claims parameter without what it asks for beyond those of the scope: the application has
 * allowed less than was asked for, so it has not allowed to tell the same another way.
 */
char *
oauth_claims_narrow(const char *parameter, const char *scope)
{
	static const char *const places[] = {"userinfo", "id_token"};
	Datum		claims;
	ListCell   *cell;

	if (parameter == NULL)
		return NULL;
	claims = DirectFunctionCall1(jsonb_in, CStringGetDatum(parameter));
	foreach(cell, oauth_claims_asked(parameter, scope))
		for (size_t i = 0; i < lengthof(places); i++)
		{
			List	   *path = list_make2(unconstify(char *, places[i]), lfirst(cell));

			claims = DirectFunctionCall2(jsonb_delete_path, claims, oauth_array_from_list(path));
		}
	return DatumGetCString(DirectFunctionCall1(jsonb_out, claims));
}

/* What is written between two of them. */
static void
append_separator(StringInfo html, int *n)
{
	if ((*n)++ > 0)
		appendStringInfoString(html, " \xC2\xB7 ");
}

/* The claims that a scope stands for. */
static void
show_claims_of_scope(StringInfo html, const OAuthWords *words, const char *scope)
{
	int			n = 0;

	for (size_t i = 0; i < lengthof(kinds); i++)
		if (strcmp(scope_of_kind(i), scope) == 0)
		{
			if (n == 0)
				appendStringInfoString(html, "<span class=\"when\">");
			append_separator(html, &n);
			oauth_html_text(html, words->texts[kinds[i].text]);
		}
	if (n > 0)
		appendStringInfoString(html, "</span>");
}

/* What read and write mean, the application says, if it says anything. */
static bool
is_of_application(OAuthText text)
{
	return text == OAUTH_TEXT_SCOPE_READ || text == OAUTH_TEXT_SCOPE_WRITE;
}

/* What a scope means; a word without a description is shown itself. */
static void
show_scope(StringInfo html, const OAuthWords *words, const char *scope, const char *description)
{
	bool		is_ours = false;

	appendStringInfoString(html, "<li>");
	for (size_t i = 0; i < lengthof(scopes) && !is_ours; i++)
	{
		is_ours = strcmp(scopes[i].scope, scope) == 0 &&
			(strcmp(description, oauth_languages[0]->texts[scopes[i].text]) == 0 ||
			 (strcmp(description, scope) == 0 && !is_of_application(scopes[i].text)));
		if (is_ours)
			oauth_html_text(html, words->texts[scopes[i].text]);
	}
	if (!is_ours)
		oauth_html(html, "%n", description);
	show_claims_of_scope(html, words, scope);
	appendStringInfoString(html, "</li>\n");
}

/* Claims by their names: each kind once, others as they are called. */
static void
show_asked(StringInfo html, const OAuthWords *words, const List *asked)
{
	bool		is_shown[lengthof(kinds)] = {0};
	int			n = 0;
	ListCell   *cell;

	oauth_html(html, "<li>%s<span class=\"when\">", words->texts[OAUTH_TEXT_CLAIMS]);
	foreach(cell, asked)
	{
		int			kind = kind_of(lfirst(cell));

		if (kind >= 0 && is_shown[kind])
			continue;
		append_separator(html, &n);
		if (kind < 0)
			oauth_html(html, "%n", (const char *) lfirst(cell));
		else
			oauth_html_text(html, words->texts[kinds[kind].text]);
		if (kind >= 0)
			is_shown[kind] = true;
	}
	appendStringInfoString(html, "</span></li>\n");
}

/* The list.  asked: claims besides those of the scope. */
void
oauth_page_released(StringInfo html, const OAuthWords *words, const char *scope, const List *asked)
{
	List	   *descriptions = oauth_store_scope_descriptions(scope);
	const char *word = scope;
	ListCell   *cell;

	appendStringInfoString(html, "<ul class=\"scopes\">\n");
	foreach(cell, descriptions)
	{
		size_t		length = strcspn(word, " ");

		show_scope(html, words, pnstrdup(word, length), lfirst(cell));
		word += length;
		if (*word == ' ')
			word++;
	}
	if (asked != NIL)
		show_asked(html, words, asked);
	appendStringInfoString(html, "</ul>\n");
}
