/*
 * database_login.c
 *		Logs in to PostgreSQL 18 with a token that the program has already, by libpq's hook, and
 *		runs a statement.
 *
 * usage: TOKEN=oat_... database_login CONNINFO SQL
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include <libpq-fe.h>

#include <stdio.h>
#include <stdlib.h>

static int
give_token(PGauthData type, PGconn *connection, void *data)
{
	if (type != PQAUTHDATA_OAUTH_BEARER_TOKEN)
		return 0;
	fprintf(stderr, "the token is asked for\n");
	((PGoauthBearerRequest *) data)->token = getenv("TOKEN");
	return 1;
}

int
main(int argc, char **argv)
{
	PGconn	   *connection;
	PGresult   *result;

	if (argc != 3)
		return 2;
	PQsetAuthDataHook(give_token);
	connection = PQconnectdb(argv[1]);
	if (PQstatus(connection) != CONNECTION_OK)
	{
		fprintf(stderr, "%s", PQerrorMessage(connection));
		return 1;
	}
	result = PQexec(connection, argv[2]);
	printf("%s\n", PQresultStatus(result) == PGRES_TUPLES_OK ? PQgetvalue(result, 0, 0) :
		   PQresultErrorMessage(result));
	PQclear(result);
	PQfinish(connection);
	return 0;
}
