/*
 * explain_oauth2.c
 *		The steps of the OAuth 2 endpoints, with what their answers omit (see explain.c).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/admin.h"
#include "api/api.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "oauth1/oauth1.h"
#include "oauth2/client_document.h"
#include "oauth2/oauth2.h"
#include "store/client.h"
#include "store/function.h"
#include "store/scope.h"
#include "store/token.h"
#include "store/user.h"
#include "text/text.h"
#include "user/user.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"

#define NO_PASSWORDS "passwords are not tried here"

/* ---- the client ---- */

/* An administrator will paste this into psql, so quote everything that others chose. */
char *
oauth_explain_update(const OAuthClient *client, const char *member, const char *json)
{
	return psprintf("SELECT oauth_update_client(%s, %s);", quote_literal_cstr(client->client_id),
					quote_literal_cstr(psprintf("{\"%s\": %s}", member, json)));
}

/* A statement that needs nothing but the client_id. */
static char *
call_about(const char *function, const OAuthClient *client, const char *comment)
{
	return psprintf("SELECT %s(%s);%s", function, quote_literal_cstr(client->client_id), comment);
}

static char *
name_of(const OAuthClient *client)
{
	return psprintf("%s (%s)", client->client_name, client->client_id);
}

/* The client of that id, if it exists and is enabled. */
OAuthClient *
oauth_explain_client(OAuthExplanation *explanation, const char *client_id, const uint8 *secret_hash)
{
	OAuthClient *client = client_id ? oauth_store_find_client(client_id, secret_hash) : NULL;
	char	   *end = client_id ? oauth_store_client_end(client_id) : NULL;

	if (client == NULL && end != NULL)
		oauth_explain_step(explanation, "client", OAUTH_EXPLAIN_REFUSED,
						   psprintf("the client was %s", end), "register it anew");
	else if (client == NULL)
		oauth_explain_step(explanation, "client", OAUTH_EXPLAIN_REFUSED,
						   client_id ? psprintf("there is no client \"%s\"",
												oauth_explain_shown(client_id)) :
						   "no client_id was sent",
						   client_id && oauth2_is_client_id_uri(client_id) ?
						   "its document is read where an authorization begins" :
						   "SELECT client_id, client_name FROM oauth.client_overview;");
	else if (client->is_disabled)
		oauth_explain_step(explanation, "client", OAUTH_EXPLAIN_REFUSED,
						   psprintf("%s was %s", name_of(client), end ? end : "disabled"),
						   call_about("oauth_enable_client", client, ""));
	else
		oauth_explain_step(explanation, "client", OAUTH_EXPLAIN_OK, name_of(client), NULL);
	return client != NULL && !client->is_disabled ? client : NULL;
}

/* The secret without white space around it, which pasting may have added. */
static bool
matches_trimmed(const OAuthClient *client, const char *secret)
{
	static const char *const space = " \t\r\n";
	const char *start = secret + strspn(secret, space);
	size_t		length = strlen(start);
	uint8		hash[OAUTH_HASH_LENGTH];
	OAuthClient *found;

	while (length > 0 && strchr(space, start[length - 1]) != NULL)
		length--;
	if (length == strlen(secret))
		return false;
	oauth_sha256(start, length, hash);
	found = oauth_store_find_client(client->client_id, hash);
	return found != NULL && found->secret_matches;
}

static void
explain_wrong_secret(OAuthExplanation *explanation, const OAuthClient *client, const char *secret,
					 const uint8 *hash)
{
	char	   *end = oauth_store_old_secret_end(client->client_id, hash);
	const char *detail = "the secret is not the client's";
	const char *remedy = call_about("oauth_rotate_client_secret", client,
									"  -- a new one, shown once");

	if (client->is_public)
	{
		detail = "the client is public and has no secret";
		remedy = "send none";
	}
	else if (secret == NULL || secret[0] == '\0')
	{
		detail = "no secret was sent, and the client is confidential";
		remedy = "Authorization: Basic, or client_secret in the form";
	}
	else if (end != NULL)
		detail = psprintf("the secret is the one before the last rotation, which was good until %s",
						  end);
	else if (matches_trimmed(client, secret))
	{
		detail = "the secret is the client's, with white space around it";
		remedy = "send it without";
	}
	oauth_explain_step(explanation, "client secret", OAUTH_EXPLAIN_REFUSED, detail, remedy);
}

