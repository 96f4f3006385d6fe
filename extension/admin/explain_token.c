/*
 * explain_token.c
 *		What is known of a token or a code: of another kind, damaged, unknown, somebody else's,
 *		expired, revoked, used, or ended and why.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/admin.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "setting.h"
#include "store/client.h"
#include "store/token.h"
#include "text/text.h"
#include "token/token.h"

/* ---- tokens ---- */

/* A string with the prefix of another kind of token, or with none. */
static const char *
kind_of(const char *token)
{
	static const struct
	{
		OAuthTokenKind kind;
		const char *name;
	}			kinds[] =
	{
		{OAUTH_ACCESS_TOKEN, "an access token"},
		{OAUTH_REFRESH_TOKEN, "a refresh token"},
		{OAUTH_AUTHORIZATION_CODE, "an authorization code"},
		{OAUTH1_TOKEN, "a token of OAuth 1.0a"},
		{OAUTH1_REQUEST_TOKEN, "a request token of OAuth 1.0a"},
		{OAUTH_DEVICE_CODE, "a device code"},
		{OAUTH_REGISTRATION_TOKEN, "a registration access token"},
		{OAUTH_INITIAL_TOKEN, "an initial access token"},
	};

	for (size_t i = 0; i < lengthof(kinds); i++)
		if (oauth_token_has_kind(token, strlen(token), kinds[i].kind))
			return kinds[i].name;
	if (oauth_token_is_ours(token, strlen(token)))
		return "an access token that is a JWT";
	return "nothing that this server issues";
}

static char *
describe(const OAuthTokenState *state)
{
	return psprintf("%s token of %s (%s)%s%s, scope %s, issued at %s: %s%s%s%s%s", state->kind,
					state->client_name, state->client_id, state->who ? " for " : "",
					state->who ? state->who : "", state->scope ? state->scope : "",
					state->issued_at, state->state, state->ended_reason ? ", " : "",
					state->ended_reason ? state->ended_reason : "", state->ended_at ? ", at " : "",
					state->ended_at ? state->ended_at : "");
}

/* The state of the token that begins like that string, if one does, or NULL. */
static OAuthTokenState *
find_state(const char *token, OAuthTokenKind kind, OAuthTokenString *string)
{
	return oauth_token_locate(token, strlen(token), kind, string) ?
		oauth_store_token_state(string) : NULL;
}

/* What is known of a token that should be of that kind; true if it is and lives. */
bool
oauth2_explain_token_string(OAuthExplanation *explanation, const char *check, const char *token,
							OAuthTokenKind kind, const char *kind_name)
{
	OAuthTokenString string;
	OAuthTokenState *state;
	bool		lives;

	state = find_state(token, kind, &string);
	if (string.handle <= 0)
		oauth_explain_step(explanation, check, OAUTH_EXPLAIN_REFUSED,
						   oauth_token_has_kind(token, strlen(token), kind) ?
						   psprintf("it begins like %s and is malformed: cut off, or damaged",
									kind_name) :
						   psprintf("not %s: it looks like %s", kind_name, kind_of(token)),
						   NULL);
	else if (state == NULL)
		oauth_explain_step(explanation, check, OAUTH_EXPLAIN_REFUSED,
						   psprintf("unknown here; one like it would have been issued at %s, and "
									"may have been purged since, "
									"rolled back, or be of another server",
									oauth_store_time_of_handle(string.handle)),
						   NULL);
	else if (!state->matches)
		oauth_explain_step(explanation, check, OAUTH_EXPLAIN_REFUSED,
						   psprintf("damaged: there is a token that begins like it and ends "
									"otherwise, %s",
									describe(state)),
						   NULL);
	else
	{
		lives = strcmp(state->state, "living") == 0;
		oauth_explain_step(explanation, check, lives ? OAUTH_EXPLAIN_OK : OAUTH_EXPLAIN_REFUSED,
						   describe(state), NULL);
		return lives;
	}
	return false;
}

/* Whether the token belongs to the client that presents it. */
void
oauth2_explain_owner(OAuthExplanation *explanation, const OAuthClient *client, const char *token,
					 OAuthTokenKind kind, const char *remedy)
{
	OAuthTokenString string;
	OAuthTokenState *state;

	state = find_state(token, kind, &string);
	if (state != NULL && state->matches && strcmp(state->client_id, client->client_id) != 0)
		oauth_explain_step(explanation, "the client's own token", OAUTH_EXPLAIN_REFUSED,
						   psprintf("it is that of %s (%s)", state->client_name, state->client_id),
						   remedy);
}

