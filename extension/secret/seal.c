/*
 * seal.c
 *		Sealing secrets that must be recoverable, under the master key: AES-256-GCM.
 *
 * A sealed value is key id, nonce, ciphertext and tag.  It is bound to words that name its row, so
 * that a value moved to another row does not open.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "secret/secret.h"

#include <openssl/evp.h>

#define NONCE_LENGTH	12
#define TAG_LENGTH		16
#define OVERHEAD		(OAUTH_KEY_ID_LENGTH + NONCE_LENGTH + TAG_LENGTH)
#define SEAL_LABEL		"oauth seal AES-256-GCM"

/*
 * The parts of one operation, so that the OpenSSL calls stand together and no ereport comes between
 * them.
 */
typedef struct Gcm
{
	uint8		key[OAUTH_HASH_LENGTH];
	const uint8 *nonce;
	const char *bound_to;
	const uint8 *in;
	uint8	   *out;
	int			length;
	uint8	   *tag;
} Gcm;

/* Fetched once: fetching takes as long as opening a secret. */
static const EVP_CIPHER *
aes_256_gcm(void)
{
	static EVP_CIPHER *cipher = NULL;

	if (cipher == NULL)
		cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	return cipher;
}

static bool
gcm_encrypt(const Gcm *gcm)
{
	const EVP_CIPHER *cipher = aes_256_gcm();
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int			n;
	bool		done = cipher != NULL && context != NULL &&
		EVP_EncryptInit_ex(context, cipher, NULL, gcm->key, gcm->nonce) == 1 &&
		EVP_EncryptUpdate(context, NULL, &n, (const uint8 *) gcm->bound_to,
						  strlen(gcm->bound_to)) == 1 &&
		EVP_EncryptUpdate(context, gcm->out, &n, gcm->in, gcm->length) == 1 &&
		EVP_EncryptFinal_ex(context, gcm->out + n, &n) == 1 &&
		EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_LENGTH, gcm->tag) == 1;

	EVP_CIPHER_CTX_free(context);
	return done;
}

/* A context with a key, as long as the backend lives: to take a key costs more than to open. */
typedef struct Opener
{
	EVP_CIPHER_CTX *context;	/* NULL: none yet */
	uint8		key_id[OAUTH_KEY_ID_LENGTH];
} Opener;

static void
take_key(Opener *opener, const uint8 *key_id, const uint8 *key)
{
	EVP_CIPHER_CTX_free(opener->context);
	opener->context = EVP_CIPHER_CTX_new();
	memcpy(opener->key_id, key_id, OAUTH_KEY_ID_LENGTH);
	if (opener->context != NULL && aes_256_gcm() != NULL &&
		EVP_DecryptInit_ex(opener->context, aes_256_gcm(), NULL, key, NULL) == 1)
		return;
	EVP_CIPHER_CTX_free(opener->context);
	opener->context = NULL;
}

static bool
has_key(const Opener *opener, const uint8 *key_id)
{
	return opener->context != NULL && memcmp(opener->key_id, key_id, OAUTH_KEY_ID_LENGTH) == 0;
}

/* The one with the key that sealed under that master key. */
static const Opener *
opener_for(const uint8 *key_id)
{
	static Opener opener;
	uint8		key[OAUTH_HASH_LENGTH];

	if (!has_key(&opener, key_id))
	{
		oauth_master_key_derive(key_id, SEAL_LABEL, key);
		take_key(&opener, key_id, key);
		oauth_wipe(key, sizeof(key));
	}
	return &opener;
}

static bool
gcm_decrypt(const Opener *opener, const Gcm *gcm)
{
	EVP_CIPHER_CTX *context = opener->context;
	int			n;

	return context != NULL &&
		EVP_DecryptInit_ex(context, NULL, NULL, NULL, gcm->nonce) == 1 &&
		EVP_DecryptUpdate(context, NULL, &n, (const uint8 *) gcm->bound_to,
						  strlen(gcm->bound_to)) == 1 &&
		EVP_DecryptUpdate(context, gcm->out, &n, gcm->in, gcm->length) == 1 &&
		EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_LENGTH, gcm->tag) == 1 &&
		EVP_DecryptFinal_ex(context, gcm->out + n, &n) == 1;
}

