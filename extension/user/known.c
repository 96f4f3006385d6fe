/*
 * known.c
 *		Browsers and addresses that an account was logged in from before.
 *
 * Wrong passwords for an account are counted across all addresses, so that many addresses together
 * cannot guess for long.  By that count alone, strangers who know a username could lock the user
 * out.  So it does not apply to a known browser, which has a signed cookie, or to an address that
 * was remembered at a login.
 *
 * Both are known for one account with one password: the signature of the cookie and the key of the
 * address cover the subject and the hash of the password at that time.  The cookie of another user
 * proves nothing, and a change of the password voids all of them.  If the application checks
 * passwords (password_function), no hash is known here: then a change of the password voids
 * nothing, and the entries last until they expire.  A stolen cookie allows as many guesses as are
 * free for one address, from any address; after that its thief is counted like everybody else.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "http/http.h"
#include "secret/secret.h"
#include "store/throttle.h"
#include "store/user.h"
#include "text/text.h"
#include "user/user.h"

#include "port/pg_bswap.h"
#include "utils/builtins.h"

#define LABEL			"oauth known browser"
#define COOKIE			"known"
#define MAX_ACCOUNTS	5		/* of one browser; the latest login comes first */
#define KEPT_FOR		(180 * SECS_PER_DAY)
#define NONCE_LENGTH	16
#define SIGNED_LENGTH	(sizeof(uint64) + NONCE_LENGTH)
#define MARK_LENGTH		(SIGNED_LENGTH + OAUTH_HASH_LENGTH)

/* The part of one account in the cookie: when it expires, a random number, and the HMAC. */
typedef uint8 Mark[MARK_LENGTH];

/* What stands for the password: the digest of its hash, or of nothing if there is none. */
static void
digest_of_password(const OAuthUser *user, uint8 *digest)
{
	const char *hash = user && user->password_hash ? user->password_hash : "";

	oauth_sha256(hash, strlen(hash), digest);
}

static void
sign_mark(const uint8 *mark, const OAuthUser *user, uint8 *mac)
{
	uint8		password[OAUTH_HASH_LENGTH];
	const void *parts[] = {mark, password, user->subject};
	size_t		lengths[] = {SIGNED_LENGTH, sizeof(password), strlen(user->subject)};

	digest_of_password(user, password);
	oauth_master_key_mac(NULL, LABEL, parts, lengths, lengthof(parts), mac);
}

static uint64
now_in_seconds(void)
{
	return (uint64) (GetCurrentTimestamp() / USECS_PER_SEC);
}

static bool
is_of(const uint8 *mark, const OAuthUser *user)
{
	uint8		mac[OAUTH_HASH_LENGTH];
	uint64		until;

	memcpy(&until, mark, sizeof(until));
	sign_mark(mark, user, mac);
	return timingsafe_bcmp(mac, mark + SIGNED_LENGTH, sizeof(mac)) == 0 &&
		pg_ntoh64(until) > now_in_seconds();
}

/* The well-formed marks in the cookie. */
static int
read_marks(const OAuthRequest *request, Mark *marks)
{
	const char *cookie = oauth_cookie(request, COOKIE);
	int			n = 0;

	while (cookie != NULL && *cookie != '\0' && n < MAX_ACCOUNTS)
	{
		size_t		length = strcspn(cookie, ".");
		int			decoded;
		uint8	   *mark = length < 2 * MARK_LENGTH ?
			oauth_base64url_decode(cookie, (int) length, &decoded) :
			NULL;

		if (mark != NULL && decoded == MARK_LENGTH)
			memcpy(marks[n++], mark, MARK_LENGTH);
		cookie += length + (cookie[length] == '.');
	}
	return n;
}

/*
 * The random number of this browser, if its cookie proves that the user logged in there; otherwise
 * NULL.
 */
char *
oauth_known_browser(const OAuthRequest *request, const OAuthUser *user)
{
	Mark		marks[MAX_ACCOUNTS];
	int			n = read_marks(request, marks);

	for (int i = 0; i < n; i++)
		if (is_of(marks[i], user))
			return oauth_base64url(marks[i] + sizeof(uint64), NONCE_LENGTH);
	return NULL;
}

static char *
new_mark(const OAuthUser *user)
{
	Mark		mark;
	uint64		until = pg_hton64(now_in_seconds() + KEPT_FOR);

	memcpy(mark, &until, sizeof(until));
	oauth_random(mark + sizeof(until), NONCE_LENGTH);
	sign_mark(mark, user, mark + SIGNED_LENGTH);
	return oauth_base64url(mark, MARK_LENGTH);
}

/* Marks the browser as one in which the user has logged in.  Marks of other users stay. */
void
oauth_remember_browser(const OAuthRequest *request, OAuthResponse *response, const OAuthUser *user)
{
	Mark		marks[MAX_ACCOUNTS];
	int			n = read_marks(request, marks);
	int			n_kept = 1;
	StringInfoData cookie;

	initStringInfo(&cookie);
	appendStringInfoString(&cookie, new_mark(user));
	for (int i = 0; i < n && n_kept < MAX_ACCOUNTS; i++)
		if (!is_of(marks[i], user))
		{
			appendStringInfo(&cookie, ".%s", oauth_base64url(marks[i], MARK_LENGTH));
			n_kept++;
		}
	oauth_set_cookie(request, response, COOKIE, cookie.data, KEPT_FOR);
}

/*
 * The key of the address.  user is NULL for an unknown name, which is looked up all the same, to
 * take the same time.
 */
static uint8 *
key_of_address(const OAuthThrottle *throttle, const OAuthUser *user)
{
	uint8	   *key = palloc(OAUTH_HASH_LENGTH);
	uint8		password[OAUTH_HASH_LENGTH];
	char	   *about;

	digest_of_password(user, password);
	about = psprintf("known\n%s\n%s\n%s", oauth_base64url(password, sizeof(password)),
					 DatumGetCString(DirectFunctionCall1(inet_out, throttle->address)),
					 user ? user->subject : "");
	oauth_sha256(about, strlen(about), key);
	return key;
}

/* Whether the user has logged in from that address before; false if the address is not known. */
bool
oauth_known_address(const OAuthThrottle *throttle, const OAuthUser *user)
{
	return throttle->address != 0 && oauth_store_knows_address(key_of_address(throttle, user)) &&
		user != NULL;
}

void
oauth_remember_address(const OAuthThrottle *throttle, const OAuthUser *user)
{
	if (throttle->address != 0 && !throttle->is_off)
		oauth_store_remember_address(key_of_address(throttle, user));
}
