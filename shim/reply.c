/*
 * reply.c
 *	  Write an answer: head and body in one write, as two cost a round trip with Nagle. Note it in
 *	  log and metrics.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

#include <ctype.h>
#include <string.h>

static const struct
{
	int			status;
	const char *reason;
}			reasons[] =
{
	{200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"},
	{302, "Found"}, {303, "See Other"}, {304, "Not Modified"}, {307, "Temporary Redirect"},
	{400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
	{405, "Method Not Allowed"}, {406, "Not Acceptable"}, {408, "Request Timeout"},
	{409, "Conflict"}, {410, "Gone"}, {413, "Content Too Large"}, {414, "URI Too Long"},
	{415, "Unsupported Media Type"}, {417, "Expectation Failed"}, {421, "Misdirected Request"},
	{422, "Unprocessable Content"}, {429, "Too Many Requests"},
	{431, "Request Header Fields Too Large"}, {500, "Internal Server Error"},
	{501, "Not Implemented"}, {503, "Service Unavailable"}, {505, "HTTP Version Not Supported"},
};

/*
 * Of a page: the stylesheet, and the fields that let nothing else in. The digest is that of the
 * stylesheet, in base64.
 */
static const char stylesheet[] =
"body{max-width:26.5rem;margin:8vh auto;padding:0 1.25rem;font:1rem/1.5 system-ui,sans-serif}";

static const char page_fields[] =
"Content-Type: text/html; charset=utf-8\r\n"
"Content-Security-Policy: default-src 'none'; style-src "
"'sha256-4O0TrwUMsdux/Y1jTpVKR4e/HYqWknVQS025lG1ooO8='; "
"base-uri 'none'; frame-ancestors 'none'\r\n"
"Referrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\n";

/*
 * The fields that this file writes itself, and what is for the shim; the SQL function's are not
 * sent.
 */
static const ShimSlice own_fields[] = {
	SHIM_SLICE("Content-Length"), SHIM_SLICE("Transfer-Encoding"), SHIM_SLICE("Connection"),
	SHIM_SLICE("Keep-Alive"), SHIM_SLICE("Date"), SHIM_SLICE("Server"),
	SHIM_SLICE("X-Content-Type-Options"), SHIM_SLICE(SHIM_REQUEST_ID), SHIM_SLICE("Shared")
};

static const char *
reason_of(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}

static void
put_status(ShimText *text, const ShimExchange *x, int status)
{
	shim_text_puts(text, "HTTP/1.1 ");
	shim_text_number(text, (unsigned long) status, 3);
	shim_text_char(text, ' ');
	shim_text_puts(text, reason_of(status));
	shim_text_puts(text, "\r\nDate: ");
	shim_text_puts(text, shim_clock_http_date());
	shim_text_puts(text, "\r\nX-Content-Type-Options: nosniff\r\n" SHIM_REQUEST_ID ": ");
	shim_text_puts(text, x->id);
	shim_text_puts(text, "\r\n");
}

/*
 * Its answer is about to be sent: count and log the request, which the client need not wait for,
 * but the worker would.
 */
static void
note_answer(const ShimExchange *x)
{
	int64_t		us = shim_clock_us() - x->wire->begun;

	shim_metrics_request(x, us);
	shim_log_request(x, us);
}

/* RFC 9110, sections 8.6 and 15: 204 has no length, 304 and answers to HEAD have no body */
static void
finish(ShimExchange *x, ShimText *text, int status, ShimSlice body)
{
	bool		bodiless = status == 204 || status == 304 || shim_slice_is(x->head.method, "HEAD");

	if (status != 204 && status != 304)
	{
		shim_text_puts(text, "Content-Length: ");
		shim_text_number(text, body.len, 1);
		shim_text_puts(text, "\r\n");
	}
	if (x->close)
		shim_text_puts(text, "Connection: close\r\n");
	else if (x->head.minor == 0)
		shim_text_puts(text, "Connection: keep-alive\r\n");
	shim_text_puts(text, "\r\n");
	if (!bodiless)
		shim_text_append(text, body.at, body.len);
	x->status = status;
	x->sent = bodiless ? 0 : body.len;
	note_answer(x);
	if (text->failed || !shim_wire_send(x->wire, text->data, text->len))
		x->close = true;
	shim_text_free(text);
}

/* An answer of the shim's own. */
void
shim_reply_text(ShimExchange *x, int status, const char *type, ShimSlice body)
{
	ShimText	text = {0};

	put_status(&text, x, status);
	shim_text_printf(&text, "Cache-Control: no-store\r\nContent-Type: %s\r\n", type);
	finish(x, &text, status, body);
}

/* Without a body; extra is header lines, each with its CRLF. */
void
shim_reply_empty(ShimExchange *x, int status, const char *extra)
{
	ShimText	text = {0};

	put_status(&text, x, status);
	shim_text_puts(&text, extra);
	finish(x, &text, status, (ShimSlice) {"", 0});
}

