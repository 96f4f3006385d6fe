/*
 * question.c
 *		Asking the database that knows the tokens, over libpq, before this session has one.
 *
 * The server's own helpers for libpq wait without an end.  Here each wait ends with
 * oauth.validator_timeout, and with authentication_timeout and pg_terminate_backend(), which
 * interrupt it.  The resolver of host names would wait for itself; so a host is a directory of
 * sockets or an address.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "validator/validator.h"

#include "libpq-fe.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "storage/latch.h"
#include "utils/builtins.h"
#include "utils/wait_event.h"

struct OAuthQuestion
{
	PGconn	   *connection;
	TimestampTz deadline;
};

#define TOO_LATE "the database that knows the tokens did not answer within oauth.validator_timeout"

static uint32
wait_event(void)
{
	static uint32 event = 0;

	if (event == 0)
		event = WaitEventExtensionNew("OAuthValidator");
	return event;
}

/* Waits until the socket is ready for one of these events; false: the time is over. */
static bool
wait_until(const OAuthQuestion *question, int events)
{
	for (;;)
	{
		long		left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(),
														   question->deadline);
		int			happened;

		if (left <= 0)
			return false;
		happened = WaitLatchOrSocket(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH |
									 events, PQsocket(question->connection), left, wait_event());
		if (happened & WL_LATCH_SET)
		{
			ResetLatch(MyLatch);
			CHECK_FOR_INTERRUPTS();
		}
		if (happened & events)
			return true;
	}
}

/* What libpq has to say, on one line. */
static const char *
message_of(PGconn *connection)
{
	char	   *message = pstrdup(PQerrorMessage(connection));
	size_t		length = strlen(message);

	while (length > 0 && message[length - 1] == '\n')
		message[--length] = '\0';
	for (char *c = message; *c; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
	return psprintf("the database that knows the tokens cannot be asked: %s", message);
}

/* True once connected; false, and *problem says why not. */
static bool
connect_within(OAuthQuestion *question, const char **problem)
{
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;

	while (PQstatus(question->connection) != CONNECTION_BAD)
	{
		if (status == PGRES_POLLING_OK)
			return true;
		if (!wait_until(question, status == PGRES_POLLING_READING ? WL_SOCKET_READABLE :
						WL_SOCKET_WRITEABLE))
		{
			*problem = TOO_LATE;
			return false;
		}
		status = PQconnectPoll(question->connection);
	}
	*problem = message_of(question->connection);
	return false;
}

/*
 * Begins a connection.  What stands before the setting is a default, what stands behind it is not
 * to be changed: above all, that the session which answers is not one that asks, too.
 */
static PGconn *
start_connection(void)
{
	char	   *limit = psprintf("-c statement_timeout=%d", oauth_setting_validator_timeout);
	const char *const keywords[] = {
		"options", "gssencmode", "fallback_application_name", "dbname", "require_auth",
		"client_encoding", NULL
	};
	const char *const values[] = {
		limit, "disable", "oauth validator", oauth_setting_validator_conninfo, "!oauth",
		"UTF8", NULL
	};

	return PQconnectStartParams(keywords, values, true);
}

/* Whether these hosts, separated by commas, are directories of sockets and addresses. */
static bool
are_found(const char *hosts)
{
	for (const char *c = hosts; *c; c += *c == ',')
	{
		size_t		length = strcspn(c, ",");

		if (length > 0 && *c != '/' && *c != '@' && !oauth_is_address(pnstrdup(c, length)))
			return false;
		c += length;
	}
	return true;
}

static bool
has_value(const PQconninfoOption *option, const char *keyword)
{
	return strcmp(option->keyword, keyword) == 0 && option->val != NULL && option->val[0] != '\0';
}

/* The resolver of host names waits for itself, and cannot be interrupted. */
static bool
needs_resolver(const PQconninfoOption *options)
{
	bool		needs = false;

	for (const PQconninfoOption *option = options; option->keyword != NULL; option++)
		if (has_value(option, "hostaddr"))
			return false;
		else if (has_value(option, "host"))
			needs = !are_found(option->val);
	return needs;
}

/*
 * Whether the setting is a conninfo string that can be used; a string without "=" would be taken
 * for the name of a database.
 */
static bool
is_conninfo(const char **problem)
{
	char	   *message = NULL;
	PQconninfoOption *options = PQconninfoParse(oauth_setting_validator_conninfo, &message);

	if (options == NULL)
		*problem = psprintf("oauth.validator_conninfo cannot be read: %s",
							message ? pnstrdup(message, strcspn(message, "\n")) : "no memory");
	else if (needs_resolver(options))
		*problem = "oauth.validator_conninfo names a host that has to be looked up: give hostaddr";
	PQconninfoFree(options);
	PQfreemem(message);
	return *problem == NULL;
}

/* The connection; NULL, and *problem says why. */
OAuthQuestion *
oauth_question_begin(const char **problem)
{
	OAuthQuestion *question = palloc0(sizeof(OAuthQuestion));
	bool		is_connected = false;

	if (!is_conninfo(problem))
		return NULL;
	question->deadline = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													 oauth_setting_validator_timeout);
	if (!AcquireExternalFD())
	{
		*problem = "the server has too many files open: raise max_files_per_process";
		return NULL;
	}
	PG_TRY();
	{
		question->connection = start_connection();
		if (question->connection == NULL)
			*problem = "libpq has no memory";
		else
			is_connected = connect_within(question, problem);
	}
	PG_CATCH();
	{
		oauth_question_end(question);
		PG_RE_THROW();
	}
	PG_END_TRY();
	if (is_connected)
		return question;
	oauth_question_end(question);
	return NULL;
}

