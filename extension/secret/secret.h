/*
 * secret.h
 *		The master key, and what is sealed under it; the keys that sign.  Knows neither what the
 *		secrets are for, nor SQL.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_SECRET_H
#define OAUTH_SECRET_H

#include "crypto/crypto.h"
#include "jose/jose.h"

/* ---- master_key.c ---- */

extern void oauth_master_key_current(uint8 *key_id, bool for_sealing);
extern void oauth_master_key_require(void);
extern void oauth_master_key_derive(const uint8 *key_id, const char *label, uint8 *derived);
extern void oauth_master_key_mac(const uint8 *key_id, const char *label, const void *const *parts,
								 const size_t *lengths, int n_parts, uint8 *mac);
extern void oauth_master_key_add(const uint8 *current, uint8 *key_id);
extern const char *oauth_master_key_problem(const char **hint);

/* ---- seal.c ---- */

extern char *oauth_seal_binding(OAuthTokenKind kind, int64 handle);
extern char *oauth_second_factor_binding(const char *subject);
extern bytea *oauth_seal(const char *plain, const char *bound_to);
extern char *oauth_unseal(bytea *sealed, const char *bound_to);
extern void oauth_unseal_dummy(void);

/* ---- signing_key.c ---- */

/*
 * A standby signs nothing (25006); it publishes the keys, and verifies.
 *
 * What oauth_sign_jwt() signs has an exp within a day, or none; oauth_sign_lasting_jwt() takes any,
 * and keeps the key published until then.
 */
extern const OAuthJwk *oauth_signing_key_current(const char *alg);
extern char *oauth_sign_jwt(const char *alg, const char *typ, const char *payload);
extern char *oauth_sign_lasting_jwt(const char *alg, const char *typ, const char *payload,
									TimestampTz expires_at);
extern char *oauth_jwks(bool newest, bool *is_empty);
extern bool oauth_signing_is_slow(const char *alg);
extern bool oauth_signing_has_key(const char *alg);
extern bool oauth_verify_own_jwt(const char *token, const char *typ, Jsonb **claims);
extern char *oauth_signing_key_binding(const char *kid);

/* ---- new_signing_key.c ---- */

extern char *oauth_signing_key_make(const char *alg, TimestampTz used_from);
extern char *oauth_signing_key_import(const char *pem, const char *alg, TimestampTz used_from);
extern char *oauth_signing_key_first(const char *alg);
extern int64 oauth_signing_keys_rotate(bool at_once, bool wait);
extern char *oauth_signing_alg_wanted(bool *lacks_key);
extern void oauth_signing_key_try(const char *alg);
extern int64 oauth_signing_keys_purge(void);
extern void oauth_signing_alg_check(const char *alg);

/* ---- reseal.c ---- */

/* The words that the key of pairwise subjects is sealed to. */
#define OAUTH_PAIRWISE_KEY_BINDING "pairwise key"

extern int64 oauth_reseal_all(void);

#endif							/* OAUTH_SECRET_H */
