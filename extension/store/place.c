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
 * A place has the buffer where its page was as well, which spares the look for it among all
 * buffers, and is enough to have the processor fetch the row before it is read (lookup.c).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "setting.h"
#include "store/statement.h"

#include "common/pg_prng.h"
#include "storage/buf_internals.h"
#include "storage/bufmgr.h"
#include "utils/memutils.h"

/* Each of 24 bytes, in each session; of the shim's there are few, which serve everybody. */
#define FIRST_SIZE 1024
#define LAST_SIZE 32768
#define LAST_SIZE_OF_LANE 131072

/* A key has its place in one of so many entries that are beside each other, in one or two lines. */
#define WAYS 4

/*
 * Of so many looks at a place one lets the server find the page: a buffer that is pinned directly
 * does not count as used, and what is not used is displaced.
 */
#define BUFFER_TURNS 8

#define CACHE_LINE 64			/* bytes that the processor fetches at once */
#define ROW_LINES 3				/* of a row, at least what is read of it */

typedef struct OAuthPlace
{
	uint64		next;			/* key of the row of another table that is read next; 0: none */
	uint32		mark;			/* of the key */
	Buffer		buffer;			/* where its page was; it need not be there any more */
	ItemPointerData at;			/* not valid: nothing is remembered */
	bool		was_of_use;
	uint8		looks;			/* at it, modulo 256 */
} OAuthPlace;

/* Several files read these.  Of subjects only those that were found just now, to be held. */
OAuthPlaces oauth_store_client_places;
OAuthPlaces oauth_store_subject_places = {.limit = WAYS};

/*
 * What is remembered of a key, and says where: the upper bits of the product, which depend on all
 * bits of the key.  That another key has the same mark happens once in four billion, and is seen
 * in the row.
 */
static uint32
mark_of(uint64 key)
{
	return (uint32) ((key * UINT64CONST(0x9E3779B97F4A7C15)) >> 32);
}

static OAuthPlace *
entries_of(const OAuthPlaces *places, uint32 mark)
{
	return &places->entries[((uint64) mark * (places->size / WAYS) >> 32) * WAYS];
}

/* NULL if it has none. */
static OAuthPlace *
entry_of(const OAuthPlaces *places, uint32 mark)
{
	OAuthPlace *entries;

	if (places->size == 0)
		return NULL;
	entries = entries_of(places, mark);
	for (int i = 0; i < WAYS; i++)
		if (entries[i].mark == mark && ItemPointerIsValid(&entries[i].at))
			return &entries[i];
	return NULL;
}

/*
 * One that is free, else any: where keys come in turn, the one that was used last would be the next
 * that is wanted.
 */
static OAuthPlace *
new_entry(OAuthPlaces *places, uint32 mark)
{
	OAuthPlace *entries = entries_of(places, mark);
	OAuthPlace *victim;

	for (int i = 0; i < WAYS; i++)
		if (!ItemPointerIsValid(&entries[i].at))
			return &entries[i];
	victim = &entries[pg_prng_uint32(&pg_global_prng_state) % WAYS];
	places->displaced += victim->was_of_use;
	return victim;
}

static void
put(OAuthPlaces *places, const OAuthPlace *place)
{
	OAuthPlace *entry = entry_of(places, place->mark);

	if (entry == NULL)
		entry = new_entry(places, place->mark);
	*entry = *place;
	entry->was_of_use = false;
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
			put(&resized, &places->entries[i]);
	if (places->entries != NULL)
		pfree(places->entries);
	*places = resized;
}

/*
 * Where the row with that key, or with that hash of its key, was last; false if that is not known.
 * *buffer is the buffer that its page was in; InvalidBuffer where the server is to find it.
 */
