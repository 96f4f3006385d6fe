/*
 * pem.c
 *		Keys in PEM (RFC 7468), as people paste them.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#define MAX_PEM		16384		/* bytes: a private key of 16,384 bits has fewer */

/* Refuses an encrypted PEM, which would ask the terminal for its passphrase. */
static int
no_passphrase(char *buffer, int size, int is_writing, void *argument)
{
	return -1;
}

/*
 * The private key (PKCS #8, or the older forms) or public key of a PEM, to be freed by the caller;
 * NULL if it is not one.
 */
EVP_PKEY *
oauth_pem_read(const char *pem, bool is_private)
{
	size_t		length = strlen(pem);
	BIO		   *bio = length <= MAX_PEM ? BIO_new_mem_buf(pem, (int) length) : NULL;
	EVP_PKEY   *key = NULL;

	if (bio != NULL)
		key = is_private ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) :
			PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	ERR_clear_error();
	return key;
}
