#!/usr/bin/env bash
# Provides the real `docker compose` as the peer that tests and benches compare with.
#
#   compose-peer.sh            installs it below .dev/ if needed, and prints its DOCKER_CONFIG
#   compose-peer.sh ARGS…      runs `docker compose ARGS…` with it
#
# It is a plug-in in a DOCKER_CONFIG folder of its own, so that the user's own Docker set-up is
# neither needed nor changed. COMPOSE_PEER_SUITE names another release of Debian to take it from:
# each is a peer of its own.
# shellcheck source=src/test/rig/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

SUITE=${COMPOSE_PEER_SUITE:-trixie}
PEER=$DEV/peer
[ "$SUITE" = trixie ] || PEER=$DEV/peer-$SUITE
PLUGIN=$PEER/cli-plugins/docker-compose

# The version the corpus and the interop tests were recorded with; where the host can only give
# another one (Ubuntu), that is used and its version is what the tests print.
install_peer() {
  local unpacked=$PEER-package found
  if grep -q '^ID=debian' /etc/os-release; then
    say "fetching the real docker compose"
    NEWER_SUITE=$SUITE quietly compose-peer "$RIG/newer-debian.sh" extract "$unpacked" docker-compose
  else
    say "installing the real docker compose"
    # shellcheck source=src/test/rig/install.sh
    source "$RIG/install.sh"
    apt_install docker-compose-v2
    unpacked=/usr
  fi
  found=$(find "$unpacked" -path '*cli-plugins/docker-compose' -type f | head -n 1)
  [ -n "$found" ] || fail "the docker compose package brought no plug-in: see .dev/compose-peer.log"
  mkdir -p "$PEER/cli-plugins"
  cp "$found" "$PLUGIN.tmp"
  mv "$PLUGIN.tmp" "$PLUGIN"
}

[ -x "$PLUGIN" ] || install_peer
if [ $# -eq 0 ]; then
  printf '%s\n' "$PEER"
else
  export DOCKER_CONFIG=$PEER
  exec docker compose "$@"
fi
