#!/usr/bin/env bash
# Makes the image of a node: Debian with systemd as its first process, and what is asked for, such as a
# Docker Engine of its own. Prints the image's name.
#
#   node-image.sh [SUITE]     default: bookworm
#   node-image.sh all         all that the tests need, one after the other
#
# Each has a Docker Engine and Podman, so that there is one for each suite to make; Podman in trixie is the newer
# one of sid. Podman is asleep; whoever wants it alone masks Docker's units when the node is booted. In bookworm
# there is also what the packages' tests need: the Python of the metadata service, and rpm.
#
# The root file system is kept in .dev/node/, named by what it is made of: a second call takes no time.
# Nothing of a registry is needed. node-run.sh starts a node from it.
# shellcheck source=src/test/rig/install.sh
source "$(dirname "${BASH_SOURCE[0]}")/install.sh"

SUITE=${1:-bookworm}
if [ "$SUITE" = all ]; then
  for suite in bookworm trixie; do "${BASH_SOURCE[0]}" "$suite"; done
  exit
fi
PACKAGES=(docker.io podman crun netavark aardvark-dns nftables)
OF_SID=()
case $SUITE in
bookworm) PACKAGES+=(python3 rpm) ;;
*)
  PACKAGES+=(docker-cli)
  OF_SID=(podman 'golang-github-containers-*' netavark aardvark-dns 'libgpgme*' 'libsubid*' 'libc6*' 'libc-*')
  ;;
esac
BASE=(systemd systemd-sysv dbus libpam-systemd apt iproute2 iptables procps curl ca-certificates kmod)
# They look for devices, or want a terminal or the hour of the day: nothing that a node is tested for.
MASKED=(systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-modules-load.service
  sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount dev-hugepages.mount dev-mqueue.mount
  getty.target console-getty.service getty@.service systemd-logind.service systemd-firstboot.service
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer)

NODES=$DEV/node
digest=$(printf '%s\n' "$SUITE" "${BASE[@]}" "${PACKAGES[@]}" "${OF_SID[@]}" "${MASKED[@]}" | cat - "$RIG/node-init.sh" "${BASH_SOURCE[0]}" | sha256sum | cut -c1-12)
image=armory-node/$SUITE:$digest
root=$NODES/$SUITE-$digest.tar

# In the new root, as customize hooks of mmdebstrap ($1 is the root).
write_hooks() {
  cat >"$1" <<SH
set -eu
chroot "\$1" systemctl mask -q ${MASKED[*]}
chroot "\$1" systemctl disable -q podman.socket podman.service podman-restart.service podman-auto-update.service podman-auto-update.timer
install -m 755 "$RIG/node-init.sh" "\$1/sbin/node-init"
rm -f "\$1/usr/sbin/policy-rc.d" "\$1/etc/hostname" "\$1/etc/resolv.conf"
: >"\$1/etc/machine-id"
mkdir -p "\$1/var/log/journal" "\$1/etc/docker"
# Networks that meet neither those of the engine outside nor each other.
cat >"\$1/etc/docker/daemon.json" <<'JSON'
{"bip": "10.200.0.1/24", "default-address-pools": [{"base": "10.200.128.0/17", "size": 24}]}
JSON
rm -rf "\$1"/var/lib/apt/lists/* "\$1"/var/cache/apt/*.bin "\$1"/usr/share/locale/*
SH
}

# As a setup hook of mmdebstrap: of sid nothing but what is named.
write_pins() {
  printf 'Package: %s\nPin: release n=sid\nPin-Priority: %s\n\n' '*' 1 "${OF_SID[*]}" 990 >"$1"
}

make_root() {
  need mmdebstrap
  [ -f /usr/share/keyrings/debian-archive-keyring.gpg ] || apt_install debian-archive-keyring
  say "making the node's file system: Debian $SUITE with ${PACKAGES[*]} (once; about a minute)"
  local sources=("$SUITE" "$root.tmp") deb="deb http://deb.debian.org/debian"
  if [ ${#OF_SID[@]} -gt 0 ]; then
    write_pins "$root.pins"
    # Sid's list expires in a week, and a mirror may stand still.
    sources+=("$deb $SUITE main" "$deb sid main" --aptopt='Acquire::Check-Valid-Until "false"' --setup-hook="cp $root.pins \"\$1/etc/apt/preferences.d/sid\"")
  fi
  write_hooks "$root.hook"
  # In a session of its own: mmdebstrap signals its whole group when it ends.
  quietly "node-$SUITE" setsid -w env TMPDIR="$NODES" mmdebstrap --format=tar --variant=minbase --mode=root \
    --include="$(IFS=,; printf '%s' "${BASE[*]},${PACKAGES[*]}")" \
    --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
    --essential-hook="mkdir -p \"\$1/usr/share/man/man1\"" --customize-hook="sh $root.hook \"\$1\"" "${sources[@]}" ||
    fail "no file system for a node"
  mv "$root.tmp" "$root"
  rm -f "$root.hook" "$root.pins"
}

mkdir -p "$NODES"
need_docker
have_image() { docker image inspect "$image" >/dev/null 2>&1; }
if ! have_image; then
  exec 8>"$NODES/$SUITE.lock"
  flock 8 # two at once would only do the work twice
fi
if ! have_image; then
  [ -s "$root" ] || make_root
  docker import -c 'ENV container=docker' -c 'CMD ["/sbin/node-init"]' -c 'VOLUME /var/lib/docker' \
    -c 'LABEL armory-node=1' "$root" "$image" >/dev/null
fi
printf '%s\n' "$image"
