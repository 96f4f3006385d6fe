/*
 * pkce.c
 *		Proof Key for Code Exchange (RFC 7636), with S256 and nothing else.
 *
 * "plain" proves nothing against somebody who saw the authorization request, so it is refused (RFC
 * 9700, section 2.1.1).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "oauth2/oauth2.h"
#include "text/text.h"

#define CHALLENGE_LENGTH	43	/* SHA-256 as unpadded base64url */
#define MIN_VERIFIER		43
#define MAX_VERIFIER		128

static const char base64url[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

/*
 * Of an authorization request: "If the client does not send the "code_challenge_method", it
 * defaults to "plain"."  (4.3)
 */
OAuthFault *
oauth2_pkce_check_challenge(const char *challenge, const char *method)
{
	if (method == NULL || strcmp(method, "S256") != 0)
		return oauth_fault(OAUTH_INVALID_REQUEST, "code_challenge_method must be S256.");
	if (strlen(challenge) != CHALLENGE_LENGTH || strspn(challenge, base64url) != CHALLENGE_LENGTH)
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "code_challenge must be the base64url of a SHA-256, 43 characters.");
	return NULL;
}

/* code-verifier = 43*128unreserved  (section 4.1) */
static bool
is_verifier(const char *verifier)
{
	size_t		length = strlen(verifier);

	for (const char *c = verifier; *c; c++)
		if (strchr(base64url, *c) == NULL && *c != '.' && *c != '~')
			return false;
	return length >= MIN_VERIFIER && length <= MAX_VERIFIER;
}

/*
 * For a token request; NULL for a parameter that was not sent.
 *
 * A verifier without a challenge is refused as well: an attacker may have removed the challenge
 * from the authorization request (RFC 9700, section 4.8.2).
 */
OAuthFault *
oauth2_pkce_verify(const char *challenge, const char *verifier)
{
	uint8		hash[OAUTH_HASH_LENGTH];
	char	   *expected;

	if (challenge == NULL && verifier == NULL)
		return NULL;
	if (challenge == NULL)
		return oauth_fault(OAUTH_INVALID_GRANT, "The authorization request had no code_challenge "
						   "for this code_verifier.");
	if (verifier == NULL)
		return oauth_fault(OAUTH_INVALID_GRANT, "No code_verifier was sent.");
	if (!is_verifier(verifier))
		return oauth_fault(OAUTH_INVALID_GRANT,
						   "code_verifier must have 43 to 128 characters A-Z a-z 0-9 - . _ ~");
	oauth_sha256(verifier, strlen(verifier), hash);
	expected = oauth_base64url(hash, sizeof(hash));
	if (!oauth_secrets_match(expected, challenge))
		return oauth_fault(OAUTH_INVALID_GRANT,
						   "code_verifier is not the one of the code_challenge.");
	return NULL;
}
