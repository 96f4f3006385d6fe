/*
 * openapi_operation.c
 *		One method at one path, for the description at /openapi.json (OpenAPI 3.1.0, section 4.8.10,
 *		Operation Object).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/openapi.h"
#include "text/text.h"

#include "utils/formatting.h"

#define FORM	"application/x-www-form-urlencoded"

/*
 * Whose credentials an operation takes, as requirements of which one is enough; "{}" is none.  A
 * client may also prove itself by parameters of the form, which OpenAPI has no name for.
 */
static const struct
{
	const char *name;
	const char *requirements;
}			credentials[] =
{
	{"client", "{\"client_secret_basic\": []}, {\"mutual_tls\": []}, {}"},
	{"token", "{\"bearer\": []}, {\"dpop\": []}, {\"mutual_tls\": [], \"bearer\": []}"},
	{"oauth1", "{\"oauth1\": []}"},
	{"initial", "{\"initial_access_token\": []}, {}"},
	{"registration", "{\"registration_access_token\": []}"},
	{"session", "{\"session\": []}, {\"session_of_https\": []}, {}"},
};

/* Calls put for each word of a list. */
typedef void (*PutWord) (StringInfo json, char *word, const char *about);

static void
for_each_word(StringInfo json, const char *words, const char *about, PutWord put)
{
	for (const char *c = words; c != NULL && *c; c += strcspn(c, " "), c += strspn(c, " "))
		put(json, pnstrdup(c, strcspn(c, " ")), about);
}

/* Takes a mark off the end of a word; true if it was there. */
static bool
take_mark(char *word)
{
	size_t		length = strlen(word);

	if (length == 0 || word[length - 1] != '!')
		return false;
	word[length - 1] = '\0';
	return true;
}

static void
begin_item(StringInfo array)
{
	appendStringInfoString(array, array->data[array->len - 1] == '[' ? "{" : ", {");
}

/* ---- parameters ---- */

/* The value that the example has for a parameter; NULL: none. */
static const char *
example_of(const char *example, const char *name)
{
	OAuthParams params;
	const char *value = NULL;

	if (example == NULL || oauth_params_parse(example, strcspn(example, "\n"), &params) != NULL ||
		oauth_params_get(&params, name, &value) != NULL)
		return NULL;
	return value;
}

static void
put_query_parameter(StringInfo array, char *word, const char *example)
{
	bool		is_required = take_mark(word);

	begin_item(array);
	oauth_json_member(array, "name", word);
	oauth_json_member(array, "in", "query");
	if (is_required)
		oauth_json_raw(array, "required", "true");
	oauth_openapi_parameter(array, word, example_of(example, word));
	appendStringInfoChar(array, '}');
}

/* The name in braces, if the path has one. */
static void
put_path_parameter(StringInfo array, const char *path)
{
	const char *begin = strchr(path, '{');
	char	   *name;

	if (begin == NULL)
		return;
	name = pnstrdup(begin + 1, strcspn(begin + 1, "}"));
	begin_item(array);
	oauth_json_member(array, "name", name);
	oauth_json_member(array, "in", "path");
	oauth_json_raw(array, "required", "true");
	oauth_openapi_parameter(array, name, NULL);
	appendStringInfoChar(array, '}');
}

