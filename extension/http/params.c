/*
 * params.c
 *		Strict reading of application/x-www-form-urlencoded bodies and queries.
 *
 * RFC 6749, appendix B; the encoding is that of the URL standard.  A byte that is not UTF-8, an
 * encoded NUL or an incomplete percent sequence makes the whole form invalid, and none of it is
 * used.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"
#include "text/text.h"

/* More parameters than any client sends; a request with more only costs time. */
#define MAX_PARAMS 1000

/* One pair, name=value; a name alone has an empty value. */
static bool
parse_pair(const char *pair, int length, OAuthParam *param)
{
	const char *equals = memchr(pair, '=', length);
	int			name_length = equals ? equals - pair : length;

	param->name = oauth_form_decode(pair, name_length);
	param->value = equals ? oauth_form_decode(equals + 1, length - name_length - 1) : pstrdup("");
	return param->name != NULL && param->value != NULL;
}

/* All pairs in their order, without the empty ones. */
OAuthFault *
oauth_params_parse(const char *encoded, int length, OAuthParams *params)
{
	const char *end = encoded + length;
	int			room = 16;

	params->n = 0;
	params->items = palloc(room * sizeof(OAuthParam));
	for (const char *pair = encoded; pair < end;)
	{
		const char *ampersand = memchr(pair, '&', end - pair);
		const char *pair_end = ampersand ? ampersand : end;

		if (pair_end > pair)
		{
			if (params->n == MAX_PARAMS)
				return oauth_fault(OAUTH_INVALID_REQUEST,
								   "The form has more than 1000 parameters.");
			if (params->n == room)
				params->items = repalloc(params->items, (room *= 4) * sizeof(OAuthParam));
			if (!parse_pair(pair, pair_end - pair, &params->items[params->n++]))
				return oauth_fault(OAUTH_INVALID_REQUEST,
								   "The form has a malformed percent-encoding, a NUL or bytes that "
								   "are not UTF-8.");
		}
		pair = pair_end + 1;
	}
	return NULL;
}

/* All values of a parameter that may be repeated, without the empty ones. */
List *
oauth_params_all(const OAuthParams *params, const char *name)
{
	List	   *values = NIL;

	for (int i = 0; i < params->n; i++)
		if (strcmp(params->items[i].name, name) == 0 && params->items[i].value[0] != '\0')
			values = lappend(values, params->items[i].value);
	return values;
}

/*
 * The value of a parameter, NULL if it is absent.
 *
 * "Parameters sent without a value MUST be treated as if they were omitted from the request.  [...]
 * Request and response parameters MUST NOT be included more than once."  (RFC 6749, section 3.2)
 */
OAuthFault *
oauth_params_get(const OAuthParams *params, const char *name, const char **value)
{
	int			n = 0;

	*value = NULL;
	for (int i = 0; i < params->n; i++)
	{
		if (strcmp(params->items[i].name, name) != 0)
			continue;
		if (n++ > 0)
			return oauth_fault(OAUTH_INVALID_REQUEST,
							   psprintf("Parameter %s was sent more than once.", name));
		if (params->items[i].value[0] != '\0')
			*value = params->items[i].value;
	}
	return NULL;
}

/* Adds a parameter behind those that there are.  The memory of what was parsed is left alone. */
void
oauth_params_add(OAuthParams *params, const char *name, const char *value)
{
	OAuthParam *items = palloc((params->n + 1) * sizeof(OAuthParam));

	if (params->n > 0)
		memcpy(items, params->items, params->n * sizeof(OAuthParam));
	items[params->n].name = pstrdup(name);
	items[params->n].value = pstrdup(value);
	params->items = items;
	params->n++;
}

/* The parameters as a form, without those that the function leaves out; NULL: all. */
char *
oauth_params_encode(const OAuthParams *params, bool (*leaves_out) (const char *name))
{
	StringInfoData form;

	initStringInfo(&form);
	for (int i = 0; i < params->n; i++)
	{
		if (leaves_out != NULL && leaves_out(params->items[i].name))
			continue;
		if (form.len > 0)
			appendStringInfoChar(&form, '&');
		oauth1_append_encoded(&form, params->items[i].name);
		appendStringInfoChar(&form, '=');
		oauth1_append_encoded(&form, params->items[i].value);
	}
	return form.data;
}
