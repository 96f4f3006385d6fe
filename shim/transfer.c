/*
 * transfer.c
 *	  Requests of the shim to other servers, with libcurl: many at a time, in one thread.
 *
 * The client that registered a URL chose where it leads, and answers as it likes. So, whatever the
 * URL says: https and the ports of https; no redirect, no proxy, no name or password, no cookie; an
 * address that is public, looked at when the socket for it is opened, so that no second look at a
 * name can find another; five seconds for all of it; 64 KiB, as they come, for nothing is
 * unpacked.  For trying things out, this machine may be asked over http and on any port.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#define TIME_LIMIT 5000L		/* ms */
#define BODY_LIMIT (64 * 1024)
#define HEAD_LIMIT (16 * 1024)

static CURLM * multi;			/* NULL until the first transfer, for most have none */
static int	active;
static int	woken = -1;			/* an eventfd */

/* Once, before there are other threads. */
bool
shim_transfers_init(void)
{
	/* for each name server once, and not for long: a look-up cannot be called off */
	setenv("RES_OPTIONS", "timeout:2 attempts:2", 0);
	woken = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return woken >= 0;
}

/* Start libcurl, which takes 2 MB and a few milliseconds; only one thread makes transfers. */
static bool
has_libcurl(void)
{
	if (multi == NULL && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		multi = curl_multi_init();
	return multi != NULL;
}

int
shim_transfers_active(void)
{
	return active;
}

/* May be called by any thread: the thread that waits for transfers looks after them now. */
void
shim_transfers_wake(void)
{
	(void) eventfd_write(woken, 1);
}

static bool
is_port_of_https(unsigned port)
{
	return port == 443 || port == 8443;
}

/* Over https and on its ports the address decides; anything else is for this machine alone. */
static bool
may_connect(const ShimTransfer *t, const struct in6_addr *address, unsigned port)
{
	if (shim_options.fetch_loopback && shim_address_is_loopback(address))
		return true;
	if (t->is_plain || !is_port_of_https(port))
		return false;
	for (int i = 0; i < shim_options.nfetch_allow; i++)
		if (shim_network_has(&shim_options.fetch_allow[i], address))
			return true;
	return shim_address_is_public(address);
}

/* An address of a socket, IPv4 as ::ffff:a.b.c.d; false for another family. */
static bool
read_address(const struct sockaddr *socket_address, struct in6_addr *address, unsigned *port)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *) socket_address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *) socket_address;

	if (socket_address->sa_family == AF_INET6)
	{
		*address = six->sin6_addr;
		*port = ntohs(six->sin6_port);
		return true;
	}
	*address = (struct in6_addr) {.s6_addr = {[10] = 0xff,[11] = 0xff}};
	memcpy(address->s6_addr + 12, &four->sin_addr, 4);
	*port = ntohs(four->sin_port);
	return socket_address->sa_family == AF_INET;
}

