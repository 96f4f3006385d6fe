/*
 * lookup.c
 *		Reading tokens: the access token of every protected call, and the refresh token of a
 *		rotation.
 *
 * A token lives while it, its grant, the grant's client and the grant's subject all do.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "store/statement.h"
#include "store/token.h"

#include "utils/fmgroids.h"

enum
{
	ACCESS_HANDLE,
	ACCESS_GRANT,
	ACCESS_EXPIRES_AT,
	ACCESS_REVOKED_AT,
	ACCESS_HASH,
	ACCESS_SCOPE,
	ACCESS_RESOURCE,
	ACCESS_CNF,
	ACCESS_AUTHORIZATION_DETAILS,
	ACCESS_ACT
};
static OAuthPlaces access_token_places;
static OAuthTable access_token_table = {
	.name = "access_token", .equals = F_INT8EQ, .places = &access_token_places,
	.columns = {"handle", "grant_handle", "expires_at", "revoked_at", "token_hash", "scope",
	"resource", "cnf", "authorization_details", "act"}
};

enum
{
	REFRESH_HANDLE,
	REFRESH_GRANT,
	REFRESH_EXPIRES_AT,
	REFRESH_USED_AT,
	REFRESH_SUCCESSOR,
	REFRESH_ACCESS_TOKEN,
	REFRESH_HASH,
	REFRESH_SALT
};
static OAuthTable refresh_token_table = {
	.name = "refresh_token", .equals = F_INT8EQ,
	.columns = {"handle", "grant_handle", "expires_at", "used_at", "successor", "access_token",
	"token_hash", "rotation_salt"}
};

enum
{
	GRANT_HANDLE,
	GRANT_CLIENT,
	GRANT_SUBJECT,
	GRANT_TYPE,
	GRANT_SCOPE,
	GRANT_RESOURCE,
	GRANT_ENDED_AT,
	GRANT_AUTH_TIME,
	GRANT_ACR,
	GRANT_AMR,
	GRANT_SID,
	GRANT_CLAIMS,
	GRANT_CNF,
	GRANT_AUTHORIZATION_DETAILS
};
static OAuthPlaces grant_places;
static OAuthTable grant_table = {
	.name = "grant", .equals = F_INT8EQ, .places = &grant_places,
	.columns = {"handle", "client_id", "subject", "grant_type", "scope", "resource", "ended_at",
	"auth_time", "acr", "amr", "sid", "claims", "cnf", "authorization_details"}
};

static bool
parties_are_enabled(const OAuthGrant *grant)
{
	return oauth_store_client_is_enabled(grant->client_id) &&
		(grant->subject == NULL || oauth_store_subject_is_enabled(grant->subject));
}

/* What a rotation needs, or the exchange of a code, and no access token. */
static void
read_rest_of_grant(const OAuthRow *row, OAuthGrant *grant)
{
	grant->grant_type = oauth_store_row_string(row, GRANT_TYPE);
	grant->scope = oauth_store_row_string(row, GRANT_SCOPE);
	grant->resource = oauth_store_row_string(row, GRANT_RESOURCE);
	grant->authentication.amr = oauth_store_row_string(row, GRANT_AMR);
	grant->authentication.sid = oauth_store_row_string(row, GRANT_SID);
	grant->claims = oauth_store_row_json(row, GRANT_CLAIMS);
	grant->cnf = oauth_store_row_string(row, GRANT_CNF);
	grant->authorization_details = oauth_store_row_json(row, GRANT_AUTHORIZATION_DETAILS);
}

/* Reads the grant; false if it has ended.  all: also the columns that only a rotation needs. */
static bool
read_grant(OAuthGrant *grant, bool all)
{
	OAuthRow	row;
	bool		lives = oauth_store_open_row(&row, &grant_table, Int64GetDatum(grant->handle));

	if (lives)
	{
		grant->client_id = oauth_store_row_string(&row, GRANT_CLIENT);
		grant->subject = oauth_store_row_string(&row, GRANT_SUBJECT);
		grant->authentication.at = oauth_store_row_int64(&row, GRANT_AUTH_TIME);
		grant->authentication.acr = oauth_store_row_string(&row, GRANT_ACR);
		if (all)
			read_rest_of_grant(&row, grant);
		lives = oauth_store_row_is_null(&row, GRANT_ENDED_AT);
	}
	oauth_store_close_row(&row);
	return lives;
}

/* The whole grant by its handle; false if it, its client or its subject has ended. */
bool
oauth_store_read_grant(OAuthGrant *grant)
{
	return read_grant(grant, true) && parties_are_enabled(grant);
}

/*
 * The same without asking whether client and subject still live: the application is not asked about
 * its user.
 */
bool
oauth_store_read_unasked_grant(OAuthGrant *grant)
{
	return read_grant(grant, true);
}

/* The claims parameter that the grant was asked for with, as JSON; NULL: none. */
char *
oauth_store_grant_claims(int64 grant)
{
	OAuthRow	row;
	char	   *claims = NULL;

	if (oauth_store_open_row(&row, &grant_table, Int64GetDatum(grant)))
		claims = oauth_store_row_json(&row, GRANT_CLAIMS);
	oauth_store_close_row(&row);
	return claims;
}

