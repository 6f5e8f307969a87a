# shellcheck shell=bash
# ./dev prove [PART…]: what must hold however often it is tried, each part as often as its size says. The figures
# of all runs add up in .dev/prove/, and docs/reliability.md is made of them. Sourced, never run.
# shellcheck source=src/test/rig/install.sh
source "$(dirname "${BASH_SOURCE[0]}")/install.sh"

# part → its test classes, its size in full, and the property that sets the size
proofs() {
  cat <<'TEXT'
simulation NodeSimulationTest                                       20000   simulation.seeds
failovers  ElectionSimulationTest,TurnSimulationTest,PollerElectionIT  1800 prove.failovers.seconds
groups     GroupChanceTest                                          5000    prove.groups
hostile    HostileRequestsTest,HostileRepliesTest,HostileAwsTest    2500    prove.hostile
mutated    MutatedInputTest                                         334000  prove.mutated
kills      CrashE2E                                                 1000    prove.kills
engine     EngineFaultE2E                                           200     prove.engine
mttr       RepairTimesE2E                                           30      prove.mttr
TEXT
}

# run_prove                all parts in full: hours
# run_prove PART [SIZE]    one part; in pieces of any size, which add up
# run_prove report         writes docs/reliability.md from what was run
run_prove() {
  local part classes size property
  if [ "${1:-}" = report ]; then
    "$RIG/reliability.py" "$DEV/prove" "$TOP/docs/reliability.md"
    return
  fi
  [ $# -eq 0 ] || proofs | grep -q "^$1 " || fail "no part called '$1'; there are: $(proofs | cut -d' ' -f1 | paste -sd ' ')"
  need_jdk25
  need_maven
  need_docker
  need openssl
  "$RIG/images.sh"
  while read -r part classes size property <&3; do
    if [ $# -eq 0 ] || [ "$1" = "$part" ]; then prove_part "$part" "$classes" "${2:-$size}" "$property"; fi
  done 3< <(proofs)
  run_prove report
}

# A failure stands on the sheet, too.
prove_part() {
  local units real
  units=$(tr , '\n' <<<"$2" | grep 'Test$' | paste -sd ,) || units=none
  real=$(tr , '\n' <<<"$2" | grep -v 'Test$' | paste -sd ,) || real=none
  say "$1: $2, $4=$3 (log: .dev/prove-$1.log)"
  (cd "$TOP" && PACKAGE_COMPRESSION=none quietly "prove-$1" mvn -B -ntp -Ppackage verify "-Dtest=$units" "-Dit.test=$real" \
    -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false "-Darmory.sheet=$DEV/prove" "-D$4=$3") || {
    mkdir -p "$DEV/prove"
    printf '{"part":"%s","when":"%(%FT%TZ)T","what":"runs that failed","count":1}\n' "$1" -1 >>"$DEV/prove/$1.jsonl"
    say "$1: FAILED; the log names the seed, and -Darmory.seed=N lives it again"
  }
}
