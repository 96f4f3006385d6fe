/*
 * primitives.c
 *		The pure SQL functions of OAuth 1.0a: base string, signature, verification (RFC 5849,
 *		section 3.4).
 *
 * They read no table and no setting.  Malformed input is an error.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "oauth1/oauth1.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_signature_base_string);
PG_FUNCTION_INFO_V1(oauth_signature);
PG_FUNCTION_INFO_V1(oauth_verify_signature);

static void
throw_fault(const OAuthFault *fault)
{
	if (fault != NULL)
		oauth_fault_raise(fault, NULL);
}

/* An absolute URI in parts: scheme in lower case, host with port, path and query. */
static void
split_uri(const char *uri, char **scheme, char **host, const char **target)
{
	const char *rest = strstr(uri, "://");
	size_t		length;

	*scheme = rest ? pnstrdup(uri, rest - uri) : pstrdup("");
	for (char *c = *scheme; *c; c++)
		*c = pg_ascii_tolower((unsigned char) *c);
	if (strcmp(*scheme, "http") != 0 && strcmp(*scheme, "https") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the URI is not absolute"),
				 errhint("Give http://host/path or https://host/path, as the client sees it.")));
	rest += strlen("://");
	length = strcspn(rest, "/?#");
	*host = pnstrdup(rest, length);
	*target = rest + length;
}

/* The query ends where the fragment begins; a fragment can contain a '?'  of its own. */
static void
add_query(OAuth1Parameters *parameters, const char *target)
{
	const char *query = target + strcspn(target, "?#");

	if (*query == '?')
		throw_fault(oauth1_add_form(parameters, query + 1, strcspn(query + 1, "#"), OAUTH1_QUERY));
}

/*
 * The value of a header as people paste it from the RFC, which prints it on several lines: white
 * space outside of quotes becomes one space where a space may be, and the name of the field is
 * removed.  Over HTTP, the shim refuses folded lines (RFC 9112, section 5.2).
 */
static char *
unfold(char *authorization)
{
	static const char white[] = " \t\r\n\f\v";
	static const char field[] = "Authorization:";
	bool		is_quoted = false;
	char	   *end;

	for (char *c = authorization; *c; c++)
	{
		if (*c == '"')
			is_quoted = !is_quoted;
		else if (is_quoted && *c == '\\' && c[1] != '\0')
			c++;
		else if (!is_quoted && strchr(white, *c) != NULL)
			*c = ' ';
	}
	authorization += strspn(authorization, " ");
	if (pg_strncasecmp(authorization, field, strlen(field)) == 0)
		authorization += strlen(field);
	authorization += strspn(authorization, " ");
	for (end = authorization + strlen(authorization);
		 end > authorization + strlen("OAuth ") && end[-1] == ' ';)
		*--end = '\0';
	return authorization;
}

/*
 * oauth_signature_base_string(method text, uri text, "authorization" text, body text) RETURNS text
 *
 * authorization is the header's value, also folded, and body the form as it is on the wire, or
 * null.
 */
Datum
oauth_signature_base_string(PG_FUNCTION_ARGS)
{
	char	   *method = oauth_argument(fcinfo, 0, "method");
	char	   *authorization = oauth_optional_argument(fcinfo, 2);
	char	   *body = oauth_optional_argument(fcinfo, 3);
	OAuth1Parameters parameters = {0};
	char	   *scheme;
	char	   *host;
	const char *target;
	char	   *base_string;

	split_uri(oauth_argument(fcinfo, 1, "uri"), &scheme, &host, &target);
	if (authorization != NULL)
		authorization = unfold(authorization);
	if (authorization != NULL && !oauth1_is_scheme(authorization))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the authorization is not of the scheme OAuth"),
				 errhint("Give the value of the header: OAuth oauth_consumer_key=\"...\", ...")));
	if (authorization != NULL)
		throw_fault(oauth1_header_parse(authorization, &parameters));
	add_query(&parameters, target);
	if (body != NULL)
		throw_fault(oauth1_add_form(&parameters, body, strlen(body), OAUTH1_BODY));
	throw_fault(oauth1_check_parameters(&parameters));
	throw_fault(oauth1_base_string(method, scheme, host, target, &parameters, &base_string));
	PG_RETURN_TEXT_P(cstring_to_text(base_string));
}

static OAuth1SignatureMethod *
required_method(const char *name)
{
	OAuth1SignatureMethod *method = oauth1_signature_method(name);

	if (method == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("unknown signature method"),
				 errhint("There are %s.", oauth1_signature_methods())));
	return method;
}

/*
 * oauth_signature(signature_method text, base_string text, secret_or_key text, token_secret text)
 * RETURNS text
 */
Datum
oauth_signature(PG_FUNCTION_ARGS)
{
	OAuth1SignatureMethod *method = required_method(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	char	   *key = text_to_cstring(PG_GETARG_TEXT_PP(2));
	char	   *signature;

	signature = oauth1_sign(method, text_to_cstring(PG_GETARG_TEXT_PP(1)), key,
							text_to_cstring(PG_GETARG_TEXT_PP(3)));
	if (signature == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the key cannot sign"),
				 errhint("RSA methods sign with a private RSA key in PEM, without a passphrase.")));
	PG_RETURN_TEXT_P(cstring_to_text(signature));
}

/*
 * oauth_verify_signature(signature_method text, base_string text, signature text, secret_or_key
 * text, token_secret text)
 *		RETURNS boolean
 */
Datum
oauth_verify_signature(PG_FUNCTION_ARGS)
{
	OAuth1SignatureMethod *method = required_method(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	char	   *key = text_to_cstring(PG_GETARG_TEXT_PP(3));

	if (method->kind == OAUTH1_RSA && !oauth1_rsa_key_is_usable(key))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the key cannot verify"),
						errhint("RSA methods verify with a public RSA key in PEM, -----BEGIN "
								"PUBLIC KEY-----.")));
	PG_RETURN_BOOL(oauth1_signature_verify(method, text_to_cstring(PG_GETARG_TEXT_PP(1)),
										   text_to_cstring(PG_GETARG_TEXT_PP(2)), key,
										   text_to_cstring(PG_GETARG_TEXT_PP(4))));
}