/* Whether the client authenticated in another way than the one it is registered for. */
static bool
uses_other_method(OAuthExplanation *explanation, const OAuthClient *client, const char *method)
{
	const char *registered = client->token_endpoint_auth_method;

	if (client->is_public || registered == NULL || strcmp(registered, method) == 0)
		return false;
	oauth_explain_step(explanation, "client authentication", OAUTH_EXPLAIN_REFUSED,
					   psprintf("the secret came by %s, and the client is registered for %s",
								method, registered),
					   oauth_explain_update(client, "token_endpoint_auth_method",
											psprintf("\"%s\"", method)));
	return true;
}

/* The client of a form, authenticated; NULL if authentication fails. */
OAuthClient *
oauth_explain_credentials(OAuthExplanation *explanation, const OAuthRequest *request,
						  const OAuthParams *params)
{
	OAuth2Credentials credentials = {0};
	OAuthClient *client;
	uint8		hash[OAUTH_HASH_LENGTH];
	OAuthFault *fault = oauth2_read_credentials(request, params, &credentials);
	bool		is_silent;

	if (fault != NULL)
	{
		oauth_explain_fault(explanation, "client", fault,
							credentials.by != NULL &&
							strcmp(credentials.method, "private_key_jwt") == 0 ? NULL :
							"Authorization: Basic, or client_id and client_secret in the form");
		return NULL;
	}
	is_silent = credentials.secret == NULL || credentials.secret[0] == '\0';
	oauth_sha256(is_silent ? "" : credentials.secret, is_silent ? 0 : strlen(credentials.secret),
				 hash);
	if ((client = oauth_explain_client(explanation, credentials.client_id, hash)) == NULL)
		return NULL;
	if (oauth_explain_has_proof(&credentials, client))
		return oauth_explain_proof(explanation, request, &credentials, client) ? client : NULL;
	if (client->imported_secret_hash != NULL && !is_silent)
	{
		explanation->not_asked = "the secret of the client was imported, so it may be weak, and is "
			"not tried here";
		oauth_explain_step(explanation, "client secret", OAUTH_EXPLAIN_OPEN, explanation->not_asked,
						   call_about("oauth_rotate_client_secret", client,
									  "  -- a new one, shown once"));
		return client;
	}
	if (!client->secret_matches && !(client->is_public && is_silent))
	{
		explain_wrong_secret(explanation, client, credentials.secret, hash);
		return NULL;
	}
	if (!client->is_public && uses_other_method(explanation, client, credentials.method))
		return NULL;
	oauth_explain_step(explanation, "client secret", OAUTH_EXPLAIN_OK,
					   client->is_public ? "the client is public and needs none" :
					   psprintf("the secret is the client's (%s)", credentials.method), NULL);
	return client;
}

bool
oauth_explain_form(OAuthExplanation *explanation, const OAuthRequest *request, OAuthParams *params)
{
	return !oauth_explain_fault(explanation, "form", oauth2_form_read(request, params),
								"Content-Type: application/x-www-form-urlencoded, and a=b&c=d in "
								"the body");
}

/* ---- scope and grant ---- */

/* The statement that lets the client have the scope, or registers the scope first. */
static char *
scope_remedy(const OAuthClient *client, const char *requested)
{
	List	   *words;
	List	   *unknown;

	if (requested == NULL || oauth2_scope_parse(requested, &words) != NULL)
		return NULL;
	if ((unknown = oauth_store_unknown_scopes(words)) != NIL)
		return psprintf("SELECT oauth_register_scope(%s, '...');",
						quote_literal_cstr(linitial(unknown)));
	return oauth_explain_update(client, "scope",
								psprintf("\"%s%s%s\"", oauth_client_scope(client), " ", requested));
}

