/*
 * metadata.c
 *		Client metadata as JSON (RFC 7591, section 2 in, section 3.2.1 out).
 *
 * "The authorization server MUST ignore any client metadata sent by the client that it does not
 * understand."
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "store/store.h"
#include "text/text.h"

#include "utils/builtins.h"
#include "utils/json.h"

#define MAX_URI			2000
#define MAX_WORDS		255
#define MAX_CONTACTS	50

/* Members that are kept for people to see: addresses of pages, lists of words, words. */
typedef enum ShownKind
{
	SHOWN_URI, SHOWN_LIST, SHOWN_WORDS
} ShownKind;

static const struct
{
	const char *name;
	ShownKind	kind;
}			shown[] =
{
	{"client_uri", SHOWN_URI},
	{"logo_uri", SHOWN_URI},
	{"tos_uri", SHOWN_URI},
	{"policy_uri", SHOWN_URI},
	{"contacts", SHOWN_LIST},
	{"software_id", SHOWN_WORDS},
	{"software_version", SHOWN_WORDS},
};

static OAuthFault *
bad_member(const char *name, const char *what)
{
	return oauth_fault(OAUTH_INVALID_CLIENT_METADATA, psprintf("%s must be %s.", name, what));
}

/* The member, NULL if it is not there. */
static JsonbValue *
member(Jsonb *metadata, const char *name)
{
	return getKeyJsonValueFromContainer(&metadata->root, name, strlen(name), NULL);
}

/* A string; null brings back *value's default. */
static OAuthFault *
read_string(Jsonb *metadata, const char *name, char *when_null, char **value)
{
	JsonbValue *found = member(metadata, name);

	if (found == NULL)
		return NULL;
	if (found->type == jbvNull)
		*value = when_null;
	else if (found->type == jbvString)
		*value = pnstrdup(found->val.string.val, found->val.string.len);
	else
		return bad_member(name, "a string");
	return NULL;
}

/* An array of strings; null brings back the default. */
static OAuthFault *
read_strings(Jsonb *metadata, const char *name, List *when_null, List **value)
{
	JsonbValue *found = member(metadata, name);
	JsonbIterator *iterator;
	JsonbValue	element;
	JsonbIteratorToken token;

	if (found == NULL)
		return NULL;
	*value = when_null;
	if (found->type == jbvNull)
		return NULL;
	if (found->type != jbvBinary || !JsonContainerIsArray(found->val.binary.data))
		return bad_member(name, "an array of strings");
	*value = NIL;
	iterator = JsonbIteratorInit(found->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE)
	{
		if (token != WJB_ELEM)
			continue;
		if (element.type != jbvString)
			return bad_member(name, "an array of strings");
		*value = lappend(*value, pnstrdup(element.val.string.val, element.val.string.len));
	}
	return NULL;
}

/* Seconds; null brings back the setting. */
static OAuthFault *
read_seconds(Jsonb *metadata, const char *name, int *value)
{
	JsonbValue *found = member(metadata, name);
	double		seconds;

	if (found == NULL)
		return NULL;
	*value = 0;
	if (found->type == jbvNull)
		return NULL;
	if (found->type != jbvNumeric)
		return bad_member(name, "a number of seconds");
	seconds = DatumGetFloat8(
							 DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(found->val.numeric)));
	if (!(seconds >= 1 && seconds <= PG_INT32_MAX))
		return bad_member(name, "a number of seconds from 1 to 2147483647");
	*value = (int) seconds;
	return NULL;
}

/* true or false; null is false. */
static OAuthFault *
read_boolean(Jsonb *metadata, const char *name, bool *value)
{
	JsonbValue *found = member(metadata, name);

	if (found == NULL)
		return NULL;
	if (found->type != jbvBool && found->type != jbvNull)
		return bad_member(name, "true or false");
	*value = found->type == jbvBool && found->val.boolean;
	return NULL;
}

/* A member of a JSON Web Key, decoded from base64url; NULL if it is not there or not that. */
static uint8 *
read_number(JsonbContainer * key, const char *name, int *length)
{
	JsonbValue *found = getKeyJsonValueFromContainer(key, name, strlen(name), NULL);

	if (found == NULL || found->type != jbvString)
		return NULL;
	return oauth_base64url_decode(found->val.string.val, found->val.string.len, length);
}

/* The keys of a JSON Web Key Set (RFC 7517, section 5); NULL if the value is none. */
static JsonbContainer *
key_set(const JsonbValue *jwks)
{
	JsonbValue *keys = jwks->type == jbvBinary && JsonContainerIsObject(jwks->val.binary.data) ?
		getKeyJsonValueFromContainer(jwks->val.binary.data, "keys", strlen("keys"), NULL) : NULL;

	return keys != NULL && keys->type == jbvBinary && JsonContainerIsArray(keys->val.binary.data) ?
		keys->val.binary.data : NULL;
}

