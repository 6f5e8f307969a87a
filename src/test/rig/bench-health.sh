#!/usr/bin/env bash
# What a load balancer gets from /health/ready under 2,000 requests a second while the agent works: how
# long the answers take, counted from when each was due, and how old the snapshot is that they tell.
# Measured three times in one run: on the floor (a C program that answers at once, which shows what the
# machine itself adds), on an agent at rest, and while it rolls revisions out and mends a killed service.
#
#   bench-health.sh [SECONDS, default 20]
# shellcheck source=src/test/rig/measure.sh
source "$(dirname "${BASH_SOURCE[0]}")/measure.sh"

SECONDS_LONG=${1:-20}
RATE=2000
CONNECTIONS=64

need jq cc
cc -O2 -Wall -o "$DEV/steady" "$RIG/steady.c"

# load PORT
load() { "$DEV/steady" 127.0.0.1 "$1" /health/ready "$RATE" "$SECONDS_LONG" "$CONNECTIONS"; }

# Keeps the agent reconciling: a service is killed, a definition changes, all over again.
stir() {
  local i=0
  while true; do
    i=$((i + 1))
    printf 'services: {gate: {environment: {ROUND: "%s"}}}\n' "$i" >"$BENCH_ROOT/etc/armory-agent/compose/docker-compose.override.yml"
    docker kill "$(docker ps -q --filter "label=$BENCH_LABEL" --filter label=com.docker.compose.service=echo)" >/dev/null 2>&1 || true
    bench_agent sync >/dev/null 2>&1 || true
  done
}

# report NAME JSON [NOTE ON THE P99]
report() {
  local name=$1 json=$2
  get() { jq -r ".$1" <<<"$json"; }
  printf '%s\n' "$name: $(get answered) of $(get requests) answered, $(get ready) of them 200, $(get broken) broken"
  figure "  median" "$(get p50)" ms
  figure "  p99" "$(get p99)" ms "${3:-}"
  figure "  p99.9" "$(get p999)" ms
  figure "  slowest" "$(get max)" ms
  [ -z "${3:-}" ] || figure "  oldest snapshot" "$(get oldestMs)" ms "target 5000; $(get undated) without an instant"
}

build_agent
trap finish_bench EXIT
prepare_bench standalone
start_bench_agent
say "starting the stack"
await_200 /health/ready 180 >/dev/null

say "$RATE requests a second for $SECONDS_LONG s: the floor"
FLOOR_PORT=$(free_port 5199)
"$DEV/steady" serve "$FLOOR_PORT" &
server=$!
until (exec 3<>"/dev/tcp/127.0.0.1/$FLOOR_PORT") 2>/dev/null; do :; done
floor=$(load "$FLOOR_PORT") || true
kill "$server" 2>/dev/null || true
wait "$server" 2>/dev/null || true

say "the agent at rest"
quiet=$(load "$BENCH_PORT") || true
say "and while the agent reconciles"
stir &
stirring=$!
busy=$(load "$BENCH_PORT") || true
kill "$stirring" 2>/dev/null || true
wait "$stirring" 2>/dev/null || true

printf 'health: %s requests/s on %s connections to /health/ready, %s cores\n' "$RATE" "$CONNECTIONS" "$(nproc)"
report "the floor" "$floor"
floor_p99=$(jq -r .p99 <<<"$floor")
against() { printf 'target 10; %s x the floor' "$(ratio "$(jq -r .p99 <<<"$1")" "$floor_p99")"; }
report "at rest" "$quiet" "$(against "$quiet")"
report "while it reconciles" "$busy" "$(against "$busy")"
