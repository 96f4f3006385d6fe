/*
 * form_without_proof.c
 *		A form, in a body or in a query, without what proves who calls.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "http/http.h"
#include "text/text.h"

#include "utils/builtins.h"

/*
 * Parameters by which a form proves who calls: a bearer token (RFC 6750, section 2.2), or those of
 * OAuth 1.0a, secrets among them.
 */
static bool
is_proof(const char *pair, int length)
{
	const char *equals = memchr(pair, '=', length);
	char	   *name = oauth_form_decode(pair, equals ? equals - pair : length);

	return name != NULL && (strcmp(name, "access_token") == 0 || strncmp(name, "oauth_", 6) == 0);
}

static void
append_without_proof(StringInfo out, const char *form, int length)
{
	const char *end = form + length;
	int			begun = out->len;

	for (const char *pair = form; pair < end;)
	{
		const char *ampersand = memchr(pair, '&', end - pair);
		int			pair_length = (ampersand ? ampersand : end) - pair;

		if (!is_proof(pair, pair_length))
		{
			if (out->len > begun)
				appendStringInfoChar(out, '&');
			appendBinaryStringInfo(out, pair, pair_length);
		}
		pair += pair_length + 1;
	}
}

/* The target of the request, without them in its query. */
text *
oauth_target_without_proof(const OAuthRequest *request)
{
	StringInfoData target;

	initStringInfo(&target);
	appendStringInfoString(&target, request->target);
	if (request->query != NULL)
	{
		target.len = request->query - request->target;
		append_without_proof(&target, request->query, strlen(request->query));
	}
	return cstring_to_text_with_len(target.data, target.len);
}

/* The body of the request, which is a form, without them. */
bytea *
oauth_body_without_proof(const OAuthRequest *request)
{
	StringInfoData body;

	initStringInfo(&body);
	append_without_proof(&body, request->body, request->body_length);
	return oauth_bytea(body.data, body.len);
}
