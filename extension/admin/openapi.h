/*
 * openapi.h
 *		The parts of the description at /openapi.json.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_OPENAPI_H
#define OAUTH_OPENAPI_H

#include "admin/admin.h"

/* ---- openapi_operation.c ---- */

extern void oauth_openapi_operation(StringInfo item, const OAuthEndpoint *endpoint,
									const OAuthOperation *operation, const char *path,
									const char *method);
extern void oauth_openapi_head(StringInfo item, const OAuthEndpoint *endpoint,
							   const OAuthOperation *operation, const char *path);
extern void oauth_openapi_options(StringInfo item, const OAuthEndpoint *endpoint,
								  const char *path);

/* ---- openapi_parameter.c ---- */

extern void oauth_openapi_parameter(StringInfo parameter, const char *name, const char *example);
extern void oauth_openapi_property(StringInfo properties, const char *name);

/* ---- openapi_schema.c ---- */

extern const char *oauth_openapi_media_type(const char *schema);
extern char *oauth_openapi_components(void);

/* ---- openapi_shim.c ---- */

extern const OAuthEndpoint oauth_openapi_of_shim;

#endif							/* OAUTH_OPENAPI_H */
