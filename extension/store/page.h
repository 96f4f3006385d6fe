/*
 * page.h
 *		Texts of pages.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_PAGE_H
#define OAUTH_STORE_PAGE_H

#include "oauth.h"

/* ---- page.c ---- */

extern List *oauth_store_page_languages(void);

/* A text of the pages that the application set. */
typedef struct OAuthPageText
{
	char	   *name;
	char	   *body;
} OAuthPageText;

extern List *oauth_store_page_texts(const char *language);
extern void oauth_store_set_page(const char *name, const char *language, const char *body);

#endif							/* OAUTH_STORE_PAGE_H */