/* That key of the set; NULL if it is no object. */
static JsonbContainer *
key_at(JsonbContainer * keys, uint32 n)
{
	JsonbValue *key = getIthJsonbValueFromContainer(keys, n);

	return key->type == jbvBinary && JsonContainerIsObject(key->val.binary.data) ?
		key->val.binary.data :
		NULL;
}

/*
 * Whether the key has a part that only its owner may know (the registry of RFC 7517, section 8.1).
 */
static bool
has_secret_part(JsonbContainer * key)
{
	static const char *const secret[] = {"d", "k", "p", "q", "dp", "dq", "qi", "oth", "priv"};

	for (size_t i = 0; i < lengthof(secret); i++)
		if (getKeyJsonValueFromContainer(key, secret[i], strlen(secret[i]), NULL) != NULL)
			return true;
	return false;
}

/*
 * Whoever shows a secret key must be told, also where nothing reads the key, or where it stands
 * alone instead of in a set.
 */
static OAuthFault *
check_keys_are_public(const JsonbValue *jwks)
{
	JsonbContainer *keys = key_set(jwks);
	bool		is_secret = jwks->type == jbvBinary && JsonContainerIsObject(jwks->val.binary.data) &&
		has_secret_part(jwks->val.binary.data);

	for (uint32 i = 0; keys != NULL && i < JsonContainerSize(keys) && !is_secret; i++)
	{
		JsonbContainer *key = key_at(keys, i);

		is_secret = key != NULL && has_secret_part(key);
	}
	return is_secret ? bad_member("jwks", "a set of public keys; this one has a secret part, which "
								  "is a secret no longer") :
		NULL;
}

/* The first RSA key of the set (RFC 7518, section 6.3.1) as PEM; NULL if it has none. */
static char *
rsa_key(JsonbContainer * keys)
{
	for (uint32 i = 0; i < JsonContainerSize(keys); i++)
	{
		JsonbContainer *key = key_at(keys, i);
		int			modulus_length;
		int			exponent_length;
		uint8	   *modulus = key ? read_number(key, "n", &modulus_length) : NULL;
		uint8	   *exponent = key ? read_number(key, "e", &exponent_length) : NULL;
		char	   *pem = modulus != NULL && exponent != NULL ?
			oauth_public_key_pem(modulus, modulus_length, exponent, exponent_length) : NULL;

		if (pem != NULL)
			return pem;
	}
	return NULL;
}

/*
 * The key that verifies RSA signatures.  Unless it is strict, keys of other kinds are passed over.
 */
static OAuthFault *
read_keys(Jsonb *metadata, bool is_strict, char **rsa_public_key)
{
	JsonbValue *found = member(metadata, "jwks");
	JsonbContainer *keys;
	OAuthFault *fault;

	if (found == NULL)
		return NULL;
	*rsa_public_key = NULL;
	if (found->type == jbvNull)
		return NULL;
	if (member(metadata, "jwks_uri") != NULL)
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
						   "There is jwks or jwks_uri, not both (and jwks_uri is not read).");
	if ((fault = check_keys_are_public(found)) != NULL)
		return fault;
	if ((keys = key_set(found)) == NULL)
		return is_strict ? bad_member("jwks", "an object with an array keys") : NULL;
	*rsa_public_key = rsa_key(keys);
	return *rsa_public_key == NULL && is_strict ? bad_member("jwks", "a key set with an RSA key") :
		NULL;
}

/*
 * "response_types" follow from the grant types here (the table of section 2.1); what contradicts
 * them is refused.
 */
static OAuthFault *
check_response_types(Jsonb *metadata, const OAuthClient *client)
{
	List	   *types = NIL;
	ListCell   *cell;
	OAuthFault *fault = read_strings(metadata, "response_types", NIL, &types);

	if (fault != NULL)
		return fault;
	foreach(cell, types)
		if (strcmp(lfirst(cell), "code") != 0)
			return bad_member("response_types", "code, the only one this server has");
	if (types != NIL && !oauth_client_may(client, "authorization_code"))
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
						   "response_types code needs the grant type authorization_code.");
	return NULL;
}

/* What becomes a link on a page: never javascript: or data: */
static bool
is_web_page(const char *uri)
{
	return oauth_is_plain(uri, MAX_URI) && strpbrk(uri, " \"<>\\^`{|}") == NULL &&
		(pg_strncasecmp(uri, "https://", 8) == 0 || pg_strncasecmp(uri, "http://", 7) == 0);
}

/*
 * The address that the client gave for a page about itself; NULL if there is none that may be a
 * link.
 */
char *
oauth_client_web_page(const OAuthClient *client, const char *name)
{
	char	   *uri = NULL;

	if (client->metadata == NULL || read_string(client->metadata, name, NULL, &uri) != NULL ||
		uri == NULL)
		return NULL;
	return is_web_page(uri) ? uri : NULL;
}

