#!/usr/bin/env bash
# Records the ahead-of-time caches of one built application, as installing the package does.
#
#   train-aot.sh HOME        HOME has lib/, and runtime/ or JAVA_HOME is used
# shellcheck source=src/test/rig/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
[ $# -eq 1 ] || fail "usage: train-aot.sh HOME"
exec "$TOP/packaging/bin/armory-agent-aot" "$1"
