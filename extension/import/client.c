/*
 * client.c
 *		Taking over clients and scopes from another provider.
 *
 * A client keeps its client_id and its secret.  A secret that the other provider stored in the
 * clear is hashed here, and for OAuth 1.0a sealed; a hashed one is kept as it is until the client
 * uses it (client_authentication.c).
 *
 * What a client may not have here is left out and reported: for example, a redirect URI that would
 * carry a code over plain http.  The client itself is taken: its tokens go on, and
 * oauth_update_client() gives it another URI.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "import/import.h"
#include "password/password.h"
#include "store/client.h"
#include "store/scope.h"
#include "text/text.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#define MAX_DESCRIPTION 1000
#define MAX_WORDS		100
#define MAX_CLIENT_ID	255

#define DELETED_HERE	"it has been disabled or deleted here"
#define TWICE			"an older one with the same name in the source"

/* The source stores client secrets in the clear. */
OAuthKept
oauth_kept_clear(const char *stored)
{
	return OAUTH_KEPT_CLEAR;
}

/* Registers one scope; false if the name is not a valid scope. */
static bool
add_scope(OAuthImport *import, const char *scope, const char *description)
{
	List	   *words;

	if (oauth2_scope_parse(scope, &words) != NULL || list_length(words) != 1 ||
		strcmp(linitial(words), scope) != 0)
	{
		oauth_import_count(import, "scope", "skipped",
						   "not a word that RFC 6749, section 3.3 allows", 1);
		return false;
	}
	if (description != NULL)
		description = oauth_readable(description, MAX_DESCRIPTION);
	if (description == NULL || description[0] == '\0')
		description = scope;
	if (oauth_store_add_scope(scope, description))
		oauth_import_count(import, "scope", "taken", NULL, 1);
	return true;
}

/* A scope: name, description. */
static void
import_scope(OAuthImport *import, OAuthSourceReader *source, uint64 row, const void *unused)
{
	char	   *name = oauth_store_source_string(source, row, 1);

	if (name != NULL)
		add_scope(import, name, oauth_store_source_string(source, row, 2));
}

/* Reads scopes: name, description. */
void
oauth_import_scopes(OAuthImport *import, const char *sql)
{
	oauth_import_each(import, "scopes", sql, import_scope, NULL);
}

