/*
 * log.c
 *	  The access log, one line a request, and the error log on standard error.
 *
 * No header value, no query and no body is ever logged: tokens travel there.
 * Access lines are collected and written a few times a second by the main thread.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COLLECT (32 * 1024)		/* bytes of lines kept back at most */

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static ShimText lines;
static int	log_fd = -1;

static int
open_file(void)
{
	if (strcmp(shim_options.access_log, "none") == 0)
		return -1;
	if (strcmp(shim_options.access_log, "-") == 0)
		return STDOUT_FILENO;
	return open(shim_options.access_log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

/* False, with errno, when the file cannot be opened. */
bool
shim_log_open(void)
{
	log_fd = open_file();
	return log_fd >= 0 || strcmp(shim_options.access_log, "none") == 0;
}

/* The lock is held. What cannot be written is dropped: the log must not stop the service. */
static void
write_lines(void)
{
	size_t		done = 0;

	while (log_fd >= 0 && done < lines.len)
	{
		ssize_t		n = write(log_fd, lines.data + done, lines.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t) n;
	}
	lines.len = 0;
}

void
shim_log_flush(void)
{
	pthread_mutex_lock(&log_lock);
	write_lines();
	pthread_mutex_unlock(&log_lock);
}

/* After the file was moved away; a file that cannot be opened leaves the old one in use. */
void
shim_log_reopen(void)
{
	int			fd;

	pthread_mutex_lock(&log_lock);
	write_lines();
	fd = open_file();
	if (fd >= 0 && log_fd > STDERR_FILENO)
		close(log_fd);
	if (fd >= 0)
		log_fd = fd;
	pthread_mutex_unlock(&log_lock);
}

/* Printable ASCII stays, but quotes and backslashes; all else becomes an escape. */
static void
put_escaped(ShimText *line, ShimSlice s)
{
	size_t		from = 0;

	for (size_t i = 0; i < s.len; i++)
	{
		unsigned char c = (unsigned char) s.at[i];

		if (c > 0x20 && c < 0x7f && c != '"' && c != '\\')
			continue;
		shim_text_append(line, s.at + from, i - from);
		shim_text_printf(line, shim_options.json ? "\\u%04x" : "\\x%02x", c);
		from = i + 1;
	}
	shim_text_append(line, s.at + from, s.len - from);
}

/* A JSON string: text stays, but quotes, backslashes and control characters. */
static void
put_json_string(ShimText *line, ShimSlice s)
{
	ShimText	text = {0};

	shim_text_char(line, '"');
	shim_text_append_utf8(&text, s);
	for (size_t i = 0; i < text.len; i++)
	{
		unsigned char c = (unsigned char) text.data[i];

		if (c < 0x20 || c == 0x7f || c == '"' || c == '\\')
			shim_text_printf(line, "\\u%04x", c);
		else
			shim_text_char(line, text.data[i]);
	}
	shim_text_char(line, '"');
	shim_text_free(&text);
}

static ShimSlice
or_dash(ShimSlice s)
{
	return s.len > 0 ? s : shim_slice("-");
}

static void
put_json(ShimText *line, const char *time, const ShimExchange *x, int64_t us, const char *lane)
{
	shim_text_printf(line, "{\"time\": \"%s\", \"peer\": \"%s\", \"method\": \"", time,
					 x->request.peer);
	put_escaped(line, or_dash(x->head.method));
	shim_text_puts(line, "\", \"path\": \"");
	put_escaped(line, or_dash(x->head.path));
	shim_text_printf(line, "\", \"status\": %d, \"bytes\": %zu, \"ms\": %d.%03d, \"lane\": \"%s\", "
					 "\"request_id\": \"%s\"}\n",
					 x->status, x->sent, (int) (us / 1000), (int) (us % 1000), lane, x->id);
}

static void
put_number(ShimText *line, unsigned long number)
{
	shim_text_char(line, ' ');
	shim_text_number(line, number, 1);
}

static void
put_text(ShimText *line, const char *time, const ShimExchange *x, int64_t us, const char *lane)
{
	shim_text_puts(line, time);
	shim_text_char(line, ' ');
	shim_text_puts(line, x->request.peer);
	shim_text_char(line, ' ');
	put_escaped(line, or_dash(x->head.method));
	shim_text_char(line, ' ');
	put_escaped(line, or_dash(x->head.path));
	put_number(line, (unsigned long) x->status);
	put_number(line, x->sent);
	put_number(line, (unsigned long) us / 1000);
	shim_text_char(line, '.');
	shim_text_number(line, (unsigned long) us % 1000, 3);
	shim_text_char(line, ' ');
	shim_text_puts(line, lane);
	shim_text_char(line, ' ');
	shim_text_puts(line, x->id);
	shim_text_char(line, '\n');
}

void
shim_log_request(const ShimExchange *x, int64_t us)
{
	const char *lane = x->lane == SHIM_NO_LANE ? "-" : shim_lanes[x->lane].name;
	const char *time;

	if (log_fd < 0)
		return;
	time = shim_clock_log_time();
	pthread_mutex_lock(&log_lock);
	if (shim_options.json)
		put_json(&lines, time, x, us, lane);
	else
		put_text(&lines, time, x, us, lane);
	if (lines.len > COLLECT)
		write_lines();
	pthread_mutex_unlock(&log_lock);
}

/*
 * One line on standard error, in one write so that lines of threads do not mix. id: of the request
 * it is about, or NULL.
 */
static void
write_message(const char *level, const char *id, const char *message)
{
	ShimText	line = {0};

	if (shim_options.json)
	{
		shim_text_printf(&line, "{\"time\": \"%s\", \"level\": \"%s\", \"message\": ",
						 shim_clock_log_time(), level);
		put_json_string(&line, shim_slice(message));
		if (id != NULL)
			shim_text_printf(&line, ", \"request_id\": \"%s\"", id);
		shim_text_puts(&line, "}\n");
	}
	else
		shim_text_printf(&line, "%s oauth-shim: %s%s%s\n", shim_clock_log_time(), message,
						 id ? ", request " : "", id ? id : "");
	if (!line.failed && write(STDERR_FILENO, line.data, line.len) < 0)
		line.failed = true;
	shim_text_free(&line);
}

void
shim_log_error(const char *format,...)
{
	char		message[512];
	va_list		args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	write_message("error", NULL, message);
}

/* What is no error. */
void
shim_log_info(const char *format,...)
{
	char		message[512];
	va_list		args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	write_message("info", NULL, message);
}

/* An error in a request; NULL: in several. */
void
shim_log_about(const ShimExchange *x, const char *format,...)
{
	char		message[512];
	va_list		args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	write_message("error", x ? x->id : NULL, message);
}

/*
 * What is wrong with the options, for the person who types them: in lines of text, unless the log
 * is to be JSON.
 */
void
shim_log_usage(const char *message)
{
	if (shim_options.json)
		write_message("error", NULL, message);
	else
		fprintf(stderr, "oauth-shim: %s\n", message);
}
