# shellcheck shell=bash
# ./dev demo: the stand-alone stack on real containers, kept by an agent that runs from the checkout.
# Sourced, never run.
# shellcheck source=src/test/rig/build.sh
source "$(dirname "${BASH_SOURCE[0]}")/build.sh"

PROJECT=spinnaker
PROJECT_LABEL=com.docker.compose.project=$PROJECT
HEALTH_PORT=5000
DECK_PORT=80
GATE_PORT=8084
DEMO_ROOT=$DEV/root
# The demo's own containers, among all that are called after the project.
DEMO_LABEL=com.docker.compose.project.working_dir=$DEMO_ROOT/var/lib/armory-agent/rendered
DEMO_PID=$DEV/agent.pid
DEMO_LOG=$DEV/agent.log
DEMO_WAIT=300 # seconds until the stack must be ready

# Of a demo that runs, its own ports.
choose_ports() {
  local word config=$DEMO_ROOT/etc/armory-agent
  if agent_runs; then
    HEALTH_PORT=$(sed -n 's/^http: {port: \([0-9]*\)}$/\1/p' "$config/agent.yaml")
    return
  fi
  for word in "$@"; do
    case $word in
    up) ;;
    --deck-port=[0-9]*) DECK_PORT=${word#*=} ;;
    --gate-port=[0-9]*) GATE_PORT=${word#*=} ;;
    --health-port=[0-9]*) HEALTH_PORT=${word#*=} ;;
    *) fail "$word: not known; there are --deck-port=N, --gate-port=N and --health-port=N" ;;
    esac
  done
}

demo_up() {
  choose_ports "$@"
  need_docker
  if ! agent_runs; then # say it now, not after the build
    refuse_foreign_stack
    refuse_taken_ports
  fi
  "$RIG/images.sh"
  build_agent
  if agent_runs; then
    if [ "$(cat "$DEV/demo.build" 2>/dev/null)" = "$AGENT_HOME" ]; then
      say "the demo is already running"
    else
      say "the sources changed: restarting the agent; its containers stay"
      stop_agent
    fi
  fi
  if ! agent_runs; then
    configure_demo
    start_agent
  fi
  await_ready
  agent status || true
  say_what_next
}

demo_down() {
  stop_agent
  if engine_answers; then remove_stack; fi
  rm -rf "$DEMO_ROOT" "$DEV/demo.build" "$DEMO_LOG"
  say "the demo is gone; the images and the build stay (./dev clean removes them)"
}

# ---------------------------------------------------------------- the agent's process

agent_runs() { [ -f "$DEMO_PID" ] && kill -0 "$(cat "$DEMO_PID")" 2>/dev/null && grep -qa armory-agent "/proc/$(cat "$DEMO_PID")/cmdline"; }

start_agent() {
  say "starting the agent (log: .dev/agent.log)"
  printf '%s' "$AGENT_HOME" >"$DEV/demo.build"
  ARMORY_AGENT_HOME=$AGENT_HOME ARMORY_AGENT_ROOT=$DEMO_ROOT \
    setsid "$TOP/packaging/bin/armory-agent" run >"$DEMO_LOG" 2>&1 </dev/null &
  printf '%s' "$!" >"$DEMO_PID"
}

stop_agent() {
  local pid
  if agent_runs; then
    pid=$(cat "$DEMO_PID")
    say "stopping the agent"
    kill "$pid"
    wait_until 20 agent_gone "$pid" || kill -KILL "$pid"
  fi
  rm -f "$DEMO_PID"
}

agent_gone() { ! kill -0 "$1" 2>/dev/null; }

# ---------------------------------------------------------------- before it starts

port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Ports that the demo's own containers publish are not in its way.
refuse_taken_ports() {
  local port
  for port in "$HEALTH_PORT" "$DECK_PORT" "$GATE_PORT"; do
    if port_taken "$port" && ! docker ps --filter "label=$DEMO_LABEL" --format '{{.Ports}}' | grep -q ":$port->"; then
      fail "port $port is taken by another program, which 'ss -ltnp sport = :$port' names: stop it, or choose another port (--deck-port=N, --gate-port=N, --health-port=N)"
    fi
  done
}

# Containers of a stack of the same name that somebody else made, a real one or another checkout's demo.
foreign_containers() {
  comm -23 <(docker ps -aq --filter "label=$PROJECT_LABEL" | sort) <(docker ps -aq --filter "label=$DEMO_LABEL" | sort)
}

