/*
 * delivery.c
 *		The SQL functions with which the shim sends messages: what a message says is made, and
 *		signed, when the shim takes it, with the key of that moment.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth2/oauth2.h"
#include "store/delivery.h"
#include "text/text.h"

#include "funcapi.h"

PG_FUNCTION_INFO_V1(oauth_take_deliveries);
PG_FUNCTION_INFO_V1(oauth_end_delivery);
PG_FUNCTION_INFO_V1(oauth_waiting_deliveries);

#define MAX_TAKEN 100

/*
 * "The POST body uses the application/x-www-form-urlencoded encoding"  (Back-Channel Logout 1.0,
 * section 2.5)
 */
static char *
logout_form(const OAuthDelivery *delivery)
{
	return psprintf("logout_token=%s", oauth2_logout_token(delivery));
}

static const struct
{
	const char *kind;
	char	   *(*form) (const OAuthDelivery *delivery);
}			kinds[] =
{
	{OAUTH_BACKCHANNEL_LOGOUT, logout_form},
};

typedef struct Making
{
	const OAuthDelivery *delivery;
	char	   *form;
} Making;

static void
make_form(void *argument)
{
	Making	   *making = argument;

	for (size_t i = 0; i < lengthof(kinds); i++)
		if (strcmp(kinds[i].kind, making->delivery->kind) == 0)
			making->form = kinds[i].form(making->delivery);
	if (making->form == NULL)
		elog(ERROR, "unknown kind of message \"%s\"", making->delivery->kind);
}

/* One message that cannot be made holds up none of the others: that attempt has failed. */
static void
put_delivery(ReturnSetInfo *result, const OAuthDelivery *delivery)
{
	Making		making = {.delivery = delivery};
	ErrorData  *error = oauth_try(make_form, &making, true);
	OAuthResult row = {0};

	if (error != NULL)
	{
		oauth_store_end_delivery(delivery->handle, delivery->attempt, 0,
								 psprintf("the message could not be made (SQLSTATE %s)",
										  unpack_sql_state(error->sqlerrcode)));
		return;
	}
	oauth_row_int64(&row, delivery->handle);
	oauth_row_int32(&row, delivery->attempt);
	oauth_row_text(&row, delivery->url);
	oauth_row_text(&row, making.form);
	oauth_row_put(result, &row);
}

/* oauth.take_deliveries(max integer) RETURNS TABLE (handle, attempt, url, body) */
Datum
oauth_take_deliveries(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int			max = PG_GETARG_INT32(0);
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, oauth_store_take_deliveries(Min(Max(max, 0), MAX_TAKEN)))
		put_delivery(result, lfirst(cell));
	return (Datum) 0;
}

/*
 * oauth.end_delivery(handle bigint, attempt integer, status integer, problem text) RETURNS boolean
 */
Datum
oauth_end_delivery(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(oauth_store_end_delivery(PG_GETARG_INT64(0), PG_GETARG_INT32(1),
											PG_ARGISNULL(2) ? 0 : PG_GETARG_INT32(2),
											oauth_optional_argument(fcinfo, 3)));
}

/* oauth.waiting_deliveries(OUT waiting bigint, OUT oldest_seconds bigint) */
Datum
oauth_waiting_deliveries(PG_FUNCTION_ARGS)
{
	OAuthResult row = {0};
	int64		oldest;

	oauth_row_int64(&row, oauth_store_waiting_deliveries(&oldest));
	oauth_row_int64(&row, oldest);
	return oauth_row_return(fcinfo, &row);
}
