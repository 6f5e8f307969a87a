#!/bin/sh
# The first process of a node (node-image.sh): makes its cgroup tree, then becomes systemd.
#
# The node's /sys/fs/cgroup is a tmpfs of its own: a privileged container, or the host's tree bound in,
# would let this systemd rearrange the host's. With cgroup v1 every hierarchy that the host has is
# mounted one by one, which systemd itself does for some only.
if awk '$2 > 0 { v1 = 1 } END { exit !v1 }' /proc/cgroups; then
  awk '$4 == 1 && $2 > 0 { print $1 }' /proc/cgroups | while read -r controller; do
    mkdir -p "/sys/fs/cgroup/$controller"
    mount -t cgroup -o "rw,nosuid,nodev,noexec,$controller" "$controller" "/sys/fs/cgroup/$controller" 2>/dev/null ||
      rmdir "/sys/fs/cgroup/$controller"
  done
  set -- SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1 "$@" # systemd 256 and newer want to be asked
else
  mount -t cgroup2 -o rw,nosuid,nodev,noexec cgroup2 /sys/fs/cgroup
fi
mount --make-rshared / 2>/dev/null
mount -o remount,rw /sys 2>/dev/null
exec /lib/systemd/systemd "$@"
