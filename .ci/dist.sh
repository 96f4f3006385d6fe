# shellcheck shell=sh
# .ci/dist.sh - sourced by its neighbours, after server.sh: what they make lies in DIST, and is the same each time.
# SPDX-License-Identifier: PostgreSQL

: "${DIST:=$top/dist}"

# The person who answers for the packages, the archive and the image, with an address that mail reaches.  This one is a
# placeholder: a person who builds them for others sets MAINTAINER='Name <address>', in the environment or here.
: "${MAINTAINER:=The oauth authors <maintainer@example.com>}"
export MAINTAINER
# shellcheck disable=SC2034 # for those who source this
version=$(sed -n "s/^default_version *= *'\(.*\)'/\1/p" "$top/oauth.control")

# The time that files get: of the last commit, or where there is no repository, of the newest change that the
# changelog knows; SOURCE_DATE_EPOCH= says otherwise.
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
	SOURCE_DATE_EPOCH=$(git -C "$top" log -1 --format=%ct 2>/dev/null || stat -c %Y "$top/CHANGELOG.md")
fi
export SOURCE_DATE_EPOCH

# The names of the files that are the source, sorted: those of the repository, or all that was not built.
source_files() {
	(cd "$top" && { git ls-files 2>/dev/null || find .ci .gitignore .perlcriticrc .shellcheckrc ./*.md LICENSE \
		Makefile oauth.control docs expected extension shim sql -type f | sed 's,^\./,,'; } |
		grep -vE '(^|/)(node_modules|var|dist|results|output_iso|tmp_check[^/]*|log)/|\.(o|d|so)$|^shim/oauth-shim(-asan)?$|^\.git(/|$)|^regression\.' |
		LC_ALL=C sort -u | while read -r file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done)
}

# Say so where the packages are nobody's.
mind_maintainer() {
	case $MAINTAINER in *@example.com\>) say "Note: Maintainer: $MAINTAINER is a placeholder; MAINTAINER='Name <address>' says who it is." ;; esac
}

# The source in a directory, each file with that time.
# usage: copy_source DIRECTORY
copy_source() {
	(cd "$top/extension" && cat tables.sql views.sql functions.sql checks.sql privileges.sql) | cmp -s - "$top/extension/oauth--$version.sql" ||
		die "extension/oauth--$version.sql is not what its parts make: make extension, and commit it"
	mkdir -p "$1"
	source_files | tar -C "$top" -T - -cf - | tar -C "$1" --no-same-owner -xf -
	chmod -R u=rwX,go=rX "$1"
	find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

# The checksums of all that is in DIST, the list itself excepted.
# shellcheck disable=SC2094 # the list leaves itself out
write_checksums() {
	(cd "$DIST" && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs -r sha256sum >SHA256SUMS)
}
