/*
 * audit.h
 *		What is remembered of requests: events, and failed attempts.  Knows no endpoint.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_AUDIT_H
#define OAUTH_AUDIT_H

#include "http/http.h"
#include "store/event.h"
#include "store/oauth1.h"
#include "store/throttle.h"

/* ---- event.c ---- */

extern void oauth_event_note(const OAuthRequest *request, const OAuthEvent *event);
extern void oauth_event_refusal(const OAuthRequest *request, const OAuthEvent *event);
extern void oauth_event_consent(const OAuthRequest *request, const char *client_id,
								const char *subject, bool approved);
extern void oauth_event_configured(const char *client_id, const char *subject, const char *detail);

/* ---- replay.c ---- */

#define OAUTH_PROOF_LIFETIME	300 /* seconds for which a DPoP proof is good */

extern int64 oauth_unix_now(void);
extern OAuthNonceResult oauth_replay_use(int64 timestamp, const uint8 *hash);
extern int64 oauth_replay_made_at(double iat, double exp);
extern OAuthNonceResult oauth_replay_use_jti(const char *kind, const char *owner, const char *jti,
											 int64 made_at);
extern bool oauth_replay_is_first(const char *kind, const char *owner, const char *jti);
extern void oauth_replay_purge(void);

/* ---- throttle.c ---- */

extern OAuthThrottle *oauth_throttle(const OAuthRequest *request, const char *kind,
									 const char *account, bool is_known, int allowance);
extern OAuthThrottle *oauth_throttle_of_browser(const OAuthThrottle *throttle, const char *account,
												const char *browser);
extern OAuthThrottle *oauth_throttle_at_known_address(const OAuthThrottle *throttle,
													  const char *account);
extern char *oauth_throttle_network(Datum peer);
extern bool oauth_throttle_lets_in(const OAuthThrottle *throttle);
extern OAuthFault *oauth_throttle_attempt(const OAuthThrottle *throttle);
extern OAuthFault *oauth_throttle_count_key_guess(const OAuthThrottle *throttle);
extern OAuthFault *oauth_throttle_visit(const OAuthRequest *request, const char *kind,
										int allowance);
extern void oauth_throttle_result(const OAuthThrottle *throttle, bool was_right);

#endif							/* OAUTH_AUDIT_H */
