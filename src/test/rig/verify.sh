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
  # Where the tests find the real docker compose: a DOCKER_CONFIG for it.
  COMPOSE_PEER=$("$RIG/compose-peer.sh")
  export COMPOSE_PEER

  say "mvn verify (everything it says: .dev/test.log)"
  local status=0
  (cd "$TOP" && mvn -B -ntp verify "${long[@]}" "$@") 2>&1 </dev/null | tee "$DEV/test.log" | summary || status=${PIPESTATUS[0]}
  if [ "$status" -eq 0 ]; then
    say "all tests passed"
  else
    say "FAILED: the reasons are above, the reports in target/surefire-reports and target/failsafe-reports"
  fi
  return "$status"
}

check_scripts() {
  need shellcheck
  (cd "$TOP" && shellcheck dev .ci/run packaging/bin/* src/test/rig/*.sh) || fail "shellcheck found the above"
}

# Maven's lines that matter: what runs, what it counted, what is wrong.
summary() { grep --line-buffered -E '^\[ERROR\]|Tests run:|^\[INFO\] (Running |--- maven-(surefire|failsafe)|BUILD|Total time)' || true; }
