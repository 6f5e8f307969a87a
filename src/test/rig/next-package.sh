#!/usr/bin/env bash
# Makes a package of this checkout once more, as that of a later version with another agent.yaml:
# something to upgrade to. `./dev package` or the tests' build must have been there before.
#
#   next-package.sh deb|rpm VERSION FOLDER
# shellcheck source=src/test/rig/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck disable=SC2034 # parts.sh reads them
[ $# -eq 3 ] || fail "usage: next-package.sh deb|rpm VERSION FOLDER"
# shellcheck source=packaging/parts.sh
source "$TOP/packaging/parts.sh"

deb_arch=$(dpkg --print-architecture)
rpm_arch=$(uname -m)
version=$2 out=$3 top=$TOP
export PACKAGE_COMPRESSION=none
built=$TOP/target/package-$deb_arch/tree
[ -d "$built" ] || fail "$built is missing: ./dev package"
work=$out/work
tree=$work/tree
deb=$out/armory-agent_${version}_$deb_arch.deb
rpm=$out/armory-agent-$version-1.$rpm_arch.rpm
mkdir -p "$work"
cp -a "$built" "$tree"
echo "# of the next" >>"$tree/etc/armory-agent/agent.yaml"
epoch=$(date +%s)
export SOURCE_DATE_EPOCH=$epoch
"make_$1"
rm -rf "$work"
