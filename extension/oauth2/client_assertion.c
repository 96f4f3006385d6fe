/*
 * client_assertion.c
 *		Client assertions: private_key_jwt and client_secret_jwt (RFC 7521, section 4.2; RFC 7523,
 *		sections 2.2 and 3; OpenID Connect Core, section 9).
 *
 * Everything that an assertion says of itself is checked before its client is looked up, and what
 * is wrong there is said: it tells nobody which clients exist.  Whether a key of the client has
 * signed it is checked then, and has one answer, which unknown clients get too.
 *
 * What differs from the RFCs: jti has to be there, and is good once, at whatever endpoint; exp is
 * at most oauth.assertion_lifetime ahead.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "secret/secret.h"
#include "setting.h"
#include "store/client.h"
#include "store/oauth1.h"
#include "text/text.h"

#define JWT_BEARER "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

static OAuthFault *
refuse(const char *problem)
{
	return oauth_fault(OAUTH_INVALID_CLIENT, problem);
}

/* ---- what it says ---- */

/*
 * "The JWT MUST contain an "iss" (issuer) claim" and "a "sub" (subject) claim [...] For client
 * authentication, the subject MUST be the "client_id" of the OAuth client."  (RFC 7523, section 3)
 */
static OAuthFault *
check_names(OAuth2ClientAssertion *assertion, const char *client_id)
{
	char	   *iss = oauth_jwt_text(assertion->claims, "iss");
	char	   *sub = oauth_jwt_text(assertion->claims, "sub");

	if (iss == NULL || sub == NULL || strcmp(iss, sub) != 0)
		return refuse("iss and sub of the client assertion are both the client_id.");
	/* "The client_id [...] MUST identify the same client"  (RFC 7521, section 4.2) */
	if (client_id != NULL && strcmp(client_id, sub) != 0)
		return refuse("client_id is not that of the client assertion.");
	assertion->client_id = sub;
	return NULL;
}

static const char *
url_of(const char *base, const char *path)
{
	return psprintf("%s%s", base, path);
}

/* Whether one of the URLs of this endpoint and of the token endpoint below the base is meant. */
static bool
is_for_endpoint(Jsonb *claims, const char *base, const char *path)
{
	return oauth_jwt_is_for(claims, url_of(base, path)) ||
		oauth_jwt_is_for(claims, url_of(base, "/oauth2/token"));
}

/*
 * "The JWT MUST contain an "aud" (audience) claim containing a value that identifies the
 * authorization server as an intended audience.  The token endpoint URL of the authorization server
 * MAY be used"  (RFC 7523, section 3).  "the authorization server MUST accept its issuer
 * identifier, token endpoint URL, or pushed authorization request endpoint URL"  (RFC 9126, section
 * 2).
 */
static OAuthFault *
check_audience(const OAuthRequest *request, Jsonb *claims)
{
	const char *alias = oauth_setting_mtls_issuer;

	if (oauth_jwt_is_for(claims, oauth_issuer()) ||
		is_for_endpoint(claims, oauth_issuer(), request->path) ||
		(alias != NULL && alias[0] != '\0' && is_for_endpoint(claims, alias, request->path)))
		return NULL;
	return refuse("aud of the client assertion is the issuer of this server.");
}

/*
 * "The JWT MUST contain an "exp" (expiration time) claim that limits the time window during which
 * the JWT can be used.  [...] the authorization server may reject JWTs with an "exp" claim value
 * that is unreasonably far in the future" or "an "iat" claim value that is unreasonably far in the
 * past."
 */
static OAuthFault *
check_times(OAuth2ClientAssertion *assertion)
{
	TimestampTz now = GetCurrentTimestamp();
	double		at = oauth_jwt_now(now);
	double		most = oauth_setting_assertion_lifetime + OAUTH_JWT_SKEW;
	double		exp;
	double		iat;
	const char *problem = oauth_jwt_time_problem(assertion->claims, now, OAUTH_JWT_SKEW);

	if (problem != NULL)
		return refuse(problem);
	if (!oauth_jwt_has(assertion->claims, "exp"))
		return refuse("The client assertion has no exp.");
	(void) oauth_jwt_seconds(assertion->claims, "exp", &exp);
	(void) oauth_jwt_seconds(assertion->claims, "iat", &iat);
	if (exp > at + most)
		return refuse(psprintf("exp of the client assertion is more than %d seconds ahead.",
							   oauth_setting_assertion_lifetime));
	if (iat > at + OAUTH_JWT_SKEW)
		return refuse("iat of the client assertion is in the future.");
	if (iat < at - most)
		return refuse(psprintf("iat of the client assertion is more than %d seconds ago.",
							   oauth_setting_assertion_lifetime));
	assertion->made_at = oauth_replay_made_at(iat, exp);
	return NULL;
}

/* "jti REQUIRED.  JWT ID.  A unique identifier for the token"  (OpenID Connect Core, section 9) */
static OAuthFault *
check_id(OAuth2ClientAssertion *assertion)
{
	assertion->jti = oauth_jwt_text(assertion->claims, "jti");
	if (assertion->jti == NULL || assertion->jti[0] == '\0')
		return refuse("The client assertion has no jti.");
	return NULL;
}

/*
 * A JWT that the client has signed for another purpose, as a request object, is no assertion (RFC
 * 8725, section 3.11).
 */
static OAuthFault *
check_type(const OAuthJws *jws)
{
	if (jws->typ == NULL || oauth_typ_equals(jws->typ, "JWT") ||
		oauth_typ_equals(jws->typ, "client-authentication+jwt"))
		return NULL;
	return refuse("typ of the client assertion is JWT or client-authentication+jwt.");
}

