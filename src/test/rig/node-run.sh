#!/usr/bin/env bash
# Starts a node: a container whose first process is systemd, with what the image (node-image.sh) has.
#
#   node-run.sh start NAME IMAGE [OPTION OF docker run…]   returns when the node has booted
#   node-run.sh images NAME IMAGE…                         copies images into the node's own Docker Engine
#   node-run.sh tags NAME [KEY=VALUE…]                     an instance metadata service with these tags (imds.py)
#   node-run.sh reboot NAME                                as `reboot` does; returns when it is up again
#   node-run.sh remove NAME
#
# Everything else is `docker exec` and `docker cp`. Two limits of such nodes: all boots have one boot id,
# and containers in a node cannot use its 127.0.0.11 for names.
# shellcheck source=src/test/rig/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

BOOT_SECONDS=240

# Waits in the node until it has booted; before there is anything to ask there, says so at once.
state() { timeout 100 docker exec "$1" systemctl is-system-running --wait 2>/dev/null || true; }

has_booted() {
  case $(state "$1") in
  running | degraded) return 0 ;;
  esac
  [ "$(docker inspect -f '{{.State.Running}}' "$1")" = true ] || {
    docker logs "$1" >&2
    fail "node $1 ended while it booted"
  }
  return 1
}

await_boot() {
  wait_until "$BOOT_SECONDS" has_booted "$1" || fail "node $1 has not booted in $BOOT_SECONDS s: it is '$(state "$1")'"
}

# Every capability but the one that the machines of CI have not got; no more of the host than that.
start() {
  local name=$1 image=$2
  shift 2
  docker run -d --name "$name" --hostname "$name" --stop-signal SIGRTMIN+3 --label armory-node=1 \
    --cap-add ALL --cap-drop SYS_RESOURCE --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
    --security-opt systempaths=unconfined --cgroupns private --device-cgroup-rule 'a *:* rwm' \
    --tmpfs /sys/fs/cgroup:mode=755,exec --tmpfs /run:exec --tmpfs /run/lock --tmpfs /tmp:exec "$@" "$image" >/dev/null
  await_boot "$name"
}

# The archive is kept: a set of images is saved once for all nodes.
copy_images() {
  local name=$1 archive
  shift
  mkdir -p "$DEV/node"
  # shellcheck disable=SC2046 # words
  archive=$DEV/node/images-$(docker image inspect -f '{{.Id}} {{.RepoTags}}' "$@" | sha256sum | cut -c1-12).tar
  if [ ! -s "$archive" ]; then
    docker save -o "$archive.$$" "$@"
    mv "$archive.$$" "$archive"
  fi
  wait_until 120 docker exec "$name" docker version >/dev/null 2>&1 || fail "no Docker Engine answers in node $name"
  docker exec -i "$name" docker load -q <"$archive" >/dev/null
}

# At its real address and port; the tags are there after a reboot, too. Further items and faults:
# docker exec NAME curl -X PUT -d JSON http://127.0.0.1:1690/items
serve_tags() {
  local name=$1 tag items='"local-ipv4": "'
  shift
  items=$items$(docker exec "$name" ip -4 -o address show dev eth0 | awk '{ sub("/.*", "", $4); print $4 }')'"'
  for tag in "$@"; do items="$items, \"tags/instance/${tag%%=*}\": \"${tag#*=}\""; done
  docker exec "$name" mkdir -p /opt/imds
  docker cp "$RIG/imds.py" "$name:/opt/imds/"
  docker exec -i "$name" sh -c 'cat >/opt/imds/items.json' <<<"{$items}"
  # Redirected, because port 80 is the node's own; DOCKER's chain comes behind it.
  docker exec -i "$name" sh -c 'cat >/opt/imds/redirect; chmod 755 /opt/imds/redirect' <<'SH'
#!/bin/sh
for chain in OUTPUT PREROUTING; do
  rule="$chain -t nat -d 169.254.169.254 -p tcp --dport 80 -j REDIRECT --to-ports 1680"
  iptables -C $rule 2>/dev/null || iptables -I $rule
done
SH
  docker exec -i "$name" sh -c 'cat >/etc/systemd/system/imds.service' <<'UNIT'
[Unit]
Description=stand-in of the EC2 instance metadata service
DefaultDependencies=no
Before=network-pre.target
Wants=network-pre.target
[Service]
ExecStartPre=/opt/imds/redirect
ExecStart=/usr/bin/python3 /opt/imds/imds.py --host 0.0.0.0 --port 1680 --control 1690
ExecStartPost=/usr/bin/curl -sSf --retry 60 --retry-delay 1 --retry-connrefused -X PUT -d @/opt/imds/items.json http://127.0.0.1:1690/items
[Install]
WantedBy=sysinit.target
UNIT
  docker exec "$name" systemctl daemon-reload
  docker exec "$name" systemctl enable -q imds
  docker exec "$name" systemctl restart imds
}

reboot() {
  docker restart -t 120 "$1" >/dev/null
  await_boot "$1"
}

command=${1:-}
[ $# -ge 2 ] || fail "usage: node-run.sh start NAME IMAGE [OPTION…] | images NAME IMAGE… | tags NAME [KEY=VALUE…] | reboot NAME | remove NAME"
shift
case $command in
start) start "$@" ;;
images) copy_images "$@" ;;
tags) serve_tags "$@" ;;
reboot) reboot "$1" ;;
remove) docker rm -fv "$1" >/dev/null ;;
*) fail "node-run.sh: no command '$command'" ;;
esac
