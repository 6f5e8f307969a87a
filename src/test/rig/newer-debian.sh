#!/usr/bin/env bash
# Takes single packages out of a newer Debian release on a host that runs an older one, without
# touching the host's own package lists or installing anything: packages are unpacked into a folder.
#
#   newer-debian.sh extract DIR PACKAGE…
#
# NEWER_SUITE names the release: trixie unless told, sid or experimental too. The mirror is the one
# the host itself uses.
# shellcheck source=src/test/rig/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

SUITE=${NEWER_SUITE:-trixie}
APT=$DEV/apt-$SUITE

usage() { fail "usage: newer-debian.sh extract DIR PACKAGE…"; }

# The host's Debian sources with the release's name exchanged.
write_sources() {
  local codename
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  [ "$(. /etc/os-release && printf '%s' "$ID")" = debian ] ||
    fail "packages of a newer release can be had on Debian only"
  rm -rf "$APT/parts"
  mkdir -p "$APT"/{lists/partial,archives/partial,parts}
  if [ -f /etc/apt/sources.list.d/debian.sources ]; then
    sed "s/\b$codename\b/$SUITE/g" /etc/apt/sources.list.d/debian.sources | served deb822 >"$APT/parts/newer.sources"
  else
    grep -hE "^deb .*\b$codename\b" /etc/apt/sources.list | sed "s/\b$codename\b/$SUITE/g" | served lines >"$APT/parts/newer.list"
  fi
}

# sid and experimental have neither updates nor a security suite: asking for one fails the whole
# update.
served() {
  case $SUITE:$1 in
    sid:deb822 | unstable:deb822 | experimental:deb822)
      awk -v RS= -v ORS='\n\n' -v suite="$SUITE" \
        '!/-security/ { gsub(/\nSuites:[^\n]*/, "\nSuites: " suite); print }'
      ;;
    sid:lines | unstable:lines | experimental:lines) grep -vE "$SUITE(-|/)(security|updates)" ;;
    *) cat ;;
  esac
}

# An apt whose sources, lists and cache are all below .dev/.
newer_apt() {
  apt-get -q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$APT/parts" \
    -o Dir::State::lists="$APT/lists" -o Dir::Cache::archives="$APT/archives" \
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User= "$@"
}

if [ "${1:-}" != extract ] || [ $# -lt 3 ]; then usage; fi
into=$2
shift 2
write_sources
newer_apt update
cd "$APT/archives"
rm -f ./*.deb
newer_apt download "$@"
mkdir -p "$into"
for deb in ./*.deb; do dpkg-deb -x "$deb" "$into"; done
