# shellcheck shell=bash
# The steps of build.sh. Sourced, never run: top, lib, sbom, out, version, epoch, jdk, deb_arch, rpm_arch,
# work, tree, deb and rpm are its.
# shellcheck disable=SC2154

# What the application needs of the JDK; jdeps names more, for parts of the libraries that nothing here calls.
MODULES=java.base,java.logging,java.management,java.naming,java.net.http,java.xml,jdk.management,jdk.net,jdk.unsupported
# The oldest C library of a supported release: RHEL 8.
OLDEST_GLIBC=2.28

say() { printf 'package: %s\n' "$*"; }
fail() {
  printf 'package: %s\n' "$*" >&2
  exit 1
}

need_tools() {
  local tool
  for tool in dpkg-deb rpmbuild objdump python3 gzip; do
    command -v "$tool" >/dev/null || fail "$tool is missing: install dpkg, rpm, binutils and python3 (./dev package does)"
  done
  command -v "$(strip_command)" >/dev/null || fail "$(strip_command) is missing: install binutils-${rpm_arch//_/-}-linux-gnu, or name another in STRIP"
}

# One for the package's architecture: this machine's own knows no other.
strip_command() {
  local name=strip
  if [ "$rpm_arch" != "$(uname -m)" ]; then name=$rpm_arch-linux-gnu-strip; fi
  printf '%s' "${STRIP:-$name}"
}

# Names of Debian: a node's own `java` is never used, nor touched.
home=usr/lib/armory-agent

make_runtime() {
  local from=("--module-path" "$jdk/jmods")
  if [ ! -d "$jdk/jmods" ]; then
    [ "$jdk" = "$JAVA_HOME" ] || fail "$jdk has no jmods, which a runtime for another architecture is linked from"
    from=() # a JDK links its own run-time image
  fi
  mkdir -p "$tree/$home"
  "$JAVA_HOME/bin/jlink" "${from[@]}" --add-modules "$MODULES" --output "$tree/$home/runtime" \
    --no-man-pages --no-header-files --strip-java-debug-attributes --vm server
  # Only `java` is run; its one configuration is the launcher's options.
  find "$tree/$home/runtime/bin" -type f ! -name java -delete
  # Legal texts lie in one place, see write_documents.
  mv "$tree/$home/runtime/legal" "$work/legal"
  chmod -R u+w "$work/legal"
  # Symbols are for debuggers; the node has none. Some distributions' JDKs bring them as files, too.
  find "$tree/$home/runtime" -name '*.debuginfo' -delete
  find "$tree/$home/runtime" -type f \( -name '*.so' -o -path '*/bin/java' -o -name jexec -o -name jspawnhelper \) \
    -exec "$(strip_command)" --strip-unneeded --remove-section=.comment {} +
}

lay_out() {
  local doc=$tree/usr/share/doc/armory-agent
  install -d "$tree"/usr/{bin,sbin} "$tree/$home"/{bin,lib} "$tree/usr/share/armory-agent" "$doc"
  rmdir "$tree/usr/sbin"
  install -m 644 "$lib"/*.jar "$tree/$home/lib/"
  install -m 755 "$top"/packaging/bin/* "$tree/$home/bin/"
  ln -s ../lib/armory-agent/bin/armory-agent "$tree/usr/bin/armory-agent"
  cp -r "$top/compose-templates" "$tree/usr/share/armory-agent/"
  install -D -m 644 "$top/packaging/etc/agent.yaml" "$tree/etc/armory-agent/agent.yaml"
  install -d "$tree"/etc/armory-agent/{compose,config,env}
  local unit
  for unit in "$top"/systemd/*.service; do
    install -D -m 644 "$unit" "$tree/usr/lib/systemd/system/${unit##*/}"
  done
  install -D -m 644 "$top/systemd/sysusers.conf" "$tree/usr/lib/sysusers.d/armory-agent.conf"
  install -D -m 644 "$top/systemd/tmpfiles.conf" "$tree/usr/lib/tmpfiles.d/armory-agent.conf"
  install -m 644 "$top/README.md" "$top/SECURITY.md" "$top/docs/"*.md "$doc/"
  # They lie in one folder here, beside the examples and the licences; what is only for developers is not installed.
  sed -i -E 's#\]\((\.\./)?packaging/#](examples/#g; s#\]\((docs|\.\.)/#](#g; s#\]\(LICENSE\)#](licenses/armory-agent/LICENSE)#; /^\| work on it /d' "$doc/"*.md
  # What those call packaging/… and a site works with.
  install -d "$doc/examples"
  cp -r "$top"/packaging/{ami,aws,grafana,prometheus,ssm} "$doc/examples/"
  sed -i 's#](../../docs/#](../../#' "$doc/examples/ssm/README.md"
  find "$doc/examples" -type f -exec chmod 644 {} +
  find "$tree" -type d -exec chmod 755 {} +
  find "$tree" -type f ! -perm 755 -exec chmod 644 {} +
}