/* The words that the secret of an OAuth 1.0a token is sealed to. */
char *
oauth_seal_binding(OAuthTokenKind kind, int64 handle)
{
	return psprintf("%s " INT64_FORMAT,
					kind == OAUTH1_REQUEST_TOKEN ? "request_token" : "oauth1_token", handle);
}

/* The words that the secret of a second factor is sealed to. */
char *
oauth_second_factor_binding(const char *subject)
{
	return psprintf("second factor %s", subject);
}

/* Seals plain under the current master key, bound to those words. */
bytea *
oauth_seal(const char *plain, const char *bound_to)
{
	int			length = strlen(plain);
	bytea	   *sealed = palloc0(VARHDRSZ + OVERHEAD + length);
	uint8	   *key_id = (uint8 *) VARDATA(sealed);
	uint8	   *nonce = key_id + OAUTH_KEY_ID_LENGTH;
	Gcm			gcm = {
		.nonce = nonce, .bound_to = bound_to, .in = (const uint8 *) plain, .length = length,
		.out = nonce + NONCE_LENGTH, .tag = nonce + NONCE_LENGTH + length
	};
	bool		done;

	SET_VARSIZE(sealed, VARHDRSZ + OVERHEAD + length);
	oauth_master_key_current(key_id, true);
	oauth_master_key_derive(key_id, SEAL_LABEL, gcm.key);
	oauth_random(nonce, NONCE_LENGTH);
	done = gcm_encrypt(&gcm);
	oauth_wipe(gcm.key, sizeof(gcm.key));
	if (!done)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not seal a secret")));
	return sealed;
}

/* Takes as long as opening a secret, for a caller who must not show that there is none. */
void
oauth_unseal_dummy(void)
{
	static Opener nobody;
	static const uint8 no_id[OAUTH_KEY_ID_LENGTH];
	static const uint8 no_key[OAUTH_HASH_LENGTH];
	uint8		buffer[NONCE_LENGTH + OAUTH_HASH_LENGTH + TAG_LENGTH] = {0};
	Gcm			gcm = {
		.nonce = buffer, .bound_to = "", .in = buffer + NONCE_LENGTH, .length = OAUTH_HASH_LENGTH,
		.out = buffer + NONCE_LENGTH, .tag = buffer + NONCE_LENGTH + OAUTH_HASH_LENGTH
	};

	if (!has_key(&nobody, no_id))
		take_key(&nobody, no_id, no_key);
	(void) gcm_decrypt(&nobody, &gcm);
}

/*
 * The plain text, in memory that is wiped with its context.  Raises XX001 if the value was altered
 * or belongs to another row.
 */
char *
oauth_unseal(bytea *sealed, const char *bound_to)
{
	int			length = (int) VARSIZE_ANY_EXHDR(sealed) - OVERHEAD;
	uint8	   *key_id = (uint8 *) VARDATA_ANY(sealed);
	uint8	   *nonce = key_id + OAUTH_KEY_ID_LENGTH;
	Gcm			gcm = {
		.nonce = nonce, .bound_to = bound_to, .in = nonce + NONCE_LENGTH, .length = length
	};
	bool		done = false;

	if (length >= 0)
	{
		gcm.tag = nonce + NONCE_LENGTH + length;
		gcm.out = oauth_secret_alloc(length + 1);
		done = gcm_decrypt(opener_for(key_id), &gcm);
	}
	if (!done)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("a sealed secret does not open"),
						errhint("The row was changed by hand, or comes from another database: give "
								"the client a new secret, or retire the signing key.")));
	return (char *) gcm.out;
}
