/*
 * pairwise.c
 *		SQL of pairwise subjects: the sector of a client, and the sealed key.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/key.h"
#include "store/statement.h"

#include "utils/fmgroids.h"

/*
 * This index contains only the clients that see pairwise subjects: for any other client the answer
 * is an empty page or two, and no row is read.
 */
static OAuthTable pairwise_client_table = {
	.name = "client", .index = "client_pairwise", .equals = F_TEXTEQ,
	.columns = {"client_id", "sector_identifier"}
};

static OAuthTable key_table = {
	.name = "pairwise_key", .equals = F_BOOLEQ, .columns = {"is_only_row", "key_sealed"}
};

static OAuthStatement insert_key = {
	.sql = "INSERT INTO oauth.pairwise_key (key_sealed) VALUES ($1) ON CONFLICT DO NOTHING",
	.n_arguments = 1, .argument_types = {BYTEAOID}
};

/* The sector of a client that sees pairwise subjects; NULL for any other client. */
char *
oauth_store_pairwise_sector(const char *client_id)
{
	OAuthRow	row;
	char	   *sector = NULL;

	if (oauth_store_open_row(&row, &pairwise_client_table, CStringGetTextDatum(client_id)))
		sector = oauth_store_row_string(&row, 1);
	oauth_store_close_row(&row);
	return sector;
}

/* The key as it is sealed now, also if another session has just made it; NULL if there is none. */
bytea *
oauth_store_pairwise_key(void)
{
	OAuthRow	row;
	bytea	   *sealed = NULL;

	oauth_store_begin_latest();
	if (oauth_store_open_row(&row, &key_table, BoolGetDatum(true)))
		sealed = oauth_store_row_bytea(&row, 1);
	oauth_store_close_row(&row);
	oauth_store_end_latest();
	return sealed;
}

/* Keeps the key unless there is one already. */
void
oauth_store_insert_pairwise_key(bytea *sealed)
{
	OAuthArguments arguments = {0};

	oauth_add_pointer(&arguments, sealed);
	oauth_store_count(&insert_key, &arguments);
}