void
oauth_explain_scope(OAuthExplanation *explanation, const OAuthClient *client,
					const OAuthParams *params)
{
	const char *requested = NULL;
	const char *scope = NULL;
	OAuthFault *fault = oauth_params_get(params, "scope", &requested);

	if (fault == NULL)
		fault = oauth2_scope_decide(client, requested, &scope);
	oauth_explain_step(explanation, "scope", fault ? OAUTH_EXPLAIN_REFUSED : OAUTH_EXPLAIN_OK,
					   fault == NULL ?
					   scope :
					   psprintf("%s It may have: %s%s", fault->description,
								oauth_client_scope(client),
								client->scope ? "" :
								client->is_self_registered ? " (all that is advertised)" :
								" (the defaults)"),
					   fault ? scope_remedy(client, requested) : NULL);
}

static char *
json_of_words(List *words, const char *another)
{
	StringInfoData json;
	ListCell   *cell;

	initStringInfo(&json);
	appendStringInfoChar(&json, '[');
	foreach(cell, words)
		appendStringInfo(&json, "\"%s\", ", (char *) lfirst(cell));
	appendStringInfo(&json, "\"%s\"]", another);
	return json.data;
}

static bool
explain_grant_type(OAuthExplanation *explanation, const OAuthClient *client, const char *grant_type)
{
	bool		may = oauth_client_may(client, grant_type);

	oauth_explain_step(explanation, "grant_type", may ? OAUTH_EXPLAIN_OK : OAUTH_EXPLAIN_REFUSED,
					   psprintf("%s, and the client has %s", oauth_explain_shown(grant_type),
								client->grant_types ? oauth_words_join(client->grant_types) :
								"none"),
					   may ? NULL :
					   oauth_explain_update(client, "grant_types",
											json_of_words(client->grant_types, grant_type)));
	return may;
}

/* Whether the request needs somebody's name and password, which are not tried. */
static void
explain_password(OAuthExplanation *explanation, const OAuthParams *params)
{
	bool		is_mapped = oauth_store_users_are_external();
	const char *username;
	OAuthUser  *user;

	explanation->not_asked = NO_PASSWORDS;
	if (oauth_params_get(params, "username", &username) != NULL || username == NULL)
		return;
	user = oauth_find_user(username);
	if (user == NULL || user->is_disabled)
		oauth_explain_step(explanation, "user", OAUTH_EXPLAIN_REFUSED,
						   user ? "the user is disabled" :
						   is_mapped ? "the application has no user of that name" :
						   "there is no built-in user of that name",
						   user && !is_mapped ? "SELECT oauth_enable_user('...');" : NULL);
	else
		oauth_explain_step(explanation, "user", OAUTH_EXPLAIN_OPEN,
						   psprintf("subject %s; the password is not tried here", user->subject),
						   NULL);
}

/* ---- endpoints ---- */

/* The client, which an assertion can name where nothing else does. */
static OAuthClient *
explain_client_of_grant(OAuthExplanation *explanation, const OAuthRequest *request,
						const OAuthParams *params, const char *grant_type)
{
	OAuthClient *client = strcmp(grant_type, OAUTH_GRANT_JWT_BEARER) == 0 ?
		oauth2_client_of_assertion(request, params) : NULL;

	if (client == NULL)
		return oauth_explain_credentials(explanation, request, params);
	oauth_explain_step(explanation, "client", OAUTH_EXPLAIN_OK,
					   psprintf("%s, the issuer of the assertion", name_of(client)), NULL);
	return client;
}

/* What the tokens of the request would be bound to; nothing is used up. */
static const char *
confirmation_of(const OAuthRequest *request, const OAuthClient *client)
{
	OAuth2Proof *proof = NULL;

	if (oauth2_dpop_read(request, NULL, &proof) == NULL && proof != NULL)
		return oauth_cnf_of_key(proof->jkt);
	return client->tls_client_certificate_bound_access_tokens ? oauth2_certificate_cnf(request) :
		NULL;
}

