/*
 * text.c
 *	  Growing texts, and slices of bytes that belong to someone else.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIRST_SIZE 512
#define KEPT_SIZE (4 * FIRST_SIZE)

/*
 * Larger memory, of size bytes, with the first len of those. Not realloc(), which may leave a copy
 * behind: secrets pass through here. NULL, and all as it was, when there is none.
 */
char *
shim_grow(char *bytes, size_t len, size_t size)
{
	char	   *larger = malloc(size);

	if (larger == NULL || bytes == NULL)
		return larger;
	memcpy(larger, bytes, len);
	explicit_bzero(bytes, len);
	free(bytes);
	return larger;
}

/* Make room for len more bytes and a terminating zero. */
static bool
reserve(ShimText *text, size_t len)
{
	size_t		size = text->size ? text->size : FIRST_SIZE;
	char	   *data;

	if (text->failed)
		return false;
	while (size - text->len <= len)
		size *= 2;
	if (size == text->size)
		return true;
	data = shim_grow(text->data, text->len, size);
	if (data == NULL)
	{
		text->failed = true;
		return false;
	}
	text->data = data;
	text->size = size;
	return true;
}

void
shim_text_append(ShimText *text, const void *bytes, size_t len)
{
	if (len == 0 || !reserve(text, len))
		return;
	memcpy(text->data + text->len, bytes, len);
	text->len += len;
	text->data[text->len] = '\0';
}

void
shim_text_char(ShimText *text, char c)
{
	shim_text_append(text, &c, 1);
}

void
shim_text_puts(ShimText *text, const char *string)
{
	shim_text_append(text, string, strlen(string));
}

/* In decimal digits, at least so many; printf takes ten times as long for it. */
void
shim_text_number(ShimText *text, unsigned long number, int digits)
{
	char		buffer[24];
	char	   *at = buffer + sizeof(buffer);

	do
	{
		*--at = (char) ('0' + number % 10);
		number /= 10;
		digits--;
	} while (number > 0 || (digits > 0 && at > buffer));
	shim_text_append(text, at, (size_t) (buffer + sizeof(buffer) - at));
}

/* Formats into the room there is, and once more only if that is too small. */
void
shim_text_printf(ShimText *text, const char *format,...)
{
	va_list		args;
	int			len;

	if (!reserve(text, 0))
		return;
	va_start(args, format);
	len = vsnprintf(text->data + text->len, text->size - text->len, format, args);
	va_end(args);
	if (len >= 0 && (size_t) len >= text->size - text->len)
	{
		/* what was formatted behind the end, which reserve() does not know of */
		explicit_bzero(text->data + text->len, text->size - text->len);
		if (!reserve(text, (size_t) len))
			return;
		va_start(args, format);
		vsnprintf(text->data + text->len, (size_t) len + 1, format, args);
		va_end(args);
	}
	if (len > 0)
		text->len += (size_t) len;
}

/*
 * Empty again, and the memory kept for the next text, unless it is large. What was there
 * is wiped: request values hold passwords and tokens.
 */
void
shim_text_clear(ShimText *text)
{
	if (text->failed || text->size > KEPT_SIZE)
		shim_text_free(text);
	else if (text->len > 0)
	{
		explicit_bzero(text->data, text->len);
		text->len = 0;
	}
}

/* Likewise, and the memory given back. */
void
shim_text_free(ShimText *text)
{
	if (text->data != NULL)
	{
		explicit_bzero(text->data, text->len);
		free(text->data);
	}
	memset(text, 0, sizeof(*text));
}

/* Whether the slice is one of those. */
bool
shim_slices_include_nocase(const ShimSlice *slices, size_t n, ShimSlice slice)
{
	for (size_t i = 0; i < n; i++)
		if (shim_slice_equals_nocase(slice, slices[i]))
			return true;
	return false;
}

/* Without the optional white space of RFC 9110, section 5.6.3, at both ends. */
ShimSlice
shim_slice_trim(ShimSlice slice)
{
	while (slice.len > 0 && (slice.at[0] == ' ' || slice.at[0] == '\t'))
	{
		slice.at++;
		slice.len--;
	}
	while (slice.len > 0 && (slice.at[slice.len - 1] == ' ' || slice.at[slice.len - 1] == '\t'))
		slice.len--;
	return slice;
}

/* Cut the next item off a comma-separated list; false when the list is used up. */
bool
shim_slice_next(ShimSlice *list, ShimSlice *item)
{
	const char *comma;

	if (list->at == NULL)
		return false;
	comma = memchr(list->at, ',', list->len);
	item->at = list->at;
	item->len = comma ? (size_t) (comma - list->at) : list->len;
	*item = shim_slice_trim(*item);
	if (comma == NULL)
		list->at = NULL;
	else
	{
		list->len -= (size_t) (comma + 1 - list->at);
		list->at = comma + 1;
	}
	return true;
}
