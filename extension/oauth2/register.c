/*
 * register.c
 *		Dynamic client registration (RFC 7591) and its management (RFC 7592).
 *
 * oauth.registration says who may register: nobody, whoever brings an initial access token, or
 * everybody.  Whoever comes through this door gets less than an administrator can give: no grant
 * that takes passwords or speaks for others, no scope or grant later that it did not have from the
 * beginning, no lifetimes of its own; what it asks for beyond that is left out, and the answer says
 * what it was given.  What it says of itself is for people to read: nothing is ever fetched from an
 * address that it names.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/store.h"
#include "text/text.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_register);
PG_FUNCTION_INFO_V1(oauth_create_initial_access_token);

#define PATH	"/oauth2/register"

static OAuthFault *
bad_metadata(const char *description)
{
	return oauth_fault(OAUTH_INVALID_CLIENT_METADATA, description);
}

/* The bearer token of the request, NULL if there is none; *fault if it is malformed. */
static char *
bearer(const OAuthRequest *request, OAuthFault **fault)
{
	char	   *authorization;
	char	   *token = NULL;
	int			n = oauth_request_header(request, "Authorization", &authorization);

	if (n > 1)
		*fault = oauth_fault(OAUTH_INVALID_REQUEST, "The request has more than one Authorization header.");
	else if (n == 1)
		*fault = oauth2_bearer_from_header(authorization, &token);
	return token;
}

/* ---- the body ---- */

/* A text that may not be JSON. */
typedef struct JsonText
{
	const char *string;
	Jsonb	   *value;
} JsonText;

static void
read_json(void *argument)
{
	JsonText   *json = argument;

	json->value = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(json->string)));
}

/*
 * jsonb_in in a subtransaction: what it does not take (class 22, or too deep: 54) is the client's
 * mistake.
 */
static Jsonb *
parse_json(const char *string)
{
	JsonText	json = {string, NULL};
	ErrorData  *error = oauth_try(read_json, &json, true);
	int			category;

	if (error == NULL)
		return json.value;
	category = ERRCODE_TO_CATEGORY(error->sqlerrcode);
	if (category != ERRCODE_DATA_EXCEPTION && category != ERRCODE_PROGRAM_LIMIT_EXCEEDED)
		ReThrowError(error);
	return NULL;
}

/* The metadata that was sent: one JSON object, UTF-8, in which no member comes twice. */
static OAuthFault *
read_body(const OAuthRequest *request, Jsonb **metadata)
{
	static const char wanted[] = "The body must be a JSON object, sent as application/json.";
	char	   *type;
	char	   *text;

	if (oauth_request_header(request, "Content-Type", &type) != 1 ||
		pg_strncasecmp(type, "application/json", strlen("application/json")) != 0 ||
		strchr("; ", type[strlen("application/json")]) == NULL)
		return bad_metadata(wanted);
	if (!pg_verify_mbstr(PG_UTF8, request->body, request->body_length, true))
		return bad_metadata("The body must be UTF-8.");
	text = pnstrdup(request->body, request->body_length);

	*metadata = parse_json(text);
	if (*metadata == NULL || !JB_ROOT_IS_OBJECT(*metadata))
		return bad_metadata(wanted);
	if (oauth_store_json_members(text) != JB_ROOT_COUNT(*metadata))
		return bad_metadata("A member comes twice.");
	return NULL;
}

/* ---- what it may be ---- */

/*
 * The origin of the page that registers the client, if the browser will come back to that page's
 * site: such a client is a script, which will call again.  So clients that know nothing of
 * cors_origins need not send it.
 */
static List *
own_origin(const OAuthRequest *request, const OAuthClient *client)
{
	char	   *origin = oauth_cors_origin(request);
	ListCell   *cell;

	foreach(cell, client->redirect_uris)
		if (origin != NULL && strcmp(oauth_origin(lfirst(cell)), origin) == 0)
			return list_make1(origin);
	return NIL;
}