# The agent says itself what its commands are.
# So narrow that a manual page, which indents it, is no wider than a terminal.
agent() { "$JAVA_HOME/bin/java" -Dpicocli.usage.width=72 -cp "$lib/armory-agent.jar" io.armory.agent.app.Main "$@"; }

write_documents() {
  local doc=$tree/usr/share/doc/armory-agent commands=$work/commands command
  # Not the builder's own agent is asked, nor its configuration.
  export ARMORY_AGENT_ROOT=$work/no-root
  mkdir -p "$commands"
  agent --help >"$commands/--help"
  sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\)  .*/\1/p' "$commands/--help" | while read -r command; do
    agent "$command" --help >"$commands/$command" </dev/null
  done
  install -d "$tree"/usr/share/{man/man8,bash-completion/completions,zsh/vendor-completions}
  python3 "$top/packaging/manpage.py" "$top/packaging/man/armory-agent.8.in" "$commands" "$version" "$epoch" |
    gzip -9n >"$tree/usr/share/man/man8/armory-agent.8.gz"
  agent generate-completion | sed '1{/^#!/d};/^# Date/d;/generated by/d' >"$tree/usr/share/bash-completion/completions/armory-agent"
  cat >"$tree/usr/share/zsh/vendor-completions/_armory-agent" <<'ZSH'
#compdef armory-agent
# The commands and options are those of the completion for bash, which zsh understands.
autoload -Uz bashcompinit && bashcompinit
source /usr/share/bash-completion/completions/armory-agent
ZSH
  python3 "$top/packaging/materials.py" "$sbom" "$lib" "$jdk/release" "$work/legal" "$doc" "$version" "$epoch"
  find "$doc/licenses" -type f -exec sed -i 's/\r$//' {} + -exec chmod 644 {} +
  find "$doc" -type d -exec chmod 755 {} +
  install -m 644 "$top/CHANGELOG.md" "$doc/CHANGELOG.md"
}

# The node's C library may be older than the builder's.
check_glibc() { python3 "$top/packaging/glibc.py" "$tree" "$OLDEST_GLIBC"; }

settle_times() { find "$tree" -exec touch --no-dereference --date="@$epoch" {} +; }

make_deb() {
  local control=$work/deb
  cp -a "$tree" "$control"
  mkdir -p "$control/DEBIAN"
  {
    printf 'armory-agent (%s) stable; urgency=medium\n\n  * See CHANGELOG.md.\n\n' "$version"
    printf ' -- Armory agent maintainers <armory-agent@armory.io>  %s\n' "$(date -u -R -d "@$epoch")"
  } | gzip -9n >"$control/usr/share/doc/armory-agent/changelog.gz"
  sed "s/@VERSION@/$version/; s/@ARCH@/$deb_arch/; s/@SIZE@/$(du -sk --apparent-size "$tree" | cut -f1)/" \
    "$top/packaging/debian/control.in" >"$control/DEBIAN/control"
  (cd "$tree" && find etc -type f | sort | sed 's|^|/|') >"$control/DEBIAN/conffiles"
  install -m 755 "$top"/packaging/debian/{postinst,prerm,postrm} "$control/DEBIAN/"
  install -D -m 644 "$top/packaging/debian/lintian-overrides" "$control/usr/share/lintian/overrides/armory-agent"
  (cd "$control" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$control/DEBIAN/md5sums"
  find "$control" -newermt "@$epoch" -exec touch --no-dereference --date="@$epoch" {} +
  local compression=("-Zxz" "-z${PACKAGE_COMPRESSION:-1}")
  if [ "${PACKAGE_COMPRESSION:-}" = none ]; then compression=("-Znone"); fi
  dpkg-deb --root-owner-group "${compression[@]}" --build "$control" "$deb" >/dev/null
  rm -rf "$control"
}

make_rpm() {
  local home=$work/rpmbuild payload=w${PACKAGE_COMPRESSION:-1}.xzdio
  if [ "${PACKAGE_COMPRESSION:-}" = none ]; then payload=w.ufdio; fi
  mkdir -p "$home"/{BUILD,RPMS,SPECS}
  python3 "$top/packaging/rpm/files.py" "$tree" >"$home/files"
  rpmbuild -bb --quiet --target "$rpm_arch-linux" --define "_topdir $home" --define "tree $tree" --define "file_list $home/files" \
    --define "agent_version ${version//-/\~}" --define "scripts $top/packaging/rpm" \
    --define "changed $(date -u -d "@$epoch" '+%a %b %d %Y')" --define "_binary_payload $payload" "$top/packaging/rpm/armory-agent.spec" >"$work/rpmbuild.log" 2>&1 || {
    tail -n 20 "$work/rpmbuild.log" >&2
    fail "rpmbuild failed"
  }
  cp "$home/RPMS/$rpm_arch/armory-agent-${version//-/\~}-1.$rpm_arch.rpm" "$rpm"
  rm -rf "$home"
}