/* As RFC 6749, section 5.2, has it, and the extension for what that does not name. */
static const char *
error_of(int status)
{
	if (status == 404)
		return "not_found";
	if (status == 405)
		return "method_not_allowed";
	if (status == 503)
		return "temporarily_unavailable";
	return status >= 500 && status != 501 && status != 505 ? "server_error" : "invalid_request";
}

/* A page that says the same, for people. */
static void
put_page(ShimText *body, ShimFault fault)
{
	size_t		len = strlen(fault.why);
	const char *reason = reason_of(fault.status);

	shim_text_printf(body, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
					 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
					 "<meta name=\"color-scheme\" content=\"light "
					 "dark\">\n<title>%s</title>\n<style>%s</style>\n</head>\n"
					 "<body>\n<main>\n<h1>%s</h1>\n", reason, stylesheet, reason);
	shim_text_printf(body, "<p>%c%s%s</p>\n", toupper((unsigned char) fault.why[0]), fault.why + 1,
					 fault.why[len - 1] == '.' ? "" : ".");
	if (fault.status == 503)
		shim_text_puts(body, "<p>Please try again in a moment.</p>\n");
	shim_text_puts(body,
				   "<p><a href=\"/account\">Your account</a></p>\n</main>\n</body>\n</html>\n");
}

static void
put_json(ShimText *body, ShimFault fault)
{
	shim_text_printf(body, "{\"error\": \"%s\", \"error_description\": \"%s\"}\n",
					 error_of(fault.status), fault.why);
}

/*
 * Say what was wrong: JSON in the form of RFC 6749, section 5.2, or a page for a browser. why is
 * text of ours that needs no escaping; nothing of the request is in the answer. extra as above, or
 * NULL.
 */
void
shim_reply_fault(ShimExchange *x, ShimFault fault, const char *extra)
{
	ShimText	text = {0};
	ShimText	body = {0};
	bool		html = shim_accept_html(&x->head);

	if (html)
		put_page(&body, fault);
	else
		put_json(&body, fault);
	put_status(&text, x, fault.status);
	shim_text_printf(&text, "Cache-Control: no-store\r\n%s",
					 html ? page_fields : "Content-Type: application/json\r\n");
	if (fault.status == 503)
		shim_text_puts(&text, "Retry-After: 1\r\n");
	if (extra != NULL)
		shim_text_puts(&text, extra);
	finish(x, &text, fault.status, (ShimSlice) {body.data, body.len});
	shim_text_free(&body);
}

void
shim_reply_not_found(ShimExchange *x)
{
	shim_reply_fault(x, (ShimFault) {404, "there is nothing at this path"}, NULL);
}

static bool
is_own_field(ShimSlice name)
{
	return shim_slices_include_nocase(own_fields, sizeof(own_fields) / sizeof(own_fields[0]), name);
}

/* A line of the SQL function is one line, whatever it was made of: no CR, LF or NUL gets out. */
static bool
put_line(ShimText *text, ShimSlice line, bool *cached)
{
	const char *colon = memchr(line.at, ':', line.len);
	ShimSlice	name = {line.at, colon ? (size_t) (colon - line.at) : 0};

	if (name.len == 0)
		return false;
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char) line.at[i] < 0x20 && line.at[i] != '\t')
			return false;
	if (is_own_field(name))
		return true;
	*cached |= shim_slice_is_nocase(name, "Cache-Control");
	shim_text_append(text, line.at, line.len);
	shim_text_puts(text, "\r\n");
	return true;
}

/*
 * Append the fields of a SQL function's answer; false if they are no HTTP. What says nothing of
 * caching is not to be stored.
 */
bool
shim_reply_fields(ShimText *text, const ShimResponse *response)
{
	bool		cached = false;

	for (int i = 0; i < response->nlines; i++)
		if (!put_line(text, response->lines[i], &cached))
			return false;
	if (!cached)
		shim_text_puts(text, "Cache-Control: no-store\r\n");
	return true;
}

/* An answer that another request had before: its fields are as they were sent. */
void
shim_reply_again(ShimExchange *x, int status, ShimSlice fields, ShimSlice body)
{
	ShimText	text = {0};

	put_status(&text, x, status);
	shim_text_append(&text, fields.at, fields.len);
	finish(x, &text, status, body);
}

/* The answer of a SQL function. */
void
shim_reply_response(ShimExchange *x, const ShimResponse *response)
{
	ShimText	text = {0};

	put_status(&text, x, response->status);
	if (response->status < 200 || response->status > 599 || !shim_reply_fields(&text, response))
	{
		shim_text_free(&text);
		shim_log_about(x, "%s gave a response that is not HTTP", x->route->stem);
		shim_reply_fault(x, (ShimFault) {500, "the answer could not be made"}, NULL);
		return;
	}
	finish(x, &text, response->status, response->body);
}

/* RFC 9110, section 10.1.1 */
void
shim_reply_continue(ShimExchange *x)
{
	static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";

	shim_wire_send(x->wire, interim, sizeof(interim) - 1);
}
