# shellcheck shell=bash
# ./dev test --real: the acceptance on real Spinnaker, from images that carry a registry and a release in their name. They are
# pulled, or taken as they are on the engine where no registry can be reached. What cannot be had is played by a stand-in,
# and what was real is said first and last. Sourced, never run.
# shellcheck source=src/test/rig/verify.sh
source "$(dirname "${BASH_SOURCE[0]}")/verify.sh"

# Those of the roles that it starts. fiat and kayenta are off by default, and are no part of it.
REAL_SERVICES="front50 clouddriver orca rosco echo igor gate deck"
REAL_REPORT=$TOP/target/real-report.txt

# What was asked for was not all there: nothing failed, and yet it is no acceptance.
REAL_INCOMPLETE=3

# run_real [--registry NAME] [--release NAME] [--nodes N] [MAVEN OPTION…]
run_real() {
  REAL_REGISTRY=${REAL_REGISTRY:-ghcr.io/spinnaker}
  REAL_RELEASE=${REAL_RELEASE:-$(shipped_release)}
  while [ $# -gt 0 ]; do
    case $1 in
    --registry) REAL_REGISTRY=${2:?--registry NAME} && shift 2 ;;
    --release) REAL_RELEASE=${2:?--release NAME} && shift 2 ;;
    --nodes) REAL_NODES=${2:?--nodes N} && shift 2 ;;
    *) break ;;
    esac
  done
  need_jdk25
  need_maven
  need_docker
  need haproxy
  need openssl
  "$RIG/images.sh"
  find_real_images
  rm -f "$REAL_REPORT" "$DEV"/real.{log,phases}
  local status=0
  say "the acceptance on these (everything it says: .dev/real.log)"
  (cd "$TOP" && mvn -B -ntp -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false '-Dit.test=Real*E2E' -Dfailsafe.forks=1 \
    -Darmory.real="$REAL_REGISTRY" -Darmory.real.release="$REAL_RELEASE" -Darmory.real.services="$REAL_FOUND" \
    -Darmory.real.nodes="${REAL_NODES:-3}" -Darmory.real.report="$REAL_REPORT" verify "$@") 2>&1 </dev/null |
    "$RIG/follow.py" "$DEV/real.log" "$DEV/real.phases" || status=${PIPESTATUS[0]}
  real_verdict "$status"
}

# The release that the templates name when nobody says another.
shipped_release() { sed -n 's/.*SPINNAKER_RELEASE:-\([^}]*\)}.*/\1/p' "$TOP/compose-templates/spinnaker.yml" | head -n 1; }

# Sets REAL_FOUND to the services whose image is on the engine, pulling what is not.
find_real_images() {
  local service image
  REAL_FOUND=
  for service in $REAL_SERVICES; do
    image=$REAL_REGISTRY/$service:$REAL_RELEASE
    if docker image inspect "$image" >/dev/null 2>&1; then
      say "$service: $image, which is on the engine"
    elif timeout 600 docker pull -q "$image" >>"$DEV/real-pull.log" 2>&1; then
      say "$service: $image, pulled"
    else
      say "$service: a STAND-IN, for $image cannot be had: $(tail -n 1 "$DEV/real-pull.log")"
      continue
    fi
    REAL_FOUND="$REAL_FOUND${REAL_FOUND:+,}$service"
  done
}

# real_verdict STATUS: what was real, done and not done, and how the command ends. Only a run in which all was real and done is a
# success: one that is left out is no passed one.
real_verdict() {
  local found total failed missing
  found=$(tr ',' '\n' <<<"$REAL_FOUND" | grep -c . || true)
  total=$(wc -w <<<"$REAL_SERVICES")
  echo
  echo "real:     $found of $total services of $REAL_REGISTRY, release $REAL_RELEASE: ${REAL_FOUND:-none}"
  [ "$found" -eq "$total" ] || echo "stand-in: $(comm -23 <(tr ' ' '\n' <<<"$REAL_SERVICES" | sort) <(tr ',' '\n' <<<"$REAL_FOUND" | sort) | paste -sd' ')"
  echo "not tried: fiat kayenta, which are off by default"
  if [ -f "$REAL_REPORT" ]; then cat "$REAL_REPORT"; fi
  failed=$(grep -c '^FAILED' "$REAL_REPORT" 2>/dev/null || true)
  missing=$(grep -c '^not done' "$REAL_REPORT" 2>/dev/null || true)
  echo
  if [ "$1" -ne 0 ] || [ "${failed:-0}" -ne 0 ] || [ ! -f "$REAL_REPORT" ]; then
    echo "FAILED: the reasons are in .dev/real.log and target/failsafe-reports"
    return 1
  elif [ "$found" -eq 0 ]; then
    echo "NOTHING WAS REAL: this run says that the acceptance itself works, and nothing about Spinnaker"
    return "$REAL_INCOMPLETE"
  elif [ "$found" -ne "$total" ] || [ "$missing" -ne 0 ]; then
    echo "INCOMPLETE: nothing failed, but $((total - found)) services were stand-ins and $missing parts were not done"
    return "$REAL_INCOMPLETE"
  fi
  echo "ACCEPTED: all services that it starts were real, and every part was done"
}
