# shellcheck shell=bash
# Builds the application from the checkout, only when its sources changed. Sourced, never run.
# shellcheck source=src/test/rig/install.sh
source "$(dirname "${BASH_SOURCE[0]}")/install.sh"

# A build is kept apart from target/, named by the digest of its sources: an agent that runs from it
# is not disturbed by the next build.
BUILDS=$DEV/build

sources_digest() { digest "$TOP/pom.xml" "$TOP/src/main" "$TOP/packaging/bin"; }

# build_agent: afterwards AGENT_HOME is a folder with lib/*.jar.
build_agent() {
  need_jdk25
  AGENT_HOME=$BUILDS/$(sources_digest)
  export AGENT_HOME
  [ ! -f "$AGENT_HOME/lib/armory-agent.jar" ] || return 0
  need_maven
  say "building the agent (the first time, Maven fetches its libraries)"
  (cd "$TOP" && quietly build mvn -B -ntp -Dmaven.test.skip=true -Dspotless.check.skip=true package) ||
    fail "the build failed"
  rm -rf "$BUILDS/new"
  mkdir -p "$BUILDS/new"
  cp -r "$TOP/target/dist/lib" "$BUILDS/new/lib"
  prune_builds
  mv "$BUILDS/new" "$AGENT_HOME"
}

# Old builds go, except one that the demo's agent is still running from.
prune_builds() {
  local build
  for build in "$BUILDS"/*/; do
    build=${build%/}
    if [ "${build##*/}" != new ] && [ "$(cat "$DEV/demo.build" 2>/dev/null)" != "$build" ]; then rm -rf "$build"; fi
  done
}

# agent ARGS…: the built command, on the checkout's own root.
agent() {
  ARMORY_AGENT_HOME=$AGENT_HOME ARMORY_AGENT_ROOT=${ARMORY_AGENT_ROOT:-$DEV/root} "$TOP/packaging/bin/armory-agent" "$@"
}

# The shipped templates are where an installed agent finds them, below its root.
prepare_root() {
  local share=$DEV/root/usr/share/armory-agent
  mkdir -p "$share" "$DEV/root/etc/armory-agent/env"
  ln -sfn "$TOP/compose-templates" "$share/compose-templates"
}

# train_agent: AOT caches for this build, as the package has them; some seconds, once per build.
train_agent() {
  [ ! -f "$AGENT_HOME/files.aot" ] || return 0
  say "recording the AOT caches"
  quietly aot "$RIG/train-aot.sh" "$AGENT_HOME" || fail "no AOT caches"
}