/* Schemes that any program can claim; an administrator may have given the client one. */
static OAuthFault *
check_schemes(const OAuthClient *client, const OAuthClient *before)
{
	ListCell   *cell;

	foreach(cell, client->redirect_uris)
	{
		OAuthFault *fault = oauth2_redirect_uri_check_strange(lfirst(cell));

		if (fault != NULL &&
			(before == NULL || !oauth_list_has(before->redirect_uris, lfirst(cell))))
			return oauth2_redirect_uri_refused(fault, lfirst(cell));
	}
	return NULL;
}

/* Members that are ours alone, and the rules for clients that nobody has looked at. */
static OAuthFault *
check_client(const OAuthRequest *request, OAuthClient *client, Jsonb *metadata,
			 const OAuthClient *before, bool is_trusted)
{
	List	   *response_types = NIL;
	OAuthFault *fault = oauth_client_metadata_read_own(metadata, client, &response_types);

	client->access_token_lifetime = before ? before->access_token_lifetime : 0;
	client->refresh_token_lifetime = before ? before->refresh_token_lifetime : 0;
	client->signature_methods = before ? before->signature_methods : NIL;
	if (getKeyJsonValueFromContainer(&metadata->root, "cors_origins", strlen("cors_origins"),
									 NULL) == NULL)
		client->cors_origins = own_origin(request, client);
	if (fault != NULL ||
		(fault = oauth2_narrow_client(client, response_types, before, is_trusted)) != NULL ||
		(fault = oauth_client_check(client)) != NULL ||
		(fault = check_schemes(client, before)) != NULL)
		return fault;
	if (oauth_client_may(client, "authorization_code") && client->redirect_uris == NIL)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI,
						   "The grant authorization_code needs redirect_uris.");
	return NULL;
}

/* ---- answers ---- */

/* Client information with the two members of RFC 7592, section 3. */
static OAuthResponse *
information(int status, const OAuthClient *client, const char *secret, const char *token)
{
	OAuthResponse *response = oauth_response_json(status);
	Jsonb	   *metadata = DatumGetJsonbP(oauth_client_metadata_write(client, secret));
	StringInfo	body = &response->body;

	(void) JsonbToCString(body, &metadata->root, VARSIZE(metadata));
	body->data[--body->len] = '\0'; /* the brace at the end */
	oauth_json_member(body, "registration_client_uri",
					  psprintf("%s" PATH "/%s", oauth_issuer(), client->client_id));
	oauth_json_member(body, "registration_access_token", token);
	appendStringInfoChar(body, '}');
	return response;
}

static OAuthResponse *
refuse(OAuthFault *fault)
{
	OAuthResponse *response = oauth_response_fault(fault);

	if (fault->code == OAUTH_NO_CREDENTIALS)
		oauth_response_header(response, "WWW-Authenticate", "Bearer realm=\"register\"");
	if (fault->code == OAUTH_INVALID_TOKEN)
		oauth_response_header(response, "WWW-Authenticate",
							  "Bearer realm=\"register\", error=\"invalid_token\"");
	if (fault->code == OAUTH_ACCESS_DENIED)
		response->status = 403;
	return response;
}

/* ---- RFC 7591 ---- */

/* Who may register now.  *trusted is the initial access token that was brought, if any. */
static OAuthFault *
check_door(const OAuthRequest *request, OAuthTokenString *trusted)
{
	OAuthFault *fault = NULL;
	char	   *token = bearer(request, &fault);

	if (oauth_setting_registration == OAUTH_REGISTER_CLOSED)
		return oauth_fault(OAUTH_ACCESS_DENIED, "Clients are registered by an administrator here.");
	if (fault != NULL)
		return fault;
	if (token == NULL && oauth_setting_registration == OAUTH_REGISTER_WITH_TOKEN)
		return oauth_fault(OAUTH_NO_CREDENTIALS,
						   "Send an initial access token: Authorization: Bearer <token>");
	if (token != NULL)
	{
		oauth_token_parse(token, strlen(token), OAUTH_INITIAL_TOKEN, trusted);
		if (trusted->handle <= 0 || !oauth_store_initial_token_is_good(trusted))
			return oauth_fault(OAUTH_INVALID_TOKEN,
							   "The initial access token is unknown, expired or used up.");
	}
	return NULL;
}

static void
note(const OAuthRequest *request, const OAuthClient *client, const char *what)
{
	OAuthEvent	event = {.event = "register", .client_id = client->client_id, .detail = what};

	oauth_event_note(request, &event);
}

