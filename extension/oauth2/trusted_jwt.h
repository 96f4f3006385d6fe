/*
 * trusted_jwt.h
 *		JWTs of trusted issuers, and of clients, as grants (RFC 7521, RFC 7523) and as the tokens of
 *		an exchange (RFC 8693).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_OAUTH2_TRUSTED_JWT_H
#define OAUTH_OAUTH2_TRUSTED_JWT_H

#include "jose/jose.h"
#include "oauth2/oauth2.h"
#include "store/issuer.h"
#include "store/token.h"

#define OAUTH2_TYP_ID_JAG	"oauth-id-jag+jwt"

/* What a JWT is presented as, which decides what it must be. */
typedef enum OAuth2TrustedJwtUse
{
	OAUTH2_AS_GRANT,			/* RFC 7523, section 3, and identity assertions */
	OAUTH2_AS_JWT,				/* the types of tokens of RFC 8693, section 3 */
	OAUTH2_AS_ID_TOKEN,
	OAUTH2_AS_ACCESS_TOKEN
} OAuth2TrustedJwtUse;

/* A JWT of an issuer or of a client, and what was read from it. */
typedef struct OAuth2TrustedJwt
{
	OAuth2TrustedJwtUse use;
	const char *name;			/* of the parameter that it came in */
	const OAuth2TokenRequest *request;
	OAuthTrustedIssuer *issuer; /* NULL: the client itself */
	bool		is_id_jag;
	Jsonb	   *claims;
	const char *iss;
	const char *sub;
	const char *jti;			/* NULL: it has none */
	int64		made_at;		/* seconds since 1970, at the earliest */
	TimestampTz expires_at;
} OAuth2TrustedJwt;

/* ---- trusted_jwt.c ---- */

extern OAuthFault *oauth2_trusted_jwt_fault(const OAuth2TrustedJwt *assertion, const char *problem);
extern const char *oauth2_trusted_jwt_find_issuer(OAuth2TrustedJwt *assertion);
extern OAuthJwsPolicy oauth2_trusted_jwt_policy(OAuth2TrustedJwt *assertion, const OAuthJws *jws);
extern OAuthFault *oauth2_trusted_jwt_verify(OAuth2TrustedJwt *assertion, const char *token);

/* ---- trusted_jwt_claims.c ---- */

/* What has to hold of the claims, in this order; a problem of NULL: it holds. */
typedef struct OAuth2ClaimCheck
{
	const char *name;			/* NULL after the last */
	const char *(*problem) (OAuth2TrustedJwt *assertion);
} OAuth2ClaimCheck;

extern const OAuth2ClaimCheck oauth2_claim_checks[];
extern bool oauth2_claims_confirm(Jsonb *claims, const char *cnf);
extern OAuthAuthentication oauth2_trusted_jwt_login(const OAuth2TrustedJwt *assertion);
extern OAuthFault *oauth2_trusted_jwt_scope(const OAuth2TrustedJwt *assertion,
											const char *requested,
											const char **scope);
extern OAuthFault *oauth2_trusted_jwt_resource(const OAuth2TrustedJwt *assertion,
											   const char **resource);

/* ---- trusted_jwt_subject.c ---- */

extern OAuthResponse *oauth2_trusted_jwt_elsewhere(const OAuth2TrustedJwt *assertion);
extern OAuthFault *oauth2_trusted_jwt_subject(const OAuth2TrustedJwt *assertion,
											  const char **subject);
extern OAuthFault *oauth2_trusted_jwt_hold_issuer(const OAuth2TrustedJwt *assertion);
extern OAuthFault *oauth2_trusted_jwt_hold(const OAuth2TrustedJwt *assertion, const char *subject);
extern OAuthFault *oauth2_trusted_jwt_use_up(const OAuth2TrustedJwt *assertion);

/* ---- actor.c ---- */

extern const char *oauth2_actor_of(Jsonb *claims, const char **act);

#endif							/* OAUTH_OAUTH2_TRUSTED_JWT_H */
