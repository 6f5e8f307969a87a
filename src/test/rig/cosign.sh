#!/usr/bin/env bash
# Provides the real cosign of Debian sid, which signs the images that tests verify. Prints its path.
# shellcheck source=src/test/rig/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

COSIGN=$DEV/cosign/usr/bin/cosign
[ -x "$COSIGN" ] || NEWER_SUITE=sid quietly cosign "$RIG/newer-debian.sh" extract "$DEV/cosign" cosign
printf '%s\n' "$COSIGN"