/*
 * Nobody vouches for a stranger, so an address waits when it has registered many (RFC 7591, section
 * 5).
 */
static OAuthFault *
check_rate(const OAuthRequest *request, const OAuthTokenString *trusted)
{
	return trusted->handle > 0 ?
		NULL :
		oauth_throttle_visit(request, "registration", oauth_setting_registration_rate);
}

/* The token is used up last, so that bad metadata costs nothing. */
static OAuthFault *
create(const OAuthRequest *request, OAuthResponse **response)
{
	OAuthClient client = {.is_self_registered = true};
	OAuthTokenString trusted = {0};
	Jsonb	   *metadata;
	char	   *token;
	char	   *secret;
	OAuthFault *fault;

	oauth_client_metadata_defaults(&client);
	if ((fault = check_door(request, &trusted)) != NULL ||
		(fault = read_body(request, &metadata)) != NULL ||
		(fault = check_client(request, &client, metadata, NULL, trusted.handle > 0)) != NULL ||
		(fault = check_rate(request, &trusted)) != NULL)
		return fault;
	if (trusted.handle > 0 && !oauth_store_use_initial_token(trusted.handle))
		return oauth_fault(OAUTH_INVALID_TOKEN,
						   "The initial access token is unknown, expired or used up.");
	secret = oauth_client_create(&client);
	token = oauth_random_token(OAUTH_REGISTRATION_TOKEN, oauth_handle_next());
	oauth_store_set_registration_token(client.client_id, token, trusted.handle > 0);
	oauth_store_make_room(oauth_setting_registration_limit, false);
	*response = information(201, &client, secret, token);
	note(request, &client, trusted.handle > 0 ? "with an initial access token" : NULL);
	return NULL;
}

/* ---- RFC 7592 ---- */

static const char *
text_member(Jsonb *metadata, const char *name)
{
	JsonbValue *found = getKeyJsonValueFromContainer(&metadata->root, name, strlen(name), NULL);

	return found != NULL && found->type == jbvString ?
		pnstrdup(found->val.string.val, found->val.string.len) :
		NULL;
}

/* "The client MUST include its "client_id" field [...] MUST NOT include [...]"  (section 2.2) */
static OAuthFault *
check_identity(Jsonb *metadata, const OAuthClient *before)
{
	static const char *const never[] = {
		"registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"
	};
	const char *client_id = text_member(metadata, "client_id");
	const char *secret = text_member(metadata, "client_secret");
	uint8		hash[OAUTH_HASH_LENGTH];
	OAuthClient *proven;

	for (size_t i = 0; i < lengthof(never); i++)
		if (getKeyJsonValueFromContainer(&metadata->root, never[i], strlen(never[i]), NULL) != NULL)
			return bad_metadata(psprintf("%s cannot be changed, and must not be sent.", never[i]));
	if (client_id == NULL || strcmp(client_id, before->client_id) != 0)
		return bad_metadata("client_id must be sent, and cannot be changed.");
	if (secret == NULL)
		return NULL;
	oauth_sha256(secret, strlen(secret), hash);
	proven = oauth_store_find_client(before->client_id, hash);
	return proven != NULL && proven->secret_matches ?
		NULL :
		bad_metadata("client_secret cannot be chosen.");
}

/*
 * "omitted fields [...] MUST be treated as null or empty values": what is not said is the default
 * again.
 */
static OAuthFault *
replace(const OAuthRequest *request, const OAuthClient *before, const char *token,
		OAuthResponse **response)
{
	OAuthClient client = *before;
	Jsonb	   *metadata;
	OAuthFault *fault;

	oauth_client_metadata_defaults(&client);
	client.redirect_uris = NIL;
	client.scope = NULL;
	if ((fault = read_body(request, &metadata)) != NULL ||
		(fault = check_identity(metadata, before)) != NULL ||
		(fault = check_client(request, &client, metadata, before, false)) != NULL)
		return fault;
	client.require_pkce = client.require_pkce || before->require_pkce;
	if (client.is_public != before->is_public)
		return bad_metadata(before->is_public ?
							"A client cannot change between public and confidential: send "
							"token_endpoint_auth_method none." :
							"A client cannot change between public and confidential: send another "
							"token_endpoint_auth_method than none.");
	if (oauth_client_has_sealed_secret(&client) != oauth_client_has_sealed_secret(before))
		return bad_metadata("What the client signs with cannot be changed here.");
	oauth_store_update_client(&client, oauth_client_has_sealed_secret(&client));
	*response = information(200, &client, NULL, token);
	note(request, &client, "updated by itself");
	return NULL;
}