/* Reads the access token; false if it has ended. */
static bool
read_access_token(const OAuthTokenString *presented, OAuthToken *token, OAuthGrant *grant)
{
	OAuthRow	row;
	bool		lives = oauth_store_open_row(&row, &access_token_table,
											 Int64GetDatum(presented->handle)) &&
		oauth_store_row_has_hash(&row, ACCESS_HASH, presented->hash) &&
		oauth_store_row_is_null(&row, ACCESS_REVOKED_AT);

	if (lives)
	{
		token->handle = presented->handle;
		token->expires_at = oauth_store_row_int64(&row, ACCESS_EXPIRES_AT);
		token->scope = oauth_store_row_string(&row, ACCESS_SCOPE);
		token->resource = oauth_store_row_string(&row, ACCESS_RESOURCE);
		token->cnf = oauth_store_row_string(&row, ACCESS_CNF);
		token->authorization_details = oauth_store_row_json(&row, ACCESS_AUTHORIZATION_DETAILS);
		token->act = oauth_store_row_json(&row, ACCESS_ACT);
		grant->handle = oauth_store_row_int64(&row, ACCESS_GRANT);
		oauth_store_link_place(&access_token_places, presented->handle, grant->handle);
		lives = token->expires_at > GetCurrentTimestamp();
	}
	oauth_store_close_row(&row);
	return lives;
}

/*
 * Has the processor fetch the rows of these access tokens, and of their grants, before they are
 * read one by one: each would wait for memory several times over, and the waits for a batch go on
 * at the same time.  Only of those whose place is known (place.c); at most OAUTH_MAX_EXPECTED.
 */
void
oauth_store_expect_access_tokens(const int64 *tokens, int n)
{
	uint64		grants[OAUTH_MAX_EXPECTED];

	for (int i = 0; i < n; i++)
		oauth_store_expect_place(&access_token_places, tokens[i]);
	for (int i = 0; i < n; i++)
	{
		grants[i] = oauth_store_expect_page(&access_token_places, tokens[i]);
		oauth_store_expect_place(&grant_places, grants[i]);
	}
	for (int i = 0; i < n; i++)
	{
		oauth_store_expect_row(&access_token_places, tokens[i]);
		oauth_store_expect_page(&grant_places, grants[i]);
	}
	for (int i = 0; i < n; i++)
		oauth_store_expect_row(&grant_places, grants[i]);
}

/* The access token and its grant; NULL if either has ended. */
static OAuthToken *
read_token(const OAuthTokenString *presented, OAuthGrant *grant)
{
	OAuthToken *token = palloc0(sizeof(OAuthToken));

	if (!read_access_token(presented, token, grant) || !read_grant(grant, false))
		return NULL;
	token->grant = grant->handle;
	token->client_id = unconstify(char *, grant->client_id);
	token->subject = unconstify(char *, grant->subject);
	token->authentication = grant->authentication;
	return token;
}

/* The access token, if it lives, in the snapshot of the caller. */
OAuthToken *
oauth_store_find_access_token(const OAuthTokenString *presented)
{
	OAuthGrant	grant = {0};
	OAuthToken *token = read_token(presented, &grant);

	return token != NULL && parties_are_enabled(&grant) ? token : NULL;
}

/*
 * The access token, if it lives as far as this provider knows.  The application has not been asked
 * about its user: until then the token must grant nothing, and only says whose share of a lane the
 * request takes.
 */
OAuthToken *
oauth_store_find_unasked_access_token(const OAuthTokenString *presented)
{
	OAuthGrant	grant = {0};
	OAuthToken *token = read_token(presented, &grant);
	bool		lives = token != NULL && oauth_store_client_is_enabled(grant.client_id) &&
		(grant.subject == NULL || !oauth_store_subject_is_disabled(grant.subject));

	return lives ? token : NULL;
}

static void
read_salt(const OAuthRow *row, OAuthRefreshToken *token)
{
	token->has_salt = !oauth_store_row_is_null(row, REFRESH_SALT);
	if (token->has_salt)
	{
		bytea	   *salt = DatumGetByteaPP(oauth_store_row_value(row, REFRESH_SALT));

		if (VARSIZE_ANY_EXHDR(salt) != OAUTH_SALT_LENGTH)
			elog(ERROR, "unexpected length of a rotation salt");
		memcpy(token->salt, VARDATA_ANY(salt), OAUTH_SALT_LENGTH);
	}
}

static bool
read_refresh_token(OAuthRefreshToken *token, const uint8 *hash)
{
	OAuthRow	row;
	Datum		handle = Int64GetDatum(token->handle);
	bool		found = oauth_store_open_row(&row, &refresh_token_table, handle) &&
		(hash == NULL || oauth_store_row_has_hash(&row, REFRESH_HASH, hash));

	if (found)
	{
		token->grant.handle = oauth_store_row_int64(&row, REFRESH_GRANT);
		token->expires_at = oauth_store_row_int64(&row, REFRESH_EXPIRES_AT);
		token->used_at = oauth_store_row_int64(&row, REFRESH_USED_AT);
		token->successor = oauth_store_row_int64(&row, REFRESH_SUCCESSOR);
		token->access_token = oauth_store_row_int64(&row, REFRESH_ACCESS_TOKEN);
		read_salt(&row, token);
	}
	oauth_store_close_row(&row);
	return found;
}

/*
 * A refresh token in whatever state it is, by handle and hash; hash NULL for one that was found
 * through another row.  read_only: in the snapshot of the caller, for functions that write nothing.
 */
OAuthRefreshToken *
oauth_store_find_refresh_token(int64 handle, const uint8 *hash, bool read_only)
{
	OAuthRefreshToken *token = palloc0(sizeof(OAuthRefreshToken));
	bool		found;

	token->handle = handle;
	if (!read_only)
	{
		oauth_store_settle_handle(handle);
		oauth_store_begin_latest();
	}
	found = read_refresh_token(token, hash);
	if (found)
		token->is_ended = !oauth_store_read_grant(&token->grant);
	if (!read_only)
		oauth_store_end_latest();
	return found ? token : NULL;
}
