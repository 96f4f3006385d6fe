/*
 * request.c
 *	  Make the request value: the header fields as SQL may see them, and who is calling.
 *
 * What a proxy says about the client is believed from trusted proxies only, and
 * is decided here, so that SQL decides trust nowhere.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

#include <stdio.h>
#include <string.h>

/* Fields that only a proxy may set; anybody else's are removed. */
static const char *const proxy_prefixes[] = {"X-Forwarded-", "X-Original-", "X-SSL-"};

/*
 * Fields about the connection between two neighbours (RFC 9110, section 7.6.1), and Host, which we
 * write.
 */
static const ShimSlice hop_fields[] = {
	SHIM_SLICE("Host"), SHIM_SLICE("Connection"), SHIM_SLICE("Keep-Alive"),
	SHIM_SLICE("Proxy-Connection"), SHIM_SLICE("Proxy-Authorization"), SHIM_SLICE("TE"),
	SHIM_SLICE("Trailer"), SHIM_SLICE("Transfer-Encoding"), SHIM_SLICE("Upgrade"),
	SHIM_SLICE("Expect")
};

static bool
is_trusted(const struct in6_addr *address)
{
	for (int i = 0; i < shim_options.nproxies; i++)
		if (shim_network_has(&shim_options.proxies[i], address))
			return true;
	return false;
}

static bool
is_proxy_field(ShimSlice name)
{
	for (size_t i = 0; i < sizeof(proxy_prefixes) / sizeof(proxy_prefixes[0]); i++)
		if (shim_slice_starts_nocase(name, proxy_prefixes[i]))
			return true;
	return shim_slice_is_nocase(name, "Forwarded");
}

static bool
is_hop_field(ShimSlice name)
{
	return shim_slices_include_nocase(hop_fields, sizeof(hop_fields) / sizeof(hop_fields[0]), name);
}

/* An entry of X-Forwarded-For: an address, also in brackets and with a port. */
static bool
parse_hop(ShimSlice item, struct in6_addr *address)
{
	char		text[64];
	char	   *colon;

	if (item.len == 0 || item.len >= sizeof(text))
		return false;
	memcpy(text, item.at, item.len);
	text[item.len] = '\0';
	if (text[0] == '[')
	{
		text[strcspn(text, "]")] = '\0';
		return shim_address_parse(text + 1, address);
	}
	colon = strchr(text, ':');
	if (colon != NULL && colon == strrchr(text, ':'))
		*colon = '\0';
	return shim_address_parse(text, address);
}

/* Take the last item off a comma-separated list; false when there is none left. */
static bool
last_item(ShimSlice *list, ShimSlice *item)
{
	size_t		start = list->len;

	if (list->at == NULL)
		return false;
	while (start > 0 && list->at[start - 1] != ',')
		start--;
	*item = shim_slice_trim((ShimSlice) {list->at + start, list->len - start});
	if (start == 0)
		list->at = NULL;
	else
		list->len = start - 1;
	return true;
}

/*
 * The client is the right-most address that is not a trusted proxy: what stands
 * further left was written by the client itself. An entry that is no address ends
 * the search, for nothing to its left was written by a proxy we know.
 */
static void
find_peer(const ShimHead *head, struct in6_addr *peer)
{
	for (int i = head->nfields - 1; i >= 0; i--)
	{
		ShimSlice	list = head->fields[i].value;
		ShimSlice	item;

		if (!shim_slice_is_nocase(head->fields[i].name, "X-Forwarded-For"))
			continue;
		while (last_item(&list, &item))
		{
			struct in6_addr hop;

			if (!parse_hop(item, &hop))
				return;
			*peer = hop;
			if (!is_trusted(&hop))
				return;
		}
	}
}

/* What the nearest proxy said: the last item of the last such field. */
static bool
nearest_word(const ShimHead *head, const char *name, ShimSlice *word)
{
	for (int i = head->nfields - 1; i >= 0; i--)
		if (shim_slice_is_nocase(head->fields[i].name, name))
		{
			ShimSlice	list = head->fields[i].value;

			return last_item(&list, word);
		}
	return false;
}

static ShimFault
believe_proxy(const ShimHead *head, ShimRequest *request, ShimSlice *host, struct in6_addr *peer)
{
	ShimSlice	word;

	find_peer(head, peer);
	if (nearest_word(head, "X-Forwarded-Proto", &word))
	{
		if (shim_slice_is_nocase(word, "https"))
			request->scheme = "https";
		else if (!shim_slice_is_nocase(word, "http"))
			return (ShimFault) {400, "X-Forwarded-Proto is neither http nor https"};
	}
	if (nearest_word(head, "X-Forwarded-Host", &word))
	{
		if (!shim_head_valid_host(word))
			return (ShimFault) {400, "X-Forwarded-Host is invalid"};
		*host = word;
	}
	return SHIM_NO_FAULT;
}

/* Fields that SQL decides by must not be there twice, for it might look at the other one. */
static ShimFault
check_originals(const ShimHead *head)
{
	static const char *const names[] = {
		"X-Original-Method", "X-Original-URI", "X-Forwarded-Method", "X-Forwarded-Uri",
		"Client-Cert", "X-SSL-Client-Cert", "X-SSL-Client-Verify"
	};

	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
	{
		const ShimField *first = shim_head_field(head, names[n]);

		for (int i = 0; first != NULL && i < head->nfields; i++)
			if (&head->fields[i] != first && shim_slice_is_nocase(head->fields[i].name, names[n]))
				return (ShimFault) {400, "a field of the proxy is repeated"};
	}
	return SHIM_NO_FAULT;
}

/* Who has connected; a proxy that is trusted may have given the request its id. */
ShimFault
shim_request_identify(ShimExchange *x, const char *connected_from)
{
	if (!shim_address_parse(connected_from, &x->request.address))
		return (ShimFault) {500, "the peer has no address"};
	x->request.is_of_proxy = is_trusted(&x->request.address);
	if (x->request.is_of_proxy)
		shim_request_id_take(&x->head, x->id);
	return SHIM_NO_FAULT;
}

ShimFault
shim_request_make(ShimExchange *x, const char *connected_from, ShimSlice body)
{
	const ShimHead *head = &x->head;
	ShimRequest *request = &x->request;
	ShimSlice	host = head->host;
	struct in6_addr *peer = &request->address;
	bool		trusted = request->is_of_proxy;
	ShimFault	fault = SHIM_NO_FAULT;

	request->head = head;
	request->method = head->method;
	request->target = head->target;
	request->body = body;
	request->scheme = "http";
	if (trusted)
		fault = believe_proxy(head, request, &host, peer);
	if (trusted && fault.status == 0)
		fault = check_originals(head);
	/* that of IPv4 is written as it stands there already */
	if (trusted || strchr(connected_from, ':') != NULL)
		shim_address_print(peer, request->peer);

	if (host.at != NULL)
		shim_request_add(request, (ShimField) {{"Host", 4}, host});
	for (int i = 0; i < head->nfields; i++)
	{
		ShimSlice	name = head->fields[i].name;

		if (!is_hop_field(name) && !shim_slice_is_nocase(name, SHIM_REQUEST_ID) &&
			!shim_client_cert_is_field(name) && (trusted || !is_proxy_field(name)))
			request->fields[request->nfields++] = (unsigned char) i;
	}
	if (trusted && fault.status == 0)
		fault = shim_client_cert_take(request);
	shim_request_add(request, (ShimField) {shim_slice(SHIM_REQUEST_ID), shim_slice(x->id)});
	return fault;
}
