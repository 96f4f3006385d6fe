/*
 * trusted_issuer.c
 *		SQL of oauth.trusted_issuer.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/issuer.h"
#include "store/statement.h"
#include "store/store.h"

#include "utils/fmgroids.h"

enum
{
	ISSUER,
	ISSUER_JWKS,
	ISSUER_JWKS_URI,
	ISSUER_FUNCTION_SCHEMA,
	ISSUER_FUNCTION_NAME,
	ISSUER_AUDIENCE
};
static OAuthTable issuer_table = {
	.name = "trusted_issuer", .equals = F_TEXTEQ,
	.columns = {"issuer", "jwks", "jwks_uri", "function_schema", "function_name", "audience"}
};

static OAuthStatement trust_issuer = {
	.sql = "INSERT INTO oauth.trusted_issuer (issuer, jwks, jwks_uri, function_schema,"
	" function_name, audience) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (issuer) DO UPDATE SET"
	" jwks = excluded.jwks, jwks_uri = excluded.jwks_uri,"
	" function_schema = excluded.function_schema, function_name = excluded.function_name,"
	" audience = excluded.audience",
	.n_arguments = 6, .argument_types = {TEXTOID, JSONBOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID}
};

static OAuthStatement distrust_issuer = {
	.sql = "DELETE FROM oauth.trusted_issuer WHERE issuer = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/* oauth_distrust_issuer() waits until the transaction ends, and then ends what it issued. */
static OAuthStatement hold_issuer = {
	.sql = "SELECT FROM oauth.trusted_issuer WHERE issuer = $1 FOR KEY SHARE",
	.sees_latest = true,
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/* Prevents others from changing it until the transaction ends. */
static OAuthStatement hold_issuers = {
	.sql = "LOCK TABLE oauth.trusted_issuer IN SHARE ROW EXCLUSIVE MODE"
};

static OAuthTrustedIssuer *
read_row(const OAuthRow *row)
{
	OAuthTrustedIssuer *issuer = palloc0(sizeof(OAuthTrustedIssuer));

	issuer->issuer = oauth_store_row_string(row, ISSUER);
	if (!oauth_store_row_is_null(row, ISSUER_JWKS))
		issuer->jwks = DatumGetJsonbPCopy(oauth_store_row_value(row, ISSUER_JWKS));
	issuer->jwks_uri = oauth_store_row_string(row, ISSUER_JWKS_URI);
	issuer->function.schema = oauth_store_row_string(row, ISSUER_FUNCTION_SCHEMA);
	issuer->function.name = oauth_store_row_string(row, ISSUER_FUNCTION_NAME);
	issuer->audience = oauth_store_row_string(row, ISSUER_AUDIENCE);
	return issuer;
}

/* What is known of that issuer; NULL: nobody trusts it. */
OAuthTrustedIssuer *
oauth_store_find_trusted_issuer(const char *name)
{
	OAuthTrustedIssuer *issuer = NULL;
	OAuthRow	row;

	oauth_store_begin_latest();
	if (oauth_store_open_row(&row, &issuer_table, CStringGetTextDatum(name)))
		issuer = read_row(&row);
	oauth_store_close_row(&row);
	oauth_store_end_latest();
	if (issuer != NULL && issuer->function.name != NULL)
		issuer->function.api_schema = oauth_store_api_schema();
	return issuer;
}

void
oauth_store_hold_trusted_issuers(void)
{
	oauth_store_count(&hold_issuers, NULL);
}

/* Holds the trust in that issuer until the transaction ends; false if it has just ended. */
bool
oauth_store_hold_trusted_issuer(const char *name)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, name);
	return oauth_store_count(&hold_issuer, &arguments) > 0;
}

/* Trusts the issuer, or changes how. */
void
oauth_store_trust_issuer(const OAuthTrustedIssuer *issuer)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, issuer->issuer);
	oauth_add_pointer(&arguments, issuer->jwks);
	oauth_add_text(&arguments, issuer->jwks_uri);
	oauth_add_text(&arguments, issuer->function.schema);
	oauth_add_text(&arguments, issuer->function.name);
	oauth_add_text(&arguments, issuer->audience);
	oauth_store_count(&trust_issuer, &arguments);
}

/* False if nobody trusted it. */
bool
oauth_store_distrust_issuer(const char *name)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, name);
	return oauth_store_count(&distrust_issuer, &arguments) > 0;
}
