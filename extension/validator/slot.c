/*
 * slot.c
 *		The sessions that somebody logged in to with a token, while they live.
 *
 * They are in shared memory, a place for each backend, and not in a table: a login on a standby
 * writes nothing, and whatever ends a session or the server leaves nothing behind.  The memory is
 * found by its name, so that the library need not be in shared_preload_libraries.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "validator/validator.h"

#include "miscadmin.h"
#include "storage/dsm_registry.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "utils/acl.h"

typedef struct Slots
{
	LWLock		lock;
	int			n;
	OAuthSlot	slots[FLEXIBLE_ARRAY_MEMBER];
} Slots;

static Slots *slots;

static void
initialize(void *place)
{
	Slots	   *new = place;

	LWLockInitialize(&new->lock, LWLockNewTrancheId());
	new->n = MaxBackends;
	memset(new->slots, 0, MaxBackends * sizeof(OAuthSlot));
}

/* Finds the memory.  Later, nothing about the list can raise an error. */
void
oauth_slots_attach(void)
{
	bool		found;

	if (slots != NULL)
		return;
	slots = GetNamedDSMSegment("oauth sessions",
							   offsetof(Slots, slots) + MaxBackends * sizeof(OAuthSlot),
							   initialize, &found);
	LWLockRegisterTranche(slots->lock.tranche, "OAuthSessions");
}

static void
leave(int code, Datum argument)
{
	LWLockAcquire(&slots->lock, LW_EXCLUSIVE);
	slots->slots[MyProcNumber].pid = 0;
	LWLockRelease(&slots->lock);
}

/* Remembers this session, until it ends. */
void
oauth_slot_take(const OAuthTokenString *token, const OAuthLoginAnswer *answer, const char *role)
{
	OAuthSlot	slot = {
		.pid = MyProcPid, .database = answer->database, .role = get_role_oid(role, true),
		.backend_start = MyStartTimestamp, .token = token->handle, .grant = answer->grant
	};

	oauth_sha256(answer->subject, strlen(answer->subject), slot.subject);
	oauth_sha256(answer->client_id, strlen(answer->client_id), slot.client);
	oauth_slots_attach();
	before_shmem_exit(leave, (Datum) 0);
	LWLockAcquire(&slots->lock, LW_EXCLUSIVE);
	slots->slots[MyProcNumber] = slot;
	LWLockRelease(&slots->lock);
}

/*
 * Shows each session of this database to a function, until that returns false.  None of them ends
 * meanwhile.
 */
void
oauth_slots_visit(bool (*visit) (const OAuthSlot *slot, void *argument), void *argument)
{
	oauth_slots_attach();
	LWLockAcquire(&slots->lock, LW_SHARED);
	for (int i = 0; i < slots->n; i++)
		if (slots->slots[i].pid != 0 && slots->slots[i].database == MyDatabaseId &&
			!visit(&slots->slots[i], argument))
			break;
	LWLockRelease(&slots->lock);
}
