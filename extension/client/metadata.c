/*
 * metadata.c
 *		Client metadata as JSON (RFC 7591, section 2 in, section 3.2.1 out): the members, one a row.
 *
 * "The authorization server MUST ignore any client metadata sent by the client that it does not
 * understand."
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "client/member.h"
#include "http/http.h"
#include "store/client.h"
#include "text/text.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

static OAuthFault *read_response_types(const OAuthMember *member, OAuthMetadata *metadata);
static void write_response_types(StringInfo json, const OAuthMember *member,
								 const OAuthClient *client);

static const OAuthMemberKind oauth_member_response_types = {read_response_types,
write_response_types};

/* A member of the client that has the name of its field. */
#define FIELD(field, of_kind) \
	.name = #field, .offset = offsetof(OAuthClient, field), .kind = &oauth_member_##of_kind

/* A member that is kept as it came. */
#define SHOWN(member, of_kind)	.name = member, .kind = &oauth_member_##of_kind

/*
 * The members, in the order in which they are read: what a member may be depends on those before
 * it.
 */
static const OAuthMember members[] = {
	{FIELD(client_name, text), .when_null = "Unnamed client"},
	{FIELD(redirect_uris, list)},
	{FIELD(grant_types, list), .when_null = OAUTH_GRANT_AUTHORIZATION_CODE},
	{.name = "response_types", .kind = &oauth_member_response_types},
	{FIELD(scope, text)},
	{FIELD(token_endpoint_auth_method, text), .when_null = "client_secret_basic"},
	{FIELD(require_pkce, flag)},
	{FIELD(cors_origins, optional_list)},
	{FIELD(access_token_lifetime, seconds), .is_for_administrators = true},
	{FIELD(refresh_token_lifetime, seconds), .is_for_administrators = true},
	{.name = "jwks", .kind = &oauth_member_keys},
	{FIELD(jwks_uri, keys_uri)},
	{FIELD(signature_methods, optional_list), .is_for_administrators = true},
	{FIELD(application_type, choice), .choices = "web native", .usual = "web"},
	{FIELD(subject_type, choice), .choices = "public pairwise", .usual = "public"},
	{FIELD(sector_identifier_uri, server_uri)},
	{FIELD(id_token_signed_response_alg, algorithm), .usual = "RS256"},
	{FIELD(id_token_lifetime, seconds), .most = SECS_PER_DAY},
	{FIELD(claims_in_id_token, flag)},
	{FIELD(userinfo_signed_response_alg, algorithm)},
	{FIELD(request_object_signing_alg, algorithm)},
	{FIELD(token_endpoint_auth_signing_alg, algorithm), .may_be_secret = true},
	{FIELD(access_token_format, choice), .choices = "opaque jwt", .usual = "opaque"},
	{FIELD(default_max_age, age)},
	{FIELD(require_auth_time, flag)},
	{FIELD(default_acr_values, words_asked)},
	{FIELD(initiate_login_uri, https_uri)},
	{FIELD(post_logout_redirect_uris, optional_list)},
	{FIELD(backchannel_logout_uri, server_uri)},
	{FIELD(backchannel_logout_session_required, flag)},
	{FIELD(dpop_bound_access_tokens, flag)},
	{FIELD(tls_client_certificate_bound_access_tokens, flag)},
	{FIELD(tls_client_auth_subject_dn, text)},
	{FIELD(tls_client_auth_san_dns, text)},
	{FIELD(tls_client_auth_san_uri, text)},
	{FIELD(tls_client_auth_san_ip, text)},
	{FIELD(tls_client_auth_san_email, text)},
	{FIELD(require_pushed_authorization_requests, flag)},
	{FIELD(require_signed_request_object, flag)},
	{FIELD(authorization_signed_response_alg, algorithm)},
	{FIELD(introspection_signed_response_alg, algorithm)},
	{FIELD(authorization_details_types, words_asked)},
	{FIELD(omit_issue_events, flag), .is_for_administrators = true},
	{FIELD(profile, choice), .is_for_administrators = true,
	.choices = "fapi2 fapi2_message_signing"},
	{SHOWN("client_uri", page)},
	{SHOWN("logo_uri", page)},
	{SHOWN("tos_uri", page)},
	{SHOWN("policy_uri", page)},
	{SHOWN("contacts", words_list)},
	{SHOWN("software_id", words)},
	{SHOWN("software_version", words)},
};

/* Refuses members for what this server does not do, so that nobody relies on it. */
static const char *const encryption[] = {
	"id_token_encrypted_response_alg", "id_token_encrypted_response_enc",
	"userinfo_encrypted_response_alg", "userinfo_encrypted_response_enc",
	"request_object_encryption_alg", "request_object_encryption_enc",
	"authorization_encrypted_response_alg", "authorization_encrypted_response_enc",
	"introspection_encrypted_response_alg", "introspection_encrypted_response_enc"
};

/* The names of the members, one after the other; NULL after the last. */
const char *
oauth_client_metadata_member(size_t n)
{
	return n < lengthof(members) ? members[n].name : NULL;
}

/*
 * "response_types" follow from the grant types here (the table of section 2.1); values that
 * contradict them are refused.  For a client that speaks for itself they are only noted.
 */
