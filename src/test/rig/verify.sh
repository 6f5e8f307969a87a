# shellcheck shell=bash
# ./dev test: everything that must hold, on this machine's real Docker Engine. Sourced, never run.
# shellcheck source=src/test/rig/install.sh
source "$(dirname "${BASH_SOURCE[0]}")/install.sh"

# run_tests [--long] [MAVEN OPTION…]
run_tests() {
  local long=()
  if [ "${1:-}" = --long ]; then
    long=(-Darmory.long=true)
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
  # Where the tests find the real docker compose: a DOCKER_CONFIG for it.
  COMPOSE_PEER=$("$RIG/compose-peer.sh")
  export COMPOSE_PEER

  say "mvn verify (everything it says: .dev/test.log)"
  local status=0
  # The packages come first, and fast: what is installed in the tests need not be small.
  (cd "$TOP" && PACKAGE_COMPRESSION=none mvn -B -ntp -Ppackage verify "${long[@]}" "$@") 2>&1 </dev/null | tee "$DEV/test.log" | summary || status=${PIPESTATUS[0]}
  if [ "$status" -eq 0 ]; then
    say "all tests passed"
  else
    say "FAILED: the reasons are above, the reports in target/surefire-reports and target/failsafe-reports"
  fi
  return "$status"
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