void
oauth_question_end(OAuthQuestion *question)
{
	PQfinish(question->connection);
	ReleaseExternalFD();
	pfree(question);
}

/* Sends all that waits to be sent, and reads until a result is there. */
static bool
answer_is_there(OAuthQuestion *question, const char **problem)
{
	PGconn	   *connection = question->connection;
	int			unsent;

	while ((unsent = PQflush(connection)) > 0 || (unsent == 0 && PQisBusy(connection)))
	{
		if (!wait_until(question, WL_SOCKET_READABLE | (unsent ? WL_SOCKET_WRITEABLE : 0)))
		{
			*problem = TOO_LATE;
			return false;
		}
		if (!PQconsumeInput(connection))
			break;
	}
	return true;
}

static char *
value_of(const PGresult *result, int column)
{
	return PQgetisnull(result, 0, column) ? NULL : pstrdup(PQgetvalue(result, 0, column));
}

static OAuthLoginAnswer *
read_answer(const PGresult *result)
{
	OAuthLoginAnswer *answer = palloc0(sizeof(OAuthLoginAnswer));
	const char *grant = value_of(result, 4);
	const char *database = value_of(result, 5);
	const char *system = value_of(result, 6);

	answer->refusal = value_of(result, 0);
	answer->subject = value_of(result, 1);
	answer->username = value_of(result, 2);
	answer->client_id = value_of(result, 3);
	answer->grant = grant ? strtoll(grant, NULL, 10) : 0;
	answer->database = database ? (Oid) strtoul(database, NULL, 10) : InvalidOid;
	answer->system = system ? strtoull(system, NULL, 10) : 0;
	if (answer->refusal == NULL && (answer->subject == NULL || answer->client_id == NULL))
		answer->refusal = "the answer has no subject";
	return answer;
}

/*
 * One row of seven columns, or what the server said instead.  Nothing is read that has not come:
 * PQgetResult() would wait without an end.
 */
static OAuthLoginAnswer *
take_answer(OAuthQuestion *question, const char **problem)
{
	OAuthLoginAnswer *answer = NULL;
	PGresult   *result;

	while (answer_is_there(question, problem))
	{
		if ((result = PQgetResult(question->connection)) == NULL)
			return answer;
		if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1 ||
			PQnfields(result) != 7)
		{
			*problem = message_of(question->connection);
			PQclear(result);
			break;
		}
		answer = read_answer(result);
		PQclear(result);
	}
	return NULL;
}

/* What the database says of the token; NULL if it says nothing, and *problem says why. */
OAuthLoginAnswer *
oauth_question_ask(OAuthQuestion *question, const OAuthTokenString *token, const char *scope,
				   const char **problem)
{
	char		hash[2 + 2 * OAUTH_HASH_LENGTH + 1] = "\\x";
	const char *const values[] = {psprintf(INT64_FORMAT, token->handle), hash, scope};

	hex_encode((const char *) token->hash, OAUTH_HASH_LENGTH, hash + 2);
	hash[sizeof(hash) - 1] = '\0';
	if (PQsetnonblocking(question->connection, 1) != 0 ||
		!PQsendQueryParams(question->connection,
						   "SELECT refusal, subject, username, client_id, grant_handle, database,"
						   " system_identifier FROM oauth.validate_login($1, $2, $3)",
						   lengthof(values), NULL, values, NULL, NULL, 0))
	{
		*problem = message_of(question->connection);
		return NULL;
	}
	return take_answer(question, problem);
}
