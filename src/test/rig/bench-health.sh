#!/usr/bin/env bash
# What a load balancer gets from /health/ready under 2,000 requests a second while the agent works: how
# long the answers take, counted from when each was due, and how old the snapshot is that they tell.
# Measured in one run, at rest and while the agent rolls revisions out and mends a killed service without
# a pause; each beside the floor (a C program that answers at once) under the same stir, which shows what
# the machine, its engine and its containers add by themselves.
#
#   bench-health.sh [SECONDS, default 20]
# shellcheck source=src/test/rig/measure.sh
source "$(dirname "${BASH_SOURCE[0]}")/measure.sh"

SECONDS_LONG=${1:-20}
RATE=2000
CONNECTIONS=64

need jq cc
cc -O2 -Wall -o "$DEV/steady" "$RIG/steady.c"

# load PORT: the load balancer is another machine, which this one's work does not hold up.
load() { (ahead "$DEV/steady" 127.0.0.1 "$1" /health/ready "$RATE" "$SECONDS_LONG" "$CONNECTIONS"); }

# In C, and served like the agent.
start_floor() {
  FLOOR_PORT=$(free_port 5199)
  (ahead "$DEV/steady" serve "$FLOOR_PORT") &
  FLOOR_PID=$!
  until (exec 3<>"/dev/tcp/127.0.0.1/$FLOOR_PORT") 2>/dev/null; do :; done
}

stop_floor() {
  kill "$FLOOR_PID" 2>/dev/null || true
  wait "$FLOOR_PID" 2>/dev/null || true
}

# Keeps the agent reconciling: a service is killed, a definition changes, all over again. It is asked on
# its control socket directly: a client's JVM that starts twice a second would be the most of the work.
stir() {
  local i=0
  while true; do
    i=$((i + 1))
    printf 'services: {gate: {environment: {ROUND: "%s"}}}\n' "$i" >"$BENCH_ROOT/etc/armory-agent/compose/docker-compose.override.yml"
    docker kill "$(docker ps -q --filter "label=$BENCH_LABEL" --filter label=com.docker.compose.service=echo)" >/dev/null 2>&1 || true
    curl -fsS -m 60 --unix-socket "$BENCH_ROOT/run/armory-agent/control.sock" -X POST http://agent/v1/sync >/dev/null 2>&1 || true
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

# How many actions the agent has carried out.
actions() {
  curl -fsS "http://127.0.0.1:$BENCH_PORT/metrics" | awk '/^armory_action_seconds_count/ { n += $2 } END { print n + 0 }'
}

finish() {
  [ -z "${STIR_PID:-}" ] || kill "$STIR_PID" 2>/dev/null || true
  [ -z "${FLOOR_PID:-}" ] || stop_floor
  finish_bench
}

build_agent
train_agent
trap finish EXIT
prepare_bench standalone
start_bench_agent
say "starting the stack"
await_200 /health/ready 180 >/dev/null
start_floor

say "$RATE requests a second for $SECONDS_LONG s: the floor at rest"
floor=$(load "$FLOOR_PORT") || true
say "the agent at rest"
quiet=$(load "$BENCH_PORT") || true
stir &
STIR_PID=$!
say "the floor while the agent reconciles"
stirred=$(load "$FLOOR_PORT") || true
say "the agent while it reconciles"
before=$(actions)
busy=$(load "$BENCH_PORT") || true
acted=$(($(actions) - before))
kill "$STIR_PID" 2>/dev/null || true
wait "$STIR_PID" 2>/dev/null || true
STIR_PID=

printf 'health: %s requests/s on %s connections to /health/ready, %s cores\n' "$RATE" "$CONNECTIONS" "$(nproc)"
# against JSON FLOOR
against() { printf 'target 10; %s x the floor' "$(ratio "$(jq -r .p99 <<<"$1")" "$(jq -r .p99 <<<"$2")")"; }
report "the floor at rest" "$floor"
report "the agent at rest" "$quiet" "$(against "$quiet" "$floor")"
report "the floor while the agent reconciles" "$stirred"
report "the agent while it reconciles" "$busy" "$(against "$busy" "$stirred")"
figure "  actions on the engine meanwhile" "$acted" ""
[ "$acted" -gt 0 ] || fail "the agent had nothing to do while it was asked: the figures above tell nothing of it"
