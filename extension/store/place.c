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

#include "utils/memutils.h"

/* Each of 16 bytes, in each session. */
#define FIRST_SIZE 1024
#define LAST_SIZE 65536

typedef struct OAuthPlace
{
	uint64		key;
	ItemPointerData at;			/* not valid: nothing is remembered */
} OAuthPlace;

/* Several files read clients. */
OAuthPlaces oauth_store_client_places;

/* Handles grow with time; the upper bits of the product depend on all of theirs. */
static OAuthPlace *
place_of(const OAuthPlaces *places, uint64 key)
{
	uint64		hash = key * UINT64CONST(0x9E3779B97F4A7C15);

	return &places->entries[(hash >> 32) & (places->size - 1)];
}

/* To that size, a power of two.  What is remembered stays so. */
static void
grow(OAuthPlaces *places, uint32 size)
{
	OAuthPlaces bigger = {.size = size};

	bigger.entries = MemoryContextAllocZero(TopMemoryContext, size * sizeof(OAuthPlace));
	for (uint32 i = 0; i < places->size; i++)
		if (ItemPointerIsValid(&places->entries[i].at))
			*place_of(&bigger, places->entries[i].key) = places->entries[i];
	if (places->entries != NULL)
		pfree(places->entries);
	*places = bigger;
}

/*
 * Where the row with that key, or with that hash of its key, was last; false if that is not known.
 */
bool
oauth_store_recall_place(const OAuthPlaces *places, uint64 key, ItemPointer at)
{
	const OAuthPlace *place;

	if (places->size == 0)
		return false;
	place = place_of(places, key);
	*at = place->at;
	return place->key == key && ItemPointerIsValid(at);
}

/* Two that have the same entry take turns; where many do, there are more entries from then on. */
void
oauth_store_remember_place(OAuthPlaces *places, uint64 key, ItemPointerData at)
{
	OAuthPlace *place;

	if (places->size == 0)
		grow(places, FIRST_SIZE);
	else if (places->displaced > places->size / 2 && places->size < LAST_SIZE)
		grow(places, places->size * 2);
	place = place_of(places, key);
	if (ItemPointerIsValid(&place->at) && place->key != key)
		places->displaced++;
	*place = (OAuthPlace) {.key = key, .at = at};
}
