/*
 * trusted_issuer.c
 *		Issuers whose JWTs clients exchange for tokens (RFC 7523, section 3; RFC 8693): whose keys
 *		they are, and who somebody is here.
 *
 * A function of the application says which subject the claims of a JWT mean.  Where there is none,
 * the subject is made of the issuer and its sub.  A sub says who somebody is only at its issuer:
 * taken as it is, the 42 of theirs would be the 42 of here, and that issuer could
 * speak for every user of this provider.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "audit/audit.h"
#include "client/client.h"
#include "http/http.h"
#include "jose/jose.h"
#include "setting.h"
#include "store/client.h"
#include "store/function.h"
#include "store/issuer.h"
#include "store/token.h"
#include "text/text.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_trust_issuer);
PG_FUNCTION_INFO_V1(oauth_distrust_issuer);

#define ARGUMENTS		"text, jsonb"
#define MAX_ISSUER		200
#define MAX_AUDIENCE	2000

static const Oid argument_types[] = {TEXTOID, JSONBOID};

static void
find_function(OAuthApplicationFunction *function)
{
	function->arguments = ARGUMENTS;
	oauth_application_find(function, lengthof(argument_types), argument_types);
	if (function->result_type != TEXTOID)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("function %s.%s cannot return a subject", function->schema,
						function->name),
				 errhint("It must return text: the subject, or null for somebody who is nobody "
						 "here.")));
}

/* ---- what holds for a JWT ---- */

/* The keys of the issuer, as those of a client are kept: oauth_client_verify() looks at no more. */
OAuthClient *
oauth_issuer_keys(const OAuthTrustedIssuer *issuer)
{
	OAuthClient *signer = palloc0(sizeof(OAuthClient));

	signer->jwks = issuer->jwks;
	signer->jwks_uri = unconstify(char *, issuer->jwks_uri);
	return signer;
}

/* Nobody calls the function: neither the subject nor the client is the identity in it. */
static const char *
ask_function(OAuthTrustedIssuer *issuer, Jsonb *claims)
{
	NullableDatum arguments[] = {
		{.value = CStringGetTextDatum(issuer->issuer)},
		{.value = JsonbPGetDatum(claims)}
	};
	OAuthIdentity hidden;
	Datum		result;
	bool		is_null;

	find_function(&issuer->function);
	hidden = oauth_identity_hide();
	result = oauth_application_call(&issuer->function, lengthof(arguments), arguments, &is_null);
	oauth_identity_restore(&hidden);
	return is_null ? NULL : TextDatumGetCString(result);
}

/*
 * Who the sub of that issuer is here; NULL: nobody.  Where a function of the application decides,
 * the caller is on the lane for that.
 */
const char *
oauth_issuer_subject(OAuthTrustedIssuer *issuer, const char *sub, Jsonb *claims)
{
	const char *subject = issuer->function.name != NULL ? ask_function(issuer, claims) :
		psprintf("%s|%s", issuer->issuer, sub);

	return subject != NULL && oauth_is_subject(subject) ? subject : NULL;
}

/* ---- SQL ---- */

pg_noreturn static void
refuse(const char *problem, const char *hint)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s", problem),
					errhint("%s", hint)));
}

/* Whether it is printable ASCII without spaces, and without what cannot be quoted in JSON. */
static bool
is_name(const char *text, size_t max)
{
	size_t		length = strlen(text);

	for (const char *c = text; *c; c++)
		if ((unsigned char) *c <= ' ' || (unsigned char) *c >= 0x7F || *c == '"' || *c == '\\')
			return false;
	return length > 0 && length <= max;
}

static const char *
issuer_argument(FunctionCallInfo fcinfo)
{
	const char *issuer = oauth_argument(fcinfo, 0, "issuer");

	if (!is_name(issuer, MAX_ISSUER) || strchr(issuer, '|') != NULL)
		refuse("issuer must be 1 to 200 printable ASCII characters without spaces, quotation "
			   "marks, backslashes and vertical bars",
			   "It is the iss of the JWTs, exactly, for example 'https://login.example.com'.");
	if (oauth_setting_issuer != NULL && strcmp(issuer, oauth_setting_issuer) == 0)
		refuse("issuer is oauth.issuer, this provider itself",
			   "What was issued here is exchanged without it (RFC 8693); a JWT that was signed "
			   "here is no grant here.");
	return issuer;
}

