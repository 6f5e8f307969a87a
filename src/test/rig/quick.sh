# shellcheck shell=bash
# ./dev quick TEST…: compiles what changed and runs these test classes, in seconds. Sourced, never run.
#
# Maven's profiles `quick` and `unchecked` compile only files that are newer than their classes, without Error Prone, into target/quick.
# What depends on a changed file is not compiled again, so two cases need a new start: a source that is gone, and a
# class that no longer fits the others. Both are seen here. What is not seen, `./dev test` shows.
# shellcheck source=src/test/rig/install.sh
source "$(dirname "${BASH_SOURCE[0]}")/install.sh"

QUICK=$TOP/target/quick

# run_quick TEST…: names as -Dtest takes them, Class or Class#method.
run_quick() {
  [ $# -gt 0 ] || fail "usage: ./dev quick TEST…  (PlannerGoldenTest, RolloutTest#NAME)"
  need_jdk25
  need_maven
  local tests status=0
  tests=$(IFS=, && printf '%s' "$*")
  forget_removed_sources
  quick_maven "$tests" || status=$?
  if [ "$status" -ne 0 ] && classes_do_not_fit; then
    say "classes no longer fit each other: compiling all of them"
    forget_classes
    status=0
    quick_maven "$tests" || status=$?
  fi
  return "$status"
}

quick_maven() {
  [ -d "$QUICK/classes" ] || say "compiling everything, this first time"
  (cd "$TOP" && mvn -B -ntp -Pquick,unchecked test "-Dtest=$1") 2>&1 </dev/null | tee "$DEV/quick.log" |
    { grep --line-buffered -E '^\[ERROR\]|^\[INFO\] Compiling|Tests run:.* in |^\[INFO\] (BUILD|Total time)' || true; }
  return "${PIPESTATUS[0]}"
}

classes_do_not_fit() {
  grep -qE 'NoSuch(Method|Field)Error|NoClassDefFoundError|AbstractMethodError|IncompatibleClassChangeError|MatchException' "$DEV/quick.log"
}

forget_classes() { rm -rf "$QUICK/classes" "$QUICK/test-classes"; }

# A class whose source is gone would still be found.
forget_removed_sources() {
  local now
  now=$(cd "$TOP" && find src/main/java src/test/java -name '*.java' | LC_ALL=C sort)
  if [ -f "$QUICK/sources" ] && [ -n "$(LC_ALL=C comm -23 "$QUICK/sources" - <<<"$now")" ]; then forget_classes; fi
  mkdir -p "$QUICK"
  printf '%s\n' "$now" >"$QUICK/sources"
}
