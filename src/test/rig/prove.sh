# shellcheck shell=bash
# ./dev prove [PART…]: what must hold however often it is tried, each part as often as its size says. The figures
# of all runs add up in docs/reliability/, and docs/reliability.md is made of them. Sourced, never run.
# shellcheck source=src/test/rig/install.sh
source "$(dirname "${BASH_SOURCE[0]}")/install.sh"

PROVED=$TOP/docs/reliability

# part → its test classes, its size in full, and the property that sets the size
proofs() {
  cat <<'TEXT'
simulation NodeSimulationTest                                       20000   simulation.seeds
failovers  ElectionSimulationTest,TurnSimulationTest,PollerElectionIT  1800 prove.failovers.seconds
groups     GroupChanceTest                                          5000    prove.groups
hostile    HostileRequestsTest,HostileRepliesTest,HostileAwsTest    2500    prove.hostile
mutated    MutatedInputTest                                         334000  prove.mutated
kills      CrashE2E#killed*                                         1000    prove.kills
engine     EngineFaultE2E#faults*                                   200     prove.engine
mttr       RepairTimesE2E                                           30      prove.mttr
TEXT
}

# run_prove                all parts in full: hours
# run_prove PART [SIZE]    one part; in pieces of any size, which add up
# run_prove report         writes docs/reliability.md from what was run
run_prove() {
  local part classes size property
  if [ "${1:-}" = report ]; then
    "$RIG/reliability.py" "$PROVED" "$TOP/docs/reliability.md"
    return
  fi
  [ $# -eq 0 ] || proofs | grep -q "^$1 " || fail "no part called '$1'; there are: $(proofs | cut -d' ' -f1 | paste -sd ' ')"
  need_jdk25
  need_maven
  need_docker
  need openssl
  "$RIG/images.sh"
  build_to_prove
  while read -r part classes size property <&3; do
    if [ $# -eq 0 ] || [ "$1" = "$part" ]; then prove_part "$part" "$classes" "${2:-$size}" "$property"; fi
  done 3< <(proofs)
  run_prove report
}

# Built once for all pieces, as long as no source changes.
build_to_prove() {
  local now
  now=$(digest "$TOP"/{pom.xml,src,packaging,compose-templates,systemd})
  [ "$(cat "$DEV/prove.built" 2>/dev/null)" != "$now" ] || [ ! -d "$TOP/target/dist" ] || return 0
  say "building (log: .dev/prove-build.log)"
  (cd "$TOP" && PACKAGE_COMPRESSION=none quietly prove-build mvn -B -ntp -Ppackage pre-integration-test -DskipTests) || fail "the build failed"
  printf '%s\n' "$now" >"$DEV/prove.built"
}

# A failure stands on the sheet, too.
prove_part() {
  local units real goals=()
  units=$(tr , '\n' <<<"$2" | grep 'Test$' | paste -sd ,) || true
  real=$(tr , '\n' <<<"$2" | grep -v 'Test$' | paste -sd ,) || true
  [ -z "$units" ] || goals+=(surefire:test "-Dtest=$units")
  [ -z "$real" ] || goals+=(failsafe:integration-test failsafe:verify "-Dit.test=$real")
  say "$1: $2, $4=$3 (log: .dev/prove-$1.log)"
  (cd "$TOP" && quietly "prove-$1" mvn -B -ntp "${goals[@]}" "-Darmory.sheet=$PROVED" "-D$4=$3" \
    -Djunit.jupiter.execution.timeout.mode=disabled) || {
    mkdir -p "$PROVED"
    printf '{"part":"%s","when":"%(%FT%TZ)T","what":"runs that failed","count":1}\n' "$1" -1 >>"$PROVED/$1.jsonl"
    cp "$DEV/prove-$1.log" "$DEV/prove-$1-failed-$EPOCHSECONDS.log"
    say "$1: FAILED; the log names the seed, and -Darmory.seed=N lives it again"
  }
}
