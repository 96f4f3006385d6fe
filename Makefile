# Makefile - builds the extension and the shim, runs a private server, tests.
#
# `make help` lists the targets.  The extension is built by PGXS, PostgreSQL's
# own rules for extensions; whatever takes more than a line lives in .ci/.
# SPDX-License-Identifier: PostgreSQL

PORT     ?=
STATE    ?= ./var
PREFIX   ?= /usr/local
PACKAGES ?= yes

PG_CONFIG ?= pg_config
PGXS     := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
RELEASE  := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" oauth.control)
SCRIPT   := extension/oauth--$(RELEASE).sql
GOALS    := $(or $(MAKECMDGOALS),all)

.DEFAULT_GOAL = all

export PORT STATE PACKAGES PG_CONFIG

RUN = start stop psql check check-systems check-upgrade bench bench-many bench-peers bench-writers fuzz timing lint format reference docs help screenshots dist deb check-packages image check-image
.PHONY: all extension shim asan install uninstall installcheck clean $(RUN)

# ---------------------------------------------------------------------------
# Several goals: one after the other, each read with the part it needs.
# ---------------------------------------------------------------------------
ifneq ($(words $(GOALS)),1)

.NOTPARALLEL:
.PHONY: $(GOALS)
$(GOALS):
	@$(MAKE) --no-print-directory $@

# ---------------------------------------------------------------------------
# Running: each of these installs the Debian packages it misses.  PGXS stays
# out of it, for it has a target of its own called check.
# ---------------------------------------------------------------------------
else ifneq ($(filter $(RUN),$(GOALS)),)

help:
	@cat .ci/help

timing:
	@.ci/bench timing

bench-many bench-peers bench-writers:
	@.ci/bench $(@:bench-%=%)

start stop psql check check-systems check-upgrade bench fuzz lint format reference screenshots dist deb image:
	@.ci/$@

docs:
	@.ci/check docs

check-packages:
	@.ci/try-packages

check-image:
	@.ci/try-image

# ---------------------------------------------------------------------------
# Building, where the server's headers are not installed yet.
# ---------------------------------------------------------------------------
else ifeq ($(wildcard $(PGXS)),)

clean:
	rm -f oauth.so extension/*.[od] extension/*/*.[od] shim/oauth-shim shim/oauth-shim-asan

all extension shim asan install uninstall installcheck:
	@test -z "$(BOOTSTRAPPED)" || { echo "make: PostgreSQL's server headers are missing (PG_CONFIG=$(PG_CONFIG))" >&2; exit 1; }
	@.ci/packages build
	@$(MAKE) --no-print-directory BOOTSTRAPPED=yes $@

# ---------------------------------------------------------------------------
# Building with PGXS.  WERROR=1 makes a warning an error, but for what
# #warning says of the server's version.
# ---------------------------------------------------------------------------
else

HARDEN = -fstack-protector-strong
WARN   = -Wall -Wextra -Wformat=2 -Wformat-security -Wshadow $(if $(WERROR),-Werror -Wno-error=cpp)
PG_INC := $(shell $(PG_CONFIG) --includedir-server)
RELRO  = -Wl,-z,relro -Wl,-z,now

SHIM_SRC  = $(sort $(wildcard shim/*.c))
# GnuTLS finds main.c's answer to what it asks
SHIM_LIBS = -lcivetweb -lpq -lcurl -lpthread -ldl -Wl,--export-dynamic-symbol=_gnutls_global_init_skip

# Logging in to the server with a token: what asks is there from PostgreSQL 18 on, and needs libpq.
MAJOR := $(shell $(PG_CONFIG) --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')
ifneq ($(filter 15 16 17,$(MAJOR)),)
NOT_YET = $(addprefix extension/validator/,ending.c question.c role.c slot.c validator.c)
else
VALIDATOR_INC  = -I$(shell $(PG_CONFIG) --includedir)
VALIDATOR_LIBS = -L$(shell $(PG_CONFIG) --libdir) -lpq
endif

EXTENSION  = oauth
MODULE_big = oauth
OBJS       = $(patsubst %.c,%.o,$(filter-out $(NOT_YET),$(sort $(wildcard extension/*.c extension/*/*.c))))
DATA       = $(sort $(SCRIPT) $(wildcard extension/oauth--*.sql))
EXTRA_CLEAN = $(OBJS:.o=.d) shim/oauth-shim shim/oauth-shim-asan

# The server's headers and its PG_FUNCTION_ARGS are not ours to warn about.
# -Bsymbolic: the server loads modules with global visibility, so a function
# of ours must not be replaced by another module's of the same name.
PG_CPPFLAGS = -isystem $(PG_INC) $(VALIDATOR_INC) -I$(CURDIR)/extension -DOAUTH_RELEASE='"$(RELEASE)"' -MMD -MP
PG_CFLAGS   = $(WARN) -Wno-unused-parameter $(HARDEN)
SHLIB_LINK  = $(VALIDATOR_LIBS) -lcrypto -largon2 -lcrypt -lqrencode -Wl,-Bsymbolic $(RELRO)
# Bitcode for inlining by the JIT is of no use to functions of this size.
override with_llvm = no

