/*
 * own.c
 *	  What the shim answers by itself, without the database.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

/* Where people are led who come by an address that is no page. */
#define PEOPLE "/account"

static void
answer_healthz(ShimExchange *x)
{
	shim_reply_text(x, 200, "text/plain; charset=utf-8", shim_slice("ok\n"));
}

static void
answer_readyz(ShimExchange *x)
{
	const char *why = shim_lanes_ready() ? shim_watch_why() : "a lane has no database connection";

	if (why == NULL)
		shim_reply_text(x, 200, "text/plain; charset=utf-8", shim_slice("ready\n"));
	else
		shim_reply_fault(x, (ShimFault) {503, why}, NULL);
}

static void
answer_metrics(ShimExchange *x)
{
	ShimText	text = {0};

	shim_metrics_print(&text);
	shim_reply_text(x, 200, "text/plain; version=0.0.4; charset=utf-8",
					(ShimSlice) {text.data, text.len});
	shim_text_free(&text);
}

/* To the page for people, which is another row of the route table. */
static void
answer_to_people(ShimExchange *x)
{
	shim_reply_empty(x, 303, "Location: " PEOPLE "\r\n");
}

/* "/": people are led to a page; for programs there is nothing. */
static void
answer_front_door(ShimExchange *x)
{
	if (shim_accept_html(&x->head))
		answer_to_people(x);
	else
		shim_reply_not_found(x);
}

/* What browsers ask for by themselves, and we do not have. */
static void
answer_nothing(ShimExchange *x)
{
	shim_reply_empty(x, 204, "");
}

typedef void (*Answer) (ShimExchange *x);

static const Answer answers[] = {
	[SHIM_OWN_FRONT_DOOR] = answer_front_door,
	[SHIM_OWN_TO_PEOPLE] = answer_to_people,
	[SHIM_OWN_NOTHING] = answer_nothing,
	[SHIM_OWN_HEALTHZ] = answer_healthz,
	[SHIM_OWN_READYZ] = answer_readyz,
	[SHIM_OWN_METRICS] = answer_metrics,
};

_Static_assert(sizeof(answers) / sizeof(answers[0]) == SHIM_OWN_LAST + 1,
			   "give each of ShimOwn its answer");

/* The answer of a route that is the shim's own. */
void
shim_own_answer(ShimExchange *x)
{
	answers[x->route->own] (x);
}
