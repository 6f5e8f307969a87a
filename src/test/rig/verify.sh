# shellcheck shell=bash
# ./dev test: everything that must hold, on this machine's real Docker Engine. Sourced, never run.
# shellcheck source=src/test/rig/install.sh
source "$(dirname "${BASH_SOURCE[0]}")/install.sh"

# run_tests [--long] [MAVEN OPTION…]
#
# What must be fetched is fetched beside the compiler and the unit tests; the build's checks, and the unit tests that live
# on a time of their own, run beside the integration tests, which mostly wait, and give way to them.
run_tests() {
  local long=()
  if [ "${1:-}" = --long ]; then
    long=(-Darmory.long=true -Derrorprone.tests=-Xep:MissingSummary:OFF)
    shift
  fi
  need shellcheck
  need_jdk25
  need_maven
  need_docker
  longest_first
  rm -rf "$TOP"/target/{surefire-reports,failsafe-reports,first-try} "$DEV"/{proven,phases,*test.log} # the last lines count what is in them

  local status=0 rig nodes beside apart=(-DexcludedGroups=clockless)
  [[ " $* " != *" -Dtest="* ]] || apart=() # what is asked for by name
  timed "rig" prepare_rig &
  rig=$!
  make_nodes &
  nodes=$!
  say "compiling, and mvn verify (everything it says: .dev/*test.log)"
  run_maven test test-compile || status=$?
  if [ "$status" -eq 0 ] && [[ " $* " != *" -Dtest=none "* ]]; then
    run_maven unit-test surefire:test "${apart[@]}" "${MARKED[@]}" "${long[@]}" "$@" || status=$?
  fi
  wait "$rig" || status=$?
  if [ "$status" -ne 0 ]; then
    wait "$nodes" || true
    return "$status"
  fi
  yielding beside_all "${#apart[@]}" "${long[@]}" "$@" &
  beside=$!
  # shellcheck source=/dev/null
  source "$DEV/rig.env"
  run_maven test verify "${MARKED[@]}" "${long[@]}" "$@" "${NO_UNITS[@]}" || status=$?
  wait "$beside" || status=$?
  [ "$status" -ne 0 ] || repeat_red "${long[@]}" "$@" || status=$?
  wait "$nodes" || true # a test that needed one has said so
  "$RIG/engine-28.sh" stop
  ENGINE_28_STORE=containerd "$RIG/engine-28.sh" stop
  report "$status"
  return "$status"
}

SHEET=("-Darmory.sheet=$DEV/proven")
# A test that fails does not end the run.
MARKED=(-Dmaven.test.failure.ignore=true "${SHEET[@]}")
NO_UNITS=(-Dtest=none -Dsurefire.failIfNoSpecifiedTests=false)

report() {
  say "$("$RIG/reliability.py" "$DEV/proven")"
  python3 "$RIG/tally.py" "$TOP" longest >"$DEV/longest-first"
  local line tally
  while read -r line; do say "$line"; done < <(python3 "$RIG/tally.py" "$TOP" times "$DEV/phases")
  tally=$(python3 "$RIG/tally.py" "$TOP")
  if [ "$1" -eq 0 ]; then
    say "all tests passed; $tally"
  else
    say "FAILED: the reasons are above, the reports in target/surefire-reports and target/failsafe-reports; $tally"
  fi
}

# yielding COMMAND…: in a shell of its own, which gives way to the others.
yielding() {
  renice -n 10 -p "$BASHPID" >/dev/null
  "$@"
}

# beside_all UNITS [MAVEN OPTION…]: UNITS is 0 for the checks alone. A test that waits by the clock would starve here.
beside_all() {
  local units=$1 status=0
  shift
  [ "$units" -eq 0 ] || run_maven clockless-test surefire:test -Dgroups=clockless "${MARKED[@]}" "$@" || status=$?
  timed checks check_all "$@" || status=$?
  return "$status"
}

# timed NAME COMMAND…: the seconds it took go to .dev/phases.
timed() {
  local name=$1 began=$SECONDS
  shift
  "$@"
  printf '%s\t%s\n' "$name" "$((SECONDS - began))" >>"$DEV/phases"
}

