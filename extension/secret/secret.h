/*
 * secret.h
 *		The master key, and what is sealed under it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_SECRET_H
#define OAUTH_SECRET_H

#include "crypto/crypto.h"

/* ---- master_key.c ---- */

extern void oauth_master_key_current(uint8 *key_id, bool for_sealing);
extern void oauth_master_key_derive(const uint8 *key_id, const char *label, uint8 *derived);
extern void oauth_master_key_add(const uint8 *current, uint8 *key_id);

/* ---- seal.c ---- */

extern char *oauth_seal_binding(OAuthTokenKind kind, int64 handle);
extern bytea *oauth_seal(const char *plain, const char *bound_to);
extern char *oauth_unseal(bytea *sealed, const char *bound_to);
extern void oauth_unseal_dummy(void);

/* ---- reseal.c ---- */

extern int64 oauth_reseal_all(void);

#endif							/* OAUTH_SECRET_H */
