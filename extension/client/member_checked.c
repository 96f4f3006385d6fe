/*
 * member_checked.c
 *		Members of client metadata whose value has a form of its own: a word out of a few, an
 *		algorithm, an age, an address.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/member.h"
#include "http/http.h"
#include "jose/jose.h"
#include "store/client.h"
#include "text/text.h"

#include "utils/builtins.h"

#define MAX_WORDS_ASKED 20

/* Reads a string, and looks at it unless there is none. */
static OAuthFault *
read_and_check(const OAuthMember *member, OAuthMetadata *metadata,
			   OAuthFault *(*check) (const OAuthMember *member, const char *value))
{
	char	  **field = oauth_member_field(metadata->client, member);
	OAuthFault *fault = oauth_member_text_read(member, metadata);

	if (fault != NULL || *field == NULL ||
		oauth_member_value(metadata->json, member->name) == NULL)
		return fault;
	return check(member, *field);
}

/* ---- a word out of a few ---- */

static OAuthFault *
check_choice(const OAuthMember *member, const char *value)
{
	if (value[0] != '\0' && oauth_words_have(member->choices, value, strlen(value)))
		return NULL;
	return oauth_bad_member(member->name, oauth_words_as_choice(member->choices));
}

static OAuthFault *
read_choice(const OAuthMember *member, OAuthMetadata *metadata)
{
	return read_and_check(member, metadata, check_choice);
}

const OAuthMemberKind oauth_member_choice = {read_choice, oauth_member_text_write};

/* ---- an algorithm that there is; never none ---- */

static OAuthFault *
check_algorithm(const OAuthMember *member, const char *value)
{
	const OAuthJwsAlgorithm *algorithm = oauth_jws_algorithm(value);
	char	   *names = oauth_words_join(oauth_jws_algorithms());

	if (algorithm != NULL && (member->may_be_secret || algorithm->kty != OAUTH_KTY_OCT))
		return NULL;
	if (member->may_be_secret)
		names = psprintf("%s HS256", names);
	return oauth_bad_member(member->name, oauth_words_as_choice(names));
}

static OAuthFault *
read_algorithm(const OAuthMember *member, OAuthMetadata *metadata)
{
	return read_and_check(member, metadata, check_algorithm);
}

const OAuthMemberKind oauth_member_algorithm = {read_algorithm, oauth_member_text_write};

/* ---- seconds that may be 0; OAUTH_NO_MAX_AGE of the client stands for null ---- */

static OAuthFault *
read_age(const OAuthMember *member, OAuthMetadata *metadata)
{
	return oauth_member_read_seconds(member, metadata, 0, OAUTH_NO_MAX_AGE);
}

static void
write_age(StringInfo json, const OAuthMember *member, const OAuthClient *client)
{
	int			seconds = *(const int *) oauth_member_field_in(client, member);

	if (seconds != OAUTH_NO_MAX_AGE)
		oauth_json_number(json, member->name, seconds);
}

const OAuthMemberKind oauth_member_age = {read_age, write_age};

/* ---- words that a request may ask for, the best first: each without a space ---- */

static OAuthFault *
read_words_asked(const OAuthMember *member, OAuthMetadata *metadata)
{
	List	  **field = oauth_member_field(metadata->client, member);
	ListCell   *cell;
	OAuthFault *fault = oauth_member_list.read(member, metadata);

	if (fault != NULL)
		return fault;
	if (list_length(*field) > MAX_WORDS_ASKED)
		return oauth_bad_member(member->name, "an array of at most 20 strings");
	foreach(cell, *field)
		if (strchr(lfirst(cell), ' ') != NULL || !oauth_is_plain(lfirst(cell), OAUTH_MAX_WORDS))
			return oauth_bad_member(member->name, "an array of words without spaces");
	return NULL;
}

const OAuthMemberKind oauth_member_words_asked = {read_words_asked,
oauth_member_write_unless_empty};

/* ---- addresses ---- */

static OAuthFault *
check_https(const OAuthMember *member, const char *value)
{
	OAuthFault *fault = strncmp(value, "https://", 8) == 0 ? oauth2_redirect_uri_check(value) :
		oauth_bad_member(member->name, "an address that begins with https://");

	if (fault == NULL || fault->code == OAUTH_INVALID_CLIENT_METADATA)
		return fault;
	return oauth_bad_member(member->name, "an address of printable ASCII, without a user and "
							"without a fragment");
}

static OAuthFault *
read_https(const OAuthMember *member, OAuthMetadata *metadata)
{
	return read_and_check(member, metadata, check_https);
}

const OAuthMemberKind oauth_member_https_uri = {read_https, oauth_member_text_write};

/* This server itself asks there, or tells somebody something (http/server_uri.c). */
static OAuthFault *
check_server_uri(const OAuthMember *member, const char *value)
{
	const char *why_not = oauth_server_uri_why_not(value);

	return why_not == NULL ? NULL :
		oauth_fault(OAUTH_INVALID_CLIENT_METADATA, psprintf("%s %s.", member->name, why_not));
}

static OAuthFault *
read_server_uri(const OAuthMember *member, OAuthMetadata *metadata)
{
	return read_and_check(member, metadata, check_server_uri);
}

const OAuthMemberKind oauth_member_server_uri = {read_server_uri, oauth_member_text_write};
