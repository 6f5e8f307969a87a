#!/usr/bin/env bash
# Makes the deb and the rpm: `mvn -Ppackage package` and `./dev package` call it.
#
#   build.sh LIB SBOM OUT [VERSION]
#     LIB      the application's jars            SBOM   CycloneDX, by Maven
#     OUT      where the packages go             VERSION  default: the pom's
#   JAVA_HOME    a JDK 25 to take the runtime from; for another architecture than this machine's give one as
#   PACKAGE_JDK  a JDK 25 of that architecture, with its jmods
#   PACKAGE_COMPRESSION  level of xz, default 1; none: packages to try at once, not to publish
#
# Equal inputs give equal bytes: names are sorted, every time is the last release's, nothing is read from
# the machine but the JDK. What did not change is not built again.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=packaging/parts.sh
source "$top/packaging/parts.sh"

[ $# -ge 3 ] || fail "usage: build.sh LIB SBOM OUT [VERSION]"
lib=$(realpath "$1") sbom=$(realpath "$2") out=$(realpath "$3")
pom_version=$(sed -n 's|^  <version>\(.*\)</version>|\1|p' "$top/pom.xml")
epoch=$(date -u -d "$(sed -n 's|.*<project.build.outputTimestamp>\(.*\)</.*|\1|p' "$top/pom.xml")" +%s)
version=${4:-$pom_version}
jdk=${PACKAGE_JDK:-${JAVA_HOME:?is needed: a JDK 25}}
export SOURCE_DATE_EPOCH=$epoch TZ=UTC LC_ALL=C.UTF-8 JAVA_HOME
umask 022

case $(sed -n 's/^OS_ARCH="\(.*\)"/\1/p' "$jdk/release") in
x86_64) deb_arch=amd64 rpm_arch=x86_64 ;;
aarch64) deb_arch=arm64 rpm_arch=aarch64 ;;
*) fail "$jdk: a runtime for this architecture is not known" ;;
esac
deb=$out/armory-agent_${version}_$deb_arch.deb
rpm=$out/armory-agent-${version}-1.$rpm_arch.rpm
work=$out/package-$deb_arch
tree=$work/tree

inputs=$({
  printf '%s\n' "$version" "$epoch" "${PACKAGE_COMPRESSION:-}"
  cat "$jdk/release" "$sbom"
  (cd "$top" && find packaging systemd compose-templates docs LICENSE README.md SECURITY.md CHANGELOG.md -type f -print0 | sort -z | xargs -0 sha256sum)
  (cd "$lib" && find . -type f -print0 | sort -z | xargs -0 sha256sum)
} | sha256sum | cut -d' ' -f1)
if [ -f "$deb" ] && [ -f "$rpm" ] && [ "$(cat "$work-$version.inputs" 2>/dev/null)" = "$inputs" ]; then
  say "nothing changed: $deb, $rpm"
  exit 0
fi

need_tools
rm -rf "$work" "$out/armory-agent_${version}_$deb_arch.deb" "$rpm"
mkdir -p "$tree"
say "the runtime: jlink of $jdk"
make_runtime
say "the application"
lay_out
say "manual page, completions, licences, bill of materials"
write_documents
check_glibc
settle_times
say "the deb"
make_deb
say "the rpm"
make_rpm
printf '%s\n' "$inputs" >"$work-$version.inputs"
say "done: $deb, $rpm"
