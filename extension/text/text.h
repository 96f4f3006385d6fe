/*
 * text.h
 *		Words: lists of them, percent and base64 encoding.  Knows no HTTP and no SQL.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_TEXT_H
#define OAUTH_TEXT_H

#include "oauth.h"

/* ---- percent.c ---- */

extern char *oauth_percent_decode(const char *encoded, int length, bool plus_is_space);
extern char *oauth_form_decode(const char *encoded, int length);
extern void oauth1_append_encoded(StringInfo buffer, const char *plain);
extern char *oauth1_encode(const char *plain);
extern const char *oauth1_encoded(const char *plain);

/* ---- base64.c ---- */

extern char *oauth_base64url(const void *data, int length);
extern uint8 *oauth_base64url_decode(const char *encoded, int length, int *decoded_length);
extern char *oauth_base64_decode(const char *encoded, int length, int *decoded_length);

/* ---- base32.c ---- */

extern void oauth_base32_encode(const uint8 *data, int length, char *encoded);
extern int	oauth_base32_decode(const char *encoded, uint8 *data, int size);

/* ---- readable.c ---- */

extern bool oauth_is_subject(const char *text);

#define OAUTH_MAX_SHOWN 1000	/* bytes of what others chose, on a page */

extern char *oauth_why_unreadable(const char *words, bool may_wrap);
extern char *oauth_why_not_plain(const char *words, size_t max);
extern bool oauth_is_plain(const char *words, size_t max);
extern bool oauth_is_blank(uint32 c);
extern char *oauth_single_spaced(const char *words);
extern char *oauth_readable(const char *words, size_t max);
extern const char *oauth_readable_name(const char *name, const char *otherwise);

/* ---- typed.c ---- */

extern char *oauth_username_key(const char *username);
extern char *oauth_username_trimmed(const char *username);
extern char *oauth_username_stored(const char *username);
extern char *oauth_why_no_username(const char *stored);
extern char *oauth_password_composed(const char *password);

/* ---- names.c ---- */

/* The row of a table that begins with that name; NULL if there is none. */
#define OAUTH_FIND_NAMED(table, name) \
	oauth_find_named((table), lengthof(table), sizeof((table)[0]), (name))

/* The names of a table: "a, b and c", and "a b c". */
#define OAUTH_ENUMERATE(table)	oauth_enumerate((table), lengthof(table), sizeof((table)[0]))
#define OAUTH_NAMES_JOIN(table) oauth_names_join((table), lengthof(table), sizeof((table)[0]))

extern const void *oauth_find_named(const void *table, size_t n, size_t size, const char *name);
extern char *oauth_enumerate(const void *table, size_t n, size_t size);
extern char *oauth_names_join(const void *table, size_t n, size_t size);

/* ---- words.c ---- */

extern bool oauth_list_has(const List *list, const char *word);
extern bool oauth_words_have(const char *words, const char *word, size_t length);
extern char *oauth_words_join(List *words);
extern char *oauth_words_as_choice(const char *words);
extern bool oauth_words_include(const char *scope, const char *required);

#endif							/* OAUTH_TEXT_H */
