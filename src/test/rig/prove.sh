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
guided     Jazzer                                                   3600    seconds
kills      CrashE2E#killed*                                         1000    prove.kills
engine     EngineFaultE2E#faults*                                   200     prove.engine
disks      DisksE2E,DataRootE2E                                     180     prove.disks
clocks     ClocksE2E                                                100     prove.clocks
away       AwayE2E                                                  200     prove.away
releases   StartFirstE2E#a_*                                        100     prove.releases
fleet      FleetLongE2E#release_after_release                       100     prove.fleet
churn      ChurnE2E                                                 3600    prove.churn
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
  if [ "$1" = guided ]; then
    prove_guided "$3"
    return
  fi
  units=$(tr , '\n' <<<"$2" | grep 'Test$' | paste -sd ,) || true
  real=$(tr , '\n' <<<"$2" | grep -v 'Test$' | paste -sd ,) || true
  [ -z "$units" ] || goals+=(surefire:test "-Dtest=$units")
  [ -z "$real" ] || goals+=(failsafe:integration-test failsafe:verify "-Dit.test=$real")
  [ "$1" != fleet ] || goals+=(-Darmory.long=true)
  say "$1: $2, $4=$3 (log: .dev/prove-$1.log)"
  (cd "$TOP" && quietly "prove-$1" mvn -B -ntp "${goals[@]}" "-Darmory.sheet=$PROVED" "-D$4=$3" \
    -Djunit.jupiter.execution.timeout.mode=disabled) || {
    mkdir -p "$PROVED"
    printf '{"part":"%s","when":"%(%FT%TZ)T","what":"runs that failed","count":1}\n' "$1" -1 >>"$PROVED/$1.jsonl"
    cp "$DEV/prove-$1.log" "$DEV/prove-$1-failed-$EPOCHSECONDS.log"
    say "$1: FAILED; the log names the seed, and -Darmory.seed=N lives it again"
  }
}

# Inputs that a fuzzer makes, guided by which of the agent's code they reach: a third of the time for each kind. Jazzer is
# fetched for this alone. An input that breaks the agent is left in .dev/guided.
prove_guided() {
  local version=0.26.0 home=$DEV/jazzer work=$DEV/guided kind what runs
  mkdir -p "$home" "$PROVED"
  for what in jazzer jazzer-api; do
    [ -f "$home/$what-$version.jar" ] || (cd "$TOP" && quietly prove-jazzer mvn -B -ntp dependency:copy "-Dartifact=com.code-intelligence:$what:$version" "-DoutputDirectory=$home")
  done
  (cd "$TOP" && quietly prove-classpath mvn -B -ntp dependency:build-classpath -Dmdep.includeScope=test "-Dmdep.outputFile=$home/classpath")
  for kind in compose env agent; do
    mkdir -p "$work/$kind" "$work/root/etc/armory-agent"
    # shellcheck disable=SC2016 # the $A is the file's
    case $kind in
    compose) what="Compose files" && cp "$TOP"/compose-templates/*.yml "$work/compose/" ;;
    env) what="env files" && printf 'A=1\nB="two $A"\nexport C=three\n# no\n' >"$work/env/begin" ;;
    agent) what="agent.yaml" && cp "$TOP/packaging/etc/agent.yaml" "$work/agent/" ;;
    esac
    say "guided: $what for $(($1 / 3)) s (log: .dev/prove-guided-$kind.log)"
    (cd "$work" && quietly "prove-guided-$kind" "$JAVA_HOME/bin/java" -XX:+EnableDynamicAgentLoading --enable-native-access=ALL-UNNAMED \
      "-Dguided=$kind" "-Dguided.root=$work/root" -cp "$home/jazzer-$version.jar:$home/jazzer-api-$version.jar:$TOP/target/classes:$TOP/target/test-classes:$(cat "$home/classpath")" \
      com.code_intelligence.jazzer.Jazzer --target_class=io.armory.agent.compose.MutatedInputTest "--instrumentation_includes=io.armory.agent.**" \
      --trace=cov "-max_len=4000" "-max_total_time=$(($1 / 3))" "$work/$kind") || fail "guided: $what: what broke it is in .dev/guided"
    runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$DEV/prove-guided-$kind.log")
    printf '{"part":"guided","when":"%(%FT%TZ)T","what":"%s read","count":%d}\n' -1 "$what" "$runs" >>"$PROVED/guided.jsonl"
  done
}
