# shellcheck shell=bash
# ./dev release VERSION [--dry-run] [--sign KEY]: a version by one command. Sourced, never run.
#
# Sets the version where it stands, builds what is published into target/release/, commits and tags. The commit comes
# last: a release that fails leaves the checkout as it was. Nothing is pushed.
# shellcheck source=src/test/rig/install.sh
source "$(dirname "${BASH_SOURCE[0]}")/install.sh"

RELEASE=$TOP/target/release

run_release() {
  local version='' dry='' key=''
  while [ $# -gt 0 ]; do
    case $1 in
    --dry-run) dry=yes ;;
    --sign)
      key=${2:-}
      [ -r "$key" ] || fail "release: --sign needs a readable private key (PEM), not '$key'"
      shift
      ;;
    -*) fail "release: no option '$1'" ;;
    *) version=$1 ;;
    esac
    shift
  done
  cd "$TOP"
  check_release "$version"
  need_jdk25
  need_maven
  need_packagers
  trap restore_checkout EXIT
  set_version "$version"
  build_release "$version"
  [ -z "$key" ] || openssl dgst -sha256 -sign "$key" -out "$RELEASE/SHA256SUMS.sig" "$RELEASE/SHA256SUMS"
  if [ -n "$dry" ]; then
    say "this was a dry run: nothing is committed; the files are in target/release"
    return
  fi
  git commit -q --all --message "Release $version"
  git tag --annotate "v$version" --cleanup=whitespace --message "armory-agent $version" --message "$(release_notes "$version")"
  trap - EXIT
  say "committed and tagged: push with 'git push origin HEAD v$version', and publish the files in target/release"
}

# All that can be known before anything is changed.
check_release() {
  [[ $1 =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || fail "usage: ./dev release VERSION [--dry-run]  (VERSION: 1.2.3 or 1.2.3-rc.1)"
  git rev-parse --git-dir >/dev/null 2>&1 || fail "release: this is no git checkout"
  [ -z "$(git status --porcelain)" ] || fail "release: the checkout has changes: commit or remove them (git status)"
  ! git rev-parse -q --verify "refs/tags/v$1" >/dev/null || fail "release: v$1 has been released before"
  is_newer "$1" || fail "release: $1 is not newer than $(last_release)"
  [ "$(changes_of Unreleased)" -gt 0 ] || fail "release: CHANGELOG.md lists nothing under '## [Unreleased]'"
}

last_release() { git tag --list 'v[0-9]*' | sed 's/^v//' | in_order | tail -n 1; }

is_newer() {
  local last
  last=$(last_release)
  [ -z "$last" ] || { [ "$1" != "$last" ] && [ "$(printf '%s\n' "$last" "$1" | in_order | tail -n 1)" = "$1" ]; }
}

# Versions, oldest first: sort takes what follows a tilde for earlier, so that 1.2.3-rc.1 is before 1.2.3.
in_order() { tr - '~' | sort -V | tr '~' -; }

# changes_of VERSION: how many list items its section of the changelog has.
changes_of() { section_of "$1" | grep -c '^- ' || true; }

section_of() { awk -v head="## [$1]" 'index($0, "## [") == 1 { on = index($0, head) == 1; next } on' CHANGELOG.md; }

release_notes() { section_of "$1" | sed -e '/./,$!d'; }

pom_version() { sed -n 's|^  <version>\(.*\)</version>|\1|p' pom.xml; }

# set_version VERSION: in the pom, in the changelog, and in the names of files that the documents show.
set_version() {
  local old today files
  old=$(pom_version)
  old=${old//./\\.}
  today=$(date -u +%F)
  sed -i "s|^  <version>.*</version>|  <version>$1</version>|; s|\(<project.build.outputTimestamp>\).*\(</\)|\1${today}T00:00:00Z\2|" pom.xml
  sed -i "s|^## \[Unreleased\].*|## [Unreleased]\n\n## [$1] - $today|" CHANGELOG.md
  mapfile -t files < <(git grep -lE "armory-agent[-_]${old}[-_]|agent $old up" -- README.md docs packaging)
  [ ${#files[@]} -eq 0 ] || sed -i -E "s/(armory-agent[-_])${old}([-_])/\1$1\2/g; s/(agent )$old( up)/\1$1\2/g" "${files[@]}"
}

# The tree was clean, so what git has is what was there. Files that were built stay, to be looked at.
restore_checkout() { git -C "$TOP" checkout -q -- . && say "the checkout is as it was"; }

build_release() {
  say "building the packages of $1 (log: .dev/release.log)"
  PACKAGE_COMPRESSION=9 quietly release mvn -B -ntp -Ppackage -Dmaven.test.skip=true clean package || fail "release: the build failed"
  rm -rf "$RELEASE"
  mkdir -p "$RELEASE"
  cp target/*.deb target/*.rpm "$RELEASE/"
  cp target/package-*/tree/usr/share/doc/armory-agent/armory-agent.cdx.json "$RELEASE/armory-agent-$1.cdx.json"
  (cd "$RELEASE" && "$RIG/provenance.py" "$1" "$(git -C "$TOP" rev-parse HEAD)" ./*.deb ./*.rpm ./*.json >"armory-agent-$1.intoto.json")
  (cd "$RELEASE" && sha256sum ./*.deb ./*.rpm ./*.json | sed 's|\./||' >SHA256SUMS)
  ls -l "$RELEASE"
}