/* libcurl is about to connect to that address, one of those that the name has. */
static curl_socket_t
open_socket(void *clientp, curlsocktype purpose, struct curl_sockaddr *to)
{
	ShimTransfer *t = clientp;
	struct in6_addr address;
	unsigned	port;

	if (purpose != CURLSOCKTYPE_IPCXN || !read_address(&to->addr, &address, &port) ||
		!may_connect(t, &address, port))
	{
		t->is_forbidden = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* Take the value of a field that is asked for; what is no printable ASCII of it is shown as "?". */
static void
take_field(ShimSlice line, const char *name, char *value, size_t size)
{
	size_t		len = 0;

	if (!shim_slice_starts_nocase(line, name))
		return;
	line = shim_slice_trim((ShimSlice) {line.at + strlen(name), line.len - strlen(name)});
	for (; len < line.len && len < size - 1; len++)
		value[len] = line.at[len] >= ' ' && line.at[len] < 0x7f ? line.at[len] : '?';
	value[len] = '\0';
}

/* A line of the head, or of one that comes before it (1xx). */
static size_t
take_head(char *bytes, size_t one, size_t len, void *userp)
{
	ShimTransfer *t = userp;
	ShimSlice	line = {bytes, len};
	char		encoding[16] = "";

	(void) one;
	t->head_len += len;
	if (t->head_len > HEAD_LIMIT)
	{
		t->problem = "the head of the answer is larger than 16 KiB";
		return 0;
	}
	while (line.len > 0 && (bytes[line.len - 1] == '\r' || bytes[line.len - 1] == '\n'))
		line.len--;
	if (shim_slice_starts_nocase(line, "HTTP/"))
		t->type[0] = t->cache_control[0] = '\0';	/* those of an interim answer do not count */
	take_field(line, "Content-Type:", t->type, sizeof(t->type));
	take_field(line, "Cache-Control:", t->cache_control, sizeof(t->cache_control));
	take_field(line, "Content-Encoding:", encoding, sizeof(encoding));
	if (encoding[0] != '\0' && strcasecmp(encoding, "identity") != 0 && t->form == NULL)
	{
		t->problem = "the answer is compressed, and that was not asked for";
		return 0;
	}
	if (line.len == 0)
		curl_easy_getinfo((CURL *) t->easy, CURLINFO_RESPONSE_CODE, &t->head_status);
	return len;
}

/* What a message is answered with is in the status, and nobody reads on. */
static size_t
take_body(char *bytes, size_t one, size_t len, void *userp)
{
	ShimTransfer *t = userp;

	(void) one;
	if (t->form != NULL)
		return 0;
	if (t->body.len + len > BODY_LIMIT)
	{
		t->problem = "the answer is larger than 64 KiB";
		return 0;
	}
	shim_text_append(&t->body, bytes, len);
	return t->body.failed ? 0 : len;
}

/* What there is in a URL that is not asked; NULL: nothing. libcurl itself reads it. */
static const char *
look_at_url(ShimTransfer *t, CURLU * url)
{
	char	   *scheme = NULL;
	char	   *part = NULL;
	const char *problem = NULL;

	if (curl_url_set(url, CURLUPART_URL, t->url, CURLU_PATH_AS_IS) != CURLUE_OK ||
		curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
		return "the URL cannot be read";
	t->is_plain = strcmp(scheme, "https") != 0;
	if (t->is_plain && (strcmp(scheme, "http") != 0 || !shim_options.fetch_loopback))
		problem = "the URL does not begin with https://";
	curl_free(scheme);
	if (problem == NULL && curl_url_get(url, CURLUPART_USER, &part, 0) == CURLUE_OK)
		problem = "the URL has a user name";
	else if (problem == NULL && curl_url_get(url, CURLUPART_PASSWORD, &part, 0) == CURLUE_OK)
		problem = "the URL has a password";
	else if (problem == NULL && curl_url_get(url, CURLUPART_ZONEID, &part, 0) == CURLUE_OK)
		problem = "the URL has an address of one network interface";
	curl_free(part);
	part = NULL;
	if (problem == NULL && !shim_options.fetch_loopback &&
		curl_url_get(url, CURLUPART_PORT, &part, CURLU_DEFAULT_PORT) == CURLUE_OK &&
		!is_port_of_https((unsigned) strtoul(part, NULL, 10)))
		problem = "the URL has another port than 443 and 8443";
	curl_free(part);
	return problem;
}

/* What must not depend on the environment, or on how libcurl was built. */
static bool
set_rules(CURL * easy, ShimTransfer *t)
{
	bool		done = true;

	done &= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_NOPROXY, "*") == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_NETRC, (long) CURL_NETRC_IGNORED) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
#if LIBCURL_VERSION_NUM >= 0x075500
	done &= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, t->is_plain ? "http" : "https") ==
		CURLE_OK;
#else
	done &= curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
							 (long) (t->is_plain ? CURLPROTO_HTTP : CURLPROTO_HTTPS)) == CURLE_OK;
#endif
	done &= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
	if (shim_options.fetch_ca != NULL)
		done &= curl_easy_setopt(easy, CURLOPT_CAINFO, shim_options.fetch_ca) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, t) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, TIME_LIMIT) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_MAXFILESIZE, (long) BODY_LIMIT) == CURLE_OK;
#if LIBCURL_VERSION_NUM >= 0x075700
	/* a look-up that is still under way at the end must not hold up the other transfers */
	done &= curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK;
#endif
	return done;
}

/* What is asked, and who gets the answer. */
static bool
set_request(CURL * easy, ShimTransfer *t)
{
	struct curl_slist *fields = curl_slist_append(NULL, "Expect:");
	bool		done = true;

	t->fields = t->form != NULL ? fields : curl_slist_append(fields, "Accept: application/json");
	done &= curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_CURLU, (CURLU *) t->parsed) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_USERAGENT, "oauth-shim/" SHIM_VERSION) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, (struct curl_slist *) t->fields) == CURLE_OK;
	if (t->form != NULL)
		done &= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, t->form) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_head) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_HEADERDATA, t) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_WRITEDATA, t) == CURLE_OK;
	done &= curl_easy_setopt(easy, CURLOPT_PRIVATE, t) == CURLE_OK;
	return done;
}