static bool
has_query(const char *method)
{
	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static void
put_parameters(StringInfo json, const OAuthOperation *operation, const char *path,
			   const char *method)
{
	StringInfoData array;

	initStringInfo(&array);
	appendStringInfoChar(&array, '[');
	put_path_parameter(&array, path);
	if (operation != NULL && has_query(method))
		for_each_word(&array, operation->takes, operation->example, put_query_parameter);
	appendStringInfoChar(&array, ']');
	if (array.len > 2)
		oauth_json_raw(json, "parameters", array.data);
}

/* ---- the body of the request ---- */

static void
put_property(StringInfo properties, char *word, const char *about)
{
	(void) take_mark(word);
	oauth_openapi_property(properties, word);
}

static void
put_required(StringInfo words, char *word, const char *about)
{
	if (take_mark(word))
		appendStringInfo(words, "%s%s", words->len > 0 ? " " : "", word);
}

static char *
form_schema(const OAuthOperation *operation)
{
	StringInfoData schema;
	StringInfoData properties;
	StringInfoData required;

	initStringInfo(&schema);
	initStringInfo(&properties);
	initStringInfo(&required);
	appendStringInfoChar(&properties, '{');
	for_each_word(&properties, operation->takes, NULL, put_property);
	appendStringInfoChar(&properties, '}');
	for_each_word(&required, operation->takes, NULL, put_required);
	appendStringInfoChar(&schema, '{');
	oauth_json_member(&schema, "type", "object");
	oauth_json_raw(&schema, "properties", properties.data);
	if (required.len > 0)
		oauth_json_words(&schema, "required", required.data);
	appendStringInfoChar(&schema, '}');
	return schema.data;
}

/* A form as an object; the number of the example names it. */
static void
put_form_example(StringInfo examples, const char *line, size_t length, int number)
{
	OAuthParams params;
	StringInfoData value;

	if (oauth_params_parse(line, length, &params) != NULL)
		elog(ERROR, "an example of /openapi.json is not a form: %s", line);
	initStringInfo(&value);
	appendStringInfoString(&value, "{\"value\": {");
	for (int i = 0; i < params.n; i++)
		oauth_json_member(&value, params.items[i].name, params.items[i].value);
	appendStringInfoString(&value, "}}");
	oauth_json_raw(examples, psprintf("example_%d", number), value.data);
}

static char *
form_examples(const OAuthOperation *operation)
{
	StringInfoData examples;
	int			number = 0;

	if (operation->example == NULL)
		return NULL;
	initStringInfo(&examples);
	appendStringInfoChar(&examples, '{');
	for (const char *c = operation->example; *c; c += strcspn(c, "\n"), c += strspn(c, "\n"))
		put_form_example(&examples, c, strcspn(c, "\n"), ++number);
	appendStringInfoChar(&examples, '}');
	return examples.data;
}

static char *
body_content(const OAuthOperation *operation)
{
	StringInfoData content;

	initStringInfo(&content);
	appendStringInfoChar(&content, '{');
	if (operation->json != NULL)
	{
		oauth_json_raw(&content, "schema",
					   psprintf("{\"$ref\": \"#/components/schemas/%s\"}", operation->json));
		oauth_json_raw(&content, "examples",
					   psprintf("{\"example_1\": {\"value\": %s}}", operation->example));
	}
	else
	{
		oauth_json_raw(&content, "schema", form_schema(operation));
		oauth_json_raw(&content, "examples", form_examples(operation));
	}
	appendStringInfoChar(&content, '}');
	return psprintf("{\"%s\": %s}", operation->json ? "application/json" : FORM, content.data);
}

static void
put_body(StringInfo json, const OAuthOperation *operation, const char *method)
{
	if (operation == NULL || has_query(method) ||
		(operation->takes == NULL && operation->json == NULL))
		return;
	oauth_json_raw(json, "requestBody",
				   psprintf("{\"required\": %s, \"content\": %s}",
							operation->json || strchr(operation->takes, '!') ? "true" : "false",
							body_content(operation)));
}

/* ---- answers ---- */

/* What each status says, wherever it is answered. */
static const struct
{
	const char *name;
	const char *words;
}			statuses[] =
{
	{"200", "Done"}, {"201", "Made"}, {"204", "Done; there is nothing to say"},
	{"302", "The browser goes on to the address in the field Location"},
	{"303", "The browser goes on to the address in the field Location"},
	{"400", "The request is wrong, and the answer says how"},
	{"401", "Credentials are missing or wrong; the field WWW-Authenticate says which are wanted"},
	{"403", "Not for this caller, or a setting forbids it"},
	{"404", "Nothing is here"},
	{"405", "Not by this method; the field Allow has those there are"},
	{"429", "Too many attempts; the field Retry-After says when to come again"},
	{"503", "Not now"},
};

static const char *
words_of_status(const char *status)
{
	for (size_t i = 0; i < lengthof(statuses); i++)
		if (strcmp(statuses[i].name, status) == 0)
			return statuses[i].words;
	elog(ERROR, "/openapi.json has no words for status %s", status);
	return NULL;
}

/* "200:Token"; about is NULL if the body is not sent. */
static void
put_answer(StringInfo responses, char *word, const char *about)
{
	char	   *colon = strchr(word, ':');
	const char *schema = colon ? colon + 1 : NULL;
	StringInfoData one;

	if (colon != NULL)
		*colon = '\0';
	initStringInfo(&one);
	appendStringInfoChar(&one, '{');
	oauth_json_member(&one, "description", words_of_status(word));
	if (schema != NULL && about != NULL)
		oauth_json_raw(&one, "content",
					   psprintf("{\"%s\": {\"schema\": {\"$ref\": \"#/components/schemas/%s\"}}}",
								oauth_openapi_media_type(schema), schema));
	appendStringInfoChar(&one, '}');
	oauth_json_raw(responses, word, one.data);
}

/* What every path may also answer, by the shim: a server that is not there, a malformed request. */
static void
put_answers(StringInfo json, const char *answers, bool has_body)
{
	StringInfoData responses;

	initStringInfo(&responses);
	appendStringInfoChar(&responses, '{');
	for_each_word(&responses, answers, has_body ? "" : NULL, put_answer);
	oauth_json_raw(&responses, "default",
				   "{\"description\": \"Malformed HTTP is 400, too long a request 413, 414 or 431, "
				   "a fault of the server 500, a database that cannot be reached 503\"}");
	appendStringInfoChar(&responses, '}');
	oauth_json_raw(json, "responses", responses.data);
}

/* ---- the operation ---- */

static void
put_requirement(StringInfo array, char *word, const char *about)
{
	for (size_t i = 0; i < lengthof(credentials); i++)
		if (strcmp(credentials[i].name, word) == 0)
			appendStringInfo(array, "%s%s", array->len > 1 ? ", " : "",
							 credentials[i].requirements);
}

static void
put_security(StringInfo json, const OAuthOperation *operation)
{
	StringInfoData array;

	if (operation == NULL || operation->by == NULL)
		return;
	initStringInfo(&array);
	appendStringInfoChar(&array, '[');
	for_each_word(&array, operation->by, NULL, put_requirement);
	appendStringInfoChar(&array, ']');
	oauth_json_raw(json, "security", array.data);
}

/* A name that no other operation has: "get_oauth2_token". */
static char *
operation_id(const char *path, const char *method)
{
	char	   *id = psprintf("%s%s", method, path);

	for (char *c = id; *c; c++)
		*c = isalnum((unsigned char) *c) ? pg_tolower((unsigned char) *c) : '_';
	return id;
}

static void
begin_operation(StringInfo json, const OAuthEndpoint *endpoint, const char *path,
				const char *method, const char *summary)
{
	initStringInfo(json);
	appendStringInfoChar(json, '{');
	oauth_json_member(json, "operationId", operation_id(path, method));
	oauth_json_words(json, "tags", endpoint->function);
	if (summary != NULL)
		oauth_json_member(json, "summary", summary);
}

/* Adds a method to the item of a path; operation NULL: the endpoint's file says nothing of it. */
void
oauth_openapi_operation(StringInfo item, const OAuthEndpoint *endpoint,
						const OAuthOperation *operation, const char *path, const char *method)
{
	StringInfoData json;

	begin_operation(&json, endpoint, path, method, operation ? operation->summary : NULL);
	if (operation != NULL && operation->when != NULL)
		oauth_json_member(&json, "x-when", operation->when);
	put_security(&json, operation);
	put_parameters(&json, operation, path, method);
	put_body(&json, operation, method);
	put_answers(&json, operation ? operation->answers : NULL, true);
	appendStringInfoChar(&json, '}');
	oauth_json_raw(item, asc_tolower(method, strlen(method)), json.data);
}

/* Adds HEAD, which every path has that has GET. */
void
oauth_openapi_head(StringInfo item, const OAuthEndpoint *endpoint,
				   const OAuthOperation *operation, const char *path)
{
	StringInfoData json;

	begin_operation(&json, endpoint, path, "HEAD",
					"What GET answers, without the body; what it writes is undone");
	put_security(&json, operation);
	put_parameters(&json, operation, path, "HEAD");
	put_answers(&json, operation ? operation->answers : NULL, false);
	appendStringInfoChar(&json, '}');
	oauth_json_raw(item, "head", json.data);
}

/* Adds OPTIONS: what browsers ask before a script of another origin may send. */
void
oauth_openapi_options(StringInfo item, const OAuthEndpoint *endpoint, const char *path)
{
	StringInfoData json;

	begin_operation(&json, endpoint, path, "OPTIONS", "Preflight of a browser (CORS)");
	put_parameters(&json, NULL, path, "OPTIONS");
	put_answers(&json, "204", false);
	appendStringInfoChar(&json, '}');
	oauth_json_raw(item, "options", json.data);
}
