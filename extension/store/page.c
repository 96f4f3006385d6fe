/*
 * page.c
 *		SQL of the texts that replace those of the pages.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/page.h"
#include "store/statement.h"

static OAuthStatement page_languages = {
	.sql = "SELECT DISTINCT language FROM oauth.page WHERE language <> '' ORDER BY language",
	.only_reads = true
};

static OAuthStatement page_texts = {
	.sql = "SELECT name, body FROM oauth.page WHERE language IN ('', $1) ORDER BY language",
	.only_reads = true,
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement set_page = {
	.sql = "INSERT INTO oauth.page (name, language, body) VALUES ($1, $2, $3)"
	" ON CONFLICT (language, name) DO UPDATE SET body = excluded.body",
	.n_arguments = 3, .argument_types = {TEXTOID, TEXTOID, TEXTOID}
};

static OAuthStatement unset_page = {
	.sql = "DELETE FROM oauth.page WHERE name = $1 AND language = $2",
	.n_arguments = 2, .argument_types = {TEXTOID, TEXTOID}
};

/* The languages in which the application set texts. */
List *
oauth_store_page_languages(void)
{
	return oauth_store_list(&page_languages, NULL, oauth_store_first_string);
}

static void *
read_text(uint64 row)
{
	OAuthPageText *text = SPI_palloc(sizeof(OAuthPageText));

	text	  ->name = oauth_store_string(row, 1);
	text	  ->body = oauth_store_string(row, 2);
	return text;
}

/*
 * The texts that the application set, as a list of OAuthPageText: those for every language, then
 * those for this one.
 */
List *
oauth_store_page_texts(const char *language)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, language);
	return oauth_store_list(&page_texts, &arguments, read_text);
}

/* body NULL restores the original text. */
void
oauth_store_set_page(const char *name, const char *language, const char *body)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, name);
	oauth_add_text(&arguments, language);
	if (body != NULL)
		oauth_add_text(&arguments, body);
	oauth_store_count(body ? &set_page : &unset_page, &arguments);
}
