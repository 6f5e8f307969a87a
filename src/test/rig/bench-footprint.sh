#!/usr/bin/env bash
# What the agent costs beside a stand-alone stack of stand-ins: start, memory, idle CPU, the wall time of
# `status`, and the size of the packages. Floors and peers (a Java hello, `docker ps`) are measured in the same run.
#
#   bench-footprint.sh [IDLE SECONDS, default 60] [QUIET MINUTES, default 0: not measured]
#
# What the agent does at rest and only then (looks, reading the sources) is compiled after an hour or so; no
# simulated work brings that forward. With some quiet minutes an agent is started anew and left alone for so long.
# shellcheck source=src/test/rig/measure.sh
source "$(dirname "${BASH_SOURCE[0]}")/measure.sh"

IDLE=${1:-60}
QUIET=${2:-0}
TICKS=$(getconf CLK_TCK)

# The least a Java program takes on this machine, with the launcher's options.
hello_ms() {
  local folder=$DEV/hello
  mkdir -p "$folder"
  printf 'class Hello { public static void main(String[] a) { System.out.println("hello"); } }\n' >"$folder/Hello.java"
  [ -f "$folder/Hello.class" ] || "$JAVA_HOME/bin/javac" -d "$folder" "$folder/Hello.java"
  median_ms 11 "$JAVA_HOME/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xshare:auto -cp "$folder" Hello
}

memory_kb() { awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/smaps_rollup"; }
cpu_ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

# percent TICKS [SECONDS]
percent() { awk -v t="$1" -v hz="$TICKS" -v s="${2:-$IDLE}" 'BEGIN { printf "%.2f", 100 * t / hz / s }'; }

megabytes() { awk -v b="$(du -b -c "$@" | tail -n 1 | cut -f1)" 'BEGIN { printf "%.1f", b / 1e6 }'; }

ask() { curl -fsS -m 5 -o /dev/null "http://127.0.0.1:$BENCH_PORT$1" 2>/dev/null || true; }

# What an hour brings, without its pauses: two load balancers that ask every 5 s, a Prometheus every 15 s, a
# person who looks at the page, twelve services killed and mended, four rollouts, and `status` now and then.
work_an_hour() {
  local minute second service
  for ((minute = 0; minute < 60; minute++)); do
    for ((second = 0; second < 60; second += 5)); do
      ask /health/ready
      ask /healthcheck
    done
    for second in 0 15 30 45; do ask /metrics; done
    ask /health
    if [ $((minute % 5)) -eq 0 ]; then
      bench_agent status >/dev/null || true
      service=$(docker ps -q --filter "label=$BENCH_LABEL" | sed -n "$((minute / 5 % 8 + 1))p")
      docker kill "$service" >/dev/null
      await_200 /health/ready 60 >/dev/null
    fi
    if [ $((minute % 15)) -eq 7 ]; then
      printf 'GATE_JAVA_OPTS=-Dround=%d\n' "$minute" >>"$BENCH_ROOT/etc/armory-agent/env/default.env"
      bench_agent sync >/dev/null || fail "a rollout did not end well"
    fi
  done
}

# What a minute of the same questions costs a script, in milliseconds of CPU: every service by curl every 5 s,
# the engine by `docker ps` every 15 s, and nothing decided.
script_ms() {
  local gate services
  gate=$(docker ps -q --filter "label=$BENCH_LABEL" --filter label=com.docker.compose.service=gate)
  gate=$(docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$gate")
  services=$(docker ps -q --filter "label=$BENCH_LABEL" | wc -l)
  (
    for ((i = 0; i < 12 * services; i++)); do curl -fsS -m 5 -o /dev/null "http://$gate:8084/health"; done
    for ((i = 0; i < 4; i++)); do docker ps >/dev/null; done
    times
  ) | awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); ms += 60000 * t[1] + 1000 * t[2] } printf "%d", ms }'
}

installed_agent
trap finish_bench EXIT
prepare_bench standalone

say "the floor: a Java hello"
hello=$(hello_ms)

say "exec to first 200, five times"
first=$(for _ in 1 2 3 4 5; do
  start_bench_agent
  await_200 /health/live 30
  stop_bench_agent
done | sort -n | sed -n 3p)