/* Refuses keys that cannot verify anything, and those that must stay secret. */
static void
check_keys(Jsonb *jwks)
{
	const char *problem = oauth_jwk_set_problem(jwks);

	if (problem != NULL)
		refuse(psprintf("jwks: %s", problem),
			   "Give the public keys of the issuer, as its jwks_uri answers them: {\"keys\": "
			   "[...]}.");
}

static void
read_keys(FunctionCallInfo fcinfo, OAuthTrustedIssuer *issuer)
{
	const char *why_not;

	if (oauth_argument_is_null(fcinfo, 1) == oauth_argument_is_null(fcinfo, 2))
		refuse("an issuer has jwks or jwks_uri",
			   "Give one of them: its public keys, or the URL that it publishes them at.");
	if (!oauth_argument_is_null(fcinfo, 1))
	{
		issuer->jwks = oauth_jsonb_argument(fcinfo, 1, "jwks");
		check_keys(issuer->jwks);
		return;
	}
	issuer->jwks_uri = oauth_argument(fcinfo, 2, "jwks_uri");
	if ((why_not = oauth_server_uri_why_not(issuer->jwks_uri)) != NULL)
		refuse(psprintf("jwks_uri %s", why_not),
			   "It is the member jwks_uri of the issuer's /.well-known/openid-configuration.");
}

static void
read_function(FunctionCallInfo fcinfo, OAuthTrustedIssuer *issuer)
{
	const char *given = oauth_optional_argument(fcinfo, 3);

	if (given == NULL)
		return;
	oauth_application_parse(given, ARGUMENTS, &issuer->function);
	find_function(&issuer->function);
	oauth_application_check_owner(&issuer->function);
}

static void
read_audience(FunctionCallInfo fcinfo, OAuthTrustedIssuer *issuer)
{
	issuer->audience = oauth_optional_argument(fcinfo, 4);
	if (issuer->audience != NULL && !is_name(issuer->audience, MAX_AUDIENCE))
		refuse("audience must be printable ASCII without spaces, quotation marks and backslashes",
			   "It is what the issuer calls this provider in aud; NULL stands for oauth.issuer.");
}

/* Refuses a caller who does not own the function that says who somebody is, which would go. */
static void
check_caller_may_replace(const char *name)
{
	OAuthTrustedIssuer *now;

	oauth_store_hold_trusted_issuers();
	now = oauth_store_find_trusted_issuer(name);
	if (now == NULL || now->function.name == NULL)
		return;
	now->function.arguments = ARGUMENTS;
	if (!oauth_application_caller_owns(&now->function, lengthof(argument_types), argument_types))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("%s.%s says who the subjects of that issuer are, and you do not own "
							   "it", now->function.schema, now->function.name),
						errhint("Let its owner, or a superuser, call this.")));
}

/*
 * oauth_trust_issuer(issuer text, jwks jsonb, jwks_uri text, subject_function text, audience text)
 */
Datum
oauth_trust_issuer(PG_FUNCTION_ARGS)
{
	OAuthTrustedIssuer issuer = {0};

	oauth_application_refuse_restricted("oauth_trust_issuer()");
	issuer.issuer = issuer_argument(fcinfo);
	check_caller_may_replace(issuer.issuer);
	read_keys(fcinfo, &issuer);
	read_function(fcinfo, &issuer);
	read_audience(fcinfo, &issuer);
	oauth_store_trust_issuer(&issuer);
	oauth_event_configured(NULL, NULL, psprintf("issuer %s is trusted", issuer.issuer));
	PG_RETURN_VOID();
}

/*
 * oauth_distrust_issuer(issuer text, end_tokens boolean DEFAULT true) RETURNS boolean
 *
 * A request that takes a JWT of the issuer meanwhile holds its row, so the tokens are there when
 * the row is gone.
 */
Datum
oauth_distrust_issuer(PG_FUNCTION_ARGS)
{
	const char *issuer = oauth_argument(fcinfo, 0, "issuer");
	bool		ends_tokens = oauth_argument_is_null(fcinfo, 1) || PG_GETARG_BOOL(1);
	const char *detail = psprintf("issuer %s is trusted no longer", issuer);
	bool		was_trusted;

	oauth_application_refuse_restricted("oauth_distrust_issuer()");
	check_caller_may_replace(issuer);
	was_trusted = oauth_store_distrust_issuer(issuer);
	if (ends_tokens)
		detail = psprintf("%s: " INT64_FORMAT " grants ended", detail,
						  oauth_store_end_grants_of_issuer(issuer, "issuer is trusted no longer"));
	if (was_trusted)
		oauth_event_configured(NULL, NULL, detail);
	PG_RETURN_BOOL(was_trusted);
}
