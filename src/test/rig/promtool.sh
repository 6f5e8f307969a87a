#!/usr/bin/env bash
# Prometheus' promtool: the one on the path, else Debian's, taken out of its package into .dev/ so that no
# server is installed, let alone started.
#
#   promtool.sh ARGUMENTS…
# shellcheck source=src/test/rig/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

have promtool && exec promtool "$@"
tool=$DEV/prometheus/usr/bin/promtool
if [ ! -x "$tool" ]; then
  say "taking promtool out of the package prometheus"
  archive=$(mktemp -d "$DEV/prometheus.XXXXXX")
  (cd "$archive" && quietly prometheus apt-get -q -o APT::Sandbox::User=root download prometheus) ||
    fail "the alert rules are checked by promtool: install the package prometheus"
  dpkg-deb -x "$archive"/prometheus_*.deb "$archive"
  mkdir -p "$DEV/prometheus/usr/bin"
  mv "$archive/usr/bin/promtool" "$tool"
  rm -rf "$archive"
fi
exec "$tool" "$@"