/* A used refresh token can bring the same answer again for a while. */
void
oauth2_explain_refresh_token(OAuthExplanation *explanation, const OAuthClient *client,
							 const char *token)
{
	OAuthTokenString string;
	OAuthTokenState *state;

	state = find_state(token, OAUTH_REFRESH_TOKEN, &string);
	if (state == NULL || !state->matches || strcmp(state->state, "used") != 0)
		(void) oauth2_explain_token_string(explanation, "refresh token", token, OAUTH_REFRESH_TOKEN,
										   "a refresh token");
	else
		oauth_explain_step(explanation, "refresh token", OAUTH_EXPLAIN_OPEN, describe(state),
						   psprintf("each is good once: the client must keep the one that came "
									"with the last answer (which "
									"comes again for %d s)",
									oauth_setting_refresh_grace));
	oauth2_explain_owner(explanation, client, token, OAUTH_REFRESH_TOKEN, NULL);
}

/* ---- codes ---- */

static bool
explain_code_string(OAuthExplanation *explanation, const OAuthClient *client, const char *code,
					const OAuthTokenString *string, const OAuthCodeState *state)
{
	const char *detail = NULL;
	const char *remedy = "the client must send the user to /oauth2/authorize again";

	if (string->handle <= 0)
		detail = psprintf("not an authorization code: it looks like %s", kind_of(code));
	else if (state == NULL)
		detail = psprintf("unknown here; one like it would have been issued at %s, and may have "
						  "been purged since",
						  oauth_store_time_of_handle(string->handle));
	else if (!state->matches)
		detail = "damaged: there is a code that begins like it and ends otherwise";
	else if (strcmp(state->client_id, client->client_id) != 0)
		detail = psprintf("it was issued to %s (%s)", state->client_name, state->client_id);
	else if (state->used_at != NULL)
		detail = psprintf("it was used at %s; a second use ends what the first brought",
						  state->used_at);
	else if (state->ended_reason != NULL)
		detail = psprintf("what the user granted has ended: %s", state->ended_reason);
	else if (state->expired_at != NULL)
		detail = psprintf("it expired at %s", state->expired_at);
	oauth_explain_step(explanation, "code", detail ? OAUTH_EXPLAIN_REFUSED : OAUTH_EXPLAIN_OK,
					   detail ?
					   detail :
					   psprintf("issued at %s", oauth_store_time_of_handle(string->handle)),
					   detail ? remedy : NULL);
	return detail == NULL;
}

static void
explain_code_redirect(OAuthExplanation *explanation, const OAuthCodeState *state,
					  const char *redirect_uri)
{
	const char *asked = state->redirect_uri;

	if (redirect_uri == NULL && asked != NULL && state->code_challenge == NULL)
		oauth_explain_step(explanation, "redirect_uri", OAUTH_EXPLAIN_REFUSED,
						   "none was sent, and the authorization request had "
						   "one", psprintf("redirect_uri=%s", asked));
	else if (redirect_uri != NULL && asked != NULL && strcmp(redirect_uri, asked) != 0)
		oauth_explain_step(explanation, "redirect_uri", OAUTH_EXPLAIN_REFUSED,
						   psprintf("%s is not the one of the authorization request",
									oauth_explain_shown(redirect_uri)),
						   psprintf("redirect_uri=%s", asked));
}

static void
explain_verifier(OAuthExplanation *explanation, const OAuthCodeState *state, const char *verifier)
{
	OAuthFault *fault = oauth2_pkce_verify(state->code_challenge, verifier);
	uint8		hash[OAUTH_HASH_LENGTH];
	const char *detail = fault ? fault->description :
		state->code_challenge ? "it fits the code_challenge" :
		"no PKCE";

	if (fault != NULL && state->code_challenge != NULL && verifier != NULL)
	{
		oauth_sha256(verifier, strlen(verifier), hash);
		detail = psprintf("%s BASE64URL(SHA256(code_verifier)) is %s, the code_challenge was %s",
						  fault->description, oauth_base64url(hash, sizeof(hash)),
						  state->code_challenge);
	}
	oauth_explain_step(explanation, "code_verifier",
					   fault ? OAUTH_EXPLAIN_REFUSED : OAUTH_EXPLAIN_OK, detail, NULL);
}

void
oauth2_explain_code(OAuthExplanation *explanation, const OAuthClient *client,
					const OAuthParams *params)
{
	OAuthTokenString string;
	OAuthCodeState *state;
	const char *code;
	const char *redirect_uri;
	const char *verifier;

	if (oauth_params_get(params, "code", &code) != NULL || code == NULL ||
		oauth_params_get(params, "redirect_uri", &redirect_uri) != NULL ||
		oauth_params_get(params, "code_verifier", &verifier) != NULL)
		return;
	state = oauth_token_parse(code, strlen(code), OAUTH_AUTHORIZATION_CODE, &string) ?
		oauth_store_code_state(&string) : NULL;
	if (!explain_code_string(explanation, client, code, &string, state))
		return;
	explain_code_redirect(explanation, state, redirect_uri);
	explain_verifier(explanation, state, verifier);
}
