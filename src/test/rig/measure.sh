# shellcheck shell=bash
# What the benches share: a clock, a median, an agent on a root of its own, and lines of figures.
# Sourced, never run.
# shellcheck source=src/test/rig/build.sh
source "$(dirname "${BASH_SOURCE[0]}")/build.sh"

BENCH_PROJECT=armory-bench
BENCH_ROOT=$DEV/bench
BENCH_LABEL=com.docker.compose.project=$BENCH_PROJECT

# The first free port from a number on.
free_port() {
  local port=$1
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  printf '%s' "$port"
}
BENCH_PORT=$(free_port 5099)

# Milliseconds since the epoch, without a child process.
now_ms() {
  local t=$EPOCHREALTIME
  printf '%s' "$((${t%[.,]*} * 1000 + 10#${t#*[.,]} / 1000))"
}

# median_ms RUNS COMMAND…: the median wall time.
median_ms() {
  local runs=$1 i begin
  shift
  for ((i = 0; i < runs; i++)); do
    begin=$(now_ms)
    "$@" >/dev/null 2>&1 </dev/null || true
    echo $(($(now_ms) - begin))
  done | sort -n | sed -n "$((runs / 2 + 1))p"
}

# figure NAME VALUE UNIT [NOTE]
figure() { printf '  %-44s %10s %-6s %s\n' "$1" "$2" "$3" "${4:-}"; }

# ratio A B: two decimals.
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

# What is measured is what is shipped: the package's own runtime and jars, and the caches its installation records.
# Afterwards AGENT_HOME is that, and `tree` the package's files. As they are published; those that the tests make are
# not compressed.
installed_agent() {
  "$TOP/dev" package >/dev/null
  need_jdk25
  arch=$(dpkg --print-architecture)
  tree=$TOP/target/package-$arch/tree
  AGENT_HOME=$DEV/installed
  rm -rf "$AGENT_HOME"
  cp -r "$tree/usr/lib/armory-agent" "$AGENT_HOME"
  train_agent
}

# An agent of the bench's own: other port, other project; nothing of the demo is touched.
# prepare_bench ROLE
prepare_bench() {
  remove_bench
  rm -rf "$BENCH_ROOT"
  mkdir -p "$BENCH_ROOT"/{etc/armory-agent/{env,compose},usr/share/armory-agent}
  ln -s "$TOP/compose-templates" "$BENCH_ROOT/usr/share/armory-agent/compose-templates"
  cat >"$BENCH_ROOT/etc/armory-agent/agent.yaml" <<YAML
project: $BENCH_PROJECT
identity:
  stack: bench
  role: $1
aws: off
http:
  address: 127.0.0.1
  port: $BENCH_PORT
rollout:
  bake: 1s
YAML
  cat >"$BENCH_ROOT/etc/armory-agent/env/default.env" <<'ENV'
SPINNAKER_REGISTRY=armory-standin
SPINNAKER_RELEASE=dev
REDIS_IMAGE=armory-standin/redis:dev
POSTGRES_IMAGE=armory-standin/postgres:dev
FIAT_ENABLED=true
ENV
}

bench_agent() { ARMORY_AGENT_ROOT=$BENCH_ROOT agent "$@"; }

# In a scheduling group of its own and ahead of others, where the kernel has such groups: what CPUWeight=
# in the unit gives the agent on a node. Becomes the command.
ahead() { exec setsid bash -c '{ echo -10 >/proc/self/autogroup; } 2>/dev/null || true; exec "$@"' - "$@"; }

# The process itself, not a shell around it: its pid is what is measured and stopped.
start_bench_agent() {
  (
    export ARMORY_AGENT_HOME=$AGENT_HOME ARMORY_AGENT_ROOT=$BENCH_ROOT
    ahead "$TOP/packaging/bin/armory-agent" run
  ) >"$DEV/bench-agent.log" 2>&1 </dev/null &
  BENCH_PID=$!
}

stop_bench_agent() {
  [ -n "${BENCH_PID:-}" ] || return 0
  kill "$BENCH_PID" 2>/dev/null || true
  wait "$BENCH_PID" 2>/dev/null || true
  BENCH_PID=
}

answers_200() { curl -fsS -m 2 -o /dev/null "http://127.0.0.1:$BENCH_PORT$1" 2>/dev/null; }

# await_200 PATH SECONDS: prints the milliseconds it took; polls closely, the figure is what counts.
await_200() {
  local begin end
  begin=$(now_ms)
  end=$((begin + $2 * 1000))
  until answers_200 "$1"; do
    kill -0 "$BENCH_PID" 2>/dev/null || fail "the agent ended: $(tail -n 1 "$DEV/bench-agent.log")"
    [ "$(now_ms)" -lt "$end" ] || fail "$1 was not 200 within $2 s; see .dev/bench-agent.log"
    sleep 0.01
  done
  echo $(($(now_ms) - begin))
}

# Engine 20.10 keeps, after hundreds of containers, ends of ones that are gone: those are taken off by their names first.
remove_networks() {
  local id end
  while read -r id; do
    docker network inspect -f '{{range .Containers}}{{println .Name}}{{end}}' "$id" | while read -r end; do
      [ -z "$end" ] || docker network disconnect -f "$id" "$end" </dev/null || true
    done
    docker network rm "$id" >/dev/null
  done
}

remove_bench() {
  local ids label
  for label in "$BENCH_LABEL" "$BENCH_LABEL-peer"; do
    ids=$(docker ps -aq --filter "label=$label")
    [ -z "$ids" ] || xargs docker rm -fv <<<"$ids" >/dev/null
    ids=$(docker network ls -q --filter "label=$label")
    [ -z "$ids" ] || remove_networks <<<"$ids"
    ids=$(docker volume ls -q --filter "label=$label")
    [ -z "$ids" ] || xargs docker volume rm <<<"$ids" >/dev/null
  done
}

finish_bench() {
  stop_bench_agent
  remove_bench
  rm -rf "$BENCH_ROOT"
}
