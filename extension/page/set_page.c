/*
 * set_page.c
 *		oauth_set_page(): the application's own texts and stylesheet for the pages.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "page/page.h"
#include "store/page.h"
#include "text/text.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_set_page);

#define MAX_BODY 65536

/* A text may have several lines, and may be empty, but everything in it must be visible. */
static void
check_text(const char *body)
{
	char	   *problem = oauth_why_unreadable(body, true);

	if (problem != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the text %s", problem),
						errhint("The pages set the direction of each text themselves: leave marks "
								"and invisible characters out.")));
}

/* oauth_set_page(name text, body text, language text): null brings back the original */
Datum
oauth_set_page(PG_FUNCTION_ARGS)
{
	char	   *name = oauth_argument(fcinfo, 0, "name");
	char	   *body = oauth_optional_argument(fcinfo, 1);
	char	   *language = oauth_argument(fcinfo, 2, "language");
	bool		is_stylesheet = strcmp(name, "stylesheet") == 0;

	if (!is_stylesheet && oauth_text_of_name(name) < 0 && !oauth_is_details_text(name))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the pages have no \"%s\"", name),
				 errhint("There are stylesheet, %s; and authorization_details TYPE, "
						 "authorization_details TYPE MEMBER.", oauth_text_names())));
	if (language[0] != '\0' && !oauth_is_language(language))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is not a language tag", language),
				 errhint("Give a primary tag such as en or de, or '' for every language.")));
	if (body != NULL && strlen(body) > MAX_BODY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the body has more than %d bytes", MAX_BODY)));
	/* it goes into the page as it is, where a '<' could end its element */
	if (body != NULL && is_stylesheet && strchr(body, '<') != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a stylesheet of the pages cannot contain \"<\""),
				 errhint("Write \\3C in a string, and %%3C in a data: URI.")));
	if (body != NULL && body[0] != '\0' && !is_stylesheet)
		check_text(body);
	oauth_store_set_page(name, language, body);
	oauth_event_configured(NULL, NULL,
						   psprintf("page text %s was %s", name, body ? "set" : "taken back"));
	PG_RETURN_VOID();
}