static OAuthFault *
check_list(Jsonb *metadata, const char *name)
{
	List	   *list = NIL;
	ListCell   *cell;
	char	   *problem;
	OAuthFault *fault = read_strings(metadata, name, NIL, &list);

	if (fault != NULL)
		return fault;
	if (list_length(list) > MAX_CONTACTS)
		return bad_member(name, "an array of at most 50 strings");
	foreach(cell, list)
		if ((problem = oauth_why_not_plain(lfirst(cell), MAX_WORDS)) != NULL)
			return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
							   psprintf("A string of %s %s.", name, problem));
	return NULL;
}

/* One of the members that are shown. */
static OAuthFault *
check_shown_member(Jsonb *metadata, const char *name, ShownKind kind)
{
	char	   *value = NULL;
	char	   *problem;
	OAuthFault *fault = kind == SHOWN_LIST ? check_list(metadata, name) :
		read_string(metadata, name, NULL, &value);

	if (fault != NULL || value == NULL)
		return fault;
	if (kind == SHOWN_URI && !is_web_page(value))
		return bad_member(name, "the address of a web page");
	if (kind == SHOWN_WORDS && (problem = oauth_why_not_plain(value, MAX_WORDS)) != NULL)
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA, psprintf("%s %s.", name, problem));
	return NULL;
}

static OAuthFault *
check_shown(Jsonb *metadata)
{
	OAuthFault *fault = NULL;

	for (size_t i = 0; i < lengthof(shown) && fault == NULL; i++)
		fault = check_shown_member(metadata, shown[i].name, shown[i].kind);
	return fault;
}

/*
 * The shown members of both, those of the new one winning; null removes, and so does what cannot be
 * shown.
 */
static Jsonb *
merge_shown(Jsonb *old, Jsonb *new)
{
	JsonbParseState *state = NULL;
	JsonbValue *result;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (size_t i = 0; i < lengthof(shown); i++)
	{
		JsonbValue *value = member(new, shown[i].name);
		JsonbValue	name;

		if (value == NULL)
			value = member(old, shown[i].name);
		else if (check_shown_member(new, shown[i].name, shown[i].kind) != NULL)
			value = NULL;
		if (value == NULL || value->type == jbvNull)
			continue;
		name.type = jbvString;
		name.val.string.val = unconstify(char *, shown[i].name);
		name.val.string.len = strlen(shown[i].name);
		pushJsonbValue(&state, WJB_KEY, &name);
		pushJsonbValue(&state, WJB_VALUE, value);
	}
	result = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	return JsonbValueToJsonb(result);
}

static List *
default_grant_types(void)
{
	return list_make1(pstrdup("authorization_code"));
}

/* What a registration that says nothing means. */
void
oauth_client_metadata_defaults(OAuthClient *client)
{
	client->client_name = pstrdup("Unnamed client");
	client->token_endpoint_auth_method = pstrdup("client_secret_basic");
	client->grant_types = default_grant_types();
	client->default_max_age = OAUTH_NO_MAX_AGE;
	client->metadata = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum("{}")));
}

/* The members that every registration is made of. */
static OAuthFault *
read_described(Jsonb *metadata, OAuthClient *client)
{
	OAuthFault *fault;

	if (!JB_ROOT_IS_OBJECT(metadata))
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA, "Client metadata is a JSON object.");
	if ((fault = read_string(metadata, "client_name", "Unnamed client",
							 &client->client_name)) != NULL ||
		(fault = read_strings(metadata, "redirect_uris", NIL, &client->redirect_uris)) != NULL ||
		(fault = read_strings(metadata, "grant_types", default_grant_types(),
							  &client->grant_types)) != NULL ||
		(fault = read_string(metadata, "scope", NULL, &client->scope)) != NULL ||
		(fault = read_string(metadata, "token_endpoint_auth_method", "client_secret_basic",
							 &client->token_endpoint_auth_method)) != NULL ||
		(fault = read_boolean(metadata, "require_pkce", &client->require_pkce)) != NULL)
		return fault;
	return read_strings(metadata, "cors_origins", NIL, &client->cors_origins);
}

static bool
is_public(const OAuthClient *client)
{
	return client->token_endpoint_auth_method != NULL &&
		strcmp(client->token_endpoint_auth_method, "none") == 0;
}

