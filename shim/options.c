/*
 * options.c
 *	  Read the options, the environment first and the command line over it.
 *
 * One table: every long option --some-name is also OAUTH_SHIM_SOME_NAME.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "oauth-shim"

typedef enum OptionKind
{
	NUMBER,						/* at.number, between min and max */
	SIZE,						/* at.size, likewise */
	FLAG,						/* at.flag; without argument */
	WORD,						/* at.word */
	PARSED						/* by a function */
} OptionKind;

typedef struct Option
{
	const char *name;
	const char *argument;		/* for --help */
	OptionKind	kind;
	union
	{
		int		   *number;
		size_t	   *size;
		bool	   *flag;
		const char **word;
		void		(*parse) (const char *name, const char *value);
	}			at;
	long		min;
	long		max;
	const char *help;
} Option;

static void read_listen(const char *name, const char *value);
static void read_proxies(const char *name, const char *value);
static void read_fetch(const char *name, const char *value);
static void read_fetch_allow(const char *name, const char *value);
static void read_log_format(const char *name, const char *value);
static void print_help(const char *name, const char *value);
static void print_version(const char *name, const char *value);

#define LANE(id, field) {.number = &shim_lanes[id].field}

static const Option options[] = {
	{"listen", "ADDRESS:PORT", PARSED, {.parse = read_listen}, 0, 0,
	"where to serve HTTP; several with commas or by repeating [127.0.0.1:8000]"},
	{"allow-non-loopback", NULL, FLAG, {.flag = &shim_options.allow_non_loopback}, 0, 0,
	"listen on other addresses than 127.0.0.0/8; clients then see no TLS"},
	{"database", "CONNINFO", WORD, {.word = &shim_options.database}, 0, 0,
	"libpq connection string or URI; PGHOST, PGUSER and the like work too"},
	{"trusted-proxy", "CIDR", PARSED, {.parse = read_proxies}, 0, 0,
	"believe X-Forwarded-* and X-Original-* from here; several as for --listen"},
	{"threads", "N", NUMBER, {.number = &shim_options.threads}, 2, 10000,
	"HTTP connections served at a time"},
	{"reading-connections", "N", NUMBER, LANE(SHIM_READING, connections), 1, 64,
	"database connections for requests that only read"},
	{"writing-connections", "N", NUMBER, LANE(SHIM_WRITING, connections), 1, 64,
	"database connections for requests that write"},
	{"signing-connections", "N", NUMBER, LANE(SHIM_SIGNING, connections), 0, 64,
	"database connections for RSA signatures; 0: one a processor, 2 to 4"},
	{"slow-connections", "N", NUMBER, LANE(SHIM_SLOW, connections), 1, 64,
	"database connections for password checks"},
	{"application-connections", "N", NUMBER, LANE(SHIM_APPLICATION, connections), 1, 64,
	"database connections for application functions"},
	{"batch", "N", NUMBER, {.number = &shim_options.batch}, 1, 1000,
	"most requests in one statement"},
	{"purge-interval", "S", NUMBER, {.number = &shim_options.purge_interval}, 0, 86400,
	"seconds between removals of what has expired; 0 for none"},
	{"reading-queue", "N", NUMBER, LANE(SHIM_READING, queue_limit), 1, 100000,
	"most requests that wait for a reading connection; more are 503"},
	{"writing-queue", "N", NUMBER, LANE(SHIM_WRITING, queue_limit), 1, 100000,
	"likewise for writing"},
	{"signing-queue", "N", NUMBER, LANE(SHIM_SIGNING, queue_limit), 1, 100000,
	"likewise for signing"},
	{"slow-queue", "N", NUMBER, LANE(SHIM_SLOW, queue_limit), 1, 100000,
	"likewise for slow"},
	{"application-queue", "N", NUMBER, LANE(SHIM_APPLICATION, queue_limit), 1, 100000,
	"likewise for application"},
	{"queue-timeout", "MS", NUMBER, LANE(SHIM_READING, wait_limit), 100, 60000,
	"longest wait for a reading, writing or signing connection"},
	{"slow-queue-timeout", "MS", NUMBER, LANE(SHIM_SLOW, wait_limit), 100, 60000,
	"longest wait for a slow connection"},
	{"application-queue-timeout", "MS", NUMBER, LANE(SHIM_APPLICATION, wait_limit), 100, 60000,
	"longest wait for an application connection"},
	{"statement-timeout", "MS", NUMBER, LANE(SHIM_READING, statement_timeout), 100, 600000,
	"statement_timeout of reading, writing and signing connections"},
	{"slow-statement-timeout", "MS", NUMBER, LANE(SHIM_SLOW, statement_timeout), 100, 600000,
	"statement_timeout of the slow connections"},
	{"application-statement-timeout", "MS", NUMBER, LANE(SHIM_APPLICATION, statement_timeout),
	100, 600000, "statement_timeout of the application connections"},
	{"connect-timeout", "MS", NUMBER, {.number = &shim_options.connect_timeout}, 100, 60000,
	"longest time to open a database connection"},
	{"head-limit", "BYTES", SIZE, {.size = &shim_options.head_limit}, 1024, 1048576,
	"largest request line and header fields; more is 431 or 414"},
	{"body-limit", "BYTES", SIZE, {.size = &shim_options.body_limit}, 0, 16777216,
	"largest request body; more is 413"},
	{"head-timeout", "MS", NUMBER, {.number = &shim_options.head_timeout}, 100, 600000,
	"longest time for a request head to arrive, from its first byte"},
	{"body-timeout", "MS", NUMBER, {.number = &shim_options.body_timeout}, 100, 600000,
	"longest time for a request body to arrive"},
	{"idle-timeout", "MS", NUMBER, {.number = &shim_options.idle_timeout}, 100, 3600000,
	"longest time a connection waits for its next request"},
	{"stop-timeout", "MS", NUMBER, {.number = &shim_options.stop_timeout}, 100, 600000,
	"longest time to finish requests after SIGTERM"},
	{"fetch", "on|off", PARSED, {.parse = read_fetch}, 0, 0,
	"ask other servers: key sets of clients, logout; off for never [on]"},
	{"fetch-allow", "CIDR", PARSED, {.parse = read_fetch_allow}, 0, 0,
	"ask servers here though it is not public; several as for --listen"},
	{"fetch-ca", "FILE", WORD, {.word = &shim_options.fetch_ca}, 0, 0,
	"certificates (PEM) that other servers' are signed by [the system's]"},
	{"fetch-loopback", NULL, FLAG, {.flag = &shim_options.fetch_loopback}, 0, 0,
	"ask this machine too, over http and on any port; for trying things out"},
	{"access-log", "FILE", WORD, {.word = &shim_options.access_log}, 0, 0,
	"one line a request; - is standard output, none is none; SIGHUP reopens"},
	{"log-format", "text|json", PARSED, {.parse = read_log_format}, 0, 0,
	"form of the access log and of what is written to standard error [text]"},
	{"version", NULL, PARSED, {.parse = print_version}, 0, 0, "show the version and exit"},
	{"help", NULL, PARSED, {.parse = print_help}, 0, 0, "show this and exit"},
};