# It must not be taken over, nor removed by `demo down`.
refuse_foreign_stack() {
  local found
  found=$(foreign_containers | wc -l)
  [ "$found" -eq 0 ] ||
    fail "this Docker Engine already has a stack called '$PROJECT' ($found containers) that this demo did not make: remove it first ('docker compose -p $PROJECT down', or './dev demo down' in its checkout)"
}

configure_demo() {
  prepare_root
  cat >"$DEMO_ROOT/etc/armory-agent/agent.yaml" <<YAML
# Who this node is, said outright; no AWS is asked for anything.
identity:
  stack: demo
  role: standalone
aws: off
http: {port: $HEALTH_PORT}
YAML
  cat >"$DEMO_ROOT/etc/armory-agent/env/default.env" <<ENV
# Stand-ins for Spinnaker's images, built by ./dev; leave these out to run the real ones.
SPINNAKER_REGISTRY=armory-standin
SPINNAKER_RELEASE=dev
REDIS_IMAGE=armory-standin/redis:dev
POSTGRES_IMAGE=armory-standin/postgres:dev
DECK_PUBLISHED_PORT=$DECK_PORT
GATE_PUBLISHED_PORT=$GATE_PORT
ENV
}

# ---------------------------------------------------------------- until it is ready

# Prints each new reason for not being ready, once, until there is none.
await_ready() {
  local end=$((SECONDS + DEMO_WAIT)) answer='' reason last=
  until [[ $answer == *'"ready":true'* ]]; do
    agent_runs || {
      rm -f "$DEMO_PID"
      tail -n 15 "$DEMO_LOG" | sed 's/^/  | /' >&2
      fail "the agent ended; its log is .dev/agent.log"
    }
    [ "$SECONDS" -lt "$end" ] || {
      agent status >&2 || true
      fail "not ready after $DEMO_WAIT s: see above, and .dev/agent.log"
    }
    reason=$(reason_of "$answer")
    if [ -n "$reason" ] && [ "$reason" != "$last" ]; then say "$reason"; fi
    last=${reason:-$last}
    sleep 0.3
    answer=$(curl -sS -m 2 "http://127.0.0.1:$HEALTH_PORT/health/ready" 2>/dev/null || true)
  done
  say "ready"
}

# The words of the answer, without the seconds that change every time.
reason_of() { sed -nE 's/.*"reason":"([^"]*)".*/\1/p' <<<"$1" | sed -E 's/,? (for )?[0-9]+ s\b//g'; }

say_what_next() {
  local compose="docker compose"
  docker compose version >/dev/null 2>&1 || compose=src/test/rig/compose-peer.sh
  printf '\nTry next:\n'
  printf '  %-50s %s\n' \
    "curl -i localhost:$HEALTH_PORT/healthcheck" "what a load balancer asks" \
    "./dev agent status --watch" "everything, live" \
    "docker kill $PROJECT-gate-1" "watch it come back" \
    "docker exec $PROJECT-orca-1 /standin ctl hang" "it answers nothing: restarted after three tries" \
    "docker rm -f $PROJECT-echo-1" "made anew" \
    "./dev agent events" "what happened, and why" \
    "./dev agent plan" "what the agent would do now" \
    "$compose -p $PROJECT ps" "the same stack, seen by Docker Compose" \
    "http://localhost:$HEALTH_PORT/" "the status page" \
    "./dev demo down" "removes it all"
}

# ---------------------------------------------------------------- afterwards

# Everything of the demo, found by label, whatever state the agent is in. Networks and volumes are the
# demo's if the project is; a stack of the same name that somebody else made keeps its own.
remove_stack() {
  local ids
  ids=$(docker ps -aq --filter "label=$DEMO_LABEL")
  if [ -n "$ids" ]; then
    say "removing the demo's containers"
    xargs docker rm -fv <<<"$ids" >/dev/null
  fi
  if [ ! -d "$DEMO_ROOT" ] || [ -n "$(foreign_containers)" ]; then return; fi
  ids=$(docker network ls -q --filter "label=$PROJECT_LABEL")
  [ -z "$ids" ] || xargs docker network rm <<<"$ids" >/dev/null
  ids=$(docker volume ls -q --filter "label=$PROJECT_LABEL")
  [ -z "$ids" ] || xargs docker volume rm <<<"$ids" >/dev/null
}
