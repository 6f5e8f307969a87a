#!/usr/bin/env bash
# How long 10,000 parameters take from the Parameter Store, and how much heap they need: `validate` on a
# node whose parameters lie below one path, beside boto3 reading the same pages from the same emulator in
# the same run; then the daemon's heap in use, all garbage collected, once it has read them.
#
#   bench-parameters.sh [PARAMETERS, default 10000]
# shellcheck source=src/test/rig/measure.sh
source "$(dirname "${BASH_SOURCE[0]}")/measure.sh"

MANY=${1:-10000}
SMALL=10

# start_server PARAMETERS: sets SERVER_PID and SERVER_PORT.
start_server() {
  coproc SERVER { exec python3 "$RIG/aws_server.py" --many "$1" /armory/spinnaker/default 2>"$DEV/bench-aws.log"; }
  local word
  read -r word SERVER_PORT <&"${SERVER[0]}" || fail "the emulator does not start: $(tail -n 1 "$DEV/bench-aws.log")"
  [ "$word" = ready ] || fail "the emulator says: $word"
}

stop_server() {
  [ -z "${SERVER_PID:-}" ] || { kill "$SERVER_PID" 2>/dev/null && wait "$SERVER_PID" 2>/dev/null; } || true
}

in_aws() {
  AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_EC2_METADATA_DISABLED=true \
    AWS_ENDPOINT_URL=http://127.0.0.1:$SERVER_PORT "$@"
}

validate() { in_aws bench_agent validate --role small >/dev/null; }

# measure_heap: sets HEAP_KB, of a daemon that has read all parameters and kept them.
measure_heap() {
  in_aws start_bench_agent
  await_200 /health/ready 60 >/dev/null
  in_aws bench_agent sync >/dev/null || fail "sync failed"
  "$JAVA_HOME/bin/jcmd" "$BENCH_PID" GC.run >/dev/null
  HEAP_KB=$("$JAVA_HOME/bin/jcmd" "$BENCH_PID" GC.heap_info |
    sed -n 's/.* total .*, used \([0-9]*\)K.*/\1/p' | awk '{ all += $1 } END { print all }')
  stop_bench_agent
}

boto() {
  printf '[["ssm","get_parameters_by_path",{"Path":"/armory/spinnaker/default","Recursive":true,"WithDecryption":true,"EveryPage":true}]]\n' |
    python3 "$RIG/boto.py" "http://127.0.0.1:$SERVER_PORT" >/dev/null
}

took_ms() {
  local begin
  begin=$(now_ms)
  "$@" || fail "$* failed"
  echo $(($(now_ms) - begin))
}

# One service is enough for a node that only has to read.
write_role() {
  local other
  {
    printf 'services:\n  deck: {ports: ["127.0.0.1:%s:9000"]}\n' "$(free_port 9900)"
    for other in redis front50 clouddriver fiat orca rosco echo igor igor-poller echo-scheduler kayenta gate; do
      printf '  %s: {profiles: !override [elsewhere]}\n' "$other"
    done
  } >"$BENCH_ROOT/etc/armory-agent/compose/roles/small.yml"
}

trap 'stop_server; finish_bench' EXIT
prepare_bench small
mkdir -p "$BENCH_ROOT/etc/armory-agent/compose/roles"
write_role
sed -i -e 's/^aws: off/aws: on/' -e '/^  stack:/s/bench/default/' -e '/^  stack:/a\  region: us-east-1' \
  "$BENCH_ROOT/etc/armory-agent/agent.yaml"

say "$SMALL parameters"
start_server "$SMALL"
floor=$(took_ms validate)
measure_heap
heap_floor=$HEAP_KB
stop_server
say "$MANY parameters"
start_server "$MANY"
all=$(took_ms validate)
peer=$(took_ms boto)
measure_heap

printf 'parameters: %s\n' "$MANY"
figure "validate with $SMALL parameters (floor)" "$floor" ms
figure "validate with $MANY" "$all" ms "target 10000 ms more than the floor"
figure "boto3, the same pages" "$peer" ms "$(ratio "$((all - floor))" "$peer") x boto3"
figure "the daemon's heap with $SMALL" "$((heap_floor / 1024))" MB
figure "with $MANY" "$((HEAP_KB / 1024))" MB "target 32 MB more"