static void
release(ShimTransfer *t)
{
	if (t->easy != NULL)
	{
		curl_multi_remove_handle(multi, t->easy);
		curl_easy_cleanup(t->easy);
	}
	curl_slist_free_all(t->fields);
	curl_url_cleanup(t->parsed);
	t->easy = t->fields = t->parsed = NULL;
}

/* The body of the answer, which the owner has read. */
void
shim_transfer_free(ShimTransfer *t)
{
	release(t);
	shim_text_free(&t->body);
}

/*
 * Begin: url, form and done are set, all else is zero. If it cannot, false with t->problem, and
 * done is not called.
 */
bool
shim_transfer_start(ShimTransfer *t)
{
	if (!has_libcurl())
		t->problem = "libcurl cannot be used";
	else if ((t->parsed = curl_url()) == NULL || (t->easy = curl_easy_init()) == NULL)
		t->problem = "there is no memory";
	else if ((t->problem = look_at_url(t, t->parsed)) != NULL)
		t->is_forbidden = true;
	else if (!set_rules(t->easy, t) || !set_request(t->easy, t) ||
			 curl_multi_add_handle(multi, t->easy) != CURLM_OK)
		t->problem = "libcurl lacks what is needed";
	if (t->problem != NULL)
	{
		t->outcome = t->is_forbidden ? SHIM_TRANSFER_FORBIDDEN : SHIM_TRANSFER_UNREACHABLE;
		release(t);
		return false;
	}
	active++;
	return true;
}

/* Why there was no answer, in words of ours. */
static const char *
problem_of(const ShimTransfer *t, CURLcode code)
{
	if (t->problem != NULL)
		return t->problem;
	if (t->is_forbidden)
		return "the address is not public";
	switch (code)
	{
		case CURLE_OPERATION_TIMEDOUT:
			return "there was no whole answer in 5 seconds";
		case CURLE_COULDNT_RESOLVE_HOST:
			return "the host was not found";
		case CURLE_COULDNT_CONNECT:
			return "nobody took the connection";
		case CURLE_PEER_FAILED_VERIFICATION:
			return "the TLS certificate is not one of that host that can be trusted";
		case CURLE_FILESIZE_EXCEEDED:
			return "the answer is larger than 64 KiB";
		default:
			return curl_easy_strerror(code);
	}
}

/* A status that came counts, for a message, even where what came behind it was no answer. */
static void
finish(ShimTransfer *t, CURLcode code)
{
	long		status = 0;

	if (code == CURLE_OK)
		curl_easy_getinfo((CURL *) t->easy, CURLINFO_RESPONSE_CODE, &status);
	else if (t->form != NULL && t->head_status >= 200)
		status = t->head_status;
	t->status = (int) status;
	if (status == 0)
		t->problem = problem_of(t, code);
	if (status == 200 || (status == 204 && t->form != NULL))
		t->outcome = SHIM_TRANSFER_GOOD;
	else if (status == 400 && t->form != NULL)
		t->outcome = SHIM_TRANSFER_REJECTED;
	else if (status != 0 || t->problem == NULL || t->head_len > 0)
		t->outcome = SHIM_TRANSFER_FAILED;
	else
		t->outcome = t->is_forbidden ? SHIM_TRANSFER_FORBIDDEN : SHIM_TRANSFER_UNREACHABLE;
	release(t);
	active--;
	t->done(t);
}

/* Go on with all of them, and tell the owners of those that have come to an end. */
void
shim_transfers_run(void)
{
	CURLMsg    *message;
	int			left;

	if (multi == NULL)
		return;
	curl_multi_perform(multi, &left);
	while ((message = curl_multi_info_read(multi, &left)) != NULL)
	{
		ShimTransfer *t = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **) &t);
		finish(t, message->data.result);
	}
}

/* Sleep until something happens to a transfer or on that socket, or somebody wakes us. */
void
shim_transfers_wait(int fd, int ms)
{
	struct pollfd idle[] = {{.fd = woken, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
	struct curl_waitfd also[] = {
		{.fd = woken, .events = CURL_WAIT_POLLIN}, {.fd = fd, .events = CURL_WAIT_POLLIN}
	};
	eventfd_t	times;

	if (multi == NULL)
		poll(idle, 2, ms);
	else
		curl_multi_poll(multi, also, fd >= 0 ? 2 : 1, ms, NULL);
	(void) eventfd_read(woken, &times);
}
