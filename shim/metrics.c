/*
 * metrics.c
 *	  Counters, and their page in Prometheus' text format.
 *
 * Labels come from our own tables only, never from requests, so their number is bounded.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

#include <time.h>

#define STATUSES 600

/* Upper bounds of the latency histogram, in seconds. */
static const double bounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
0.1, 0.25, 0.5, 1, 2.5, 5, 10};

#define NBOUNDS ((int) (sizeof(bounds) / sizeof(bounds[0])))

typedef atomic_ulong Counter;

/* The row behind the routes is for requests that have none. */
static Counter by_status[SHIM_MAX_ROUTES + 1][STATUSES];
static Counter by_latency[NBOUNDS + 1];
static Counter latency_us;
static Counter batches[SHIM_LANES];
static Counter batched[SHIM_LANES];
static Counter fallbacks;
static Counter reconnects;
static Counter refused;
static Counter shared;
static Counter fetches[SHIM_TRANSFER_OUTCOMES];
static Counter deliveries[SHIM_TRANSFER_OUTCOMES];
static Counter deliveries_waiting;
static Counter delivery_oldest;
static time_t started;

static void
add_to_counter(Counter *counter, unsigned long n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static unsigned long
counter_value(Counter *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void
shim_metrics_init(void)
{
	started = time(NULL);
}

void
shim_metrics_request(const ShimExchange *x, int64_t us)
{
	int			route = x->route ? shim_route_index(x->route) : SHIM_MAX_ROUTES;
	int			bound = 0;

	while (bound < NBOUNDS && (double) us > bounds[bound] * 1e6)
		bound++;
	add_to_counter(&by_status[route][x->status > 0 && x->status < STATUSES ? x->status : 0], 1);
	add_to_counter(&by_latency[bound], 1);
	add_to_counter(&latency_us, (unsigned long) us);
}

void
shim_metrics_batch(ShimLaneId lane, int requests)
{
	add_to_counter(&batches[lane], 1);
	add_to_counter(&batched[lane], (unsigned long) requests);
}

void
shim_metrics_fallback(void)
{
	add_to_counter(&fallbacks, 1);
}

void
shim_metrics_reconnect(void)
{
	add_to_counter(&reconnects, 1);
}

void
shim_metrics_refused(void)
{
	add_to_counter(&refused, 1);
}

void
shim_metrics_shared(void)
{
	add_to_counter(&shared, 1);
}

void
shim_metrics_fetch(ShimTransferOutcome outcome)
{
	add_to_counter(&fetches[outcome], 1);
}

void
shim_metrics_delivery(ShimTransferOutcome outcome)
{
	add_to_counter(&deliveries[outcome], 1);
}

/* What the database said last: how many wait, and for how many seconds the oldest. */
void
shim_metrics_deliveries(unsigned long waiting, unsigned long oldest)
{
	atomic_store(&deliveries_waiting, waiting);
	atomic_store(&delivery_oldest, oldest);
}

static void
print_head(ShimText *text, const char *name, const char *type, const char *help)
{
	shim_text_printf(text, "# HELP oauth_shim_%s %s\n# TYPE oauth_shim_%s %s\n", name, help, name,
					 type);
}

static void
print_one(ShimText *text, const char *name, const char *type, const char *help, unsigned long value)
{
	print_head(text, name, type, help);
	shim_text_printf(text, "oauth_shim_%s %lu\n", name, value);
}

static void
print_requests(ShimText *text)
{
	print_head(text, "requests_total", "counter", "Requests answered, by route and status.");
	for (int i = 0; i <= SHIM_MAX_ROUTES; i++)
		for (int status = 0; status < STATUSES; status++)
			if (counter_value(&by_status[i][status]) > 0)
				shim_text_printf(text,
								 "oauth_shim_requests_total{route=\"%s\",status=\"%d\"} %lu\n",
								 i < shim_route_count() ? shim_route_at(i)->path : "none", status,
								 counter_value(&by_status[i][status]));
}

static void
print_latency(ShimText *text)
{
	unsigned long total = 0;

	print_head(text, "request_seconds", "histogram",
			   "Time from the first byte of a request to its answer.");
	for (int i = 0; i < NBOUNDS; i++)
	{
		total += counter_value(&by_latency[i]);
		shim_text_printf(text, "oauth_shim_request_seconds_bucket{le=\"%g\"} %lu\n", bounds[i],
						 total);
	}
	total += counter_value(&by_latency[NBOUNDS]);
	shim_text_printf(text, "oauth_shim_request_seconds_bucket{le=\"+Inf\"} %lu\n", total);
	shim_text_printf(text, "oauth_shim_request_seconds_sum %.6f\n",
					 (double) counter_value(&latency_us) / 1e6);
	shim_text_printf(text, "oauth_shim_request_seconds_count %lu\n", total);
}

static double
live(ShimLane *lane)
{
	return lane->live;
}

static double
configured(ShimLane *lane)
{
	return lane->connections;
}

static double
depth(ShimLane *lane)
{
	return lane->depth;
}

static double
limit(ShimLane *lane)
{
	return lane->queue_limit;
}

/* Jobs leave a queue in any order, but its first is always the one that has waited longest. */
static double
oldest(ShimLane *lane)
{
	return lane->first ? (double) (shim_clock_ms() - atomic_load(&lane->first->since)) / 1000 : 0;
}

/* One value a lane, read under its lock. */
static void
print_lanes(ShimText *text, const char *name, const char *help, double (*value) (ShimLane *lane))
{
	print_head(text, name, "gauge", help);
	for (ShimLane *lane = shim_lanes; lane < shim_lanes + SHIM_LANES; lane++)
	{
		pthread_mutex_lock(&lane->lock);
		shim_text_printf(text, "oauth_shim_%s{lane=\"%s\"} %.10g\n", name, lane->name, value(lane));
		pthread_mutex_unlock(&lane->lock);
	}
}

static void
print_batches(ShimText *text)
{
	print_head(text, "batch_requests", "summary", "Requests that shared a statement.");
	for (int i = 0; i < SHIM_LANES; i++)
		shim_text_printf(text,
						 "oauth_shim_batch_requests_sum{lane=\"%s\"} %lu\n"
						 "oauth_shim_batch_requests_count{lane=\"%s\"} %lu\n",
						 shim_lanes[i].name, counter_value(&batched[i]), shim_lanes[i].name,
						 counter_value(&batches[i]));
}

/* NULL: not an outcome of that kind. */
static const char *const fetch_outcomes[SHIM_TRANSFER_OUTCOMES] = {
	[SHIM_TRANSFER_GOOD] = "good",
	[SHIM_TRANSFER_FAILED] = "failed",
	[SHIM_TRANSFER_UNREACHABLE] = "unreachable",
	[SHIM_TRANSFER_FORBIDDEN] = "forbidden"
};

static const char *const delivery_outcomes[SHIM_TRANSFER_OUTCOMES] = {
	[SHIM_TRANSFER_GOOD] = "delivered",
	[SHIM_TRANSFER_REJECTED] = "rejected",
	[SHIM_TRANSFER_FAILED] = "failed",
	[SHIM_TRANSFER_UNREACHABLE] = "unreachable",
	[SHIM_TRANSFER_FORBIDDEN] = "forbidden"
};

static void
print_outcomes(ShimText *text, const char *name, const char *help, Counter *counters,
			   const char *const *outcomes)
{
	print_head(text, name, "counter", help);
	for (int i = 0; i < SHIM_TRANSFER_OUTCOMES; i++)
		if (outcomes[i] != NULL)
			shim_text_printf(text, "oauth_shim_%s{outcome=\"%s\"} %lu\n", name, outcomes[i],
							 counter_value(&counters[i]));
}

static void
print_network(ShimText *text)
{
	ShimLane   *lane = &shim_network_lane;
	int			waiting;

	pthread_mutex_lock(&lane->lock);
	waiting = lane->held;
	pthread_mutex_unlock(&lane->lock);
	print_outcomes(text, "fetches_total", "Documents that other servers were asked for, by "
				   "outcome.", fetches, fetch_outcomes);
	print_one(text, "fetches_waiting", "gauge", "Requests that wait for a document of another "
			  "server.", (unsigned long) waiting);
	print_outcomes(text, "deliveries_total", "Attempts to send a message to another server, by "
				   "outcome.", deliveries, delivery_outcomes);
	print_one(text, "deliveries_waiting", "gauge", "Messages in the database that have neither "
			  "arrived nor failed.", counter_value(&deliveries_waiting));
	print_one(text, "delivery_oldest_seconds", "gauge", "How long the oldest of them has waited.",
			  counter_value(&delivery_oldest));
}

void
shim_metrics_print(ShimText *text)
{
	print_requests(text);
	print_latency(text);
	print_lanes(text, "queue_depth", "Requests that wait for a database connection.", depth);
	print_lanes(text, "queue_limit", "How many may wait; more are answered 503.", limit);
	print_lanes(text, "queue_oldest_seconds", "How long the first of them has waited.", oldest);
	print_lanes(text, "database_connections", "Database connections that are up.", live);
	print_lanes(text, "database_connections_configured", "Database connections that should be up.",
				configured);
	print_batches(text);
	print_one(text, "batch_fallbacks_total", "counter",
			  "Batches that failed and were run one by one.", counter_value(&fallbacks));
	print_one(text, "database_reconnects_total", "counter",
			  "Database connections that were lost and opened again.", counter_value(&reconnects));
	print_one(text, "refused_total", "counter",
			  "Requests refused by the front check.", counter_value(&refused));
	print_one(text, "shared_answers_total", "counter",
			  "Requests answered with what another one had just got from the database.",
			  counter_value(&shared));
	print_network(text);
	print_one(text, "http_connections", "gauge",
			  "HTTP connections that are up.", (unsigned long) shim_crowd_size());
	print_one(text, "http_connections_limit", "gauge",
			  "HTTP connections that are served at a time.", (unsigned long) shim_options.threads);
	print_one(text, "requests_in_flight", "gauge",
			  "Requests that are being answered, this one among "
			  "them.", (unsigned long) atomic_load(&shim_in_flight));
	print_one(text, "start_time_seconds", "gauge",
			  "When the shim began, in seconds since 1970.", (unsigned long) started);
}
