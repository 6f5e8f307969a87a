#!/usr/bin/env bash
# Records the ahead-of-time caches of one built application, daemon.aot and client.aot: runs the daemon
# for a moment on an empty root, lets it answer, asks it with the client, and stops it; the JVM then
# writes what it loaded and linked.
#
#   train-aot.sh HOME        HOME has lib/, and runtime/ or JAVA_HOME is used
#
# A cache fits only the very runtime, jars and options it was recorded with. No container is touched:
# the training node has no role.
# shellcheck source=src/test/rig/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ $# -eq 1 ] || fail "usage: train-aot.sh HOME"
export ARMORY_AGENT_HOME=$1
rm -f "$1"/{daemon,client}.aot
launcher=$TOP/packaging/bin/armory-agent
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

# With the mapping that the launcher asks for later.
record() { printf -- '-XX:AOTCacheOutput=%s.tmp -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0' "$1"; }

ARMORY_AGENT_OPTS=$(record "$1/daemon.aot") "$launcher" run &
pid=$!
answers() { curl -sS -m 2 -o /dev/null "http://127.0.0.1:$port/health/live"; }
wait_until 30 answers || fail "the training agent does not answer"
for path in /health/live /health/ready /healthcheck /health /metrics /; do
  curl -sS -o /dev/null "http://127.0.0.1:$port$path" || true
done
ARMORY_AGENT_OPTS=$(record "$1/client.aot") "$launcher" status || true # not ready: no role
sleep 3 # the loop goes round
kill "$pid"
wait "$pid" || true
for cache in daemon client; do
  [ -s "$1/$cache.aot.tmp" ] || fail "the JVM wrote no $cache.aot"
  mv "$1/$cache.aot.tmp" "$1/$cache.aot"
done