#define NOPTIONS (sizeof(options) / sizeof(options[0]))

static void
__attribute__((format(printf, 1, 2), noreturn))
complain(const char *format,...)
{
	static const char advice[] = "Try \"" PROGRAM " --help\".";
	char		message[512];
	int			len;
	va_list		args;

	va_start(args, format);
	len = vsnprintf(message, sizeof(message) - sizeof(advice) - 1, format, args);
	va_end(args);
	if (len > (int) (sizeof(message) - sizeof(advice)) - 2)
		len = (int) (sizeof(message) - sizeof(advice)) - 2;
	snprintf(message + len, sizeof(message) - (size_t) len, "%s%s", shim_options.json ? ". " : "\n",
			 advice);
	shim_log_usage(message);
	exit(2);
}

/* Call f for each item of a comma-separated list. */
static void
each_item(const char *name, const char *value, void (*f) (const char *name, const char *item))
{
	char	   *copy = strdup(value);
	char	   *rest = copy;
	char	   *item;

	if (copy == NULL)
		complain("out of memory");
	while ((item = strsep(&rest, ",")) != NULL)
	{
		while (isspace((unsigned char) *item))
			item++;
		if (*item != '\0')
			f(name, item);
	}
	free(copy);
}

static void
read_listener(const char *name, const char *item)
{
	char		address[64];
	const char *colon = strrchr(item, ':');
	size_t		len = colon ? (size_t) (colon - item) : 0;
	size_t		used = strlen(shim_options.listen);
	struct in_addr four;
	char	   *end;
	long		port = colon ? strtol(colon + 1, &end, 10) : 0;

	if (colon == NULL || port < 1 || port > 65535 || *end != '\0' ||
		!isdigit((unsigned char) colon[1]))
		complain("--%s \"%s\": expected ADDRESS:PORT, such as 127.0.0.1:8000", name, item);
	if (item[0] == '[' || memchr(item, ':', len) != NULL)
		complain("--%s \"%s\": CivetWeb is built without IPv6 on Debian, use an IPv4 address", name,
				 item);
	if (len >= sizeof(address))
		complain("--%s \"%s\": that is no IPv4 address", name, item);
	memcpy(address, item, len);
	address[len] = '\0';
	if (strcmp(address, "localhost") == 0)
		snprintf(address, sizeof(address), "127.0.0.1");
	if (inet_pton(AF_INET, address, &four) != 1)
		complain("--%s \"%s\": that is no IPv4 address", name, item);
	if (used + strlen(address) + 8 > sizeof(shim_options.listen))
		complain("--%s: too many addresses", name);
	snprintf(shim_options.listen + used, sizeof(shim_options.listen) - used, "%s%s:%ld",
			 used ? "," : "", address, port);
}

