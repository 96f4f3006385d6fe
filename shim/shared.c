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

#include <stdlib.h>
#include <string.h>

#define ENTRIES 64
#define MAX_KEY 512				/* bytes */
#define MAX_ANSWER (16 * 1024)	/* likewise, fields and body */
#define MAX_TIME 1000			/* ms */

/* The entry has it, and each worker that is sending it; the last of them frees it. */
typedef struct Answer
{
	atomic_int	holders;
	size_t		fields_len;
	size_t		body_len;
	char		bytes[];		/* the fields, and behind them the body */
} Answer;

typedef struct Entry
{
	ShimText	key;
	Answer	   *answer;
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
	{
		ShimSlice	name = shim_request_field(request, i)->name;

		if (shim_slice_is_nocase(name, "Authorization") || shim_slice_is_nocase(name, "Cookie"))
			return true;
	}
	return false;
}

static void
put(ShimText *key, ShimSlice s)
{
	shim_text_append(key, s.at, s.len);
	shim_text_char(key, '\n');
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
make_key(const ShimExchange *x, ShimText *key)
{
	const ShimRequest *request = &x->request;

	put(key, shim_slice(request->scheme));
	put(key, request->target);
	for (int i = 0; i < request->nfields && key->len <= MAX_KEY; i++)
	{
		const ShimField *field = shim_request_field(request, i);
		bool		is_origin = shim_slice_is_nocase(field->name, "Origin");

		if (is_origin)
			put(key, (ShimSlice) SHIM_SLICE("Origin"));
		if (is_origin || shim_slice_is_nocase(field->name, "Host"))
			put(key, field->value);
	}
	return !key->failed && key->len <= MAX_KEY;
}

static Entry *
place_of(const ShimText *key)
{
	return &entries[shim_lane_share((ShimSlice) {key->data, key->len}) % ENTRIES];
}

static void
let_go(Answer *answer)
{
	if (answer != NULL && atomic_fetch_sub(&answer->holders, 1) == 1)
		free(answer);
}

/* NULL if there is no memory for it. */
static Answer *
make_answer(const ShimText *fields, ShimSlice body)
{
	Answer	   *answer = fields->failed ? NULL : malloc(sizeof(*answer) + fields->len + body.len);

	if (answer == NULL)
		return NULL;
	atomic_init(&answer->holders, 1);
	answer->fields_len = fields->len;
	answer->body_len = body.len;
	memcpy(answer->bytes, fields->data, fields->len);
	memcpy(answer->bytes + fields->len, body.at, body.len);
	return answer;
}

/* The answer is there, and this request is not the one that asks for the next; all is locked. */
static bool
serves(Entry *entry, const ShimText *key)
{
	int64_t		now = shim_clock_us();
	long long	renewal = atomic_load(&entry->renewal);

	if (entry->until <= now || entry->key.len != key->len ||
		memcmp(entry->key.data, key->data, key->len) != 0)
		return false;
	return renewal == 0 || now < renewal ||
		!atomic_compare_exchange_strong(&entry->renewal, &renewal, 0);
}

/* What another one with that key got, for let_go(); NULL if the database has to be asked. */
static Answer *
find_answer(const ShimText *key)
{
	Entry	   *entry = place_of(key);
	Answer	   *answer = NULL;

	pthread_rwlock_rdlock(&lock);
	if (serves(entry, key))
	{
		answer = entry->answer;
		atomic_fetch_add(&answer->holders, 1);
	}
	pthread_rwlock_unlock(&lock);
	return answer;
}

/*
 * Answer the request with what another one got; false if it has to ask the database. The key is
 * made where the request value would be, and not on the stack of each worker: there are hundreds.
 */
static bool
answer_from_entry(ShimExchange *x)
{
	ShimText   *key = &x->wire->job.text;
	Answer	   *answer = make_key(x, key) ? find_answer(key) : NULL;

	shim_text_clear(key);
	if (answer == NULL)
		return false;
	shim_metrics_shared();
	shim_reply_again(x, 200, (ShimSlice) {answer->bytes, answer->fields_len},
					 (ShimSlice) {answer->bytes + answer->fields_len, answer->body_len});
	let_go(answer);
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

/* The key is the entry's afterwards. */
static void
replace(Entry *entry, ShimText *key, Answer *answer)
{
	shim_text_free(&entry->key);
	entry->key = *key;
	*key = (ShimText) {0};
	let_go(entry->answer);
	entry->answer = answer;
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
	ShimText	key = {0};
	ShimText	fields = {0};
	Answer	   *answer = NULL;
	Entry	   *entry;

	if (x->lane == SHIM_READING && response->status == 200 && until > shim_clock_us() &&
		may_share(x) && make_key(x, &key) && shim_reply_fields(&fields, response) &&
		fields.len + response->body.len <= MAX_ANSWER)
		answer = make_answer(&fields, response->body);
	shim_text_free(&fields);
	if (answer != NULL)
	{
		entry = place_of(&key);
		pthread_rwlock_wrlock(&lock);
		replace(entry, &key, answer);
		entry->until = x->changes != atomic_load(&changes) ? 0 : until;
		atomic_store(&entry->renewal, until - us / 2);
		pthread_rwlock_unlock(&lock);
	}
	shim_text_free(&key);
}
