/*
 * exchange.h
 *		Token exchange (RFC 8693).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_OAUTH2_EXCHANGE_H
#define OAUTH_OAUTH2_EXCHANGE_H

#include "oauth2/trusted_jwt.h"
#include "store/token.h"

/* Section 3, and a name of our own for what has none. */
#define OAUTH2_ACCESS_TOKEN_TYPE	"urn:ietf:params:oauth:token-type:access_token"
#define OAUTH2_ID_TOKEN_TYPE		"urn:ietf:params:oauth:token-type:id_token"
#define OAUTH2_JWT_TYPE				"urn:ietf:params:oauth:token-type:jwt"
#define OAUTH2_OAUTH1_TYPE			"urn:x-oauth:token-type:oauth1"

/* The parameters of section 2.1; NULL: not sent. */
typedef struct OAuth2Exchange
{
	const OAuth2TokenRequest *request;
	const char *subject_token;
	const char *subject_token_type;
	const char *actor_token;
	const char *actor_token_type;
	const char *requested_token_type;
	const char *scope;
	const char *resource;		/* of resource and audience, space-separated */
} OAuth2Exchange;

/* Whom a token speaks of, and what it allows. */
typedef struct OAuth2Party
{
	const char *name;			/* of the parameter that the token came in */
	OAuth2TrustedJwt assertion; /* of a trusted issuer; its iss is NULL for what was issued here */
	OAuthGrant	grant;			/* under which it was issued here; handle 0: none */
	const char *subject;		/* NULL: a client for itself */
	const char *scope;			/* NULL: as the client may have */
	const char *resource;		/* NULL: any */
	const char *authorization_details;
	TimestampTz expires_at;
	const char *iss;			/* who it is, as an actor: NULL is this provider, or not said */
	const char *sub;
	const char *client_id;
	const char *act;			/* who acts for it already, JSON; NULL: nobody */
	Jsonb	   *claims;			/* that may have may_act; NULL: none */
	OAuthResponse *elsewhere;	/* the token can only be looked at on another lane */
} OAuth2Party;

/* ---- exchange_party.c ---- */

extern bool oauth2_is_of_others(const char *token);
extern char *oauth2_exchanged_types(void);
extern OAuthFault *oauth2_party_read(const OAuth2TokenRequest *request, const char *type,
									 const char *token, OAuth2Party *party);

/* ---- exchange_actor.c ---- */

extern OAuthFault *oauth2_exchange_act(const OAuth2Exchange *exchange, const OAuth2Party *subject,
									   const OAuth2Party *actor, const char **act);

/* ---- exchange_oauth1.c ---- */

extern OAuthFault *oauth2_exchange_oauth1(const OAuth2Exchange *exchange, OAuthIssued **issued);

#endif							/* OAUTH_OAUTH2_EXCHANGE_H */
