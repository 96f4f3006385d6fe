/*
 * actor.c
 *		Who acts for a subject: the claims act and may_act (RFC 8693, sections 4.1 and 4.4).
 *
 * "claims within the "act" claim pertain only to the identity of the actor [...].  Consequently,
 * non-identity claims (e.g., "exp", "nbf", and "aud") are not meaningful when used within an "act"
 * claim and are therefore not used."  What says who an actor is are iss, sub and client_id; others
 * are left out.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"
#include "jose/jose.h"
#include "oauth2/trusted_jwt.h"

#define MAX_ACTORS	10			/* one behind the other */

/* What the claim of that name says, an object; NULL: there is none, or it is something else. */
static Jsonb *
object_of(Jsonb *claims, const char *name)
{
	JsonbValue *found = oauth_jwt_claim(claims, name);

	return found != NULL && found->type == jbvBinary &&
		JsonContainerIsObject(found->val.binary.data) ? JsonbValueToJsonb(found) : NULL;
}

/* Appends the members that say who an actor is; false if one of them is no text, or all lack. */
static bool
append_identity(StringInfo json, Jsonb *actor)
{
	static const char *const names[] = {"iss", "sub", "client_id"};
	int			start = json->len;

	for (size_t i = 0; i < lengthof(names); i++)
	{
		const char *value = oauth_jwt_text(actor, names[i]);

		if (value != NULL)
			oauth_json_member(json, names[i], value);
		else if (oauth_jwt_has(actor, names[i]))
			return false;
	}
	return json->len > start;
}

/*
 * The actors of the claim act, as JSON: "A chain of delegation can be expressed by nesting one
 * "act" claim within another."  *act is NULL if nobody acts.  Returns what is wrong with the claim.
 */
const char *
oauth2_actor_of(Jsonb *claims, const char **act)
{
	StringInfoData json;
	int			n = 0;
	Jsonb	   *actor = claims;

	*act = NULL;
	if (!oauth_jwt_has(claims, "act"))
		return NULL;
	initStringInfo(&json);
	while (oauth_jwt_has(actor, "act"))
	{
		appendStringInfoString(&json, n > 0 ? ", \"act\": {" : "{");
		if (++n > MAX_ACTORS)
			return "more than 10 actors stand behind each other.";
		if ((actor = object_of(actor, "act")) == NULL || !append_identity(&json, actor))
			return "its act does not say who acts (RFC 8693, section 4.1).";
	}
	while (n-- > 0)
		appendStringInfoChar(&json, '}');
	*act = json.data;
	return NULL;
}