static void
read_listen(const char *name, const char *value)
{
	each_item(name, value, read_listener);
}

static void
read_proxy(const char *name, const char *item)
{
	if (shim_options.nproxies == SHIM_MAX_PROXIES)
		complain("--%s: at most %d networks", name, SHIM_MAX_PROXIES);
	if (!shim_network_parse(item, &shim_options.proxies[shim_options.nproxies++]))
		complain("--%s \"%s\": expected an address or a network, such as 127.0.0.1 or 10.0.0.0/8",
				 name, item);
}

static void
read_proxies(const char *name, const char *value)
{
	each_item(name, value, read_proxy);
}

static void
read_fetch(const char *name, const char *value)
{
	if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
		complain("--%s \"%s\": expected on or off", name, value);
	shim_options.fetch = strcmp(value, "on") == 0;
}

static void
read_allowed(const char *name, const char *item)
{
	if (shim_options.nfetch_allow == SHIM_MAX_PROXIES)
		complain("--%s: at most %d networks", name, SHIM_MAX_PROXIES);
	if (!shim_network_parse(item, &shim_options.fetch_allow[shim_options.nfetch_allow++]))
		complain("--%s \"%s\": expected an address or a network, such as 10.1.2.3 or 10.0.0.0/8",
				 name, item);
}

static void
read_fetch_allow(const char *name, const char *value)
{
	each_item(name, value, read_allowed);
}

static void
read_log_format(const char *name, const char *value)
{
	if (strcmp(value, "text") != 0 && strcmp(value, "json") != 0)
		complain("--%s \"%s\": expected text or json", name, value);
	shim_options.json = strcmp(value, "json") == 0;
}

static void
__attribute__((noreturn))
print_version(const char *name, const char *value)
{
	(void) name;
	(void) value;
	printf(PROGRAM " " SHIM_VERSION " (CivetWeb %s, libpq %d)\n", mg_version(), PQlibVersion());
	exit(0);
}

static void
__attribute__((noreturn))
print_help(const char *name, const char *value)
{
	(void) name;
	(void) value;
	printf("oauth-shim serves the oauth extension of a PostgreSQL database over HTTP.\n\n"
		   "Usage: oauth-shim [OPTION]...\n\n");
	for (size_t i = 0; i < NOPTIONS; i++)
	{
		const Option *o = &options[i];
		char		left[64];

		snprintf(left, sizeof(left), "--%s%s%s", o->name, o->argument ? "=" : "",
				 o->argument ? o->argument : "");
		printf("  %-30s %s", left, o->help);
		if (o->kind == NUMBER)
			printf(" [%d]", *o->at.number);
		else if (o->kind == SIZE)
			printf(" [%zu]", *o->at.size);
		printf("\n");
	}
	printf("\nEach option has an environment variable, --some-name is OAUTH_SHIM_SOME_NAME;\n"
		   "flags are set by 1 there. The command line comes first.\n\n"
		   "Put TLS in front (nginx.conf shows how) and name the proxy with --trusted-proxy.\n"
		   "A password does not belong on the command line: use PGPASSFILE or a service file.\n");
	exit(0);
}

static long
read_number(const Option *o, const char *value)
{
	char	   *end;
	long		number = strtol(value, &end, 10);

	if (!isdigit((unsigned char) value[0]) || *end != '\0' || number < o->min || number > o->max)
		complain("--%s \"%s\": expected a number from %ld to %ld", o->name, value, o->min, o->max);
	return number;
}

static bool
read_flag(const Option *o, const char *value)
{
	if (value == NULL || strcmp(value, "1") == 0)
		return true;
	if (strcmp(value, "0") != 0 && strcmp(value, "") != 0)
		complain("--%s \"%s\": expected 1 or 0", o->name, value);
	return false;
}

static void
set_option(const Option *o, const char *value)
{
	switch (o->kind)
	{
		case NUMBER:
			*o->at.number = (int) read_number(o, value);
			break;
		case SIZE:
			*o->at.size = (size_t) read_number(o, value);
			break;
		case FLAG:
			*o->at.flag = read_flag(o, value);
			break;
		case WORD:
			*o->at.word = value;
			break;
		case PARSED:
			o->at.parse(o->name, value);
			break;
	}
}

static void
read_environment(void)
{
	for (size_t i = 0; i < NOPTIONS; i++)
	{
		char		name[64] = "OAUTH_SHIM_";
		const char *value;

		if (options[i].argument == NULL && options[i].kind == PARSED)
			continue;			/* --help and --version */
		for (size_t j = 0; options[i].name[j] != '\0'; j++)
			name[11 + j] = options[i].name[j] == '-' ?
				'_' :
				(char) toupper((unsigned char) options[i].name[j]);
		value = getenv(name);
		if (value != NULL)
			set_option(&options[i], value);
	}
}

