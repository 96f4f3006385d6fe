/*
 * id_token_hint.h
 *		What an id_token_hint says, for the endpoints that take one.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_ID_TOKEN_HINT_H
#define OAUTH_ID_TOKEN_HINT_H

#include "oauth.h"

#define OAUTH2_ID_TOKEN_HINT "id_token_hint"

/* sub and sid are digests of what the ID token says: this server only compares them. */
typedef struct OAuth2IdTokenHint
{
	const char *client_id;		/* that the ID token was issued to; NULL: there is no hint */
	int64		since;			/* seconds since 1970 */
	const char *sub;
	const char *sid;			/* "": it has none */
} OAuth2IdTokenHint;

extern bool oauth2_id_token_hint_read(const char *sent, const char *client_id,
									  OAuth2IdTokenHint *hint);
extern char *oauth2_id_token_hint_reference(const OAuth2IdTokenHint *hint);
extern bool oauth2_id_token_hint_is_of(const OAuth2IdTokenHint *hint, const char *sub);
extern bool oauth2_id_token_hint_is_in(const OAuth2IdTokenHint *hint, const char *sid);

#endif							/* OAUTH_ID_TOKEN_HINT_H */