static OAuthFault *
read_response_types(const OAuthMember *member, OAuthMetadata *metadata)
{
	List	  **types = &metadata->response_types;
	ListCell   *cell;
	OAuthFault *fault = oauth_member_read_list(metadata->json, member->name, NULL, types);

	if (fault != NULL || metadata->is_own)
		return fault;
	foreach(cell, *types)
		if (strcmp(lfirst(cell), "code") != 0)
			return oauth_bad_member("response_types", "code, the only one this server has");
	if (*types != NIL && !oauth_client_may(metadata->client, OAUTH_GRANT_AUTHORIZATION_CODE))
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
						   "response_types code needs the grant type authorization_code.");
	return NULL;
}

static void
write_response_types(StringInfo json, const OAuthMember *member, const OAuthClient *client)
{
	if (oauth_client_may(client, OAUTH_GRANT_AUTHORIZATION_CODE))
		oauth_member_write_list(json, member->name, list_make1("code"));
}

/* The defaults of a registration. */
void
oauth_client_metadata_defaults(OAuthClient *client)
{
	client->client_name = pstrdup("Unnamed client");
	client->token_endpoint_auth_method = pstrdup("client_secret_basic");
	client->grant_types = list_make1(pstrdup(OAUTH_GRANT_AUTHORIZATION_CODE));
	client->default_max_age = OAUTH_NO_MAX_AGE;
	client->metadata = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum("{}")));
}

static OAuthFault *
refuse_encryption(Jsonb *json)
{
	for (size_t i = 0; i < lengthof(encryption); i++)
	{
		JsonbValue *found = oauth_member_value(json, encryption[i]);

		if (found != NULL && found->type != jbvNull)
			return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
							   psprintf("%s cannot be had: this server does not encrypt.",
										encryption[i]));
	}
	return NULL;
}

static OAuthFault *
read_members(OAuthMetadata *metadata)
{
	OAuthClient *client = metadata->client;
	OAuthFault *fault;

	if (!JB_ROOT_IS_OBJECT(metadata->json))
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA, "Client metadata is a JSON object.");
	for (size_t i = 0; i < lengthof(members); i++)
	{
		if (metadata->is_own && members[i].is_for_administrators)
			continue;
		if ((fault = members[i].kind->read(&members[i], metadata)) != NULL)
			return fault;
	}
	client->is_public = client->token_endpoint_auth_method != NULL &&
		strcmp(client->token_endpoint_auth_method, "none") == 0;
	fault = refuse_encryption(metadata->json);
	return fault ? fault : oauth_members_read_tagged(metadata);
}

/* Puts the given members into the client; each of them must be valid. */
OAuthFault *
oauth_client_metadata_read(Jsonb *json, OAuthClient *client)
{
	OAuthMetadata metadata = {json, client, false, NIL};

	return read_members(&metadata);
}

/* The object with null for each member that it lacks. */
static Jsonb *
with_nulls(Jsonb *json)
{
	JsonbParseState *state = NULL;
	JsonbValue	null = {.type = jbvNull};
	Jsonb	   *nulls;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (size_t i = 0; i < lengthof(members); i++)
	{
		JsonbValue	name = {.type = jbvString};

		name.val.string.val = unconstify(char *, members[i].name);
		name.val.string.len = strlen(members[i].name);
		pushJsonbValue(&state, WJB_KEY, &name);
		pushJsonbValue(&state, WJB_VALUE, &null);
	}
	nulls = JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
	return DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(nulls),
											  JsonbPGetDatum(json)));
}

/*
 * The same for a client that speaks for itself: what it cannot have anyway is not read, and what
 * cannot be shown is left out.  *response_types are those that it wants, NIL if it does not say.
 *
 * "omitted fields [...] MUST be treated as null or empty values" (RFC 7592, section 2.2).
 *
 * The default of token_endpoint_auth_method is client_secret_basic, and that is what the answer
 * says.  But libraries that say nothing of it when they register then send the secret in the body;
 * so only a client that names a method is held to it.
 */
OAuthFault *
oauth_client_metadata_read_own(Jsonb *json, OAuthClient *client, List **response_types)
{
	OAuthMetadata metadata = {json, client, true, NIL};
	OAuthFault *fault;
	JsonbValue *method;

	if (JB_ROOT_IS_OBJECT(json))
		metadata.json = with_nulls(json);
	if ((fault = read_members(&metadata)) != NULL)
		return fault;
	*response_types = metadata.response_types;
	method = oauth_member_value(json, "token_endpoint_auth_method");
	if (method == NULL || method->type == jbvNull)
		client->token_endpoint_auth_method = NULL;
	return NULL;
}

/* The values in force where the client's own fields say nothing. */
static OAuthClient
in_force(const OAuthClient *client)
{
	OAuthClient whole = *client;
	const char *scope = oauth_client_scope(client);

	whole.scope = scope[0] != '\0' ? pstrdup(scope) : NULL;
	whole.application_type = pstrdup(oauth_application_type(client));
	return whole;
}

/*
 * Client information, section 3.2.1.  secret NULL: one that is not shown, or a public client's.
 *
 * "client_secret_expires_at: REQUIRED if "client_secret" is issued. [...] 0 if it will not expire."
 */
Datum
oauth_client_metadata_write(const OAuthClient *client, const char *secret)
{
	OAuthClient whole = in_force(client);
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	oauth_json_member(&json, "client_id", client->client_id);
	oauth_json_number(&json, "client_id_issued_at", timestamptz_to_time_t(client->created_at));
	if (secret != NULL)
	{
		oauth_json_member(&json, "client_secret", secret);
		oauth_json_number(&json, "client_secret_expires_at", 0);
	}
	for (size_t i = 0; i < lengthof(members); i++)
		members[i].kind->write(&json, &members[i], &whole);
	oauth_members_write_tagged(&json, client);
	appendStringInfoChar(&json, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}
