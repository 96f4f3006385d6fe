/*
 * fetch.c
 *	  Documents that requests wait for: claim one in the database, fetch it, hand it to the
 *	  database, and ask the functions again.
 *
 * Requests for one document wait for one fetch, whichever shim makes it. While a document is on
 * its way no connection to the database is held, and no worker more than the lane allows. A server
 * that is slow keeps those waiting who need its documents, for a few seconds: of one host few
 * documents are fetched at a time, and where too many requests wait, those go that wait for the
 * host that most of them wait for.
 *
 * All of this is the network thread's (network.c).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FETCHES 128			/* documents at a time, those that another shim fetches included */
#define MAX_TRANSFERS 64
#define MAX_OF_HOST 4
#define ASK_AGAIN 200			/* ms between looks whether another shim has fetched it */
#define PATIENCE 15000			/* ms that a request waits for a document */

typedef struct Fetch
{
	ShimTransfer transfer;		/* its first member: done() gets its address */
	struct Fetch *next;
	ShimText	url;
	ShimSlice	host;			/* and port, of url */
	ShimJob    *jobs;
	int64_t		begun;
	int64_t		look_at;		/* when to claim it next */
	bool		is_claimed;
	bool		is_moving;		/* transfer has begun */
	bool		is_fetched;		/* and has ended */
} Fetch;

static Fetch *fetches;			/* the one that has begun first is the first */
static int	nfetches;
static int	njobs;				/* that wait for any of them */

static ShimSlice
host_of(const ShimText *url)
{
	const char *host = strstr(url->data, "://");

	host = host ? host + 3 : url->data;
	return (ShimSlice) {host, strcspn(host, "/?#")};
}

/* A job comes to the others that wait for the same document, or begins a new fetch. */
static void
add_job(ShimJob *job)
{
	Fetch	  **last = &fetches;
	Fetch	   *fetch;

	while (*last != NULL && strcmp((*last)->url.data, job->url.data) != 0)
		last = &(*last)->next;
	fetch = *last;
	if (fetch == NULL && (fetch = calloc(1, sizeof(*fetch))) != NULL)
	{
		shim_text_puts(&fetch->url, job->url.data);
		fetch->begun = shim_clock_ms();
		*last = fetch;
		nfetches++;
	}
	if (fetch == NULL || fetch->url.failed)
		abort();
	fetch->host = host_of(&fetch->url);
	job->next = fetch->jobs;
	fetch->jobs = job;
	njobs++;
}

static bool
is_same_host(const Fetch *one, const Fetch *other)
{
	return one->host.len == other->host.len &&
		strncasecmp(one->host.at, other->host.at, one->host.len) == 0;
}

static int
jobs_of_host(const Fetch *fetch)
{
	int			n = 0;

	for (const Fetch *other = fetches; other != NULL; other = other->next)
		if (is_same_host(fetch, other))
			for (const ShimJob *job = other->jobs; job != NULL; job = job->next)
				n++;
	return n;
}

/* The job that came last of those that wait for the host that most wait for. */
static ShimJob *
take_surplus(void)
{
	Fetch	   *chosen = NULL;
	int			most = 0;
	ShimJob    *job;

	for (Fetch *fetch = fetches; fetch != NULL; fetch = fetch->next)
	{
		int			n = fetch->jobs != NULL ? jobs_of_host(fetch) : 0;

		if (n >= most && n > 0)
		{
			most = n;
			chosen = fetch;
		}
	}
	job = chosen->jobs;
	chosen->jobs = job->next;
	njobs--;
	return job;
}

/* More wait than the lane is meant for. */
static void
make_room(void)
{
	while (njobs > 0 && njobs > shim_network_lane.hold_limit / 2)
	{
		ShimJob    *job = take_surplus();

		shim_lane_done(&shim_network_lane, &job, 1, true);
		shim_exchange_fail(job, SHIM_OVERLOADED);
	}
}

static void
take_jobs(void)
{
	ShimJob    *job;

	while (nfetches < MAX_FETCHES && shim_lane_take(&shim_network_lane, &job, 1) == 1)
		add_job(job);
	make_room();
}

/* The fetch is over: its jobs are asked again, or fail. */
static void
end_fetch(Fetch *fetch, bool ask_again)
{
	Fetch	  **link = &fetches;
	ShimJob    *job = fetch->jobs;
	ShimJob    *next;

	while (*link != fetch)
		link = &(*link)->next;
	*link = fetch->next;
	nfetches--;
	for (; job != NULL; job = next)
	{
		next = job->next;
		njobs--;
		shim_lane_done(&shim_network_lane, &job, 1, true);
		if (ask_again)
			shim_exchange_again(job);
		else
			shim_exchange_fail(job, SHIM_UNAVAILABLE);
	}
	shim_transfer_free(&fetch->transfer);
	shim_text_free(&fetch->url);
	free(fetch);
}

/* The transfer has ended. What there is is stored when it is its turn. */
static void
note_end(ShimTransfer *t)
{
	Fetch	   *fetch = (Fetch *) t;

	fetch->is_moving = false;
	fetch->is_fetched = true;
}

/* False if another one has to end first. */
static bool
has_turn(const Fetch *fetch)
{
	int			of_host = 0;
	int			all = 0;

	for (const Fetch *other = fetches; other != NULL; other = other->next)
		if (other->is_moving)
		{
			all++;
			of_host += is_same_host(other, fetch);
		}
	return all < MAX_TRANSFERS && of_host < MAX_OF_HOST;
}

