# shellcheck shell=sh
# .ci/chroot.sh - sourced by its neighbours, after server.sh: Debian systems in directories, made once and kept in CACHE.
# SPDX-License-Identifier: PostgreSQL

: "${CACHE:=/var/cache/oauth-systems}"

# Where this machine fetches Debian's packages from; MIRROR= says otherwise.
: "${MIRROR:=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 2>/dev/null | grep '/debian/*$' | head -n 1)}"
: "${MIRROR:=http://deb.debian.org/debian}"
MIRROR=${MIRROR%/}

# Install what is missing of these packages on this machine.
need() {
	missing=
	for package in "$@"; do
		dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	[ "${PACKAGES:-yes}" = yes ] || die "these packages are missing:$missing"
	say "Installing Debian packages:$missing"
	as_root apt-get -qq update
	# shellcheck disable=SC2086 # a list of words
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install --no-install-recommends $missing >/dev/null
}

# Debian's name of a release that is given as its name or its number.
suite_of() {
	case $1 in 12) echo bookworm ;; 13) echo trixie ;; 14) echo forky ;; *) echo "$1" ;; esac
}

# Run a command in a system's directory, with processes, mounts and shared memory of its own: what it leaves running ends
# with it.  The shell is the first process there, because it collects the children of others.
# usage: within DIRECTORY COMMAND...
within() {
	as_root unshare --mount --pid --ipc --fork --kill-child sh -ec '
		mount -t proc proc "$0/proc"
		mount --rbind /dev "$0/dev"
		mount -t tmpfs -o mode=1777 tmpfs "$0/dev/shm"
		exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
			/bin/sh -c "\"\$@\"; exit \"\$?\"" sh "$@"' "$@"
}

# What apt-get prints in a system is shown only when it failed.
# usage: apt_within DIRECTORY ARGUMENT...
apt_within() {
	inside=$1
	shift
	output=$(within "$inside" apt-get -qq -o Dpkg::Use-Pty=0 "$@" 2>&1) || {
		printf '%s\n' "$output" >&2
		return 1
	}
}

# What a new system needs to be told: no service starts in it, and it fetches its packages as this machine does.
settle() {
	printf '#!/bin/sh\nexit 101\n' | as_root tee "$1/usr/sbin/policy-rc.d" >/dev/null
	as_root chmod 755 "$1/usr/sbin/policy-rc.d"
	apt-config dump Acquire | as_root tee "$1/etc/apt/apt.conf.d/90as-outside" >/dev/null
	as_root cp /etc/resolv.conf /etc/hosts "$1/etc/"
	printf 'deb %s %s main\n' "$MIRROR" "$2" "$MIRROR-security" "$2-security" | as_root tee "$1/etc/apt/sources.list" >/dev/null
}

# A small system of a release, made once.  Sets base, its directory.
# Debian 12's debootstrap does not know the releases after it by name; all of them are made as sid is.
make_base() {
	base=$CACHE/base/$1
	[ ! -d "$base" ] || return 0
	need debootstrap
	say "Making a system of Debian's $1 in $base"
	as_root mkdir -p "$CACHE/base"
	as_root rm -rf "$base.new"
	as_root debootstrap --variant=minbase --include=ca-certificates,make "$1" "$base.new" "$MIRROR" \
		/usr/share/debootstrap/scripts/sid >"${TMPDIR:-/tmp}/debootstrap.$1" || { tail -n 20 "${TMPDIR:-/tmp}/debootstrap.$1" >&2; return 1; }
	rm -f "${TMPDIR:-/tmp}/debootstrap.$1"
	settle "$base.new" "$1"
	apt_within "$base.new" update
	apt_within "$base.new" dist-upgrade
	as_root mv "$base.new" "$base"
}

# A copy of that system for one purpose, kept too.  Sets system, its directory.
# usage: make_system SUITE PURPOSE
make_system() {
	system=$CACHE/$2/$1
	[ ! -d "$system" ] || return 0
	make_base "$1"
	as_root mkdir -p "$CACHE/$2"
	as_root rm -rf "$system.new"
	as_root cp -a "$base" "$system.new"
	as_root mv "$system.new" "$system"
}

# The checkout, without what was built in it, into a directory that is emptied for it.
copy_checkout() {
	: "${top:?is set by server.sh}"
	as_root rm -rf "$1"
	as_root mkdir -p "$1"
	tar -C "$top" --exclude=./var --exclude=./dist --exclude=./.git --exclude='*.o' --exclude='*.d' --exclude=oauth.so --exclude=node_modules \
		--exclude=./shim/oauth-shim --exclude=./shim/oauth-shim-asan -cf - . | as_root tar -C "$1" --no-same-owner -xf -
}
