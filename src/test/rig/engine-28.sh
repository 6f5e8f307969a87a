#!/usr/bin/env bash
# Runs a Docker Engine 28.5 of Debian sid beside the host's own: with a containerd, folders and a
# network namespace of its own, so that neither sees what the other does. Prints its socket. It uses
# the host's runc, as that of sid needs a newer libc.
#
#   engine-28.sh        starts it if it does not run, with the tests' image in it
#   engine-28.sh stop   ends it
#
# ENGINE_28_STORE=containerd is another one, which keeps images as Docker 29 does by default.
# shellcheck source=src/test/rig/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

STORE=${ENGINE_28_STORE:-graph}
NAME=engine-28
[ "$STORE" = graph ] || NAME=engine-28-$STORE
HOME28=$DEV/$NAME
PACKAGES=$DEV/engine-28
# A path of a socket may have 107 characters.
RUN28=/run/armory-$NAME
SOCKET=$RUN28/docker.sock
NETNS=armory-$NAME
IMAGES=(armory-standin/service:dev armory-standin/gate:dev)

ours() { docker -H "unix://$SOCKET" "$@"; }

ends() {
  local pid
  for name in docker containerd; do
    pid=$(cat "$RUN28/$name.pid" 2>/dev/null || true)
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
  done
}

begins() {
  local bin=$PACKAGES/usr feature=false
  [ "$STORE" = graph ] || feature=true
  [ -x "$bin/sbin/dockerd" ] || NEWER_SUITE=sid quietly engine-28-packages "$RIG/newer-debian.sh" extract "$PACKAGES" docker.io containerd
  mkdir -p "$RUN28"
  ip netns add "$NETNS" 2>/dev/null || true
  ip -n "$NETNS" link set lo up
  cat >"$RUN28/containerd.toml" <<EOF
version = 3
root = "$HOME28/containerd"
state = "$RUN28/containerd"
[grpc]
address = "$RUN28/containerd.sock"
[ttrpc]
address = "$RUN28/containerd-ttrpc.sock"
EOF
  PATH=$bin/bin:$bin/sbin:$PATH setsid "$bin/bin/containerd" -c "$RUN28/containerd.toml" >"$DEV/$NAME.containerd.log" 2>&1 </dev/null &
  echo $! >"$RUN28/containerd.pid"
  PATH=$bin/bin:$PATH setsid nsenter "--net=/run/netns/$NETNS" "$bin/sbin/dockerd" \
    --containerd "$RUN28/containerd.sock" --data-root "$HOME28/docker" --exec-root "$RUN28/docker" \
    --pidfile "$RUN28/docker.pid" --userland-proxy-path "$bin/sbin/docker-proxy" --feature "containerd-snapshotter=$feature" -H "unix://$SOCKET" >"$DEV/$NAME.log" 2>&1 </dev/null &
  local tries
  for tries in {1..60}; do
    ours version >/dev/null 2>&1 && return
    sleep 0.5
  done
  fail "Docker 28 did not come up in $((tries / 2)) s; see .dev/$NAME.log"
}

if [ "${1:-}" = stop ]; then
  ends
  exit
fi
ours version >/dev/null 2>&1 || begins
for image in "${IMAGES[@]}"; do
  [ "$(ours image inspect -f '{{.ID}}' "$image" 2>/dev/null)" = "$(docker image inspect -f '{{.ID}}' "$image")" ] ||
    docker save "$image" | ours load >/dev/null
done
printf '%s\n' "$SOCKET"
