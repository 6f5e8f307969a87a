#!/usr/bin/env bash
# Records the ahead-of-time cache of one built application: runs the daemon for a moment on an empty
# root, lets it answer, and stops it; the JVM then writes what it loaded, linked and compiled.
#
#   train-aot.sh HOME OUTPUT
#
# The cache fits only the very runtime, jars and options it was recorded with. No container is touched:
# the training node has no role.
# shellcheck source=src/test/rig/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ $# -eq 2 ] || fail "usage: train-aot.sh HOME OUTPUT"
export ARMORY_AGENT_HOME=$1
output=$2
port=$((5200 + $$ % 1000)) # any that is free will do
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/etc/armory-agent"
cat >"$root/etc/armory-agent/agent.yaml" <<YAML
project: armory-training
aws: off
http:
  address: 127.0.0.1
  port: $port
YAML
export ARMORY_AGENT_ROOT=$root

ARMORY_AGENT_OPTS="-XX:AOTCacheOutput=$output.tmp" "$TOP/packaging/bin/armory-agent" run &
pid=$!
answers() { curl -sS -m 2 -o /dev/null "http://127.0.0.1:$port/health/live"; }
wait_until 30 answers || fail "the training agent does not answer"
for path in /health/live /health/ready /healthcheck /health /metrics /; do
  curl -sS -o /dev/null "http://127.0.0.1:$port$path" || true
done
"$TOP/packaging/bin/armory-agent" status || true
sleep 3
kill "$pid"
wait "$pid" || true
[ -s "$output.tmp" ] || fail "the JVM wrote no cache"
mv "$output.tmp" "$output"
