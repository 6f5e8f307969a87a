# shellcheck shell=bash
# ./dev bench [NAME]: each bench is a script bench-NAME.sh that prints its figures beside their peer
# or floor, measured in the same run. Sourced, never run.
# shellcheck source=src/test/rig/build.sh
source "$(dirname "${BASH_SOURCE[0]}")/build.sh"

benches() {
  local script
  for script in "$RIG"/bench-*.sh; do
    script=${script##*/bench-}
    printf '%s\n' "${script%.sh}"
  done
}

run_bench() {
  local name
  need_docker
  "$RIG/images.sh"
  build_agent
  if [ $# -eq 0 ]; then
    for name in $(benches); do "$RIG/bench-$name.sh"; done
    return
  fi
  [ -x "$RIG/bench-$1.sh" ] || fail "no bench called '$1'; there are: $(benches | paste -sd ' ')"
  "$RIG/bench-$1.sh" "${@:2}"
}
