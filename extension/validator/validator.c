/*
 * validator.c
 *		The callback of PostgreSQL 18 that decides whether a token logs in.
 *
 * It runs before a database is chosen: there are no tables.  So the string is hashed here, and the
 * database that oauth.validator_conninfo names is asked for the handle and the hash.  Whatever it
 * says, the server then compares the name with the role (pg_ident.conf).
 *
 * A refusal is a line of the server's log with the reason; the client learns no more than that it
 * was refused, for an ERROR here would reach it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "validator/validator.h"

#include "access/xlog.h"
#include "libpq/oauth.h"
#include "miscadmin.h"

static void validate_for_server(const char *token, const char *role,
								ValidatorModuleResult *result);

/* One line of the log; the hint says what the operator, or the person, can do. */
static void
log_refusal(const char *role, const char *why, const char *hint)
{
	ereport(COMMERROR, (errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
						errmsg("login with a token as role \"%s\" refused: %s", role, why),
						hint ? errhint("%s", hint) : 0));
}

/* What a refusal by oauth.validate_login() means; the words are those of answer.c. */
static const char *
hint_for(const char *refusal)
{
	if (strstr(refusal, "scope \""))
		return "The client asks for the scope of the line of pg_hba.conf, and must be registered "
			"for it.";
	if (strstr(refusal, "dedicated"))
		return "SELECT oauth_register_scope('db', 'Log in to the database'), and scope=\"db\" in "
			"pg_hba.conf.";
	return NULL;
}

/*
 * What can be said before anybody is asked: NULL, or why nobody can log in by this line of
 * pg_hba.conf, or not as this role.
 */
static const char *
refuse_line(const char *role, const char **hint)
{
	const HbaLine *line = MyProcPort->hba;
	const char *power;

	*hint = NULL;
	if (line->oauth_scope == NULL || strspn(line->oauth_scope, " ") == strlen(line->oauth_scope))
	{
		*hint = "Give the line a scope of its own, such as scope=\"db\".";
		return "the line of pg_hba.conf has no scope";
	}
	if (line->oauth_skip_usermap && !oauth_setting_validator_delegation)
	{
		*hint = "Remove it and use map=...; with oauth.validator_delegation = on every token with "
			"the scope logs in as any role of the line.";
		return "the line of pg_hba.conf says delegate_ident_mapping=1";
	}
	if (oauth_setting_validator_conninfo[0] == '\0')
	{
		*hint = "Set oauth.validator_conninfo in postgresql.conf, and reload.";
		return "no database is named that knows the tokens";
	}
	if (!oauth_setting_validator_superuser && (power = oauth_role_is_powerful(role)) != NULL)
	{
		*hint = "Let the map of pg_ident.conf lead to other roles, or set "
			"oauth.validator_superuser = on.";
		return power;
	}
	return NULL;
}

/* The name that the server compares with the role. */
static char *
name_of(const OAuthLoginAnswer *answer)
{
	return oauth_setting_validator_identity == OAUTH_VALIDATOR_USERNAME ? answer->username :
		answer->subject;
}

/*
 * Makes the session that of the token's holder.  It is in the list of sessions before the token is
 * looked at for the last time: who ends the token before sees to it that it is refused here, and
 * who ends it later finds the session in the list.  Where another server was asked, whose databases
 * may have the oids of ours, the session is nobody's in all of them.
 */
static OAuthLoginAnswer *
begin_session(OAuthQuestion *question, const OAuthTokenString *token, const char *role,
			  const OAuthLoginAnswer *answer, const char **problem)
{
	OAuthLoginAnswer *again;
	bool		is_here = answer->system == GetSystemIdentifier();

	if (is_here)
		oauth_slot_take(token, answer, role);
	again = oauth_question_ask(question, token, MyProcPort->hba->oauth_scope, problem);
	if (is_here && again != NULL && again->refusal == NULL)
		oauth_identity_log_in(token, again->database);
	return again;
}

/* Asks about the token; the answer is NULL if there is none, and *problem says why. */
static OAuthLoginAnswer *
ask(const OAuthTokenString *token, const char *role, const char **problem)
{
	OAuthQuestion *question = oauth_question_begin(problem);
	OAuthLoginAnswer *answer = NULL;

	if (question == NULL)
		return NULL;
	PG_TRY();
	{
		answer = oauth_question_ask(question, token, MyProcPort->hba->oauth_scope, problem);
		if (answer != NULL && answer->refusal == NULL && name_of(answer) != NULL)
			answer = begin_session(question, token, role, answer, problem);
	}
	PG_FINALLY();
	{
		oauth_question_end(question);
	}
	PG_END_TRY();
	return answer;
}

static void
validate_for_server(const char *token, const char *role, ValidatorModuleResult *result)
{
	OAuthTokenString string;
	OAuthLoginAnswer *answer;
	const char *problem = NULL;
	const char *hint;
	const char *why;

	if ((why = refuse_line(role, &hint)) != NULL)
	{
		log_refusal(role, why, hint);
		return;
	}
	if (!oauth_token_parse(token, strlen(token), OAUTH_ACCESS_TOKEN, &string))
	{
		log_refusal(role, "the string is not an access token of this provider", NULL);
		return;
	}
	if ((answer = ask(&string, role, &problem)) == NULL)
	{
		log_refusal(role, problem, "oauth.validator_conninfo says which database is asked.");
		return;
	}
	if (answer->refusal != NULL)
	{
		log_refusal(role, answer->refusal, hint_for(answer->refusal));
		return;
	}
	if (name_of(answer) == NULL)
	{
		log_refusal(role, psprintf("subject \"%s\" has no username", answer->subject),
					"oauth.validator_identity = subject goes by the subject.");
		return;
	}
	result->authn_id = pstrdup(name_of(answer));
	result->authorized = true;
}

/* The return value is only about the validator itself; whether to let in is in the result. */
static bool
validate(const ValidatorModuleState *state, const char *token, const char *role,
		 ValidatorModuleResult *result)
{
	result->authorized = false;
	validate_for_server(token, role, result);
	return true;
}

static const OAuthValidatorCallbacks callbacks = {
	.magic = PG_OAUTH_VALIDATOR_MAGIC,
	.validate_cb = validate
};

const OAuthValidatorCallbacks *
_PG_oauth_validator_module_init(void)
{
	return &callbacks;
}
