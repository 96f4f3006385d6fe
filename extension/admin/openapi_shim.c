/*
 * openapi_shim.c
 *		What the shim answers by itself (shim/own.c), for the description at /openapi.json.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/openapi.h"

static const OAuthOperation operations[] = {
	{
		.at = "/healthz",
		.summary = "The shim lives",
		.answers = "200:Text"
	},
	{
		.at = "/readyz",
		.summary = "Every lane of the shim has a connection to the database; 503 where not",
		.answers = "200:Text 503:Error"
	},
	{
		.at = "/metrics",
		.summary = "Counters for Prometheus",
		.answers = "200:Text"
	},
	{
		.at = "/",
		.summary = "A browser is sent to the page /account; 404 for programs",
		.answers = "303 404:Error"
	},
	{
		.at = "/.well-known/change-password",
		.summary = "Sends to the page /account, for password managers (W3C, A Well-Known URL for "
		"Changing Passwords)",
		.answers = "303"
	},
	{
		.at = "/favicon.ico",
		.summary = "There is no icon",
		.answers = "204"
	},
	{0}
};

/* No endpoint: nothing in the database answers these paths. */
const OAuthEndpoint oauth_openapi_of_shim = {
	.function = "shim",
	.routes = {
		{"/healthz", "GET", OAUTH_CORS_NOBODY},
		{"/readyz", "GET", OAUTH_CORS_NOBODY},
		{"/metrics", "GET", OAUTH_CORS_NOBODY},
		{"/", "GET", OAUTH_CORS_NOBODY},
		{"/.well-known/change-password", "GET", OAUTH_CORS_NOBODY},
		{"/favicon.ico", "GET", OAUTH_CORS_NOBODY}
	},
	.operations = operations
};
