#!/usr/bin/env bash
# One release of all services on one node: ours, by `sync`, and `docker compose up -d --wait` on the very same change, one after the other in
# one run. Each service is asked by its name from inside the network all the time: what counts is how long none of its answers came,
# how many requests were lost, and when all of it was healthy again. A boot is a tenth of Spinnaker's own. What publishes a port or polls
# must not run twice, and is away for its boot: no request to anything else may be lost.
# shellcheck source=src/test/rig/measure.sh
source "$(dirname "${BASH_SOURCE[0]}")/measure.sh"

BOOTS='{"front50":2500,"clouddriver":4000,"orca":3000,"rosco":1500,"echo":2000,"igor":2000,"gate":2500,"fiat":1500,"deck":500}'
ASK='{"front50":"8080/health","clouddriver":"7002/health","orca":"8083/health","rosco":"8087/health","echo":"8089/health","igor":"8088/health","gate":"8084/health","fiat":"7003/health","deck":"9000/"}'

# overlay STACK: a health check every second, because `docker compose` sees nothing sooner than that.
overlay() {
  echo "services:"
  jq -r --argjson boots "$BOOTS" '.services | keys[] |
    "  \(.):\n    environment:\n      START_DELAY: \"\($boots[.] // 0)\"\n    healthcheck:\n      interval: 1s"' <<<"$1"
}

# SERVICE PORT/PATH, a line each.
asked() { jq -r --argjson ask "$ASK" '.services | keys[] | select($ask[.]) | "\(.) \($ask[.])"' <<<"$1"; }

# SERVICE WHY, a line each: why it is away while it is replaced, `-` if it is not.
gaps() {
  jq -r '.services | to_entries[] | "\(.key) " + (if .value.deploy.update_config.order == "start-first" then "-"
    elif .value.ports then "port" else "polls" end)' <<<"$1" | sort
}

# start_asker: asks every service ten times a second, for ever.
start_asker() {
  # shellcheck disable=SC2016 # the container's shell
  docker run -d --name "$BENCH_PROJECT-asker" --label "$BENCH_LABEL" --network "${BENCH_PROJECT}_spinnaker" armory-standin/redis:dev sh -c '
    ask() {
      while :; do
        if wget -q -O /dev/null "http://$1:$2"; then said=ok; else said=lost; fi
        read -r now _ </proc/uptime
        echo "$1 $said $now"
        sleep 0.1
      done
    }
    while [ $# -gt 1 ]; do ask "$1" "$2" & shift 2; done
    wait' asker "${ASKED[@]}" >/dev/null
  wait_until 60 all_answer || fail "not all of ${ASKED[*]} answer"
}

all_answer() { [ "$(docker logs "$BENCH_PROJECT-asker" 2>/dev/null | awk '$2 == "ok" { print $1 }' | sort -u | wc -l)" -eq $((${#ASKED[@]} / 2)) ]; }

# stop_asker NAME: prints SERVICE LOST SECONDS, the longest time without an answer, a line each. Every answer is in .dev/bench-asked-NAME.
stop_asker() {
  sleep 1 # what the last container answers is asked once more
  docker logs "$BENCH_PROJECT-asker" >"$DEV/bench-asked-$1" 2>/dev/null
  awk '
    $2 == "lost" { lost[$1]++ }
    $2 == "ok" { if ($1 in at && $3 - at[$1] > gap[$1]) gap[$1] = $3 - at[$1]; at[$1] = $3 }
    END { for (s in at) printf "%s %d %.1f\n", s, lost[s], gap[s] }' "$DEV/bench-asked-$1" | sort
  docker rm -f "$BENCH_PROJECT-asker" >/dev/null
}

# A predecessor that serves those who remember its address is stopped last.
is_alone() { [ "$(docker ps -aq --filter "label=$BENCH_LABEL" | wc -l)" -eq $(($(jq '.services | length' <<<"$plain") + 1)) ]; }

release() { sed -i "s/^SPINNAKER_RELEASE=.*/SPINNAKER_RELEASE=$1/" "$BENCH_ROOT/etc/armory-agent/env/default.env"; }

# take NAME FILE: the rendered stack of this moment.
take() { cp "$BENCH_ROOT/var/lib/armory-agent/rendered/docker-compose.yml" "$DEV/bench-stack-$1.yml"; }

peer() { quietly bench-compose "$RIG/compose-peer.sh" -p "$BENCH_PROJECT-peer" -f "$DEV/bench-stack-$1.yml" up -d --wait; }

worst() { sort -k3 -n <<<"$1" | tail -n 1; }

lost() { awk '{ all += $2 } END { print all + 0 }' <<<"$1"; }

need jq
build_agent
trap finish_bench EXIT
prepare_bench standalone
plain=$(bench_agent render --format json)
overlay "$plain" >"$BENCH_ROOT/etc/armory-agent/compose/docker-compose.override.yml"
read -r -a ASKED <<<"$(asked "$plain" | xargs)"

say "ours"
start_bench_agent
await_200 /health/ready 180 >/dev/null
take dev
start_asker
release next
begin=$(now_ms)
quietly bench-sync bench_agent sync
ours=$(($(now_ms) - begin))
wait_until 120 is_alone || fail "predecessors are left; see .dev/bench-agent.log"
mine=$(stop_asker ours)
take next
stop_bench_agent
remove_bench

say "docker compose up -d --wait"
peer dev
start_asker
begin=$(now_ms)
peer next
theirs=$(($(now_ms) - begin))
others=$(stop_asker peer)

printf 'rollout: a release of all services of one node, asked by name all the time\n'
printf '  %-14s %-8s %22s %26s\n' service "away for" "armory-agent" "docker compose up -d"
table=$(join <(gaps "$plain") <(join <(cat <<<"$mine") <(cat <<<"$others")))
while read -r service why lost gap peer_lost peer_gap; do
  printf '  %-14s %-8s %8s s, %4s lost %12s s, %4s lost\n' "$service" "$why" "$gap" "$lost" "$peer_gap" "$peer_lost"
done <<<"$table"
figure "until all is healthy, docker compose (peer)" "$theirs" ms "$(lost "$others") requests lost, longest absence: $(worst "$others" | cut -d' ' -f1,3) s"
figure "until sync ends, armory-agent" "$ours" ms "$(lost "$mine") requests lost, longest absence: $(worst "$mine" | cut -d' ' -f1,3) s; $(ratio "$ours" "$theirs") x the peer's time"
figure "lost of what need not be away (0)" "$(awk '$2 == "-" { all += $3 } END { print all + 0 }' <<<"$table")" "" "docker compose: $(awk '$2 == "-" { all += $5 } END { print all + 0 }' <<<"$table")"
figure "absent for longer than under the peer (none)" "$(awk '$4 > $6 { print $1 }' <<<"$table" | wc -l)" "" "$(awk '$4 > $6 { print $1 }' <<<"$table" | xargs)"
