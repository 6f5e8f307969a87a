# shellcheck shell=bash
# ./dev test: everything that must hold, on this machine's real Docker Engine. Sourced, never run.
# shellcheck source=src/test/rig/install.sh
source "$(dirname "${BASH_SOURCE[0]}")/install.sh"

# run_tests [--long] [MAVEN OPTION…]
run_tests() {
  local long=()
  if [ "${1:-}" = --long ]; then
    long=(-Darmory.long=true -Derrorprone.tests=-Xep:MissingSummary:OFF)
    shift
  fi
  check_scripts
  need_jdk25
  need_maven
  need_docker
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
  export COMPOSE_PEER COMPOSE_PEER_NEWER
  # A newer Docker Engine beside the host's, with both of its stores, which the contract is held against.
  ENGINE_28=$("$RIG/engine-28.sh")
  ENGINE_28_CONTAINERD=$(ENGINE_28_STORE=containerd "$RIG/engine-28.sh")
  export ENGINE_28 ENGINE_28_CONTAINERD
  "$RIG/cosign.sh" >/dev/null # signs the images that are verified

  longest_first
  make_nodes &
  local nodes=$!

  say "mvn verify (everything it says: .dev/test.log)"
  local status=0
  rm -rf "$TOP"/target/{surefire-reports,failsafe-reports,first-try} "$DEV"/{proven,test.log} # the last lines count what is in them
  run_maven -Dmaven.test.failure.ignore=true "${long[@]}" "$@" || status=$?
  [ "$status" -ne 0 ] || repeat_red "${long[@]}" "$@" || status=$?
  wait "$nodes" || true # a test that needed one has said so
  "$RIG/engine-28.sh" stop
  ENGINE_28_STORE=containerd "$RIG/engine-28.sh" stop
  say "$("$RIG/reliability.py" "$DEV/proven")"
  local tally
  tally=$(python3 "$RIG/tally.py" "$TOP")
  if [ "$status" -eq 0 ]; then
    say "all tests passed; $tally"
  else
    say "FAILED: the reasons are above, the reports in target/surefire-reports and target/failsafe-reports; $tally"
  fi
  return "$status"
}

# The packages come first, and fast: what is installed in the tests need not be small.
run_maven() {
  (cd "$TOP" && PACKAGE_COMPRESSION=none mvn -B -ntp -Ppackage verify "-Darmory.sheet=$DEV/proven" "$@") 2>&1 </dev/null | tee -a "$DEV/test.log" | summary
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
  run_maven "$@" "-Dtest=${units:-none}" "-Dit.test=${its:-none}" -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false
}

# The images of the nodes are made while Maven compiles: mostly that is waiting for a mirror.
make_nodes() { nice "$RIG/node-image.sh" all >"$DEV/nodes.log" 2>&1; }

# What a test class takes, in seconds, for failsafe's run order: the file is where and as it looks for one.
longest_first() {
  local seconds name path
  while read -r seconds name; do
    path=$(find "$TOP/src/test/java" -name "$name.java" -printf '%P\n')
    [ -n "$path" ] || fail "src/test/rig/longest-first names $name, which is no test"
    path=${path%.java}
    printf '1,%s000,%s,all\n' "$seconds" "${path//\//.}"
  done <"$RIG/longest-first" >"$TOP/.surefire-suite"
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
  need shellcheck
  (cd "$TOP" && shellcheck -x dev .ci/run packaging/*.sh packaging/bin/* packaging/debian/{postinst,prerm,postrm} packaging/ami/*.sh src/test/rig/*.sh &&
    shellcheck -s sh packaging/rpm/*.sh) || fail "shellcheck found the above"
}

# Maven's lines that matter: what runs, what it counted, what is wrong.
summary() { grep --line-buffered -E '^\[ERROR\]|Tests run:|^\[INFO\] (Running |--- maven-(surefire|failsafe)|BUILD|Total time)' || true; }
