/*
 * shared.c
 *	  Answers that are given to more than one request.
 *
 * A SQL function may say of its answer, with a line "Shared: ms", that every request for the same
 * gets it for so long. The same is: the function's path and query, the host, the scheme and the
 * origin of the page that asks, by GET or HEAD and without credentials. Then the worker answers
 * from here, and no connection to the database is waited for.
 *
 * The time counts from the first byte of the request that was answered by the database. So no
 * answer is older than that, nor does one hide for longer that the database is gone. When half of
 * it is over, one request asks the database again, and the others need not wait for its answer; at
 * the end all would, which is more than one of a hundred where there are many. And what the
 * database tells of a change (connection.c) is obeyed at once: all is forgotten, also an answer
 * that is on its way.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

#include <string.h>

#define ENTRIES 64
#define MAX_KEY 512				/* bytes */
#define MAX_ANSWER (16 * 1024)	/* likewise, fields and body */
#define MAX_TIME 1000			/* ms */

typedef struct Entry
{
	ShimText	key;
	ShimText	fields;
	ShimText	body;
	int64_t		until;			/* in us */
	atomic_llong renewal;		/* when somebody asks again, likewise; 0: somebody does */
} Entry;

/*
 * Of two keys that fall on one place the later one has it: then the other is asked for again. Who
 * answers from here holds up no other who does, also if the processor is taken from him meanwhile;
 * who changes something comes before those that arrive after him.
 */
static Entry entries[ENTRIES];
static pthread_rwlock_t lock = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static atomic_ulong changes;

/* The database has told of a change: what was answered before is not said again. */
void
shim_shared_forget(void)
{
	atomic_fetch_add(&changes, 1);
	pthread_rwlock_wrlock(&lock);
	for (Entry *entry = entries; entry < entries + ENTRIES; entry++)
		entry->until = 0;
	pthread_rwlock_unlock(&lock);
}

/* Does it depend on who asks? (RFC 9111, section 3.5, and what browsers send by themselves) */
static bool
has_credentials(const ShimRequest *request)
{
	for (int i = 0; i < request->nfields; i++)
		if (shim_slice_is_nocase(request->fields[i].name, "Authorization") ||
			shim_slice_is_nocase(request->fields[i].name, "Cookie"))
			return true;
	return false;
}

static bool
put(char *key, size_t *len, ShimSlice s)
{
	if (MAX_KEY - *len <= s.len)
		return false;
	memcpy(key + *len, s.at, s.len);
	*len += s.len;
	key[(*len)++] = '\n';
	return true;
}

/* Whether others may be given the answer to the request. */
static bool
may_share(const ShimExchange *x)
{
	unsigned	method = shim_method_bit(x->head.method);

	return x->route->lane == SHIM_READING && (method == SHIM_GET || method == SHIM_HEAD) &&
		x->request.body.len == 0 && !has_credentials(&x->request);
}

/* What has to be the same, a line each; false if that is too long. */
static bool
make_key(const ShimExchange *x, char *key, size_t *len)
{
	const ShimRequest *request = &x->request;
	bool		fits;

	*len = 0;
	fits = put(key, len, shim_slice(request->scheme)) && put(key, len, request->target);
	for (int i = 0; i < request->nfields && fits; i++)
		if (shim_slice_is_nocase(request->fields[i].name, "Host"))
			fits = put(key, len, request->fields[i].value);
		else if (shim_slice_is_nocase(request->fields[i].name, "Origin"))
			fits = put(key, len, (ShimSlice) {"Origin", 6}) &&
				put(key, len, request->fields[i].value);
	return fits;
}

static Entry *
place_of(const char *key, size_t len)
{
	return &entries[shim_lane_share((ShimSlice) {key, len}) % ENTRIES];
}

/* The answer is there, and this request is not the one that asks for the next; all is locked. */
static bool
serves(Entry *entry, const char *key, size_t len)
{
	int64_t		now = shim_clock_us();
	long long	renewal = atomic_load(&entry->renewal);

	if (entry->until <= now || entry->key.len != len || memcmp(entry->key.data, key, len) != 0)
		return false;
	return renewal == 0 || now < renewal ||
		!atomic_compare_exchange_strong(&entry->renewal, &renewal, 0);
}

/*
 * Answer the request with what another one got; false if it has to ask the database. A function of
 * its own, so that its key is not on the stack of each worker: there are hundreds.
 */
static bool
__attribute__((noinline))
answer_from_entry(ShimExchange *x)
{
	char		key[MAX_KEY];
	size_t		len;
	size_t		fields_len = 0;
	Entry	   *entry;
	ShimText	copy = {0};

	if (!make_key(x, key, &len))
		return false;
	entry = place_of(key, len);
	pthread_rwlock_rdlock(&lock);
	if (serves(entry, key, len))
	{
		shim_text_append(&copy, entry->fields.data, entry->fields.len);
		shim_text_append(&copy, entry->body.data, entry->body.len);
		fields_len = entry->fields.len;
	}
	pthread_rwlock_unlock(&lock);
	if (copy.len == 0 || copy.failed)
	{
		shim_text_free(&copy);
		return false;
	}
	shim_metrics_shared();
	shim_reply_again(x, 200, (ShimSlice) {copy.data, fields_len},
					 (ShimSlice) {copy.data + fields_len, copy.len - fields_len});
	shim_text_free(&copy);
	return true;
}

/* The same for any request. */
bool
shim_shared_answer(ShimExchange *x)
{
	x->changes = atomic_load(&changes);
	return may_share(x) && answer_from_entry(x);
}

/* The number of ms that the line allows, 0 if it is none. */
static int64_t
read_time(ShimSlice value)
{
	int64_t		ms = 0;

	for (size_t i = 0; i < value.len; i++)
	{
		if (value.at[i] < '0' || value.at[i] > '9' || ms > MAX_TIME)
			return 0;
		ms = ms * 10 + (value.at[i] - '0');
	}
	return ms < MAX_TIME ? ms : MAX_TIME;
}

static void
replace(ShimText *text, ShimSlice by)
{
	shim_text_free(text);
	shim_text_append(text, by.at, by.len);
}

/*
 * Keep the answer of the database to that request for others. The function says for how many ms; no
 * function of the application runs in the reading lane, so none can say it.
 */
void
shim_shared_keep(const ShimExchange *x, const ShimResponse *response, ShimSlice time)
{
	int64_t		us = read_time(time) * 1000;
	int64_t		until = x->wire->begun + us;
	char		key[MAX_KEY];
	size_t		len;
	ShimText	fields = {0};
	Entry	   *entry;

	if (x->lane != SHIM_READING || response->status != 200 || until <= shim_clock_us() ||
		!may_share(x) || !make_key(x, key, &len) || !shim_reply_fields(&fields, response) ||
		fields.len + response->body.len > MAX_ANSWER)
	{
		shim_text_free(&fields);
		return;
	}
	entry = place_of(key, len);
	pthread_rwlock_wrlock(&lock);
	replace(&entry->key, (ShimSlice) {key, len});
	replace(&entry->fields, (ShimSlice) {fields.data, fields.len});
	replace(&entry->body, response->body);
	entry->until = entry->key.failed || entry->fields.failed || entry->body.failed ||
		x->changes != atomic_load(&changes) ? 0 : until;
	atomic_store(&entry->renewal, until - us / 2);
	pthread_rwlock_unlock(&lock);
	shim_text_free(&fields);
}