# `make installcheck` runs these against a running server, as PGXS users expect:
# PGHOST, PGPORT and PGUSER say which, the tests make databases of their own.
REGRESS        = $(patsubst sql/%.sql,%,$(sort $(wildcard sql/*.sql)))
REGRESS_OPTS   = --encoding=UTF8 --load-extension=pgcrypto --load-extension=oauth
ISOLATION      = $(patsubst sql/isolation/specs/%.spec,%,$(sort $(wildcard sql/isolation/specs/*.spec)))
ISOLATION_OPTS = --encoding=UTF8 --load-extension=pgcrypto --load-extension=oauth \
                 --inputdir=sql/isolation --outputdir=sql/isolation

include $(PGXS)
# Where the flags of the distribution or of the caller have a level, it stays,
# but is said once: a second one would be a macro redefined.
fortify = $(foreach flag,$(1),$(if $(findstring _FORTIFY_SOURCE,$(flag)),$(flag)))
others  = $(foreach flag,$(1),$(if $(findstring _FORTIFY_SOURCE,$(flag)),,$(flag)))
LEVEL  := $(lastword $(foreach flag,$(call fortify,$(CPPFLAGS) $(CFLAGS)),$(if $(findstring =,$(flag)),$(lastword $(subst =, ,$(flag))))))
override CPPFLAGS := $(call others,$(CPPFLAGS))
override CFLAGS   := $(call others,$(CFLAGS)) -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$(or $(LEVEL),2)
-include $(OBJS:.o=.d)

extension: all-lib $(SCRIPT)
shim: shim/oauth-shim
asan: shim/oauth-shim-asan
all: $(SCRIPT)
ifneq ($(SHIM),no)
all: shim
endif

# Everything needs its packages first; silent when nothing is missing.
$(OBJS) shim/oauth-shim shim/oauth-shim-asan: | packages
.PHONY: packages
packages:
	@.ci/packages build

$(OBJS): Makefile
# The script of the release is committed, and `make lint` compares it with its parts, of which privileges.sql is the last: it
# takes back what default privileges gave.
SCRIPT_SRC = $(addprefix extension/,tables.sql views.sql functions.sql checks.sql privileges.sql)
$(SCRIPT): $(SCRIPT_SRC) oauth.control
	cat $(SCRIPT_SRC) > $@.new
	if cmp -s $@.new $@; then rm $@.new && touch $@; else mv $@.new $@; fi

SHIM_CC = $(CC) -std=gnu11 -g $(WARN) -I$(shell $(PG_CONFIG) --includedir) -pthread

shim/oauth-shim: $(SHIM_SRC) $(wildcard shim/*.h) Makefile
	$(SHIM_CC) -O2 -flto=auto $(HARDEN) $(SHIM_FLAGS) -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$(or $(LEVEL),2) -fPIE -pie $(RELRO) -o $@ $(SHIM_SRC) $(SHIM_LIBS)

shim/oauth-shim-asan: $(SHIM_SRC) $(wildcard shim/*.h) Makefile
	$(SHIM_CC) -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer \
	    -o $@ $(SHIM_SRC) $(SHIM_LIBS)

# PGXS installs the extension; SHIM=no leaves it at that.
ifneq ($(SHIM),no)
install: install-shim
uninstall: uninstall-shim
endif

.PHONY: install-shim uninstall-shim
install-shim: shim/oauth-shim
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/lib/systemd/system' '$(DESTDIR)$(PREFIX)/share/oauth'
	install -m 755 shim/oauth-shim '$(DESTDIR)$(PREFIX)/bin/'
	sed 's,^ExecStart=[^ ]*,ExecStart=$(PREFIX)/bin/oauth-shim,' shim/oauth-shim.service \
	    > '$(DESTDIR)$(PREFIX)/lib/systemd/system/oauth-shim.service'
	install -m 644 shim/oauth-purge.service shim/oauth-purge.timer '$(DESTDIR)$(PREFIX)/lib/systemd/system/'
	install -m 644 shim/nginx.conf '$(DESTDIR)$(PREFIX)/share/oauth/'

uninstall-shim:
	rm -f '$(DESTDIR)$(PREFIX)/bin/oauth-shim' '$(DESTDIR)$(PREFIX)/lib/systemd/system/oauth-shim.service' \
	    '$(DESTDIR)$(PREFIX)/lib/systemd/system/oauth-purge.service' \
	    '$(DESTDIR)$(PREFIX)/lib/systemd/system/oauth-purge.timer' \
	    '$(DESTDIR)$(PREFIX)/share/oauth/nginx.conf'

endif