static HTAB *
table_of(OAuthImport *import, const char *name, Size key, Size entry)
{
	HASHCTL		control = {.keysize = key, .entrysize = entry, .hcxt = import->context};

	return hash_create(name, 256, &control, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
}

/* A scope of the source in the form that it has here. */
typedef struct KnownScope
{
	char		raw[NAMEDATALEN * 4];	/* key */
	char	   *scope;
} KnownScope;

#define MAX_KNOWN_SCOPES 1000

/* The words of a scope that are valid here, all of which exist afterwards; "" for none. */
static char *
clean_scope(OAuthImport *import, const char *raw)
{
	char	   *rest = pstrdup(raw);
	List	   *words = NIL;
	char	   *word;

	while ((word = strsep(&rest, " \t\r\n")) != NULL)
	{
		if (word[0] == '\0' || oauth_list_has(words, word))
			continue;
		if (list_length(words) == MAX_WORDS)
			oauth_import_count(import, "scope", "skipped",
							   "a token or client has more than 100 of them", 1);
		else if (add_scope(import, word, NULL))
			words = lappend(words, word);
	}
	return oauth_words_join(words);
}

/*
 * The same for many tokens: there are few different scopes, so each is read once.  NULL is the
 * empty scope.
 */
const char *
oauth_import_scope(OAuthImport *import, const char *raw)
{
	KnownScope *known;
	bool		found;

	if (raw == NULL)
		return "";
	if (strlen(raw) >= sizeof(known->raw))
		return clean_scope(import, import->scope_of ? import->scope_of(import, raw) : raw);
	if (import->scopes != NULL && hash_get_num_entries(import->scopes) > MAX_KNOWN_SCOPES)
	{
		hash_destroy(import->scopes);
		import->scopes = NULL;
	}
	if (import->scopes == NULL)
		import->scopes = table_of(import, "oauth import scopes", sizeof(known->raw),
								  sizeof(KnownScope));
	known = hash_search(import->scopes, raw, HASH_ENTER, &found);
	if (!found)
	{
		known->scope = "";
		known->scope = MemoryContextStrdup(import->context,
										   clean_scope(import, import->scope_of ?
													   import->scope_of(import, raw) :
													   raw));
	}
	return known->scope;
}

/* The outcome for a client, or NULL if the source has no such client. */
OAuthImportedClient *
oauth_import_client(OAuthImport *import, const char *client_id)
{
	if (import->clients == NULL || client_id == NULL || strlen(client_id) > MAX_CLIENT_ID)
		return NULL;
	return hash_search(import->clients, client_id, HASH_FIND, NULL);
}

/* Every redirect URI that is allowed here, each once. */
static List *
read_redirect_uris(OAuthImport *import, char *uris)
{
	List	   *list = NIL;
	char	   *uri;

	while (uris != NULL && (uri = strsep(&uris, " \t\r\n")) != NULL)
	{
		OAuthFault *fault = uri[0] != '\0' ? oauth2_redirect_uri_check(uri) : NULL;

		if (fault != NULL)
			oauth_import_count(import, "redirect_uri", "skipped", fault->description, 1);
		else if (uri[0] != '\0' && list_length(list) == OAUTH_MAX_REDIRECT_URIS)
			oauth_import_count(import, "redirect_uri", "skipped",
							   OAUTH_TOO_MANY_REDIRECT_URIS, 1);
		else if (uri[0] != '\0')
			list = lappend(list, uri);
		if (fault == NULL && uri[0] != '\0' && !oauth2_redirect_scheme_is_known(uri))
			oauth_import_count(import, "redirect_uri", "taken", "any program may claim its scheme",
							   1);
	}
	return list;
}

static List *
read_words(char *words)
{
	List	   *list = NIL;
	char	   *word;

	while (words != NULL && (word = strsep(&words, " ")) != NULL)
		if (word[0] != '\0')
			list = lappend(list, word);
	return list;
}

static void
read_source_client(OAuthImport *import, OAuthSourceReader *source, uint64 row, OAuthClient *client)
{
	char	   *name = oauth_store_source_string(source, row, OAUTH_SOURCE_NAME);
	char	   *type = oauth_store_source_string(source, row, OAUTH_SOURCE_TYPE);
	char	   *scope = oauth_store_source_string(source, row, OAUTH_SOURCE_CLIENT_SCOPE);
	char	   *metadata = oauth_store_source_string(source, row, OAUTH_SOURCE_METADATA);

	client->client_name = name ? oauth_readable(name, OAUTH_MAX_CLIENT_NAME) : "";
	if (client->client_name[0] == '\0')
		client->client_name = client->client_id;
	client->is_public = type != NULL && strcmp(type, "public") == 0;
	client->token_endpoint_auth_method = client->is_public ? "none" : NULL;
	client->grant_types =
		read_words(oauth_store_source_string(source, row, OAUTH_SOURCE_GRANT_TYPES));
	client->redirect_uris =
		read_redirect_uris(import,
						   oauth_store_source_string(source, row, OAUTH_SOURCE_REDIRECT_URIS));
	client->metadata =
		DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(metadata ? metadata : "{}")));
	client->imported_from = import->source;
	if (scope != NULL)
		client->scope = unconstify(char *, oauth_import_scope(import, scope));
	if (client->scope != NULL && client->scope[0] == '\0')
		client->scope = NULL;
}

/* Reads 32 bytes in hexadecimal; false if the text is anything else. */
bool
oauth_import_sha256(const char *hexadecimal, uint8 *hash)
{
	static const char digits[] = "0123456789abcdef";

	if (strlen(hexadecimal) != 2 * OAUTH_HASH_LENGTH)
		return false;
	for (int i = 0; i < 2 * OAUTH_HASH_LENGTH; i++)
	{
		const char *digit = strchr(digits, pg_tolower((unsigned char) hexadecimal[i]));

		if (digit == NULL)
			return false;
		hash[i / 2] = (i % 2 ? hash[i / 2] << 4 : 0) | (digit - digits);
	}
	return true;
}

