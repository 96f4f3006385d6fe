/*
 * dpop_nonce.c
 *		Nonces that the server gives out for DPoP proofs (RFC 9449, sections 8 and 9), where
 *		oauth.dpop_nonce is on.
 *
 * A nonce is the time at which it was made, and a MAC over it under the master key.  So no row says
 * which there are, every shim and every standby knows all of them, and a proof with one was not
 * made before that time, whatever the clock of its client says.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "jose/jose.h"
#include "oauth2/oauth2.h"
#include "secret/secret.h"
#include "setting.h"
#include "store/key.h"
#include "text/text.h"

#include <math.h>

#include "port/pg_bswap.h"

#define NONCE_LABEL	"oauth nonce of DPoP proofs"
#define MAC_LENGTH	16

/* "The nonce syntax in ABNF [...] is nonce = 1*NQCHAR", as base64url is. */
typedef struct Nonce
{
	uint64		seconds;		/* since 1970, the highest byte first */
	uint8		mac[MAC_LENGTH];
} Nonce;

static void
make_mac(uint64 seconds, uint8 *mac)
{
	const void *parts[] = {&seconds};
	size_t		lengths[] = {sizeof(seconds)};
	uint8		whole[OAUTH_HASH_LENGTH];

	oauth_master_key_mac(NULL, NONCE_LABEL, parts, lengths, lengthof(parts), whole);
	memcpy(mac, whole, MAC_LENGTH);
}

static char *
new_nonce(void)
{
	Nonce		nonce = {.seconds = pg_hton64((uint64) oauth_unix_now())};

	make_mac(nonce.seconds, nonce.mac);
	return oauth_base64url(&nonce, sizeof(nonce));
}

static OAuthFault *
refuse_nonce(const char *description)
{
	return oauth_fault(OAUTH_USE_DPOP_NONCE, description);
}

/* Whether that was given out here within OAUTH_PROOF_LIFETIME before that time, and when. */
OAuthFault *
oauth2_dpop_nonce_check(const char *nonce, TimestampTz at, int64 *made_at)
{
	static const char not_ours[] = "The nonce of the DPoP proof is not of this server: take that "
		"of DPoP-Nonce.";
	int64		now = (int64) floor(oauth_jwt_now(at));
	uint8		key_id[OAUTH_KEY_ID_LENGTH];
	uint8		mac[MAC_LENGTH];
	Nonce		given;
	uint8	   *bytes;
	int			length;

	if (nonce == NULL)
		return refuse_nonce("The DPoP proof needs the nonce of the header DPoP-Nonce.");
	bytes = oauth_base64url_decode(nonce, strlen(nonce), &length);
	if (bytes == NULL || length != sizeof(Nonce))
		return refuse_nonce(not_ours);
	memcpy(&given, bytes, sizeof(Nonce));
	/* without a key nobody has been given one, and none is made for it */
	if (!oauth_store_current_key(key_id, false))
		return refuse_nonce(not_ours);
	make_mac(given.seconds, mac);
	if (timingsafe_bcmp(mac, given.mac, MAC_LENGTH) != 0)
		return refuse_nonce(not_ours);
	*made_at = (int64) pg_ntoh64(given.seconds);
	if (*made_at < now - OAUTH_PROOF_LIFETIME || *made_at > now + OAUTH_JWT_SKEW)
		return refuse_nonce("The nonce of the DPoP proof is too old: take that of DPoP-Nonce.");
	return NULL;
}

/*
 * The answer to a request that has a proof, with the nonce for the next one: "the server can also
 * use 200 OK responses to supply a new nonce" (section 8.2).
 */
OAuthResponse *
oauth2_dpop_answer(const OAuthRequest *http, OAuthResponse *response)
{
	if (oauth_setting_dpop_nonce && response->status != 0 && oauth2_dpop_is_attempted(http) &&
		!oauth_response_is_other_lane(OAUTH_LANE_WRITING))
		oauth_response_header(response, "DPoP-Nonce", new_nonce());
	return response;
}
