/*
 * throttle.c
 *		Slows down guessing: wrong passwords, client secrets and user codes are counted, and after a
 *		number of them each attempt waits (RFC 6749, sections 2.3.1 and 10.10; RFC 6819, section
 *		5.1.4.2.3; RFC 8628, section 5.1).
 *
 * An attempt that costs a password hash is counted before the hash is computed, so that any number
 * of simultaneous guesses costs only the allowed number of hashes.  There is a count for each
 * account and address together, so that a guessing stranger does not lock out the owner of the
 * account at another address; the limits for the account from anywhere and for the address are ten
 * times as high.  An IPv6 address counts as its /64 network; its /48, which one site or customer
 * has, counts too, with three times the limit.
 *
 * Strangers do not count where the account was logged in before (known.c): a known browser has a
 * count of its own, and for a known address neither the count from anywhere nor that of the site is
 * read.  Each of the two also has a count of the account from anywhere, to which strangers do not
 * contribute.
 *
 * The count of an address is read before the hash and raised after a wrong guess.  Raising it
 * before would lock its row while each hash is computed, and an application whose users all come
 * from one address would log them in one at a time.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "store/throttle.h"

#include <sys/socket.h>

#include "access/xact.h"
#include "access/xlog.h"
#include "utils/builtins.h"
#include "utils/inet.h"

#define SAID_IN_SECONDS 90
#define NETWORK_BITS	64
#define SITE_BITS		48

/*
 * The key of a count: 16 bytes of the SHA-256 over the counted values.  A typed name never has the
 * key of a subject that is spelled like it.
 */
static void *
key_of(const char *what, const char *kind, const char *account, bool is_known, const char *address)
{
	uint8	   *key = palloc(OAUTH_HASH_LENGTH);
	char	   *about = psprintf("%s\n%s\n%s\n%s\n%s", what, kind, address,
								 is_known ? "known" : "typed", account);

	oauth_sha256(about, strlen(about), key);
	return key;
}

/*
 * An IPv4 address that an IPv6 socket reports (RFC 4291, section 2.5.5.2) counts as IPv4: the /64
 * network of such addresses would be all of them.
 */
static Datum
unmapped(Datum peer)
{
	static const uint8 mapped[12] = {[10] = 0xFF,[11] = 0xFF};
	const inet *address = DatumGetInetPP(peer);
	const uint8 *bytes = ip_addr(address);

	if (ip_family(address) == PGSQL_AF_INET || memcmp(bytes, mapped, sizeof(mapped)) != 0)
		return peer;
	return DirectFunctionCall1(inet_in, CStringGetDatum(psprintf("%d.%d.%d.%d", bytes[12],
																 bytes[13], bytes[14], bytes[15])));
}

static Datum
network(Datum address, int bits)
{
	return DirectFunctionCall1(network_network,
							   DirectFunctionCall2(inet_set_masklen, address, Int32GetDatum(bits)));
}

/* Fills in the addresses to be counted; the keys come later. */
static void
set_addresses(OAuthThrottle *throttle, Datum peer)
{
	if (peer == 0)
		return;
	throttle->address = unmapped(peer);
	if (ip_family(DatumGetInetPP(throttle->address)) == PGSQL_AF_INET)
		return;
	throttle->site = network(throttle->address, SITE_BITS);
	throttle->address = network(throttle->address, NETWORK_BITS);
}

static char *
text_of(Datum address)
{
	return address ? DatumGetCString(DirectFunctionCall1(inet_out, address)) : "";
}

/* The network that an address counts as: the /64 of an IPv6 address. */
char *
oauth_throttle_network(Datum peer)
{
	OAuthThrottle throttle = {0};

	set_addresses(&throttle, peer);
	return text_of(throttle.address);
}

/*
 * Begins to count attempts at an account, in the spelling by which it is found.  is_known: it
 * exists and may be shown to administrators (a mistyped name may be a password).
 */
OAuthThrottle *
oauth_throttle(const OAuthRequest *request, const char *kind, const char *account, bool is_known,
			   int allowance)
{
	OAuthThrottle *throttle = palloc0(sizeof(OAuthThrottle));
	char	   *address;

	set_addresses(throttle, request ? request->peer : 0);
	address = text_of(throttle->address);
	throttle->kind = kind;
	throttle->account = is_known ? account : NULL;
	throttle->allowance = allowance;
	throttle->counted_here = key_of("here", kind, account, is_known, address);
	throttle->counted_anywhere = key_of("anywhere", kind, account, is_known, "");
	throttle->address_key = key_of("address", kind, "", true, address);
	if (throttle->site != 0)
	{
		throttle->site_here = key_of("here", kind, account, is_known, text_of(throttle->site));
		throttle->site_key = key_of("address", kind, "", true, text_of(throttle->site));
	}
	throttle->is_off = allowance == 0 || XactReadOnly || RecoveryInProgress();
	return throttle;
}