/*
 * An option that getopt_long did not take. A letter behind one dash is optopt, for the word is not
 * used up yet.
 */
static void
__attribute__((noreturn))
complain_of(const char *word)
{
	size_t		len = strcspn(word, "=");

	if (optopt != 0 && optopt < 256)
		complain("unknown option \"-%c\"", optopt);
	for (size_t i = 0; i < NOPTIONS; i++)
		if (strlen(options[i].name) + 2 == len && strncmp(options[i].name, word + 2, len - 2) == 0)
			complain("%.*s takes no argument", (int) len, word);
	complain("unknown option \"%s\"", word);
}

/*
 * What is wrong with an option is said in the form that another one asks for, wherever that stands.
 */
static void
look_for_log_format(int argc, char **argv)
{
	const char *value = getenv("OAUTH_SHIM_LOG_FORMAT");

	for (int i = 1; i < argc; i++)
	{
		if (strncmp(argv[i], "--log-format=", 13) == 0)
			value = argv[i] + 13;
		else if (strcmp(argv[i], "--log-format") == 0 && i + 1 < argc)
			value = argv[i + 1];
	}
	shim_options.json = value != NULL && strcmp(value, "json") == 0;
}

/* A list given on the command line replaces the one of the environment. */
static void
read_command_line(int argc, char **argv)
{
	struct option longs[NOPTIONS + 1] = {0};
	bool		listens = false;
	bool		trusts = false;
	bool		allows = false;
	int			c;
	int			i;

	for (size_t j = 0; j < NOPTIONS; j++)
	{
		longs[j].name = options[j].name;
		longs[j].has_arg = options[j].argument ? required_argument : no_argument;
		longs[j].val = 256 + (int) j;	/* options with one value are one option, where a name is
										 * abbreviated */
	}
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", longs, &i)) != -1)
	{
		if (c == ':')
			complain("%s requires an argument", argv[optind - 1]);
		if (c == '?')
			complain_of(argv[optind - 1]);
		if (options[i].at.parse == read_listen && !listens)
			shim_options.listen[0] = '\0';
		if (options[i].at.parse == read_proxies && !trusts)
			shim_options.nproxies = 0;
		if (options[i].at.parse == read_fetch_allow && !allows)
			shim_options.nfetch_allow = 0;
		listens |= options[i].at.parse == read_listen;
		trusts |= options[i].at.parse == read_proxies;
		allows |= options[i].at.parse == read_fetch_allow;
		set_option(&options[i], optarg);
	}
	if (optind < argc)
		complain("unexpected argument \"%s\"", argv[optind]);
}

static void
check_loopback(const char *name, const char *item)
{
	if (strncmp(item, "127.", 4) != 0)
		complain("--%s %s is not a loopback address: put a TLS proxy in front, or insist with "
				 "--allow-non-loopback",
				 name, item);
}

/* One a processor where nothing is said; but a second one, for the first may wait for the disk. */
static int
signing_connections(void)
{
	int			processors = shim_processors();
	int			said = shim_lanes[SHIM_SIGNING].connections;

	if (said > 0)
		return said;
	return processors < 2 ? 2 : processors > 4 ? 4 : processors;
}

/* What follows from other settings. */
static void
fill_in_lanes(void)
{
	for (ShimLane *lane = shim_lanes; lane < shim_lanes + SHIM_LANES; lane++)
	{
		if (lane->is_shared_out)
			lane->batch_limit = 1;
		else if (lane->batch_limit == 0 || lane->batch_limit > shim_options.batch)
			lane->batch_limit = shim_options.batch;
		if (lane->wait_limit == 0)
			lane->wait_limit = shim_lanes[SHIM_READING].wait_limit;
		if (lane->statement_timeout == 0)
			lane->statement_timeout = shim_lanes[SHIM_READING].statement_timeout;
	}
	shim_lanes[SHIM_SIGNING].connections = signing_connections();
	shim_lanes_limit(shim_options.threads);
}

void
shim_options_read(int argc, char **argv)
{
	look_for_log_format(argc, argv);
	read_environment();
	read_command_line(argc, argv);
	if (shim_options.listen[0] == '\0')
		read_listener("listen", "127.0.0.1:8000");
	if (shim_options.fetch_ca != NULL && access(shim_options.fetch_ca, R_OK) != 0)
		complain("--fetch-ca \"%s\": the file cannot be read", shim_options.fetch_ca);
	if (!shim_options.allow_non_loopback)
		each_item("listen", shim_options.listen, check_loopback);

	fill_in_lanes();
}
