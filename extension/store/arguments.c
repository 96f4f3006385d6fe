/*
 * arguments.c
 *		The arguments of a statement, added one after the other; any of them can be null.
 *
 * A value that is absent (NULL, or a time of 0) is added as null.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"
#include "store/token.h"

static void
add_value(OAuthArguments *arguments, Datum value, bool is_null)
{
	if (arguments->n >= OAUTH_MAX_ARGUMENTS)
		elog(ERROR, "a statement has more than %d arguments", OAUTH_MAX_ARGUMENTS);
	arguments->values[arguments->n] = is_null ? (Datum) 0 : value;
	arguments->nulls[arguments->n++] = is_null ? 'n' : ' ';
}

void
oauth_add_null(OAuthArguments *arguments)
{
	add_value(arguments, (Datum) 0, true);
}

void
oauth_add_text(OAuthArguments *arguments, const char *text)
{
	add_value(arguments, text ? CStringGetTextDatum(text) : (Datum) 0, text == NULL);
}

/* Any value that is not null. */
void
oauth_add_value(OAuthArguments *arguments, Datum value)
{
	add_value(arguments, value, false);
}

/* Any value that is passed by reference: a bytea, a uuid, an inet or an array. */
void
oauth_add_pointer(OAuthArguments *arguments, const void *value)
{
	add_value(arguments, PointerGetDatum(value), value == NULL);
}

/* Bytes of that length, as a bytea. */
void
oauth_add_bytes(OAuthArguments *arguments, const uint8 *bytes, size_t length)
{
	oauth_add_pointer(arguments, bytes ? oauth_bytea(bytes, length) : NULL);
}

/* The digest that is stored of a secret. */
void
oauth_add_digest(OAuthArguments *arguments, const char *secret)
{
	add_value(arguments, secret ? oauth_store_digest(secret) : (Datum) 0, secret == NULL);
}

void
oauth_add_int64(OAuthArguments *arguments, int64 number)
{
	add_value(arguments, Int64GetDatum(number), false);
}

void
oauth_add_int32(OAuthArguments *arguments, int32 number)
{
	add_value(arguments, Int32GetDatum(number), false);
}

void
oauth_add_bool(OAuthArguments *arguments, bool value)
{
	add_value(arguments, BoolGetDatum(value), false);
}

void
oauth_add_timestamp(OAuthArguments *arguments, TimestampTz at)
{
	add_value(arguments, TimestampTzGetDatum(at), at == 0);
}

/* JSON text that has been checked, as jsonb. */
void
oauth_add_jsonb(OAuthArguments *arguments, const char *json)
{
	Datum		value = json ? DirectFunctionCall1(jsonb_in, CStringGetDatum(json)) : (Datum) 0;

	add_value(arguments, value, json == NULL);
}

/* Four arguments: the time, acr, amr and sid. */
void
oauth_add_authentication(OAuthArguments *arguments, const OAuthAuthentication *authentication)
{
	oauth_add_timestamp(arguments, authentication->at);
	oauth_add_text(arguments, authentication->acr);
	oauth_add_text(arguments, authentication->amr);
	oauth_add_text(arguments, authentication->sid);
}
