/*
 * member.h
 *		One member of client metadata, as a row of a table: its name, and how it is read and
 *		written.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_MEMBER_H
#define OAUTH_MEMBER_H

#include "client/client.h"

typedef struct OAuthMember OAuthMember;

/* What is being read, and for whom. */
typedef struct OAuthMetadata
{
	Jsonb	   *json;
	OAuthClient *client;
	bool		is_own;			/* the client speaks for itself */
	List	   *response_types; /* that it wants; NIL if it does not say */
} OAuthMetadata;

/* How members of a kind are read into the client's field, and written. */
typedef struct OAuthMemberKind
{
	OAuthFault *(*read) (const OAuthMember *member, OAuthMetadata *metadata);
	void		(*write) (StringInfo json, const OAuthMember *member, const OAuthClient *client);
} OAuthMemberKind;

struct OAuthMember
{
	const char *name;
	const OAuthMemberKind *kind;
	size_t		offset;			/* of the field of OAuthClient */
	const char *when_null;		/* what null stands for; NULL: nothing */
	bool		is_for_administrators;	/* a client that speaks for itself does not set it */
};

/* ---- member.c ---- */

extern const OAuthMemberKind oauth_member_text;
extern const OAuthMemberKind oauth_member_list;
extern const OAuthMemberKind oauth_member_optional_list;
extern const OAuthMemberKind oauth_member_seconds;
extern const OAuthMemberKind oauth_member_flag;

extern OAuthFault *oauth_bad_member(const char *name, const char *what);
extern JsonbValue *oauth_member_value(Jsonb *json, const char *name);
extern OAuthFault *oauth_member_read_text(Jsonb *json, const char *name, const char *when_null,
										  char **value);
extern OAuthFault *oauth_member_read_list(Jsonb *json, const char *name, const char *when_null,
										  List **value);
extern void oauth_member_write_list(StringInfo json, const char *name, const List *strings);

/* ---- keys.c ---- */

extern const OAuthMemberKind oauth_member_keys;

/* ---- shown.c ---- */

extern const OAuthMemberKind oauth_member_page;
extern const OAuthMemberKind oauth_member_words;
extern const OAuthMemberKind oauth_member_words_list;

#endif							/* OAUTH_MEMBER_H */
