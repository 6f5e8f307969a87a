#!/usr/bin/env bash
# Beside `docker compose`, in one run: `validate` and `render` of one file beside `docker compose config` of the same
# file; and a round of the loop with nothing to do (look and plan) beside `docker compose up -d` with nothing to do,
# at 10, 100 and 300 containers that `docker compose` made and the agent takes as they are.
#
#   bench-compose.sh [CONTAINERS…, default 10 100 300]
# shellcheck source=src/test/rig/measure.sh
source "$(dirname "${BASH_SOURCE[0]}")/measure.sh"

RUNS=15
export COMPOSE_PEER_SUITE=sid
FILE=$DEV/bench-compose.yml

# The plug-in itself, without the docker command before it.
peer() { "$PEER/cli-plugins/docker-compose" "$@"; }

# idle_stack CONTAINERS: ten services that do nothing.
idle_stack() {
  local n
  echo "services:"
  for n in 0 1 2 3 4 5 6 7 8 9; do
    printf '  idle-%d:\n    image: armory-standin/service:dev\n    environment: {PORT: "8080"}\n    scale: %d\n' "$n" "$(($1 / 10))"
  done
}

# of_peer MS PEER_MS
of_peer() { printf '%s x docker compose' "$(awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }')"; }

# cpu_ms RUNS COMMAND…: the median processor time, which other work on the machine changes less.
cpu_ms() {
  local runs=$1 i
  local TIMEFORMAT='%U %S'
  shift
  for ((i = 0; i < runs; i++)); do
    { time "$@" >/dev/null 2>&1 </dev/null; } 2>&1
  done | awk '{ printf "%d\n", 1000 * ($1 + $2) }' | sort -n | sed -n "$((runs / 2 + 1))p"
}

milliseconds() { awk -v us="$1" 'BEGIN { printf "%.1f", us / 1000 }'; }

# The engine's own part of a look, which nobody who asks it can be faster than: the median of its list, with the
# agent's filters.
list_ms() {
  local i
  for ((i = 0; i < 31; i++)); do
    curl -s -o /dev/null -w '%{time_total}\n' -G --unix-socket /var/run/docker.sock -d all=1 \
      --data-urlencode "filters={\"label\":[\"com.docker.compose.project=$BENCH_PROJECT\"]}" http://engine/v1.41/containers/json
  done | sort -n | sed -n 16p | awk '{ printf "%.1f", 1000 * $1 }'
}

no_op() { # CONTAINERS
  local rounds first full routine plan theirs list
  idle_stack "$1" >"$FILE"
  peer -p "$BENCH_PROJECT" -f "$FILE" up -d >"$DEV/bench-compose.log" 2>&1 || fail "docker compose up failed; see .dev/bench-compose.log"
  theirs=$(median_ms 5 peer -p "$BENCH_PROJECT" -f "$FILE" up -d)
  rounds=$("$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$AGENT_HOME/lib/*" "$RIG/NoOpReconcile.java" "$BENCH_PROJECT" "$FILE" 31) ||
    fail "the agent cannot look, or would change what docker compose made"
  read -r first full routine plan <<<"$rounds"
  list=$(list_ms)
  printf 'nothing to do, %s containers; load %s\n' "$1" "$(cut -d' ' -f1-3 /proc/loadavg)"
  figure "docker compose up -d (peer)" "$theirs" ms
  figure "the engine's list of containers alone" "$list" ms "$(of_peer "$list" "$theirs")"
  figure "look in full and plan" "$(milliseconds "$full")" ms "$(of_peer "$(milliseconds "$full")" "$theirs")"
  figure "the same, the first of a process" "$(milliseconds "$first")" ms
  figure "routine look and plan" "$(milliseconds "$routine")" ms "$(of_peer "$(milliseconds "$routine")" "$theirs") (target 0.02 at 100)"
  figure "the plan alone, the agent's own part" "$(milliseconds "$plan")" ms "$(of_peer "$(milliseconds "$plan")" "$theirs")"
  remove_bench
}

installed_agent
PEER=$("$RIG/compose-peer.sh")
trap finish_bench EXIT
prepare_bench standalone
bench_agent render >"$FILE"

printf 'one file; docker compose %s; load %s\n' "$(peer version --short)" "$(cut -d' ' -f1-3 /proc/loadavg)"
peer -p "$BENCH_PROJECT" -f "$FILE" config >/dev/null || fail "docker compose does not read the file"
bench_agent validate -f "$FILE" >/dev/null 2>&1 || fail "the agent does not"
theirs=$(median_ms "$RUNS" peer -p "$BENCH_PROJECT" -f "$FILE" config)
their_cpu=$(cpu_ms "$RUNS" peer -p "$BENCH_PROJECT" -f "$FILE" config)
figure "docker compose config (peer)" "$theirs" ms "processor time $their_cpu ms"
for command in validate render; do
  ours=$(median_ms "$RUNS" bench_agent "$command" -f "$FILE")
  cpu=$(cpu_ms "$RUNS" bench_agent "$command" -f "$FILE")
  figure "armory-agent $command" "$ours" ms "$(ratio "$ours" "$theirs") x; processor time $cpu ms, $(ratio "$cpu" "$their_cpu") x"
done

[ $# -gt 0 ] || set -- 10 100 300
for containers in "$@"; do no_op "$containers"; done
