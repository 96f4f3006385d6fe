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
#include "store/client.h"

#define OAUTH_MAX_WORDS 255		/* bytes of one that people read */

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
	const char *choices;		/* of a choice: its words */
	int			most;			/* of seconds: the largest number; 0: any */
	bool		may_be_secret;	/* of an algorithm: HS256 too */
	const char *usual;			/* of OpenID Connect: what is in force where nothing is said */
};

/* ---- member.c ---- */

extern const OAuthMemberKind oauth_member_text;
extern const OAuthMemberKind oauth_member_list;
extern const OAuthMemberKind oauth_member_optional_list;
extern const OAuthMemberKind oauth_member_seconds;
extern const OAuthMemberKind oauth_member_flag;

extern void *oauth_member_field(OAuthClient *client, const OAuthMember *member);
extern const void *oauth_member_field_in(const OAuthClient *client, const OAuthMember *member);
extern OAuthFault *oauth_member_text_read(const OAuthMember *member, OAuthMetadata *metadata);
extern void oauth_member_text_write(StringInfo json, const OAuthMember *member,
									const OAuthClient *client);
extern OAuthFault *oauth_member_read_seconds(const OAuthMember *member, OAuthMetadata *metadata,
											 int least, int none);
extern OAuthFault *oauth_bad_member(const char *name, const char *what);
extern JsonbValue *oauth_member_value(Jsonb *json, const char *name);
extern OAuthFault *oauth_member_read_text(Jsonb *json, const char *name, const char *when_null,
										  char **value);
extern OAuthFault *oauth_member_read_list(Jsonb *json, const char *name, const char *when_null,
										  List **value);
extern void oauth_member_write_unless_empty(StringInfo json, const OAuthMember *member,
											const OAuthClient *client);
extern void oauth_member_write_list(StringInfo json, const char *name, const List *strings);

/* ---- member_checked.c ---- */

extern const OAuthMemberKind oauth_member_choice;
extern const OAuthMemberKind oauth_member_algorithm;
extern const OAuthMemberKind oauth_member_age;
extern const OAuthMemberKind oauth_member_words_asked;
extern const OAuthMemberKind oauth_member_https_uri;
extern const OAuthMemberKind oauth_member_server_uri;

/* ---- keys.c ---- */

extern const OAuthMemberKind oauth_member_keys;
extern const OAuthMemberKind oauth_member_keys_uri;

/* ---- application_type.c, profile.c, sector.c, logout_uri.c: rules about several members ---- */

extern const char *oauth_application_type(const OAuthClient *client);
extern OAuthFault *oauth_application_type_check(const OAuthClient *client);
extern OAuthFault *oauth_profile_check(OAuthClient *client);
extern OAuthFault *oauth_sector_check(OAuthClient *client);
extern OAuthFault *oauth_logout_uris_check(const OAuthClient *client);

/* ---- shown.c ---- */

extern const OAuthMemberKind oauth_member_page;
extern const OAuthMemberKind oauth_member_words;
extern const OAuthMemberKind oauth_member_words_list;

extern OAuthFault *oauth_members_read_tagged(OAuthMetadata *metadata);
extern void oauth_members_write_tagged(StringInfo json, const OAuthClient *client);

#endif							/* OAUTH_MEMBER_H */