/* The JWTs of a jwt-bearer grant or an exchange. */
static void
explain_jwts(OAuthExplanation *explanation, const OAuthRequest *http, OAuthClient *client,
			 const OAuthParams *params, const char *grant_type)
{
	OAuth2TokenRequest request = {
		.http = http, .client = client, .params = *params, .cnf = confirmation_of(http, client)
	};

	if (strcmp(grant_type, OAUTH_GRANT_JWT_BEARER) == 0)
		oauth2_explain_jwt_bearer(explanation, &request);
	else
		oauth2_explain_exchange(explanation, &request);
}

/* /oauth2/token */
void
oauth2_explain_token(OAuthExplanation *explanation, const OAuthRequest *request)
{
	OAuthParams params;
	OAuthClient *client;
	const char *grant_type = NULL;
	const char *token;

	if (!oauth_explain_form(explanation, request, &params))
		return;
	if (oauth_params_get(&params, "grant_type", &grant_type) != NULL || grant_type == NULL ||
		strchr(grant_type, ' ') != NULL || !oauth_words_include(oauth2_grant_types(), grant_type))
	{
		oauth_explain_step(explanation, "grant_type", OAUTH_EXPLAIN_REFUSED,
						   grant_type ?
						   psprintf("this server has no %s", oauth_explain_shown(grant_type)) :
						   "none was sent",
						   psprintf("there are %s", oauth2_grant_types()));
		return;
	}
	client = explain_client_of_grant(explanation, request, &params, grant_type);
	if (client == NULL || !explain_grant_type(explanation, client, grant_type))
	{
		if (client != NULL && strcmp(grant_type, OAUTH_GRANT_PASSWORD) == 0)
			explanation->not_asked = NO_PASSWORDS;
		return;
	}
	oauth2_explain_token_proof(explanation, request, client, &params);
	if (client->tls_client_certificate_bound_access_tokens && !client->dpop_bound_access_tokens &&
		confirmation_of(request, client) == NULL)
		oauth_explain_step(explanation, "certificate", OAUTH_EXPLAIN_REFUSED,
						   "the tokens of the client are bound to its certificate, and none came",
						   "nginx.conf shows it; start the shim with --trusted-proxy");
	if (strcmp(grant_type, OAUTH_GRANT_AUTHORIZATION_CODE) == 0)
		oauth2_explain_code(explanation, client, &params);
	else if (strcmp(grant_type, OAUTH_GRANT_REFRESH_TOKEN) == 0)
	{
		if (oauth_params_get(&params, "refresh_token", &token) == NULL && token != NULL)
			oauth2_explain_refresh_token(explanation, client, token);
	}
	else if (strcmp(grant_type, OAUTH_GRANT_CLIENT_CREDENTIALS) == 0 ||
			 strcmp(grant_type, OAUTH_GRANT_PASSWORD) == 0)
		oauth_explain_scope(explanation, client, &params);
	else if (strcmp(grant_type, OAUTH_GRANT_JWT_BEARER) == 0 ||
			 strcmp(grant_type, OAUTH_GRANT_TOKEN_EXCHANGE) == 0)
		explain_jwts(explanation, request, client, &params, grant_type);
	if (strcmp(grant_type, OAUTH_GRANT_PASSWORD) == 0)
		explain_password(explanation, &params);
	if (strcmp(grant_type, OAUTH_GRANT_CLIENT_CREDENTIALS) == 0)
		oauth_explain_details(explanation, client, &params, true);
	else
		oauth_explain_narrowing(explanation, client, &params);
}

/* /oauth2/device_authorization */
void
oauth2_explain_client_only(OAuthExplanation *explanation, const OAuthRequest *request)
{
	OAuth2Credentials credentials = {0};
	OAuthParams params;
	OAuthClient *client;

	if (!oauth_explain_form(explanation, request, &params))
		return;
	(void) oauth2_read_credentials(request, &params, &credentials);
	if (!oauth2_explain_client_document(explanation, credentials.client_id, &client))
		client = oauth_explain_credentials(explanation, request, &params);
	if (client != NULL)
	{
		oauth_explain_scope(explanation, client, &params);
		oauth_explain_details(explanation, client, &params, false);
	}
}

