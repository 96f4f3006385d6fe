/*
 * functions.c
 *		What the application says of a login, or of a decision, that it takes over (handoff.c): the
 *		SQL functions.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "page/page.h"
#include "store/client.h"
#include "store/consent.h"
#include "store/request.h"
#include "text/text.h"
#include "token/token.h"
#include "user/user.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_login_request);
PG_FUNCTION_INFO_V1(oauth_accept_login);
PG_FUNCTION_INFO_V1(oauth_accept_consent);
PG_FUNCTION_INFO_V1(oauth_deny);

#define MAX_METHODS 20

/* The login request, undecided.  Raises 42704 if there is none, 55000 if it is over. */
static OAuthLoginRequest *
waiting_request(FunctionCallInfo fcinfo)
{
	char	   *string = oauth_argument(fcinfo, 0, "handle");
	OAuthTokenString parsed;
	OAuthLoginRequest *login = NULL;

	if (oauth_token_parse(string, strlen(string), OAUTH_LOGIN_REQUEST, &parsed))
		login = oauth_store_find_login_request(&parsed, false);
	if (login == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("there is no login request of that handle"),
						errhint("The handle is the parameter request of the address that the "
								"browser arrived with.")));
	if (login->is_used || login->is_denied || login->accepted_scope != NULL ||
		login->expires_at <= GetCurrentTimestamp())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the login request has been decided, or has expired"),
				 errhint("Send the browser back to the client, which begins again.")));
	return login;
}

/* Another session decided between two statements of this one. */
static void
raise_decided(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("another session has decided the login request")));
}

/* The address for the browser to go on to; it ends the verifiers of earlier calls. */
static Datum
address_back(const OAuthLoginRequest *login)
{
	char	   *verifier = oauth_random_token(OAUTH_LOGIN_VERIFIER, login->handle);

	oauth_store_set_login_verifier(login->handle, verifier);
	return CStringGetTextDatum(psprintf("%s/login?verifier=%s", oauth_issuer(), verifier));
}

/*
 * The claims parameter of the request, which was checked before it came here; NULL if it has none,
 * or if no client asks.
 */
static const char *
claims_of(const OAuthLoginRequest *login)
{
	OAuthParams query;
	const char *claims;

	if (login->scope == NULL)
		return NULL;
	oauth_flow_parameters(login->address, &query);
	claims = oauth_page_parameter(&query, "claims");
	return claims[0] != '\0' ? claims : NULL;
}

/*
 * oauth_login_request(handle text)
 *		RETURNS TABLE (client_id text, client_name text, scope text, subject text, login_hint text,
 *		ui_locales text, expires_at timestamptz, acr_values text, max_age integer, prompt text,
 *		claims jsonb, authorization_details jsonb)
 */
Datum
oauth_login_request(PG_FUNCTION_ARGS)
{
	OAuthLoginRequest *login = waiting_request(fcinfo);
	OAuthClient *client = login->client_id ? oauth_store_find_client(login->client_id, NULL) : NULL;
	OAuthParams query;
	const char *texts[6];
	OAuthResult row = {0};

	oauth_flow_parameters(login->address, &query);
	texts[0] = login->client_id;
	texts[1] = client ? oauth_readable_name(client->client_name, client->client_id) : NULL;
	texts[2] = login->scope;
	texts[3] = login->subject;
	texts[4] = oauth_page_parameter(&query, "login_hint");
	texts[5] = oauth_page_parameter(&query, "ui_locales");
	for (int i = 0; i < 6; i++)
	{
		/* the query of the address can say anything */
		if (texts[i] != NULL &&
			(texts[i][0] == '\0' || (i >= 4 && !oauth_is_plain(texts[i], OAUTH_MAX_SUBJECT))))
			texts[i] = NULL;
		oauth_row_text(&row, texts[i]);
	}
	oauth_row_timestamp(&row, login->expires_at);
	oauth_row_text(&row, login->acr_values);
	if (login->max_age == OAUTH_NO_MAX_AGE)
		oauth_row_null(&row);
	else
		oauth_row_int32(&row, login->max_age);
	oauth_row_text(&row, login->prompt);
	if (claims_of(login) == NULL)
		oauth_row_null(&row);
	else
		oauth_row_value(&row, DirectFunctionCall1(jsonb_in, CStringGetDatum(claims_of(login))));
	if (login->authorization_details == NULL)
		oauth_row_null(&row);
	else
		oauth_row_value(&row, DirectFunctionCall1(jsonb_in,
												  CStringGetDatum(login->authorization_details)));
	return oauth_row_return(fcinfo, &row);
}

/* acr: one word, which goes into tokens as it is. */
static char *
acr_argument(FunctionCallInfo fcinfo, int n)
{
	char	   *acr = oauth_optional_argument(fcinfo, n);
	List	   *words;

	if (acr != NULL && (oauth2_scope_parse(acr, &words) != NULL || list_length(words) != 1 ||
						strcmp(linitial(words), acr) != 0))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("acr is not a plain word"),
						errhint("It is one name without spaces, such as urn:oauth:acr:pwd.")));
	return acr;
}

/* amr: the names of methods (RFC 8176, section 2), space-separated; NULL for none. */
static char *
amr_argument(FunctionCallInfo fcinfo, int n)
{
	List	   *methods = oauth_argument_is_null(fcinfo, n) ? NIL :
		oauth_list_argument(fcinfo, n, "amr");
	List	   *words;
	ListCell   *cell;

	if (methods == NIL)
		return NULL;
	foreach(cell, methods)
		if (oauth2_scope_parse(lfirst(cell), &words) != NULL || list_length(words) != 1 ||
			strcmp(linitial(words), lfirst(cell)) != 0)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("amr has an element that is not a plain word"),
							errhint("It lists names of methods: amr => '{pwd,otp}'.")));
	if (list_length(methods) > MAX_METHODS)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("amr has more than %d elements", MAX_METHODS),
						errhint("It lists the methods of this login only.")));
	return oauth_words_join(methods);
}