say "starting the stack, then $IDLE s idle"
start_bench_agent
await_200 /health/ready 180 >/dev/null
sleep 5
before=$(cpu_ticks "$BENCH_PID")
sleep "$IDLE"
warming=$(($(cpu_ticks "$BENCH_PID") - before))
rss=$(memory_kb "$BENCH_PID" Rss)
pss=$(memory_kb "$BENCH_PID" Pss)
# What goes on for ever is interpreted and compiled at first; most of that is over now, all of it after the hour.
sleep "$IDLE"
before=$(cpu_ticks "$BENCH_PID")
sleep "$IDLE"
cpu=$(($(cpu_ticks "$BENCH_PID") - before))

say "an hour of simulated work, then $((2 * IDLE)) s idle"
work_an_hour
sleep "$IDLE"
before=$(cpu_ticks "$BENCH_PID")
sleep "$IDLE"
cpu_hour=$(($(cpu_ticks "$BENCH_PID") - before))
script=$(script_ms)
rss_hour=$(memory_kb "$BENCH_PID" Rss)
pss_hour=$(memory_kb "$BENCH_PID" Pss)

# The first hour brings code into use that the start did not need; a second one shows what would go on.
say "a second hour, then $IDLE s idle"
work_an_hour
sleep "$IDLE"
rss_second=$(memory_kb "$BENCH_PID" Rss)

quiet=
if [ "$QUIET" -gt 0 ]; then
  say "an agent that is left alone for $QUIET minutes"
  stop_bench_agent
  start_bench_agent
  await_200 /health/ready 180 >/dev/null
  sleep $((60 * QUIET))
  before=$(cpu_ticks "$BENCH_PID")
  sleep $((5 * IDLE))
  quiet=$(($(cpu_ticks "$BENCH_PID") - before))
fi

say "status and docker ps, eleven times each"
status=$(median_ms 11 bench_agent status)
peer=$(median_ms 11 docker ps)

printf 'footprint: beside %s containers\n' "$(docker ps -q --filter "label=$BENCH_LABEL" | wc -l)"
figure "Java hello (floor)" "$hello" ms
figure "exec to first 200" "$first" ms "$(ratio "$first" "$hello") x hello (target 500 ms, 14 x)"
figure "RSS after $IDLE s idle" "$((rss / 1024))" MB "target 105"
figure "PSS" "$((pss / 1024))" MB
figure "RSS after an hour of simulated work" "$((rss_hour / 1024))" MB "$(ratio "$rss_hour" "$rss") x before (target 105)"
figure "PSS" "$((pss_hour / 1024))" MB "$(ratio "$pss_hour" "$pss") x before"
figure "RSS after a second hour" "$((rss_second / 1024))" MB "$(ratio "$rss_second" "$rss_hour") x after the first (target: flat)"
figure "CPU in the first $IDLE s after the start" "$(percent "$warming")" "%" "of one core"
figure "idle CPU, from $((2 * IDLE)) s after it on" "$(percent "$cpu")" "%" "of one core (target 0.20)"
figure "idle CPU after the hour" "$(percent "$cpu_hour")" "%" "of one core (target 0.20)"
[ -z "$quiet" ] || figure "idle CPU after $QUIET quiet minutes" "$(percent "$quiet" $((5 * IDLE)))" "%" "of one core (target 0.20)"
figure "the same questions by curl and docker ps (peer)" "$(awk -v ms="$script" 'BEGIN { printf "%.2f", ms / 600 }')" "%" "of one core; the agent after the hour: $(ratio "$(percent "$cpu_hour")" "$(awk -v ms="$script" 'BEGIN { print ms / 600 }')") x that"
figure "docker ps (peer)" "$peer" ms
figure "package, deb" "$(megabytes "$TOP"/target/armory-agent_*_"$arch".deb)" MB
figure "package, rpm" "$(megabytes "$TOP"/target/armory-agent-*.rpm)" MB
figure "installed" "$(megabytes "$tree")" MB "Java runtime $(megabytes "$tree"/usr/lib/armory-agent/runtime), jars $(megabytes "$tree"/usr/lib/armory-agent/lib); with start caches $(megabytes "$tree" "$AGENT_HOME"/*.aot)"
figure "armory-agent status" "$status" ms "$(ratio "$status" "$hello") x hello, $(ratio "$status" "$peer") x docker ps (target 70 ms, 2 x hello)"
