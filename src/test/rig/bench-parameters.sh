#!/usr/bin/env bash
# How long 10,000 parameters take from the Parameter Store, and how much heap is enough for them:
# `validate` on a node whose parameters lie below one path, beside boto3 reading the same pages from the
# same emulator in the same run.
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

validate() {
  AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_EC2_METADATA_DISABLED=true \
    AWS_ENDPOINT_URL_SSM=http://127.0.0.1:$SERVER_PORT bench_agent validate --role standalone >/dev/null
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

trap 'stop_server; finish_bench' EXIT
prepare_bench standalone
sed -i -e 's/^aws: off/aws: on/' -e '/^  stack:/a\  region: us-east-1' "$BENCH_ROOT/etc/armory-agent/agent.yaml"

say "$SMALL parameters, then $MANY"
start_server "$SMALL"
floor=$(took_ms validate)
stop_server
start_server "$MANY"
all=$(took_ms validate)
peer=$(took_ms boto)
if ARMORY_AGENT_OPTS=-Xmx40m validate 2>/dev/null; then heap=enough; else heap="too little"; fi

printf 'parameters: %s\n' "$MANY"
figure "validate with $SMALL parameters (floor)" "$floor" ms
figure "validate with $MANY" "$all" ms "target 10000 ms more than the floor"
figure "boto3, the same pages" "$peer" ms "$(ratio "$((all - floor))" "$peer") x boto3"
figure "a heap of 40 MB for all of it" "$heap" ""
