/*
 * baseline.c: what CivetWeb does without us, for the benchmark to compare with.
 * SPDX-License-Identifier: PostgreSQL
 *
 * Every request gets the same answer, as long as that of /auth and sent in one write.  With
 * --database each request costs one prepared primary-key SELECT first, on a connection that belongs
 * to the worker thread: the usual way to put a web server in front of a database.  CivetWeb's
 * options are those of the shim.
 */
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <civetweb.h>
#include <libpq-fe.h>

/* What a worker thread has to itself. */
typedef struct Worker
{
	PGconn	   *connection;
	uint64_t	random;
} Worker;

static const char *port = "8080";
static const char *threads = "256";
static const char *database;
static uint64_t rows = 1;
static size_t answer_bytes = 300;

static char *answer;
static Worker *workers;
static int	workers_started;

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "baseline: %s: %s\n", what, why);
	exit(1);
}

static void
read_options(int argc, char **argv)
{
	static const struct option names[] = {
		{"port", required_argument, NULL, 'p'},
		{"threads", required_argument, NULL, 't'},
		{"database", required_argument, NULL, 'd'},
		{"rows", required_argument, NULL, 'r'},
		{"answer-bytes", required_argument, NULL, 'a'},
		{0}
	};
	int			name;

	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1)
	{
		switch (name)
		{
			case 'p':
				port = optarg;
				break;
			case 't':
				threads = optarg;
				break;
			case 'd':
				database = optarg;
				break;
			case 'r':
				rows = strtoull(optarg, NULL, 10);
				break;
			case 'a':
				answer_bytes = strtoull(optarg, NULL, 10);
				break;
			default:
				exit(2);
		}
	}
	if (rows == 0 || strtoul(threads, NULL, 10) == 0)
		die("options", "--rows and --threads take numbers above zero");
}

#define ANSWER "HTTP/1.1 200 OK\r\n" \
	"Content-Type: application/json\r\n" \
	"Connection: keep-alive\r\n" \
	"Content-Length: %4zu\r\n" \
	"\r\n" \
	"{\"answer\":\"%s\"}"

/* Head and JSON body, answer_bytes in all, unless that is too few to hold them. */
static void
make_answer(void)
{
	size_t		least = (size_t) snprintf(NULL, 0, ANSWER, (size_t) 0, "");
	size_t		padding = answer_bytes > least ? answer_bytes - least : 0;
	char	   *padded = calloc(padding + 1, 1);

	answer = malloc(least + padding + 1);
	if (answer == NULL || padded == NULL || padding > 9000)
		die("answer", "out of memory, or not the size of an answer");
	memset(padded, 'x', padding);
	snprintf(answer, least + padding + 1, ANSWER, strlen("{\"answer\":\"\"}") + padding, padded);
	free(padded);
}

/* One connection, with the statement prepared. */
static PGconn *
connect_database(void)
{
	PGconn	   *connection = PQconnectdb(database);
	PGresult   *result;

	if (PQstatus(connection) != CONNECTION_OK)
		die("database", PQerrorMessage(connection));
	result = PQprepare(connection, "lookup",
					   "SELECT payload FROM bench.plain WHERE id = $1::bigint", 1, NULL);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		die("database", PQerrorMessage(connection));
	PQclear(result);
	return connection;
}

/*
 * All connections are made before there are threads: the stacks of CivetWeb's workers are too small
 * for it.
 */
static void
make_workers(void)
{
	size_t		count = strtoul(threads, NULL, 10);

	workers = calloc(count, sizeof(Worker));
	if (workers == NULL)
		die("workers", "out of memory");
	for (size_t i = 0; i < count; i++)
	{
		workers[i].random = UINT64_C(0x9E3779B97F4A7C15) * (i + 1);
		if (database)
			workers[i].connection = connect_database();
	}
}

/* CivetWeb's init_thread: the worker that starts takes the next entry. */
static void *
start_thread(const struct mg_context *context, int thread_type)
{
	(void) context;
	if (thread_type != 1)
		return NULL;
	return &workers[__atomic_fetch_add(&workers_started, 1, __ATOMIC_RELAXED)];
}

/* xorshift64: any row, each as likely as the others. */
static uint64_t
random_row(Worker *worker)
{
	worker->random ^= worker->random << 13;
	worker->random ^= worker->random >> 7;
	worker->random ^= worker->random << 17;
	return worker->random % rows + 1;
}

/* True if a row, any row, was there. */
static bool
lookup(Worker *worker)
{
	uint64_t	id = __builtin_bswap64(random_row(worker));
	const char *values[] = {(const char *) &id};
	const int	lengths[] = {sizeof(id)};
	const int	formats[] = {1};
	PGresult   *result = PQexecPrepared(worker->connection, "lookup", 1, values, lengths, formats,
										1);
	bool		found = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1;

	PQclear(result);
	return found;
}

/* CivetWeb's begin_request: whatever was asked. */
static int
answer_request(struct mg_connection *connection)
{
	static const char failure[] = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";
	Worker	   *worker = mg_get_thread_pointer(connection);

	if (worker->connection && !lookup(worker))
	{
		mg_write(connection, failure, sizeof(failure) - 1);
		return 500;
	}
	mg_write(connection, answer, strlen(answer));
	return 200;
}

int
main(int argc, char **argv)
{
	struct mg_callbacks callbacks = {.begin_request = answer_request, .init_thread = start_thread};
	struct mg_context *context;
	char		address[64];
	sigset_t	stop;
	int			stopped_by;

	read_options(argc, argv);
	snprintf(address, sizeof(address), "127.0.0.1:%s", port);
	make_answer();
	make_workers();

	/* Blocked here, and so in every thread: main waits for them below. */
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	pthread_sigmask(SIG_BLOCK, &stop, NULL);

	const char *civetweb_options[] = {
		"listening_ports", address,
		"num_threads", threads,
		"enable_keep_alive", "yes",
		"keep_alive_timeout_ms", "5000",
		"request_timeout_ms", "5000",
		"max_request_size", "16384",
		"connection_queue", "128",
		"listen_backlog", "1024",
		"tcp_nodelay", "1",
		"decode_url", "no",
		"decode_query_string", "no",
		"enable_auth_domain_check", "no",
		NULL
	};

	mg_init_library(0);
	context = mg_start(&callbacks, NULL, civetweb_options);
	if (context == NULL)
		die("civetweb", "cannot start");
	sigwait(&stop, &stopped_by);
	mg_stop(context);
	return 0;
}