static OAuthResponse *
removed(const OAuthRequest *request, const OAuthClient *client)
{
	OAuthResponse *response = oauth_response(204);

	oauth_store_delete_client(client->client_id);
	note(request, client, "deleted by itself");
	oauth_response_header(response, "Cache-Control", "no-store");
	return response;
}

/*
 * "If the client does not exist [...] the authorization server MUST respond with HTTP 401"
 * (section 2.1)
 */
static OAuthFault *
manage(const OAuthRequest *request, const char *client_id, OAuthClient **client,
	   OAuthResponse **response)
{
	OAuthFault *fault = NULL;
	char	   *token = bearer(request, &fault);
	OAuthTokenString string = {0};

	if (fault != NULL)
		return fault;
	if (token == NULL)
		return oauth_fault(OAUTH_NO_CREDENTIALS,
						   "Send the registration_access_token: Authorization: Bearer <token>");
	oauth_token_parse(token, strlen(token), OAUTH_REGISTRATION_TOKEN, &string);
	if (string.handle <= 0 || !oauth_store_hold_registration(client_id, string.hash))
		return oauth_fault(OAUTH_INVALID_TOKEN,
						   "The registration_access_token is not that of such a client.");
	*client = oauth_client_required(client_id);
	(*client)->cors_origins = oauth_store_origins(client_id);
	if (strcmp(request->method, "PUT") == 0)
		return replace(request, *client, token, response);
	*response = strcmp(request->method, "DELETE") == 0 ? removed(request, *client) : information(200, *client, NULL, token);
	return NULL;
}

/*
 * POST /oauth2/register.  Where everybody may register, so may the script of any page; it has
 * nothing else to lose.
 */
static OAuthResponse *
answer_registration(const OAuthRequest *request)
{
	OAuthResponse *response = NULL;
	OAuthFault *fault = create(request, &response);

	return fault ? refuse(fault) : response;
}

/* /oauth2/register/{client_id} */
static OAuthResponse *
answer_management(const OAuthRequest *request, const char *client_id)
{
	OAuthClient *client = NULL;
	OAuthResponse *response = NULL;
	OAuthFault *fault = manage(request, client_id, &client, &response);

	return oauth_cors_allow(request, client ? client_id : NULL, fault ? refuse(fault) : response);
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	size_t		length = strlen(PATH "/");

	if (strncmp(request->path, PATH "/", length) == 0)
		return answer_management(request, request->path + length);
	return answer_registration(request);
}

const OAuthEndpoint oauth2_register_endpoint = {
	.function = "register",
	.routes = {
		{PATH, "POST", OAUTH_CORS_WHILE_OPEN},
		{PATH "/", "GET PUT DELETE", OAUTH_CORS_CLIENT}
	},
	.undoes_head = true,
	.answer = answer
};

/* oauth.register(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_register(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_register_endpoint);
}

/* oauth_create_initial_access_token(lifetime interval, uses integer) RETURNS text */
Datum
oauth_create_initial_access_token(PG_FUNCTION_ARGS)
{
	int			lifetime = oauth_seconds_argument(fcinfo, 0, "lifetime");
	int			uses = oauth_argument_is_null(fcinfo, 1) ? 1 : PG_GETARG_INT32(1);
	int64		handle = oauth_handle_next();
	char	   *token = oauth_random_token(OAUTH_INITIAL_TOKEN, handle);

	if (uses < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("uses must be at least 1"),
				 errhint("uses => 10 lets its holder register ten clients.")));
	oauth_store_insert_initial_token(handle, token, uses,
									 oauth_seconds_from_now(lifetime ? lifetime : 86400));
	oauth_event_configured(NULL, NULL,
						   psprintf("initial access token for %d registrations was created", uses));
	PG_RETURN_TEXT_P(cstring_to_text(token));
}