bool
oauth_store_recall_place(OAuthPlaces *places, uint64 key, ItemPointer at, Buffer *buffer)
{
	OAuthPlace *entry = entry_of(places, mark_of(key));

	if (entry == NULL)
		return false;
	entry->was_of_use = true;
	*at = entry->at;
	*buffer = entry->looks++ % BUFFER_TURNS == 0 ? InvalidBuffer : entry->buffer;
	return true;
}

static uint32
limit_of(const OAuthPlaces *places)
{
	if (places->limit != 0)
		return places->limit;
	return oauth_setting_lane == OAUTH_LANE_ANY ? LAST_SIZE : LAST_SIZE_OF_LANE;
}

/* Where many are forgotten that were of use, there are more entries from then on. */
void
oauth_store_remember_place(OAuthPlaces *places, uint64 key, ItemPointerData at, Buffer buffer)
{
	OAuthPlace	place = {.mark = mark_of(key), .at = at, .buffer = buffer, .looks = 1};
	uint32		limit = limit_of(places);

	if (places->size == 0)
		resize(places, Min(FIRST_SIZE, limit));
	else if (places->displaced > places->size / 4 && places->size < limit)
		resize(places, places->size * 2);
	if (places->size > 0)
		put(places, &place);
}

/* Its page is in that buffer now. */
void
oauth_store_move_place(OAuthPlaces *places, uint64 key, Buffer buffer)
{
	OAuthPlace *entry = entry_of(places, mark_of(key));

	if (entry != NULL)
		entry->buffer = buffer;
}

/* After it, the row with the key next is read, in another table. */
void
oauth_store_link_place(OAuthPlaces *places, uint64 key, uint64 next)
{
	OAuthPlace *entry = entry_of(places, mark_of(key));

	if (entry != NULL)
		entry->next = next;
}

/* There is no row with that key: a page would be read only to find that out again. */
void
oauth_store_forget_place(OAuthPlaces *places, uint64 key)
{
	OAuthPlace *entry = entry_of(places, mark_of(key));

	if (entry != NULL)
		ItemPointerSetInvalid(&entry->at);
}

/* ---- ahead of time ----
 *
 * What follows only has the processor fetch memory, some hundred instructions before it is needed.
 * No buffer is pinned meanwhile, so that what is read of a page may be of any other by then: it is
 * no more than the number of a line to fetch, and to fetch a wrong one is no error.
 */

static void
fetch(const void *address, int lines)
{
	for (int i = 0; i < lines; i++)
		__builtin_prefetch((const char *) address + i * CACHE_LINE);
}

/* The place of that key will be asked for. */
void
oauth_store_expect_place(const OAuthPlaces *places, uint64 key)
{
	if (places->size > 0)
		fetch(entries_of(places, mark_of(key)), WAYS * sizeof(OAuthPlace) / CACHE_LINE + 1);
}

/* Where the page names the row; NULL where that is not known. */
static ItemId
item_of(const OAuthPlace *entry)
{
	return entry != NULL && entry->buffer > 0 ?
		PageGetItemId(BufferGetPage(entry->buffer), ItemPointerGetOffsetNumber(&entry->at)) : NULL;
}

/* And its page, after a while.  The key of the row that is read next, 0 where that is not known. */
uint64
oauth_store_expect_page(const OAuthPlaces *places, uint64 key)
{
	const OAuthPlace *entry = entry_of(places, mark_of(key));
	ItemId		item = item_of(entry);

	if (item == NULL)
		return 0;
	fetch(GetBufferDescriptor(entry->buffer - 1), 1);
	fetch(BufferGetPage(entry->buffer), 1);
	fetch(item, 1);
	return entry->next;
}

/* And the row itself, after a while again. */
void
oauth_store_expect_row(const OAuthPlaces *places, uint64 key)
{
	const OAuthPlace *entry = entry_of(places, mark_of(key));
	ItemId		item = item_of(entry);

	if (item != NULL)
		fetch(BufferGetPage(entry->buffer) + ItemIdGetOffset(item), ROW_LINES);
}
