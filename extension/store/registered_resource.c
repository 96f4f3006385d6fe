/*
 * registered_resource.c
 *		SQL of oauth.registered_resource.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/resource.h"
#include "store/statement.h"

#include "utils/fmgroids.h"

enum
{
	RESOURCE_NORMAL,
	RESOURCE_URI,
	RESOURCE_SCOPE,
	RESOURCE_FORMAT,
	RESOURCE_LIFETIME,
	RESOURCE_ALG
};
static OAuthTable resource_table = {
	.name = "registered_resource", .equals = F_TEXTEQ,
	.columns = {"normal_uri", "resource", "scope", "access_token_format", "access_token_lifetime",
	"signing_alg"}
};

static OAuthStatement register_resource = {
	.sql = "INSERT INTO oauth.registered_resource (normal_uri, resource, scope,"
	" access_token_format, access_token_lifetime, signing_alg)"
	" VALUES ($1, $2, $3, $4, nullif($5, 0), $6) ON CONFLICT (normal_uri) DO UPDATE SET"
	" resource = excluded.resource, scope = excluded.scope,"
	" access_token_format = excluded.access_token_format,"
	" access_token_lifetime = excluded.access_token_lifetime, signing_alg = excluded.signing_alg",
	.n_arguments = 6, .argument_types = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, INT4OID, TEXTOID}
};

static OAuthStatement unregister_resource = {
	.sql = "DELETE FROM oauth.registered_resource WHERE normal_uri = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/* What is registered for a URI in its normal form; NULL: nothing. */
OAuthRegisteredResource *
oauth_store_find_resource(const char *normal_uri)
{
	OAuthRegisteredResource *resource = NULL;
	OAuthRow	row;

	oauth_store_begin_latest();
	if (oauth_store_open_row(&row, &resource_table, CStringGetTextDatum(normal_uri)))
	{
		resource = palloc0(sizeof(OAuthRegisteredResource));
		resource->uri = oauth_store_row_string(&row, RESOURCE_URI);
		resource->scope = oauth_store_row_string(&row, RESOURCE_SCOPE);
		resource->access_token_format = oauth_store_row_string(&row, RESOURCE_FORMAT);
		resource->access_token_lifetime = oauth_store_row_int32(&row, RESOURCE_LIFETIME);
		resource->signing_alg = oauth_store_row_string(&row, RESOURCE_ALG);
	}
	oauth_store_close_row(&row);
	oauth_store_end_latest();
	return resource;
}

/* Registers the resource, or changes what is registered for it. */
void
oauth_store_register_resource(const char *normal_uri, const OAuthRegisteredResource *resource)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, normal_uri);
	oauth_add_text(&arguments, resource->uri);
	oauth_add_text(&arguments, resource->scope);
	oauth_add_text(&arguments, resource->access_token_format);
	oauth_add_int32(&arguments, resource->access_token_lifetime);
	oauth_add_text(&arguments, resource->signing_alg);
	oauth_store_count(&register_resource, &arguments);
}

/* False if nothing was registered for it. */
bool
oauth_store_unregister_resource(const char *normal_uri)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, normal_uri);
	return oauth_store_count(&unregister_resource, &arguments) > 0;
}