# What the integration tests need of this machine. Where it is goes to .dev/rig.env.
prepare_rig() {
  "$RIG/images.sh"
  need docker-registry # a private registry with TLS and a password, to pull from
  need htpasswd apache2-utils
  need openssl
  need_packagers
  need lintian
  need rpmlint
  need man man-db # the manual page is formatted
  need haproxy # the load balancer of a group of nodes
  need chromium # the status page is tried in a real browser
  need_aws_stand_ins
  "$RIG/terraform.sh" version >"$DEV/terraform.log" || exit 1
  "$RIG/promtool.sh" --version >"$DEV/promtool.log" 2>&1 || fail "no promtool; see .dev/promtool.log"
  # Where the tests find the real docker compose of two generations: a DOCKER_CONFIG for each.
  COMPOSE_PEER=$("$RIG/compose-peer.sh")
  COMPOSE_PEER_NEWER=$(COMPOSE_PEER_SUITE=sid "$RIG/compose-peer.sh")
  # A newer Docker Engine beside the host's, with both of its stores, which the contract is held against.
  ENGINE_28=$("$RIG/engine-28.sh")
  ENGINE_28_CONTAINERD=$(ENGINE_28_STORE=containerd "$RIG/engine-28.sh")
  "$RIG/cosign.sh" >/dev/null # signs the images that are verified
  export COMPOSE_PEER COMPOSE_PEER_NEWER ENGINE_28 ENGINE_28_CONTAINERD
  export -p | grep -E '^declare -x (COMPOSE_PEER|ENGINE_28)' >"$DEV/rig.env"
}

# check_all [MAVEN OPTION…]: all that a full build checks, in a folder of its own.
check_all() {
  check_scripts
  (cd "$TOP" && quietly checks mvn -B -ntp -Pchecked test-compile "$@") || fail "the checks of the build found the above"
}

# run_maven LOG GOAL [OPTION…]. The packages come first, and fast: what is installed in the tests need not be small.
run_maven() {
  local log=$DEV/$1.log
  shift
  (cd "$TOP" && PACKAGE_COMPRESSION=none mvn -B -ntp -Ppackage,unchecked "$@") 2>&1 </dev/null | "$RIG/follow.py" "$log" "$DEV/phases"
  return "${PIPESTATUS[0]}"
}

# A stall of a shared machine shall not cost a run of half an hour: up to three classes that are red are tried once more, by
# new processes. What passes only then is named in the last line; the first reports are in target/first-try.
REPEATED_AT_MOST=3
repeat_red() {
  local red units its
  read -r -a red <<<"$(python3 "$RIG/tally.py" "$TOP" red)"
  [ "${#red[@]}" -gt 0 ] || return 0
  [ "${#red[@]}" -le "$REPEATED_AT_MOST" ] || return 1
  say "trying once more: ${red[*]}"
  python3 "$RIG/tally.py" "$TOP" move
  units=$(printf '%s\n' "${red[@]}" | grep 'Test$' | paste -sd,) || true
  its=$(printf '%s\n' "${red[@]}" | grep -v 'Test$' | paste -sd,) || true
  run_maven test verify "${SHEET[@]}" "$@" "-Dtest=${units:-none}" "-Dit.test=${its:-none}" -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false
}

# The images of the nodes are made while Maven compiles: mostly that is waiting for a mirror.
make_nodes() { nice "$RIG/node-image.sh" all >"$DEV/nodes.log" 2>&1; }

# What a test class takes, in seconds, for failsafe's run order: the file is where and as it looks for one.
# It takes a class that is not in the file for the longest, so all are.
longest_first() {
  local seconds name path
  while read -r seconds name; do
    [ -n "$(find "$TOP/src/test/java" -name "$name.java")" ] || fail "src/test/rig/longest-first names $name, which is no test"
  done <"$RIG/longest-first"
  find "$TOP/src/test/java" \( -name '*IT.java' -o -name '*E2E.java' \) -printf '%P\n' | while read -r path; do
    path=${path%.java}
    seconds=$(awk -v name="${path##*/}" '$2 == name { print $1 }' "$RIG/longest-first")
    printf '1,%s000,%s,all\n' "${seconds:-1}" "${path//\//.}"
  done >"$TOP/.surefire-suite"
}

# AWS is moto, a process of its own, filled by boto3 and the AWS CLI.
need_aws_stand_ins() {
  if python3 -c 'import moto, boto3, werkzeug' 2>/dev/null && have aws; then return; fi
  local packages="moto[server,ssm,ec2,autoscaling,ecr,elbv2,elasticache,iam,acm]==5.2.1 boto3 awscli"
  # shellcheck disable=SC2086 # packages are words
  python3 -m pip install --quiet $packages >"$DEV/pip.log" 2>&1 ||
    fail "the AWS tests need moto, boto3 and the AWS CLI: python3 -m pip install $packages (log: .dev/pip.log)"
}

check_scripts() {
  (cd "$TOP" && shellcheck -x dev .ci/run packaging/*.sh packaging/bin/* packaging/debian/{postinst,prerm,postrm} packaging/ami/*.sh src/test/rig/*.sh &&
    shellcheck -s sh packaging/rpm/*.sh) || fail "shellcheck found the above"
}