static OAuthFault *
check_claims(const OAuthRequest *request, const char *client_id, OAuth2ClientAssertion *assertion)
{
	OAuthFault *fault;

	if ((fault = check_type(&assertion->jws)) != NULL ||
		(fault = check_names(assertion, client_id)) != NULL ||
		(fault = check_audience(request, assertion->claims)) != NULL ||
		(fault = check_times(assertion)) != NULL)
		return fault;
	return check_id(assertion);
}

/*
 * "client_assertion_type REQUIRED.  The format of the assertion"; "client_assertion REQUIRED.  The
 * assertion being used to authenticate the client."  (RFC 7521, section 4.2)
 */
OAuthFault *
oauth2_assertion_read(const OAuthRequest *request, const OAuthParams *params,
					  OAuth2Credentials *credentials)
{
	OAuth2ClientAssertion *assertion = palloc0(sizeof(OAuth2ClientAssertion));
	const char *type;
	const char *token;
	const char *client_id;
	const char *problem;
	OAuthFault *fault;

	if ((fault = oauth_params_get(params, "client_assertion_type", &type)) != NULL ||
		(fault = oauth_params_get(params, "client_assertion", &token)) != NULL ||
		(fault = oauth_params_get(params, "client_id", &client_id)) != NULL)
		return fault;
	if (type == NULL || strcmp(type, JWT_BEARER) != 0)
		return refuse("client_assertion_type is " JWT_BEARER ".");
	if (token == NULL)
		return refuse("No client_assertion was sent.");
	problem = oauth_jwt_parse(token, strlen(token), &assertion->jws, &assertion->claims);
	if (problem != NULL)
		return refuse(problem);
	fault = check_claims(request, client_id, assertion);
	credentials->client_id = assertion->client_id;
	if (fault != NULL)
		return fault;
	credentials->assertion = assertion;
	credentials->method = assertion->jws.algorithm != NULL &&
		assertion->jws.algorithm->kty == OAUTH_KTY_OCT ? "client_secret_jwt" : "private_key_jwt";
	return NULL;
}

/* ---- who has signed it ---- */

/* The secrets that work now, as keys. */
static List *
secret_keys(const OAuthClient *client)
{
	List	   *keys = NIL;

	for (int i = 0; i < OAUTH_CLIENT_SECRETS; i++)
	{
		char	   *secret = oauth_client_open_secret(client, i);

		if (secret != NULL)
			keys = lappend(keys, oauth_jwk_secret(secret, strlen(secret)));
	}
	return keys;
}

/*
 * "token_endpoint_auth_signing_alg: [...] All Token Requests using these authentication methods
 * from this Client MUST be rejected, if the JWT is not signed with this algorithm."  (OpenID
 * Connect Dynamic Client Registration 1.0, section 2)
 */
static List *
algorithms_of(const OAuthClient *client)
{
	return oauth_client_authenticates_by(client, "client_secret_jwt") ?
		list_make1(pstrdup("HS256")) :
		oauth_client_algorithms(client, client->token_endpoint_auth_signing_alg);
}

/*
 * Whether the client has signed the assertion: *problem is NULL, or why not, which only those learn
 * who run this server.  A fault has its keys fetched.
 *
 * A public key never is a secret of HS256, because the method decides which keys there are.
 */
OAuthFault *
oauth2_assertion_problem(const OAuth2Credentials *credentials, const OAuthClient *client,
						 const char **problem)
{
	OAuthJws	jws = credentials->assertion->jws;
	OAuthJwsPolicy policy = {.algorithms = algorithms_of(client)};

	*problem = NULL;
	if (oauth_client_authenticates_by(client, "private_key_jwt"))
		return oauth_client_verify(client, &policy, &jws, problem);
	if (!oauth_client_authenticates_by(client, "client_secret_jwt"))
		*problem = "The client is not registered for private_key_jwt or client_secret_jwt.";
	else
	{
		policy.keys = secret_keys(client);
		*problem = oauth_jws_check(&jws, &policy);
	}
	return NULL;
}

/*
 * What the profile of the client asks of it beside that: "its issuer identifier value [...] as a
 * string"  (FAPI 2.0 Security Profile, 5.3.2.1)
 */
OAuthFault *
oauth2_assertion_check_profile(const OAuth2Credentials *credentials, const OAuthClient *client)
{
	if (!oauth_client_is_fapi(client) ||
		oauth_jwt_is_only_for(credentials->assertion->claims, oauth_issuer()))
		return NULL;
	return refuse("aud of the client assertion is the issuer of this server, as a string.");
}

/*
 * "The authorization server MAY ensure that JWTs are not replayed by maintaining the set of used
 * "jti" values"  (RFC 7523, section 3).  Call this once the signature holds.
 */
OAuthFault *
oauth2_assertion_use(const OAuth2Credentials *credentials, const OAuthClient *client)
{
	static const char used[] = "The jti of the client assertion was used before: each request "
		"needs a new one.";
	const OAuth2ClientAssertion *assertion = credentials->assertion;
	OAuthFault *fault = oauth2_assertion_check_profile(credentials, client);

	if (fault != NULL)
		return fault;
	switch (oauth_replay_use_jti("assertion", client->client_id, assertion->jti,
								 assertion->made_at))
	{
		case OAUTH_NONCE_USED:
			return refuse(used);
		case OAUTH_NONCE_STALE:
			return refuse("The client assertion is older than what this server remembers: make a "
						  "new one.");
		case OAUTH_NONCE_NEW:
			break;
	}
	/* another assertion with the same jti */
	return oauth_replay_is_first("assertion", client->client_id, assertion->jti) ? NULL :
		refuse(used);
}