/* Stores the client with its secret; returns the reason if that is impossible. */
static const char *
take_client(OAuthImport *import, OAuthClient *client, const char *secret, OAuthKept kept)
{
	uint8		hash[OAUTH_HASH_LENGTH];
	OAuthPasswordInspection look = {0};
	OAuthFault *fault;

	if (secret != NULL && secret[0] == '\0')
		secret = NULL;
	if (!client->is_public && secret == NULL)
		return "it has no secret";
	if (kept != OAUTH_KEPT_CLEAR && oauth_client_has_sealed_secret(client))
		return "its secret is hashed, and OAuth 1.0a needs it";
	if (secret != NULL && kept == OAUTH_KEPT_HASHED)
		oauth_password_inspect(secret, "auto", false, &look);
	if (look.problem != NULL)
		return psprintf("the hash of its secret cannot be used: %s", look.problem);
	if (secret != NULL && kept == OAUTH_KEPT_HASHED)
		client->imported_secret_hash = unconstify(char *, secret);
	if (secret != NULL && kept == OAUTH_KEPT_SHA256 && oauth_import_sha256(secret, hash))
		client->secret_hash = hash;
	if ((fault = oauth_client_check(client)) != NULL)
		return fault->description;
	if (oauth_client_has_sealed_secret(client))
		client->secret_sealed = oauth_import_seal(import, secret, client->client_id);
	oauth_client_notice_schemes(client, NIL);
	oauth_store_insert_client(client, kept == OAUTH_KEPT_CLEAR ? secret : NULL);
	return NULL;
}

/*
 * Whether the client_id is in use here: NULL if it is free, "" if it is this very client, otherwise
 * why it is not.
 */
static const char *
look_at_present(OAuthImport *import, const char *client_id)
{
	char	   *imported_from;
	bool		is_disabled;

	if (!oauth_store_client_origin(client_id, &imported_from, &is_disabled))
		return NULL;
	if (strcmp(imported_from, import->source) != 0)
		return "another client has its client_id here";
	return is_disabled ? DELETED_HERE : "";
}

static bool
is_client_id(const char *client_id)
{
	for (const char *c = client_id; *c; c++)
		if ((unsigned char) *c <= ' ' || (unsigned char) *c >= 0x7F)
			return false;
	return client_id[0] != '\0' && strlen(client_id) <= MAX_CLIENT_ID;
}

/* Remembers the outcome for a client, for its tokens; NULL if the client is here. */
static void
keep_client(OAuthImport *import, const char *client_id, const char *refusal)
{
	OAuthImportedClient *entry = hash_search(import->clients, client_id, HASH_ENTER, NULL);

	entry->refusal = refusal ? MemoryContextStrdup(import->context, refusal) : NULL;
	entry->standing_grant = 0;
}

/* Sets the outcome for a client and reports it. */
static void
settle_client(OAuthImport *import, const char *client_id, const char *refusal, const char *note)
{
	keep_client(import, client_id, refusal);
	oauth_import_count(import, "client", refusal ? "skipped" : "taken", refusal, 1);
	if (note != NULL && refusal == NULL)
		oauth_import_count(import, "client", "changed", note, 1);
}

static void
import_client(OAuthImport *import, OAuthSourceReader *source, uint64 row, const void *kept_how)
{
	OAuthClient client = {.default_max_age = OAUTH_NO_MAX_AGE};
	char	   *secret = oauth_store_source_string(source, row, OAUTH_SOURCE_SECRET);
	const char *refusal = oauth_store_source_string(source, row, OAUTH_SOURCE_CLIENT_REFUSAL);
	const char *present;

	client.client_id = oauth_store_source_string(source, row, OAUTH_SOURCE_CLIENT_ID);
	if (client.client_id == NULL || !is_client_id(client.client_id))
	{
		oauth_import_count(import, "client", "skipped",
						   "a client_id has 1 to 255 printable ASCII characters", 1);
		return;
	}
	if (oauth_import_client(import, client.client_id) != NULL)
	{
		oauth_import_count(import, "client", "skipped", TWICE, 1);
		return;
	}
	present = look_at_present(import, client.client_id);
	if (present != NULL && present[0] == '\0')
	{
		keep_client(import, client.client_id, NULL);
		oauth_import_count(import, "client", "skipped", "already here", 1);
		return;
	}
	if (present != NULL)
		refusal = present;
	if (refusal == NULL)
	{
		read_source_client(import, source, row, &client);
		refusal = take_client(import, &client, secret,
							  (*(const OAuthKeptHow *) kept_how) (secret ? secret : ""));
	}
	settle_client(import, client.client_id, refusal,
				  oauth_store_source_string(source, row, OAUTH_SOURCE_CLIENT_NOTE));
	if (secret != NULL)
		oauth_wipe(secret, strlen(secret));
}

/* Reads clients, the newest first: of two clients with one id, the newest is taken. */
void
oauth_import_clients(OAuthImport *import, const char *sql, OAuthKeptHow kept_how)
{
	import->clients = table_of(import, "oauth import clients", MAX_CLIENT_ID + 1,
							   sizeof(OAuthImportedClient));
	oauth_import_each(import, "clients", sql, import_client, &kept_how);
}