/* Lays the members that are there over the client; each of them must be right. */
OAuthFault *
oauth_client_metadata_read(Jsonb *metadata, OAuthClient *client)
{
	OAuthFault *fault;

	if ((fault = read_described(metadata, client)) != NULL ||
		(fault = read_seconds(metadata, "access_token_lifetime",
							  &client->access_token_lifetime)) != NULL ||
		(fault = read_seconds(metadata, "refresh_token_lifetime",
							  &client->refresh_token_lifetime)) != NULL ||
		(fault = read_keys(metadata, true, &client->rsa_public_key)) != NULL ||
		(fault = read_strings(metadata, "signature_methods", NIL,
							  &client->signature_methods)) != NULL ||
		(fault = check_response_types(metadata, client)) != NULL ||
		(fault = check_shown(metadata)) != NULL)
		return fault;
	client->is_public = is_public(client);
	client->metadata = merge_shown(client->metadata, metadata);
	return NULL;
}

/*
 * The same for a client that speaks for itself: what it cannot have anyway is not read, and what
 * cannot be shown is left out.  *response_types are those that it wants, NIL if it does not say.
 *
 * The default of token_endpoint_auth_method is client_secret_basic, and that is what the answer
 * says.  But libraries that say nothing of it when they register then send the secret in the body;
 * so only a client that names a method is held to it.
 */
OAuthFault *
oauth_client_metadata_read_own(Jsonb *metadata, OAuthClient *client, List **response_types)
{
	JsonbValue *method = member(metadata, "token_endpoint_auth_method");
	OAuthFault *fault;

	if ((fault = read_described(metadata, client)) != NULL ||
		(fault = read_keys(metadata, false, &client->rsa_public_key)) != NULL ||
		(fault = read_strings(metadata, "response_types", NIL, response_types)) != NULL)
		return fault;
	if (method == NULL || method->type == jbvNull)
		client->token_endpoint_auth_method = NULL;
	client->is_public = is_public(client);
	client->metadata = merge_shown(client->metadata, metadata);
	return NULL;
}

static void
write_strings(StringInfo json, const char *name, List *strings)
{
	ListCell   *cell;
	const char *separator = "";

	appendStringInfoString(json, ", ");
	escape_json(json, name);
	appendStringInfoString(json, ": [");
	foreach(cell, strings)
	{
		appendStringInfoString(json, separator);
		escape_json(json, lfirst(cell));
		separator = ", ";
	}
	appendStringInfoChar(json, ']');
}

/* The members kept for people, as they came. */
static void
write_shown(StringInfo json, Jsonb *metadata)
{
	char	   *object = JsonbToCString(NULL, &metadata->root, VARSIZE(metadata));
	size_t		length = strlen(object);

	if (length > 2)
		appendStringInfo(json, ", %.*s", (int) (length - 2), object + 1);
}

static void
write_keys(StringInfo json, const OAuthClient *client)
{
	char	   *modulus;
	char	   *exponent;

	if (client->rsa_public_key != NULL &&
		oauth_public_key_numbers(client->rsa_public_key, &modulus, &exponent))
		appendStringInfo(json,
						 ", \"jwks\": {\"keys\": [{\"kty\": \"RSA\", \"n\": \"%s\", \"e\": "
						 "\"%s\"}]}",
						 modulus, exponent);
	if (client->signature_methods != NIL)
		write_strings(json, "signature_methods", client->signature_methods);
}

/*
 * Client information, section 3.2.1.  secret NULL: one that is not shown, or a public client's.
 *
 * "client_secret_expires_at: REQUIRED if "client_secret" is issued. [...] 0 if it will not expire."
 */
Datum
oauth_client_metadata_write(const OAuthClient *client, const char *secret)
{
	const char *method = client->token_endpoint_auth_method;
	const char *scope = oauth_client_scope(client);
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	oauth_json_member(&json, "client_id", client->client_id);
	oauth_json_number(&json, "client_id_issued_at", timestamptz_to_time_t(client->created_at));
	if (secret != NULL)
	{
		oauth_json_member(&json, "client_secret", secret);
		oauth_json_number(&json, "client_secret_expires_at", 0);
	}
	oauth_json_member(&json, "client_name", client->client_name);
	oauth_json_member(&json, "token_endpoint_auth_method", method ? method : "client_secret_basic");
	write_strings(&json, "grant_types", client->grant_types);
	write_strings(&json, "redirect_uris", client->redirect_uris);
	if (oauth_client_may(client, "authorization_code"))
		write_strings(&json, "response_types", list_make1("code"));
	if (scope[0] != '\0')
		oauth_json_member(&json, "scope", scope);
	if (client->access_token_lifetime)
		oauth_json_number(&json, "access_token_lifetime", client->access_token_lifetime);
	if (client->refresh_token_lifetime)
		oauth_json_number(&json, "refresh_token_lifetime", client->refresh_token_lifetime);
	if (client->require_pkce)
		appendStringInfoString(&json, ", \"require_pkce\": true");
	write_keys(&json, client);
	if (client->cors_origins != NIL)
		write_strings(&json, "cors_origins", client->cors_origins);
	write_shown(&json, client->metadata);
	appendStringInfoChar(&json, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}
