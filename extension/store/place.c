/*
 * place.c
 *		Where rows were found, so that the next look for one of them needs no index.
 *
 * Requests bring the same tokens again and again.  The way down an index is most of what it costs
 * to find a row: half of the instructions, and where there are millions of rows a dozen lines of
 * memory that no cache of the processor has.  A place is a guess: it is looked at as one that the
 * index names, in the same snapshot (scan.c), and the index is asked where no row with that key is
 * to be seen there.  So nothing has to be forgotten when rows are removed, or tables written anew.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"

#include "common/pg_prng.h"
#include "utils/memutils.h"

/* Each of 16 bytes, in each session. */
#define FIRST_SIZE 1024
#define LAST_SIZE 32768

/* A key has its place in one of so many entries that are beside each other, in one or two lines. */
#define WAYS 4

typedef struct OAuthPlace
{
	uint64		key;
	ItemPointerData at;			/* not valid: nothing is remembered */
	bool		was_of_use;
} OAuthPlace;

/* Several files read these.  Of subjects only those that were found just now, to be held. */
OAuthPlaces oauth_store_client_places;
OAuthPlaces oauth_store_subject_places = {.limit = WAYS};

/* The upper bits of the product depend on all bits of the key. */
static OAuthPlace *
entries_of(const OAuthPlaces *places, uint64 key)
{
	uint64		hash = key * UINT64CONST(0x9E3779B97F4A7C15);

	return &places->entries[((hash >> 32) * (places->size / WAYS) >> 32) * WAYS];
}

/* NULL if it has none. */
static OAuthPlace *
entry_of(const OAuthPlaces *places, uint64 key)
{
	OAuthPlace *entries;

	if (places->size == 0)
		return NULL;
	entries = entries_of(places, key);
	for (int i = 0; i < WAYS; i++)
		if (entries[i].key == key && ItemPointerIsValid(&entries[i].at))
			return &entries[i];
	return NULL;
}

/*
 * One that is free, else any: where keys come in turn, the one that was used last would be the next
 * that is wanted.
 */
static OAuthPlace *
new_entry(OAuthPlaces *places, uint64 key)
{
	OAuthPlace *entries = entries_of(places, key);
	OAuthPlace *victim;

	for (int i = 0; i < WAYS; i++)
		if (!ItemPointerIsValid(&entries[i].at))
			return &entries[i];
	victim = &entries[pg_prng_uint32(&pg_global_prng_state) % WAYS];
	places->displaced += victim->was_of_use;
	return victim;
}

static void
put(OAuthPlaces *places, uint64 key, ItemPointerData at)
{
	OAuthPlace *entry = entry_of(places, key);

	if (entry == NULL)
		entry = new_entry(places, key);
	*entry = (OAuthPlace) {.key = key, .at = at};
}

/* To that size, if there is memory for it.  What is remembered stays so. */
static void
resize(OAuthPlaces *places, uint32 size)
{
	OAuthPlaces resized = {.limit = places->limit, .size = size};

	places->displaced = 0;
	resized.entries = MemoryContextAllocExtended(TopMemoryContext, size * sizeof(OAuthPlace),
												 MCXT_ALLOC_ZERO | MCXT_ALLOC_NO_OOM);
	if (resized.entries == NULL)
		return;
	for (uint32 i = 0; i < places->size; i++)
		if (ItemPointerIsValid(&places->entries[i].at))
			put(&resized, places->entries[i].key, places->entries[i].at);
	if (places->entries != NULL)
		pfree(places->entries);
	*places = resized;
}

/*
 * Where the row with that key, or with that hash of its key, was last; false if that is not known.
 */
bool
oauth_store_recall_place(OAuthPlaces *places, uint64 key, ItemPointer at)
{
	OAuthPlace *entry = entry_of(places, key);

	if (entry == NULL)
		return false;
	entry->was_of_use = true;
	*at = entry->at;
	return true;
}

/* Where many are forgotten that were of use, there are more entries from then on. */
void
oauth_store_remember_place(OAuthPlaces *places, uint64 key, ItemPointerData at)
{
	uint32		limit = places->limit ? places->limit : LAST_SIZE;

	if (places->size == 0)
		resize(places, Min(FIRST_SIZE, limit));
	else if (places->displaced > places->size / 4 && places->size < limit)
		resize(places, places->size * 2);
	if (places->size > 0)
		put(places, key, at);
}

/* There is no row with that key: a page would be read only to find that out again. */
void
oauth_store_forget_place(OAuthPlaces *places, uint64 key)
{
	OAuthPlace *entry = entry_of(places, key);

	if (entry != NULL)
		ItemPointerSetInvalid(&entry->at);
}
