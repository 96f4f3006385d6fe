/*
 * scram.c
 *		PostgreSQL's own verifiers, SCRAM-SHA-256 (RFC 5802, RFC 7677), as pg_authid.rolpassword has
 *		them.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "password/scheme.h"

#include "common/saslprep.h"

/* iterations:salt$StoredKey:ServerKey */
bool
oauth_password_read_scram(const char *rest, OAuthPasswordHash *hash)
{
	uint8	   *server_key;
	int			server_key_length;
	bool		is_read = oauth_password_number(&rest, ':', &hash->iterations) &&
		oauth_password_base64(&rest, '$', true, &hash->salt, &hash->salt_length) &&
		oauth_password_base64(&rest, ':', true, &hash->key, &hash->key_length) &&
		oauth_password_base64(&rest, '\0', true, &server_key, &server_key_length) &&
		hash->key_length == OAUTH_HASH_LENGTH && server_key_length == OAUTH_HASH_LENGTH;

	hash->work = hash->iterations;
	return is_read;
}

/*
 * "SaltedPassword := Hi(Normalize(password), salt, i); ClientKey := HMAC(SaltedPassword, "Client
 * Key"); StoredKey := H(ClientKey)" (RFC 5802, section 3)
 *
 * As in the server, a password that cannot be normalized is used as it is.
 */
void
oauth_password_scram(const char *password, const OAuthPasswordHash *hash, uint8 *key)
{
	static const char label[] = "Client Key";
	const void *parts[] = {label};
	size_t		lengths[] = {strlen(label)};
	uint8		salted[OAUTH_HASH_LENGTH];
	uint8		client_key[OAUTH_HASH_LENGTH];
	char	   *prepared;
	bool		is_prepared = pg_saslprep(password, &prepared) == SASLPREP_SUCCESS;

	oauth_password_pbkdf2(is_prepared ? prepared : password, hash, salted);
	oauth_hmac_sha256(salted, parts, lengths, lengthof(parts), client_key);
	oauth_sha256(client_key, sizeof(client_key), key);
	oauth_wipe(salted, sizeof(salted));
	oauth_wipe(client_key, sizeof(client_key));
	if (is_prepared)
		oauth_wipe(prepared, strlen(prepared));
}
