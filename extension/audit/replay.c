/*
 * replay.c
 *		What may be used once, across all sessions and shims: nonces of OAuth 1.0a (RFC 5849,
 *		section 3.3), and the jti of client assertions (RFC 7523, section 3) and of DPoP proofs (RFC
 *		9449, section 11.1).
 *
 * All of them lie in the ring of tables of store/nonce.c, by a timestamp.  Below the floor of the
 * ring nothing is accepted.  The floor rises to the end of the window when another server takes
 * over or a backup is restored, because nobody knows then what was used.  A nonce of OAuth 1.0a
 * lies at its own timestamp, which may be as far ahead as the window reaches: clients wait for one
 * window.  What has a jti was made at most OAUTH_JWT_SKEW seconds ahead, so it lies as much later
 * than it was made: then only what was made before that moment, and a little after it, is refused.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "crypto/crypto.h"
#include "jose/jose.h"
#include "setting.h"
#include "store/oauth1.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "datatype/timestamp.h"
#include "libpq/pqformat.h"

/* Seconds since 1970. */
int64
oauth_unix_now(void)
{
	return GetCurrentTimestamp() / USECS_PER_SEC +
		(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (int64) SECS_PER_DAY;
}

static OAuthNonceWindow
current_window(void)
{
	int64		now = oauth_unix_now();
	int			seconds = Max(oauth_setting_timestamp_window,
							  Max(oauth_setting_assertion_lifetime, OAUTH_PROOF_LIFETIME));
	OAuthNonceWindow window = {
		.earliest = now - seconds, .latest = now + seconds, .seconds = seconds
	};

	return window;
}

/* A standby can use nothing up: what was used there would be good once more elsewhere. */
static void
refuse_read_only(void)
{
	if (!XactReadOnly && !RecoveryInProgress())
		return;
	ereport(ERROR,
			(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
			 errmsg("an assertion, a proof or a signature is good once, which cannot be noted %s",
					RecoveryInProgress() ? "on a standby" : "in a read-only transaction"),
			 errhint("Ask the server that writes.")));
}

/* waits: for another transaction that is using the same, to see whether it is undone. */
static OAuthNonceResult
use_up(int64 timestamp, const uint8 *hash, bool waits)
{
	OAuthNonceWindow window = current_window();

	if (timestamp < window.earliest || timestamp > window.latest)
		return OAUTH_NONCE_STALE;
	refuse_read_only();
	return waits || oauth_store_try_nonce(hash) ?
		oauth_store_use_nonce(timestamp, hash, &window) : OAUTH_NONCE_USED;
}

/*
 * Uses up what has that SHA-256, filed under that time (seconds since 1970); stale if the time is
 * outside the window, or below the floor.
 */
OAuthNonceResult
oauth_replay_use(int64 timestamp, const uint8 *hash)
{
	return use_up(timestamp, hash, true);
}

/* The lengths are part of what is hashed, so that no two different things are the same bytes. */
static void
hash_jti(const char *kind, const char *owner, const char *jti, uint8 *hash)
{
	StringInfoData parts;

	initStringInfo(&parts);
	pq_sendint32(&parts, strlen(kind));
	appendStringInfoString(&parts, kind);
	pq_sendint32(&parts, strlen(owner));
	appendStringInfoString(&parts, owner);
	appendStringInfoString(&parts, jti);
	oauth_sha256(parts.data, parts.len, hash);
	pfree(parts.data);
}

/*
 * The earliest time at which an assertion with these claims can have been made and still be good,
 * all in seconds since 1970; iat is NaN where there is none.
 */
int64
oauth_replay_made_at(double iat, double exp)
{
	double		earliest = exp - oauth_setting_assertion_lifetime;

	/* a comparison with NaN is false */
	return (int64) (iat > earliest ? iat : earliest);
}

/*
 * Uses up a jti.  kind is "dpop" or "assertion"; owner is who chose it: the thumbprint of the key,
 * or the iss.  made_at is when it was made, at the earliest (seconds since 1970).
 * The caller has checked that it is at most OAUTH_JWT_SKEW seconds ahead.
 *
 * A request whose jti another transaction is using does not wait for that to end: proofs are
 * used up on several connections at once, where the same two in opposite order would be a deadlock.
 *
 * Call this last, once everything else is in order, and only where rows can be written
 * (oauth_response_is_other_lane(OAUTH_LANE_WRITING) is false).
 */
OAuthNonceResult
oauth_replay_use_jti(const char *kind, const char *owner, const char *jti, int64 made_at)
{
	uint8		hash[OAUTH_HASH_LENGTH];

	hash_jti(kind, owner, jti, hash);
	return use_up(made_at + current_window().seconds - OAUTH_JWT_SKEW, hash, false);
}

/*
 * Whether nobody has used that jti for as long as the window, whatever the text with it said of its
 * time; from now on somebody has.  Time is cut into periods of that length, and the jti lies at the
 * end of this one and of the one before, where it is found in this period and in the next.  Below
 * the floor nothing is known, and oauth_replay_use_jti() has refused what is old.
 */
bool
oauth_replay_is_first(const char *kind, const char *owner, const char *jti)
{
	int			seconds = current_window().seconds;
	int64		period = oauth_unix_now() / seconds;
	uint8		hash[OAUTH_HASH_LENGTH];

	/* nothing else lies there, also where oauth_replay_use_jti() has used the same second */
	hash_jti(psprintf("%s of a period", kind), owner, jti, hash);
	for (int i = 0; i < 2; i++)
		if (oauth_replay_use((period + i) * seconds, hash) == OAUTH_NONCE_USED)
			return false;
	return true;
}

/* Removes what is too old to be used again. */
void
oauth_replay_purge(void)
{
	OAuthNonceWindow window = current_window();

	oauth_store_purge_nonces(&window);
}