static void
begin_fetch(Fetch *fetch)
{
	fetch->transfer.url = fetch->url.data;
	fetch->transfer.done = note_end;
	if (!shim_options.fetch)
	{
		fetch->transfer.outcome = SHIM_TRANSFER_FORBIDDEN;
		fetch->transfer.problem = "fetching is switched off (--fetch=off)";
	}
	else if (shim_transfer_start(&fetch->transfer))
		fetch->is_moving = true;
	fetch->is_fetched = !fetch->is_moving;
}

/* The answer to a statement of one row; NULL after an error, and then c may be closed. */
static PGresult *
ask_database(ShimConnection *c, const char *sql, int n, const char *const *values)
{
	PGresult   *answer = shim_connection_ask(c, sql, n, values);

	if (answer != NULL && PQresultStatus(answer) == PGRES_TUPLES_OK && PQntuples(answer) == 1)
		return answer;
	if (answer == NULL)
	{
		shim_log_error("network: connection lost");
		shim_connection_close(c);
	}
	else
		shim_log_error("network: a document could not be asked for or stored, SQLSTATE %s",
					   PQresultErrorField(answer, PG_DIAG_SQLSTATE));
	PQclear(answer);
	return NULL;
}

/* Fetch it, unless another shim does, or it is there by now. */
static void
claim(ShimConnection *c, Fetch *fetch)
{
	const char *value = fetch->url.data;
	PGresult   *answer = ask_database(c, "SELECT oauth.claim_document($1)", 1, &value);
	const char *word = answer ? PQgetvalue(answer, 0, 0) : "";

	fetch->look_at = shim_clock_ms() + ASK_AGAIN;
	if (strcmp(word, "fetch") == 0)
		begin_fetch(fetch);
	else if (strcmp(word, "wait") != 0)
		end_fetch(fetch, answer != NULL);
	PQclear(answer);
}

/* bytea, as text */
static void
put_bytes(ShimText *text, const ShimText *bytes)
{
	shim_text_puts(text, "\\x");
	for (size_t i = 0; i < bytes->len; i++)
		shim_text_printf(text, "%02x", (unsigned char) bytes->data[i]);
}

/* The log names the host alone: the rest of a URL may be nobody's business. */
static void
report_outcome(const Fetch *fetch)
{
	const ShimTransfer *t = &fetch->transfer;

	shim_metrics_fetch(t->outcome);
	if (t->outcome == SHIM_TRANSFER_GOOD)
		return;
	if (t->status != 0)
		shim_log_error("network: a document of %.*s was not fetched: the answer had status %d",
					   (int) fetch->host.len, fetch->host.at, t->status);
	else
		shim_log_error("network: a document of %.*s was not fetched: %s",
					   (int) fetch->host.len, fetch->host.at, t->problem);
}

static void
keep_document(ShimConnection *c, Fetch *fetch)
{
	const ShimTransfer *t = &fetch->transfer;
	ShimText	body = {0};
	char		status[16];
	const char *values[] = {fetch->url.data, status, t->type, t->cache_control, NULL, t->problem};
	PGresult   *answer = NULL;

	report_outcome(fetch);
	snprintf(status, sizeof(status), "%d", t->status);
	if (t->outcome == SHIM_TRANSFER_GOOD)
		put_bytes(&body, &t->body);
	values[4] = body.data;
	if (!body.failed)
		answer = ask_database(c, "SELECT oauth.keep_document($1, $2, ARRAY['Content-Type: ' || $3,"
							  " 'Cache-Control: ' || $4], $5, $6)", 6, values);
	shim_text_free(&body);
	end_fetch(fetch, answer != NULL);
	PQclear(answer);
}

/* Whatever can be done now. c is open, or lost in between. */
void
shim_fetch_work(ShimConnection *c)
{
	Fetch	   *next;

	take_jobs();
	for (Fetch *fetch = fetches; fetch != NULL && c->pg != NULL; fetch = next)
	{
		next = fetch->next;
		if (fetch->is_fetched)
			keep_document(c, fetch);
		else if (!fetch->is_moving && shim_clock_left(fetch->begun + PATIENCE) == 0)
			end_fetch(fetch, false);
		else if (!fetch->is_moving && shim_clock_left(fetch->look_at) == 0 && has_turn(fetch))
			claim(c, fetch);
	}
}

/* The connection is lost, and with it all claims. What is on its way comes to nothing. */
void
shim_fetch_lost(void)
{
	Fetch	   *next;

	for (Fetch *fetch = fetches; fetch != NULL; fetch = next)
	{
		next = fetch->next;
		if (!fetch->is_moving)
			end_fetch(fetch, false);
	}
}

/* For how many ms there is nothing to do unless something happens. */
int
shim_fetch_patience(void)
{
	int			patience = 1000;

	for (const Fetch *fetch = fetches; fetch != NULL; fetch = fetch->next)
	{
		int			left = fetch->is_moving ? patience : shim_clock_left(fetch->look_at);

		if (fetch->is_fetched)
			left = 0;
		else if (!fetch->is_moving && left == 0)
			left = ASK_AGAIN;	/* it waits for its turn */
		if (left < patience)
			patience = left;
	}
	return patience;
}
