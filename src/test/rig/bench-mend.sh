#!/usr/bin/env bash
# A crash: from SIGKILL to the container that runs again, by the engine's own events. Ours beside `restart: always`, on its fresh backoff,
# and beside what the engine takes by itself: to tell of the end, and to start the same container. Each service is killed once, so that
# nobody's backoff counts; the three take turns, because a machine has its moods.
# shellcheck source=src/test/rig/measure.sh
source "$(dirname "${BASH_SOURCE[0]}")/measure.sh"

SERVICES="clouddriver deck echo fiat front50 gate igor orca rosco"

# The agent's container of a service.
ours() { docker ps -q --filter "label=$BENCH_LABEL" --filter "label=com.docker.compose.service=$1"; }

# run_peer SERVICE OPTION…: the same image on the same network, under a label of the peer's own. Prints its ID.
run_peer() {
  docker run -d --label "$BENCH_LABEL-peer" --network "${BENCH_PROJECT}_spinnaker" "${@:2}" "armory-standin/$1:dev"
}

# event_ms ID ACTION SINCE: when the engine told it, in milliseconds since the epoch. Asked for what was told so far, again and
# again: a reader that is left waiting ends only at the engine's next line.
event_ms() {
  local at tries
  for ((tries = 0; tries < 300; tries++)); do
    at=$(docker events --since "$(seconds "$3")" --until "$(seconds "$(now_ms)")" --filter "container=$1" --filter "event=$2" \
      --format '{{.TimeNano}}' | head -n 1)
    [ -z "$at" ] || break
    sleep 0.1
  done
  [ -n "$at" ] || fail "the engine told no $2 of $1 within 30 s"
  echo $((at / 1000000))
}

# seconds MILLISECONDS: as the engine's command reads times.
seconds() { echo "$(($1 / 1000)).$(printf %03d $(($1 % 1000)))"; }

# killed ID: prints the milliseconds from SIGKILL to the end, as the engine tells it, and to the next start.
killed() {
  local pid begin end
  pid=$(docker inspect -f '{{.State.Pid}}' "$1")
  begin=$(now_ms)
  as_root kill -9 "$pid"
  sleep 3 # whoever asks meanwhile takes the processor from those who are measured
  end=$(event_ms "$1" die "$begin")
  echo "$((end - begin)) $(($(event_ms "$1" start "$begin") - begin))"
}

# started ID: what the engine takes, from telling of the end, to start one that fell over for a client that asks at once. It tells of an
# end before it has cleaned up (100 ms here), and answers nothing about that container until it has.
started() {
  local pid begin asks
  pid=$(docker inspect -f '{{.State.Pid}}' "$1")
  begin=$(now_ms)
  curl -fsS -o /dev/null --unix-socket /var/run/docker.sock -X POST "http://engine/containers/$1/wait" \
    --next -fsS --unix-socket /var/run/docker.sock -X POST "http://engine/containers/$1/start" &
  asks=$!
  sleep 0.3
  as_root kill -9 "$pid"
  wait "$asks"
  echo $(($(event_ms "$1" start "$begin") - $(event_ms "$1" die "$begin")))
}

# median COLUMN: of the lines on standard input.
median() { cut -d' ' -f"$1" | sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

need jq
build_agent
trap finish_bench EXIT
prepare_bench standalone
start_bench_agent
await_200 /health/ready 180 >/dev/null
sleep 5 # its own first minute is over: classes are loaded, the last look is made
mine='' theirs='' calls=''
for service in $SERVICES; do
  say "$service"
  await_200 /health/ready 60 >/dev/null
  mine+=$(killed "$(ours "$service")")$'\n'
  await_200 /health/ready 60 >/dev/null
  id=$(run_peer "$service" --restart always)
  sleep 2
  theirs+=$(killed "$id")$'\n'
  docker rm -f "$id" >/dev/null
  id=$(run_peer "$service")
  sleep 2
  calls+=$(started "$id")$'\n'
  docker rm -f "$id" >/dev/null
done
mine=$(sed '/^$/d' <<<"$mine") theirs=$(sed '/^$/d' <<<"$theirs") calls=$(sed '/^$/d' <<<"$calls")
told=$(median 1 <<<"$mine") call=$(median 1 <<<"$calls") all=$(median 2 <<<"$mine")
printf 'mend: SIGKILL to running again, medians of %s\n' "$(wc -l <<<"$mine")"
figure "the engine tells of the end" "$told" ms
figure "the engine starts it (floor)" "$call" ms "for who asks at once"
figure "restart: always, fresh backoff (peer)" "$(median 2 <<<"$theirs")" ms "told after $(median 1 <<<"$theirs") ms"
figure "armory-agent" "$all" ms "its own part $((all - told - call)) ms (target 40)"