/* /oauth2/revoke and /oauth2/introspect, whose answers never say what is wrong with a token */
void
oauth2_explain_about_token(OAuthExplanation *explanation, const OAuthRequest *request)
{
	static const struct
	{
		OAuthTokenKind kind;
		const char *name;
	}			kinds[] = {{OAUTH_REFRESH_TOKEN, "a refresh token"},
	{OAUTH1_TOKEN, "a token of OAuth 1.0a"},
	{OAUTH_ACCESS_TOKEN, "an access token"}};
	OAuthParams params;
	OAuthClient *client;
	const char *token;
	size_t		i = 0;
	bool		sees_all;

	if (!oauth_explain_form(explanation, request, &params) ||
		(client = oauth_explain_credentials(explanation, request, &params)) == NULL ||
		oauth_params_get(&params, "token", &token) != NULL || token == NULL)
		return;
	while (i + 1 < lengthof(kinds) && !oauth_token_has_kind(token, strlen(token), kinds[i].kind))
		i++;
	(void) oauth2_explain_token_string(explanation, "token", token, kinds[i].kind, kinds[i].name);
	if (strcmp(request->path, "/oauth2/introspect") == 0 &&
		oauth2_introspection_wants_jwt(request))
		oauth_explain_step(explanation, "Accept", OAUTH_EXPLAIN_OK,
						   psprintf("the answer is a JWT (RFC 9701), signed with %s",
									client->introspection_signed_response_alg ?
									client->introspection_signed_response_alg : "RS256"),
						   NULL);
	if (strcmp(request->path, "/oauth2/introspect") == 0 && oauth_store_has_claims_function())
		explanation->not_asked = "a function of the application would run";
	sees_all = strcmp(request->path, "/oauth2/introspect") == 0 &&
		oauth_client_may(client, OAUTH_GRANT_INTROSPECTION);
	if (!sees_all)
		oauth2_explain_owner(explanation, client, token, kinds[i].kind,
							 strcmp(request->path, "/oauth2/introspect") == 0 ?
							 "only a client with the grant introspection learns of the tokens "
							 "of others" :
							 "SELECT oauth_revoke_token(...) ends any");
}

/* ---- protected resources ---- */

static void
explain_bearer(OAuthExplanation *explanation, const OAuthRequest *request)
{
	OAuth2Presented presented;
	OAuthFault *fault = oauth2_token_from_request(request, &presented);

	if (fault != NULL)
		(void) oauth_explain_fault(explanation, "access token", fault,
								   "Authorization: Bearer oat_...");
	else if (oauth2_explain_token_string(explanation, "access token", presented.token,
										 OAUTH_ACCESS_TOKEN, "an access token"))
		oauth2_explain_caller_proof(explanation, strcmp(request->path, "/auth") == 0 ?
									oauth_original_request(request) : request, &presented);
}

/* The scope that the bearer token lacks, and who can change that. */
static void
explain_needed_scope(OAuthExplanation *explanation, const OAuthRequest *request,
					 const char *required)
{
	OAuthToken *token;
	OAuthClient *client;
	OAuthFault *fault;
	OAuth2Presented presented;
	char	   *both;

	if (oauth2_token_from_request(request, &presented) != NULL ||
		oauth2_token_verify(presented.token, NULL, &token) != NULL)
		return;
	fault = oauth_caller_check_scope(token, required);
	client = oauth_store_find_client(token->client_id, NULL);
	both = psprintf("%s%s%s", token->scope, token->scope[0] ? " " : "", required);
	oauth_explain_step(explanation, "scope", fault ? OAUTH_EXPLAIN_REFUSED : OAUTH_EXPLAIN_OK,
					   psprintf("%s It holds: %s",
								fault ? fault->description : psprintf("It needs %s.", required),
								token->scope),
					   fault == NULL || client == NULL ?
					   NULL :
					   oauth_words_include(oauth_client_scope(client), required) ?
					   psprintf("the client must ask for it: scope=%s", both) :
					   scope_remedy(client, required));
}