/*
 * Counts the same attempt for a browser that the account was logged in from, instead of for its
 * address.
 */
OAuthThrottle *
oauth_throttle_of_browser(const OAuthThrottle *throttle, const char *account, const char *browser)
{
	OAuthThrottle *own = palloc(sizeof(OAuthThrottle));

	*own = *throttle;
	own->address = own->site = 0;
	own->site_here = own->site_key = NULL;
	own->counted_here = key_of("browser", own->kind, account, true, browser);
	own->counted_anywhere = key_of("browsers", own->kind, account, true, "");
	own->address_key = key_of("address", own->kind, account, true, browser);
	return own;
}

/* Counts the same attempt for an address that the account was logged in from. */
OAuthThrottle *
oauth_throttle_at_known_address(const OAuthThrottle *throttle, const char *account)
{
	OAuthThrottle *own = palloc(sizeof(OAuthThrottle));

	*own = *throttle;
	own->site = 0;
	own->site_here = own->site_key = NULL;
	own->counted_anywhere = key_of("known addresses", own->kind, account, true, "");
	return own;
}

/* Counts an attempt; false if it comes too early and must not be looked at. */
bool
oauth_throttle_lets_in(const OAuthThrottle *throttle)
{
	return throttle->is_off || oauth_store_count_attempt(throttle);
}

/* Counts an attempt.  Returns a fault if it comes too early; then nothing may be looked at. */
OAuthFault *
oauth_throttle_attempt(const OAuthThrottle *throttle)
{
	OAuthFault *fault;
	int			seconds;

	if (oauth_throttle_lets_in(throttle))
		return NULL;
	seconds = oauth_store_throttle_wait(throttle);
	fault = oauth_fault(OAUTH_TOO_MANY_ATTEMPTS,
						psprintf("Too many failed attempts. Try again in %d %s.",
								 seconds > SAID_IN_SECONDS ? (seconds + 59) / 60 : seconds,
								 seconds > SAID_IN_SECONDS ? "minutes" : "seconds"));
	fault->retry_after = seconds;
	/* a refusal changes nothing, and the log must not fill up with refusals */
	fault->is_noted = true;
	return fault;
}

/*
 * Counts a wrong guess at 256 random bits, unless another session is counting the same one.  Such
 * guesses come in batches of many requests, and two batches that lock the same counts in opposite
 * orders would wait for each other.
 */
OAuthFault *
oauth_throttle_count_key_guess(const OAuthThrottle *throttle)
{
	OAuthFault *fault;

	if (throttle->is_off || !oauth_store_try_counts(throttle))
		return NULL;
	if ((fault = oauth_throttle_attempt(throttle)) == NULL)
		oauth_throttle_result(throttle, false);
	return fault;
}

/*
 * Counts what strangers may do without proof, a number of times an hour from one address; a fault
 * if that was exceeded.  Such requests come in batches too, so this does not wait for another
 * session that counts the same.
 */
OAuthFault *
oauth_throttle_visit(const OAuthRequest *request, const char *kind, int allowance)
{
	OAuthThrottle *throttle = oauth_throttle(request, kind, "", true, allowance);
	OAuthFault *fault;
	int			seconds;

	throttle->account = NULL;
	if (throttle->is_off || throttle->address == 0 || oauth_store_count_visit(throttle))
		return NULL;
	seconds = oauth_store_throttle_wait(throttle);
	fault = oauth_fault(OAUTH_TOO_MANY_ATTEMPTS,
						psprintf("Too many requests from this address. Try again in %d seconds.",
								 seconds));
	fault->retry_after = seconds;
	fault->is_noted = true;
	return fault;
}

/* Records whether the attempt succeeded. */
void
oauth_throttle_result(const OAuthThrottle *throttle, bool was_right)
{
	if (throttle->is_off)
		return;
	if (was_right)
		oauth_store_forget_attempt(throttle);
	else
		oauth_store_count_failure(throttle);
}
