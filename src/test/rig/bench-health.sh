#!/usr/bin/env bash
# What a load balancer gets from /health/ready under 2,000 requests a second while the agent works: how
# long the answers take, counted from when each was due, and how old the snapshot is that they tell.
# Measured twice, beside an agent at rest and while it rolls revisions out and mends a killed service.
#
#   bench-health.sh [SECONDS, default 20]
# shellcheck source=src/test/rig/measure.sh
source "$(dirname "${BASH_SOURCE[0]}")/measure.sh"

SECONDS_LONG=${1:-20}
RATE=2000
CONNECTIONS=64

need jq cc
cc -O2 -Wall -o "$DEV/steady" "$RIG/steady.c"

load() { "$DEV/steady" 127.0.0.1 "$BENCH_PORT" /health/ready "$RATE" "$SECONDS_LONG" "$CONNECTIONS"; }

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

# report NAME JSON
report() {
  local name=$1 json=$2
  get() { jq -r ".$1" <<<"$json"; }
  printf '%s\n' "$name: $(get answered) of $(get requests) answered, $(get ready) of them 200, $(get broken) broken"
  figure "  median" "$(get p50)" ms
  figure "  p99" "$(get p99)" ms "target 10"
  figure "  p99.9" "$(get p999)" ms
  figure "  slowest" "$(get max)" ms
  figure "  oldest snapshot" "$(get oldestMs)" ms "target 5000; $(get undated) without an instant"
}

build_agent
trap finish_bench EXIT
prepare_bench standalone
start_bench_agent
say "starting the stack"
await_200 /health/ready 180 >/dev/null

say "$RATE requests a second for $SECONDS_LONG s, at rest"
quiet=$(load) || true
say "and while the agent reconciles"
stir &
stirring=$!
busy=$(load) || true
kill "$stirring" 2>/dev/null || true
wait "$stirring" 2>/dev/null || true

printf 'health: %s requests/s on %s connections to /health/ready, %s cores\n' "$RATE" "$CONNECTIONS" "$(nproc)"
report "at rest" "$quiet"
report "while it reconciles" "$busy"