/* auth_time: now for null. */
static TimestampTz
auth_time_argument(FunctionCallInfo fcinfo, int n)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz at = oauth_argument_is_null(fcinfo, n) ? now : PG_GETARG_TIMESTAMPTZ(n);

	if (at > now)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("auth_time is in the future"),
						errhint("It is when the user logged in, by the clock of the database: "
								"leave it out for now.")));
	if (TIMESTAMP_NOT_FINITE(at) || timestamptz_to_time_t(at) <= 0)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("auth_time is before 1970"),
						errhint("It is when the user logged in: leave it out for now.")));
	return at;
}

/*
 * oauth_accept_login(handle text, subject text, acr text, amr text[], auth_time timestamptz,
 *		session_lifetime interval) RETURNS text: the address
 */
Datum
oauth_accept_login(PG_FUNCTION_ARGS)
{
	OAuthLoginRequest *login = waiting_request(fcinfo);
	char	   *subject = oauth_argument(fcinfo, 1, "subject");

	if (login->subject != NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("the user of this login request is known already"),
						errhint("SELECT oauth_accept_consent(...) or oauth_deny(...) decides what "
								"the client may.")));
	login->subject = subject;
	login->authentication.acr = acr_argument(fcinfo, 2);
	login->authentication.amr = amr_argument(fcinfo, 3);
	login->authentication.at = auth_time_argument(fcinfo, 4);
	login->authentication.session_lifetime = oauth_seconds_argument(fcinfo, 5, "session_lifetime");
	oauth_use_subject(subject);
	if (!oauth_store_accept_login(login))
		raise_decided();
	PG_RETURN_DATUM(address_back(login));
}

/* The scope that the client asked for, or the part of it that is accepted. */
static const char *
accepted_scope(const OAuthLoginRequest *login, char *scope)
{
	List	   *words;
	OAuthFault *fault;

	if (scope == NULL)
		return login->scope;
	if ((fault = oauth2_scope_parse(scope, &words)) != NULL)
		oauth_fault_raise(fault, NULL);
	scope = oauth_words_join(words);
	fault = oauth2_scope_refuse(OAUTH_INVALID_SCOPE, login->scope, scope,
								"The client did not ask for this");
	if (fault != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the scope is not within what the client asked for"),
						errdetail("%s", fault->description),
						errhint("It asked for \"%s\". SELECT oauth_deny(...) refuses all of it.",
								login->scope)));
	return scope;
}

/*
 * The authorization details that are accepted, as the functions of the application grant them;
 * NULL: none.  Argument 3: some of those that the client asked for, null for all, [] for none.
 *
 * Where somebody had logged in before, the functions have been asked, and what is accepted is some
 * of what they granted.
 */
static const char *
accepted_details(FunctionCallInfo fcinfo, const OAuthLoginRequest *login)
{
	const char *details = NULL;
	OAuthClient *client = oauth_store_find_client(login->client_id, NULL);
	OAuthFault *fault;

	if (!oauth_argument_is_null(fcinfo, 3))
	{
		Jsonb	   *given = PG_GETARG_JSONB_P(3);

		if (JB_ROOT_IS_ARRAY(given) && JB_ROOT_COUNT(given) == 0)
			return NULL;
		details = JsonbToCString(NULL, &given->root, VARSIZE(given));
	}
	fault = oauth_details_narrow(login->authorization_details, &details);
	if (fault == NULL && login->is_login && client != NULL)
		fault = oauth_details_decide(client, login->subject, &details);
	if (fault != NULL)
		oauth_fault_raise(fault, "SELECT authorization_details FROM oauth_login_request(...) says "
						  "what the client asked for; [] accepts none of it.");
	return details;
}

/*
 * oauth_accept_consent(handle text, scope text, remember boolean, authorization_details jsonb)
 *		RETURNS text: the address
 */
Datum
oauth_accept_consent(PG_FUNCTION_ARGS)
{
	OAuthLoginRequest *login = waiting_request(fcinfo);
	OAuthKeptConsent kept = {0};
	const char *claims = claims_of(login);

	if (login->subject == NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("nobody has logged in for this request yet"),
						errhint("SELECT oauth_accept_login(handle, subject) first, in the same "
								"transaction if you like.")));
	if (login->scope == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("no client asks for consent in this request"),
				 errhint("Send the browser to the address that oauth_accept_login returned.")));
	kept.scope = accepted_scope(login, oauth_optional_argument(fcinfo, 1));
	kept.authorization_details = accepted_details(fcinfo, login);
	if (!oauth_store_accept_consent(login->handle, kept.scope, kept.authorization_details))
		raise_decided();
	if (!oauth_words_include(kept.scope, login->scope))
		claims = oauth_claims_narrow(claims, kept.scope);
	kept.claims = oauth_claims_asked(claims, kept.scope);
	if (oauth_flag_argument(fcinfo, 2))
		oauth_store_keep_consent(login->subject, login->client_id, &kept);
	PG_RETURN_DATUM(address_back(login));
}

/* oauth_deny(handle text) RETURNS text: the address */
Datum
oauth_deny(PG_FUNCTION_ARGS)
{
	OAuthLoginRequest *login = waiting_request(fcinfo);

	if (!oauth_store_deny_login_request(login->handle))
		raise_decided();
	PG_RETURN_DATUM(address_back(login));
}