/* What login the bearer token lacks, and how the client gets it. */
static void
explain_needed_login(OAuthExplanation *explanation, const OAuthRequest *request,
					 const OAuthLoginNeeded *needed)
{
	const char *values = needed->acr_values ?
		psprintf("&acr_values=%s", oauth1_encode(needed->acr_values)) : "";
	const char *age = needed->max_age ? psprintf("&max_age=%d", needed->max_age) : "";
	OAuthToken *token;
	OAuthFault *fault;
	OAuth2Presented presented;

	if ((needed->acr_values == NULL && needed->max_age == 0) ||
		oauth2_token_from_request(request, &presented) != NULL ||
		oauth2_token_verify(presented.token, NULL, &token) != NULL)
		return;
	fault = oauth_caller_check_login(token, needed);
	oauth_explain_step(explanation, "step-up", fault ? OAUTH_EXPLAIN_REFUSED : OAUTH_EXPLAIN_OK,
					   psprintf("%s Its login: acr %s, auth_time %s",
								fault ? fault->description : "The login is what is needed.",
								token->authentication.acr ? token->authentication.acr : "unknown",
								token->authentication.at ?
								timestamptz_to_str(token->authentication.at) : "unknown"),
					   fault ? psprintf("the client must send the user to "
										"/oauth2/authorize?...%s%s", values, age) : NULL);
}

/* What the query of /auth requires. */
static void
explain_requirements(OAuthExplanation *explanation, const OAuthRequest *request)
{
	OAuthLoginNeeded needed = {0};
	OAuthParams params;
	const char *scope;

	OAuthFault *fault;

	if (request->query == NULL)
		return;
	fault = oauth_params_parse(request->query, strlen(request->query), &params);
	if (fault == NULL && strcmp(request->path, "/auth") == 0)
		fault = oauth_forward_auth_check(&params);
	if (fault == NULL)
		fault = oauth2_step_up_read(&params, &needed);
	if (fault != NULL && oauth_explain_fault(explanation, "requirements", fault, NULL))
		return;
	if (oauth_params_get(&params, "scope", &scope) == NULL && scope != NULL)
		explain_needed_scope(explanation, request, scope);
	explain_needed_login(explanation, request, &needed);
}

/* /api/, /auth and /oauth2/userinfo */
void
oauth_explain_caller(OAuthExplanation *explanation, const OAuthRequest *request)
{
	OAuthProtectedFunction *entry = NULL;

	if (oauth1_is_attempted(request))
		oauth1_explain(explanation, request);
	else
		explain_bearer(explanation, request);
	if (strcmp(request->path, "/oauth2/userinfo") == 0)
		explain_needed_scope(explanation, request, "openid");
	if (strcmp(request->path, "/oauth2/userinfo") == 0 && oauth_store_has_claims_function())
		explanation->not_asked = "a function of the application would run";
	if (strcmp(request->path, "/auth") == 0)
		explain_requirements(explanation, request);
	if (strncmp(request->path, "/api/", 5) != 0)
		return;
	entry = oauth_store_find_protected(request->path);
	oauth_explain_step(explanation, "function", entry ? OAUTH_EXPLAIN_OK : OAUTH_EXPLAIN_REFUSED,
					   entry ? psprintf("%s.%s for %s: needs scope %s, methods %s; it is not "
										"called here",
										entry->function.schema, entry->function.name, entry->path,
										entry->required_scope ? entry->required_scope : "(none)",
										oauth_words_join(entry->methods)) :
					   "nothing is registered for this path",
					   entry ? NULL : "SELECT oauth_protect(path, function, required_scope);");
	if (entry != NULL && entry->required_scope != NULL)
		explain_needed_scope(explanation, request, entry->required_scope);
	if (entry != NULL)
		explain_needed_login(explanation, request, &entry->login);
}
