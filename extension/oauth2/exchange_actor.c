/*
 * exchange_actor.c
 *		Who acts with the token that an exchange brings: act, and what may_act allows (RFC 8693,
 *		sections 4.1 and 4.4).
 *
 * A client has this grant from an administrator, so it may act for the subjects of its own tokens,
 * and let somebody act whose token it has.  Where the subject's token says who may act, nobody else
 * may: the actor, and without one the client itself.
 *
 * Without an actor the new token says of nobody that he acts (impersonation, section 1.1).  Who
 * acted already is kept: otherwise an exchange would make the subject's own token of a delegated
 * one.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "http/http.h"
#include "jose/jose.h"
#include "oauth2/exchange.h"
#include "setting.h"

#include "utils/fmgrprotos.h"

static Jsonb *
may_act_of(const OAuth2Party *subject)
{
	JsonbValue *found = subject->claims ? oauth_jwt_claim(subject->claims, "may_act") : NULL;

	return found ? JsonbValueToJsonb(found) : NULL;
}

/* Whether the claim is that text, or is not there; *said: it is. */
static bool
agrees(Jsonb *may_act, const char *name, const char *is, bool *said)
{
	const char *wanted = oauth_jwt_text(may_act, name);

	if (!oauth_jwt_has(may_act, name))
		return true;
	*said = true;
	return wanted != NULL && is != NULL && strcmp(wanted, is) == 0;
}

/*
 * "The may_act claim makes a statement that one party is authorized to become the actor and act on
 * behalf of another party."  It must say who: by sub, or by client_id.
 */
static bool
is_allowed(Jsonb *may_act, const OAuth2Party *actor)
{
	const char *iss = actor->iss ? actor->iss : oauth_setting_issuer;
	bool		says_iss = false;
	bool		says_who = false;

	return JB_ROOT_IS_OBJECT(may_act) && agrees(may_act, "iss", iss, &says_iss) &&
		agrees(may_act, "sub", actor->sub, &says_who) &&
		agrees(may_act, "client_id", actor->client_id, &says_who) && says_who &&
		(says_iss || actor->iss == NULL);
}

/* {"sub": ..., "act": those who acted before} */
static char *
chain(const OAuth2Party *actor, const char *before)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoString(&json, "{\"act\": {");
	if (actor->iss != NULL)
		oauth_json_member(&json, "iss", actor->iss);
	oauth_json_member(&json, "sub", actor->sub);
	oauth_json_raw(&json, "act", before);
	appendStringInfoString(&json, "}}");
	return json.data;
}

static Jsonb *
jsonb_of(const char *json)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(json)));
}

/* Who acts with the new token, JSON; NULL: nobody.  actor NULL: none was sent. */
OAuthFault *
oauth2_exchange_act(const OAuth2Exchange *exchange, const OAuth2Party *subject,
					const OAuth2Party *actor, const char **act)
{
	const char *client_id = exchange->request->client->client_id;
	OAuth2Party client = {.sub = client_id, .client_id = client_id};
	Jsonb	   *may_act = may_act_of(subject);
	const char *problem;

	*act = subject->act;
	if (may_act != NULL && !is_allowed(may_act, actor ? actor : &client))
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "The may_act of the subject_token names somebody else.");
	if (actor == NULL)
		return NULL;
	if (actor->act != NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "The actor_token is one with which somebody else acts.");
	problem = oauth2_actor_of(jsonb_of(chain(actor, subject->act)), act);
	return problem ? oauth_fault(OAUTH_INVALID_REQUEST,
								 psprintf("The actor_token is not accepted: %s", problem)) : NULL;
}
