#!/usr/bin/env bash
# Time until a fresh stand-alone stack is healthy: ours, and `docker compose up -d --wait` on the very
# same rendered file, one after the other in one run, each with nothing there before. The limit is the
# longest dependency path: the boot times and the engine's own start calls, which nothing can shorten,
# because each service waits for those it depends on.
# shellcheck source=src/test/rig/measure.sh
source "$(dirname "${BASH_SOURCE[0]}")/measure.sh"

# How long each stand-in boots, in milliseconds: Spinnaker's own times, scaled to a tenth.
BOOTS='{"front50":2500,"clouddriver":4000,"orca":3000,"rosco":1500,"echo":2000,"igor":2000,"gate":2500,"fiat":1500,"kayenta":1500,"deck":500}'

# The boot times; and a health check every second, because `docker compose` sees nothing sooner than that.
# (With the templates' 10 s it takes about three times as long.)
overlay() {
  echo "services:"
  jq -r --argjson boots "$BOOTS" '.services | keys[] |
    "  \(.):\n    environment:\n      START_DELAY: \"\($boots[.] // 0)\"\n    healthcheck:\n      interval: 1s"' <<<"$1"
}

# longest_path STACK START: the longest sum of boot times, and of START for each service on the way.
longest_path() {
  jq -r --argjson boots "$BOOTS" --argjson start "$2" '.services as $all
    | def path($s): $start + ($boots[$s] // 0) + ([$all[$s].depends_on // {} | keys[] | path(.)] | max // 0);
    [$all | keys[] | path(.)] | max' <<<"$1"
}

# boot_ms SERVICE: from the start of its container to its first good health check, on a volume that is new; nothing else runs. For a part
# of the stack that is real and boots as it does.
boot_ms() {
  local id began
  quietly bench-compose "$RIG/compose-peer.sh" -p "$BENCH_PROJECT-peer" -f "$DEV/bench-stack.yml" up -d "$1"
  id=$(docker ps -q --filter "label=$BENCH_LABEL-peer" --filter "label=com.docker.compose.service=$1")
  began=$(date -d "$(docker inspect -f '{{.State.StartedAt}}' "$id")" +%s%3N)
  until docker exec "$id" sh -c "$(docker inspect "$id" | jq -r '.[0].Config.Healthcheck.Test[1:] | join(" ")')" >/dev/null 2>&1; do sleep 0.2; done
  echo $(($(now_ms) - began))
  remove_bench
}

# What the engine itself takes to start one container that exists: the median of five.
start_call_ms() {
  local i id begin
  for i in 1 2 3 4 5; do
    id=$(docker create --label "$BENCH_LABEL" armory-standin/service:dev)
    begin=$(now_ms)
    docker start "$id" >/dev/null
    echo $(($(now_ms) - begin))
    docker rm -f "$id" >/dev/null
  done | sort -n | sed -n 3p
}

need jq
installed_agent
trap finish_bench EXIT
prepare_bench standalone
plain=$(bench_agent render --format json)
overlay "$plain" >"$BENCH_ROOT/etc/armory-agent/compose/docker-compose.override.yml"
start=$(start_call_ms)
services=$(jq '.services | length' <<<"$plain")

say "ours"
start_bench_agent
ours=$(await_200 /health/ready 180)
cp "$BENCH_ROOT/var/lib/armory-agent/rendered/docker-compose.yml" "$DEV/bench-stack.yml"
stop_bench_agent
remove_bench

say "the database alone"
BOOTS=$(jq -c --argjson boot "$(boot_ms postgres)" '. + {postgres: $boot}' <<<"$BOOTS")
boots=$(longest_path "$plain" 0)
limit=$(longest_path "$plain" "$start")

say "docker compose up -d --wait"
begin=$(now_ms)
quietly bench-compose "$RIG/compose-peer.sh" -p "$BENCH_PROJECT-peer" -f "$DEV/bench-stack.yml" up -d --wait
peer=$(($(now_ms) - begin))

printf 'up: %s services from nothing to all healthy\n' "$services"
figure "longest dependency path, boots alone" "$boots" ms
figure "with the engine's start calls (limit)" "$limit" ms "$start ms each, on its own"
figure "docker compose up -d --wait (peer)" "$peer" ms "$(ratio "$peer" "$limit") x the path"
figure "armory-agent" "$ours" ms "$(ratio "$ours" "$limit") x the path (target 1.10), $(ratio "$ours" "$peer") x the peer (target 0.80)"
