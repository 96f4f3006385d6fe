/*
 * id_token_hint.c
 *		id_token_hint: an ID token that a client sends back, to say who it thinks is logged in
 *		(OpenID Connect Core, section 3.1.2.1; RP-Initiated Logout 1.0, section 2).
 *
 * It is an ID token that was signed here and has all claims that an ID token must have, expired or
 * not: it says who somebody was, and lets nobody in.  No other JWT that is signed here will do:
 * access tokens and logout tokens have another typ, an answer of userinfo has no exp (RFC 8725,
 * section 3.12: "the validation rules for those JWTs MUST be written such that they are mutually
 * exclusive").
 *
 * The token goes into no address of this server, since addresses are logged and kept in histories.
 * Where a page has to come back with the hint, a reference stands for it: digests of what the token
 * says, under the master key, which are compared with what is known of the session.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "http/http.h"
#include "jose/jose.h"
#include "oauth2/id_token_hint.h"
#include "secret/secret.h"
#include "text/text.h"

#define LABEL		"oauth reference to an id_token_hint"
#define GOOD_FOR	SECS_PER_DAY
#define MAX_DIGITS	18			/* of an int64 */

static int64
seconds_now(void)
{
	return (int64) oauth_jwt_now(GetCurrentTimestamp());
}

/* The digest of a value that a hint to that client, of that time, says under that name. */
static char *
digest_of(const OAuth2IdTokenHint *hint, const char *name, const char *value)
{
	const void *parts[] = {hint->client_id, &hint->since, name, value};
	size_t		lengths[] = {strlen(hint->client_id) + 1, sizeof(hint->since), strlen(name) + 1,
		strlen(value)};
	uint8		mac[OAUTH_HASH_LENGTH];

	oauth_master_key_mac(NULL, LABEL, parts, lengths, lengthof(parts), mac);
	return oauth_base64url(mac, sizeof(mac));
}

/* ---- the ID token ---- */

/* The client that the ID token was issued to: azp says it where aud names several. */
static const char *
client_of(Jsonb *claims)
{
	char	   *azp = oauth_jwt_text(claims, "azp");

	return azp != NULL ? azp : oauth_jwt_text(claims, "aud");
}

/*
 * Section 2: iss, sub, aud, exp and iat are REQUIRED.  A logout token has events, and "A nonce
 * Claim MUST NOT be present" (Back-Channel Logout 1.0, section 2.4).
 */
static bool
is_id_token(Jsonb *claims)
{
	char	   *iss = oauth_jwt_text(claims, "iss");

	return iss != NULL && strcmp(iss, oauth_issuer()) == 0 &&
		oauth_jwt_text(claims, "sub") != NULL && oauth_jwt_has(claims, "aud") &&
		oauth_jwt_has(claims, "exp") && oauth_jwt_has(claims, "iat") &&
		!oauth_jwt_has(claims, "events");
}

static bool
read_id_token(const char *sent, const char *client_id, OAuth2IdTokenHint *hint)
{
	Jsonb	   *claims;
	char	   *sid;

	if (!oauth_verify_own_jwt(sent, "JWT", &claims) || !is_id_token(claims))
		return false;
	hint->client_id = client_id != NULL ? client_id : client_of(claims);
	if (hint->client_id == NULL || !oauth_jwt_is_for(claims, hint->client_id))
		return false;
	sid = oauth_jwt_text(claims, "sid");
	hint->since = seconds_now();
	hint->sub = digest_of(hint, "sub", oauth_jwt_text(claims, "sub"));
	hint->sid = sid != NULL ? digest_of(hint, "sid", sid) : "";
	return true;
}

/* ---- the reference to it ---- */

/* SINCE.SUB.SID.MAC, of which the MAC is over the rest. */
char *
oauth2_id_token_hint_reference(const OAuth2IdTokenHint *hint)
{
	char	   *said = psprintf("%s.%s", hint->sub, hint->sid);

	return psprintf(INT64_FORMAT ".%s.%s", hint->since, said, digest_of(hint, "whole", said));
}

/* A header of a JWT begins with a brace in base64url, and so with no digit. */
static bool
is_reference(const char *sent)
{
	size_t		digits = strspn(sent, "0123456789");

	return digits > 0 && digits <= MAX_DIGITS && sent[digits] == '.';
}

static bool
read_reference(const char *sent, const char *client_id, OAuth2IdTokenHint *hint)
{
	const char *sub = strchr(sent, '.') + 1;
	const char *sid = strchr(sub, '.');
	const char *mac = sid != NULL ? strchr(++sid, '.') : NULL;
	int64		now = seconds_now();

	if (mac == NULL || client_id == NULL)
		return false;
	hint->client_id = client_id;
	hint->since = strtoll(sent, NULL, 10);
	hint->sub = pnstrdup(sub, sid - 1 - sub);
	hint->sid = pnstrdup(sid, mac - sid);
	return hint->since <= now && hint->since > now - GOOD_FOR &&
		oauth_secrets_match(sent, oauth2_id_token_hint_reference(hint));
}

/*
 * Reads a hint; false, and hint->client_id is NULL, if it is none that was issued here to that
 * client.  client_id NULL: to any, of which the ID token has to say which.
 */
bool
oauth2_id_token_hint_read(const char *sent, const char *client_id, OAuth2IdTokenHint *hint)
{
	bool		is_good = is_reference(sent) ? read_reference(sent, client_id, hint) :
		read_id_token(sent, client_id, hint);

	if (!is_good)
		hint->client_id = NULL;
	return is_good;
}

/* ---- what it says ---- */

/* Whether the hint is about that person, as the client names the subject. */
bool
oauth2_id_token_hint_is_of(const OAuth2IdTokenHint *hint, const char *sub)
{
	return oauth_secrets_match(hint->sub, digest_of(hint, "sub", sub));
}

/* Whether the hint is of that session, as far as it says. */
bool
oauth2_id_token_hint_is_in(const OAuth2IdTokenHint *hint, const char *sid)
{
	return hint->sid[0] == '\0' ||
		(sid != NULL && oauth_secrets_match(hint->sid, digest_of(hint, "sid", sid)));
}
