# shellcheck shell=sh
# .ci/server.sh - sourced by its neighbours: who runs the server, and where its
# things lie.
# SPDX-License-Identifier: PostgreSQL
#
# PostgreSQL refuses to run as root.  Root therefore gives the server, the shim
# and the tests to SERVER_USER; anybody else runs them as themselves, and only
# the installation of packages and of the extension goes through sudo.

set -eu
top=$(cd "$(dirname "$0")/.." && pwd -P)
export LC_ALL=C.UTF-8 LANG=C.UTF-8
umask 022

say() { printf '%s\n' "$*"; }
die() { printf 'make: %s\n' "$*" >&2; exit 1; }

if [ "$(id -u)" -eq 0 ]; then
	server_user=${SERVER_USER:-postgres}
	as_root() { "$@"; }
	# The current directory and HOME are root's, which they may not enter.
	as_server() { (cd / && exec runuser -u "$server_user" -- env HOME=/nonexistent "$@"); }
else
	server_user=$(id -un)
	as_root() { sudo "$@"; }
	as_server() { "$@"; }
fi

# The programs of the server that PG_CONFIG names, and PGXS beside them.
: "${PG_CONFIG:=pg_config}"
export PG_CONFIG
find_server() {
	bindir=$("$PG_CONFIG" --bindir)
	[ -x "$bindir/initdb" ] || die "no PostgreSQL server in $bindir (PG_CONFIG=$PG_CONFIG)"
	# shellcheck disable=SC2034 # for those who source this
	pgxs=$(cd "$(dirname "$("$PG_CONFIG" --pgxs)")/../.." && pwd -P)
}

# Is this process, by its id, still the program we started?  Ids are reused.
# usage: runs PID LINK TARGET, where LINK is exe or cwd in /proc/PID
runs() {
	[ -n "$1" ] || return 1
	target=$(as_server readlink "/proc/$1/$2" 2>/dev/null) || return 1
	[ "${target% (deleted)}" = "$3" ]
}

absolute_state() { case ${STATE:=./var} in /*) ;; *) STATE=$top/$STATE ;; esac; }

# Where the server's user cannot enter the checkout (/root/oauth), STATE becomes a
# symbolic link to a directory under /var/lib that it can.
create_state() {
	absolute_state
	[ ! -d "$STATE" ] || return 0
	mkdir -p "$(dirname "$STATE")"
	if as_server test -x "$(dirname "$STATE")"; then
		mkdir "$STATE"
	else
		elsewhere=/var/lib/oauth-$(printf %s "$STATE" | sha256sum | cut -c1-12)
		mkdir -p "$elsewhere"
		ln -sfn "$elsewhere" "$STATE"
	fi
}

# Where the things of STATE lie, as paths without symbolic links.
find_state() {
	absolute_state
	[ -d "$STATE" ] || return 1
	state=$(cd "$STATE" && pwd -P)
	data=$state/data
	shim=$state/bin/oauth-shim
	# A socket's path has at most 107 bytes.
	sockets=$state/run
	if [ ${#sockets} -gt 80 ]; then
		sockets=/tmp/oauth-$(printf %s "$state" | sha256sum | cut -c1-12)
	fi
	case $state in *[\'\"\\\ ]*) die "STATE must not contain quotes, backslashes or blanks: $state" ;; esac
}

shim_pid() { as_server cat "$state/shim.pid" 2>/dev/null || true; }
shim_runs() { runs "$(shim_pid)" exe "$shim"; }

# End the shim; it may take ten seconds to answer what it has accepted.
stop_shim() {
	pid=$(shim_pid)
	kill -TERM "$pid"
	tries=0
	while runs "$pid" exe "$shim"; do
		tries=$((tries + 1))
		[ "$tries" -lt 120 ] || { kill -KILL "$pid"; break; }
		sleep 0.1
	done
}

cluster_pid() { as_server sed -n 1p "$data/postmaster.pid" 2>/dev/null || true; }
cluster_runs() { runs "$(cluster_pid)" cwd "$data"; }

# A private copy of the checkout, owned by the server's user and built there,
# with the extension installed from it.  The caller's $scratch is that copy.
# usage: make_scratch TARGET...
make_scratch() {
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/oauth.XXXXXX")
	tar -C "$top" --exclude=./var --exclude=./.git --exclude='*.o' --exclude='*.d' --exclude=oauth.so \
		--exclude='./shim/oauth-shim' --exclude='./shim/oauth-shim-asan' -cf - . | tar -C "$scratch" -xf -
	[ "$(id -u)" -ne 0 ] || chown -R "$server_user": "$scratch"
	chmod 755 "$scratch"
	as_server make -s -C "$scratch" -j"$(nproc)" "$@"
	install_extension "$scratch"
}

# Install the extension from a built tree, where it differs from what is there.
install_extension() {
	extdir=$("$PG_CONFIG" --sharedir)/extension
	script=extension/oauth--$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" "$1/oauth.control").sql
	cmp -s "$1/oauth.so" "$("$PG_CONFIG" --pkglibdir)/oauth.so" &&
	cmp -s "$1/oauth.control" "$extdir/oauth.control" &&
	cmp -s "$1/$script" "$extdir/${script#extension/}" && return
	say "Installing the extension into $("$PG_CONFIG" --version)"
	as_root make -s -C "$1" SHIM=no PACKAGES=no PG_CONFIG="$PG_CONFIG" install
}
