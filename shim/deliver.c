/*
 * deliver.c
 *	  Messages of the database for other servers: take those that are due, send them, say what came
 *	  of it.
 *
 * Many are sent at a time, and one that is slow to be received holds up those only that are for the
 * same client. What was taken and not ended when the shim dies is taken by another.
 *
 * All of this is the network thread's (network.c).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DELIVERIES 64		/* at a time */
#define LOOK_EVERY 1000			/* ms; NOTIFY tells of new ones, this finds those that are due
								 * again */
#define LOOK_ON_STANDBY 5000
#define COUNT_EVERY 5000

typedef struct Delivery
{
	ShimTransfer transfer;		/* its first member: done() gets its address */
	struct Delivery *next;
	char		handle[24];
	char		attempt[12];
	ShimText	url;
	ShimText	form;
	bool		is_over;
} Delivery;

static Delivery *deliveries;
static int	ndeliveries;
static int64_t look_at;
static int64_t count_at;
static atomic_bool is_stopping;

/* There are new ones. */
void
shim_deliver_told(void)
{
	look_at = 0;
}

/* No more are taken. */
void
shim_deliver_stop(void)
{
	atomic_store(&is_stopping, true);
}

static void
note_end(ShimTransfer *t)
{
	((Delivery *) t)->is_over = true;
}

static void
begin_delivery(const PGresult *taken, int row)
{
	Delivery   *delivery = calloc(1, sizeof(*delivery));

	if (delivery == NULL)
		abort();
	snprintf(delivery->handle, sizeof(delivery->handle), "%s", PQgetvalue(taken, row, 0));
	snprintf(delivery->attempt, sizeof(delivery->attempt), "%s", PQgetvalue(taken, row, 1));
	shim_text_puts(&delivery->url, PQgetvalue(taken, row, 2));
	shim_text_puts(&delivery->form, PQgetvalue(taken, row, 3));
	if (delivery->url.data == NULL || delivery->form.data == NULL)
		abort();
	delivery->next = deliveries;
	deliveries = delivery;
	ndeliveries++;
	delivery->transfer.url = delivery->url.data;
	delivery->transfer.form = delivery->form.data;
	delivery->transfer.done = note_end;
	delivery->is_over = !shim_transfer_start(&delivery->transfer);
}

/* A standby delivers nothing; what locks the table ends before the next time. */
static void
report_error(const PGresult *answer)
{
	const char *sqlstate = PQresultErrorField(answer, PG_DIAG_SQLSTATE);

	if (sqlstate != NULL && strcmp(sqlstate, "25006") == 0)
		look_at = shim_clock_ms() + LOOK_ON_STANDBY;
	else if (sqlstate == NULL || strcmp(sqlstate, "55P03") != 0)
		shim_log_error("network: messages could not be taken or ended, SQLSTATE %s",
					   sqlstate ? sqlstate : "XX000");
}

/* The rows; NULL for an error, with the connection or not. */
static PGresult *
ask_database(ShimConnection *c, const char *sql, int n, const char *const *values)
{
	PGresult   *answer = shim_connection_ask(c, sql, n, values);

	if (answer != NULL && PQresultStatus(answer) == PGRES_TUPLES_OK)
		return answer;
	if (answer != NULL)
		report_error(answer);
	else
	{
		shim_log_error("network: connection lost");
		shim_connection_close(c);
	}
	PQclear(answer);
	return NULL;
}

static void
take_deliveries(ShimConnection *c)
{
	char		max[12];
	const char *value = max;
	PGresult   *taken;

	snprintf(max, sizeof(max), "%d", MAX_DELIVERIES - ndeliveries);
	look_at = shim_clock_ms() + LOOK_EVERY;
	taken = ask_database(c, "SELECT handle, attempt, url, body FROM oauth.take_deliveries($1)", 1,
						 &value);
	for (int row = 0; taken != NULL && row < PQntuples(taken); row++)
		begin_delivery(taken, row);
	PQclear(taken);
}

static void
remove_delivery(Delivery *delivery)
{
	Delivery  **link = &deliveries;

	while (*link != delivery)
		link = &(*link)->next;
	*link = delivery->next;
	ndeliveries--;
	shim_transfer_free(&delivery->transfer);
	shim_text_free(&delivery->url);
	shim_text_free(&delivery->form);
	free(delivery);
}

/* Say what came of it. The next one for the same client may be due. */
static void
end_delivery(ShimConnection *c, Delivery *delivery)
{
	const ShimTransfer *t = &delivery->transfer;
	char		status[16];
	char		problem[64];
	const char *values[] = {delivery->handle, delivery->attempt, status, t->problem};

	snprintf(status, sizeof(status), "%d", t->status);
	if (t->status != 0)
	{
		snprintf(problem, sizeof(problem), "the answer had status %d", t->status);
		values[3] = t->outcome == SHIM_TRANSFER_GOOD ? NULL : problem;
	}
	shim_metrics_delivery(t->outcome);
	PQclear(ask_database(c, "SELECT oauth.end_delivery($1, $2, $3, $4)", 4, values));
	remove_delivery(delivery);
	look_at = 0;
}

static void
count_deliveries(ShimConnection *c)
{
	static const char sql[] = "SELECT waiting, oldest_seconds FROM oauth.waiting_deliveries()";
	PGresult   *counted = ask_database(c, sql, 0, NULL);

	count_at = shim_clock_ms() + COUNT_EVERY;
	if (counted != NULL && PQntuples(counted) == 1)
		shim_metrics_deliveries(strtoul(PQgetvalue(counted, 0, 0), NULL, 10),
								strtoul(PQgetvalue(counted, 0, 1), NULL, 10));
	PQclear(counted);
}

/* Whatever can be done now. c is open, or lost in between. */
void
shim_deliver_work(ShimConnection *c)
{
	Delivery   *next;

	for (Delivery *delivery = deliveries; delivery != NULL && c->pg != NULL; delivery = next)
	{
		next = delivery->next;
		if (delivery->is_over)
			end_delivery(c, delivery);
	}
	if (c->pg != NULL && shim_options.fetch && !atomic_load(&is_stopping) &&
		ndeliveries < MAX_DELIVERIES && shim_clock_left(look_at) == 0)
		take_deliveries(c);
	if (c->pg != NULL && shim_clock_left(count_at) == 0)
		count_deliveries(c);
}

/* For how many ms there is nothing to do unless something happens. */
int
shim_deliver_patience(void)
{
	int			patience = shim_clock_left(count_at);

	if (shim_options.fetch && ndeliveries < MAX_DELIVERIES && shim_clock_left(look_at) < patience)
		patience = shim_clock_left(look_at);
	for (const Delivery *delivery = deliveries; delivery != NULL; delivery = delivery->next)
		if (delivery->is_over)
			return 0;
	return patience;
}
