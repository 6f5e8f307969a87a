#!/usr/bin/env bash
# Turns a fresh Ubuntu, Debian, RHEL, Rocky or Amazon Linux machine into one to make an image of: Docker
# Engine, the agent, the images of the roles it will have; then everything goes that is this machine's
# alone. Run by Packer (armory-agent.pkr.hcl), as root; it may be run again.
#
#   install.sh PACKAGE
#
# PACKAGE               armory-agent's deb or rpm, a file
# ROLES                 whose images are pulled, separated by blanks; default: standalone
# SPINNAKER_RELEASE     which release; kept in env/default.env, which every later parameter overrides
# SPINNAKER_REGISTRY    where from; likewise
# REGISTRY_LOGIN        a file like ~/.docker/config.json to pull with; it does not stay in the image
# SSM_AGENT             SSM Agent's deb or rpm, a file or an address; "no": none. Default: AWS' newest, where the
#                       machine has none
# KEEP                  "yes": do not clean, to look at the machine
set -euo pipefail
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C

ETC=/etc/armory-agent
STATE=/var/lib/armory-agent
SSM_AGENTS=https://s3.amazonaws.com/ec2-downloads-windows/SSMAgent/latest

say() { printf 'install.sh: %s\n' "$*"; }
fail() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}

# ---------------------------------------------------------------- Docker and the agent

family() {
  local id id_like
  id=$(. /etc/os-release && printf '%s' "${ID:-}")
  id_like=$(. /etc/os-release && printf '%s' "${ID_LIKE:-}")
  case " $id $id_like " in
  *" debian "*) echo debian ;;
  *" rhel "* | *" fedora "* | *" amzn "*) echo rhel ;;
  *) fail "knows Debian's and Red Hat's families only, not $id" ;;
  esac
}

install_docker_debian() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q || say "the package lists could not be refreshed; going on with those that are there"
  command -v dockerd >/dev/null || apt-get install -y -q --no-install-recommends docker.io
}

# Red Hat has no Docker Engine of its own; Amazon Linux does.
install_docker_rhel() {
  if command -v dockerd >/dev/null; then return; fi
  if [ "$(. /etc/os-release && printf '%s' "$ID")" = amzn ]; then
    dnf install -y -q docker
    return
  fi
  dnf install -y -q dnf-plugins-core
  dnf config-manager --add-repo https://download.docker.com/linux/rhel/docker-ce.repo
  dnf install -y -q docker-ce docker-ce-cli containerd.io
}

install_agent() {
  case $1 in
  *.deb) apt-get install -y -q --no-install-recommends --allow-downgrades "$1" ;;
  *.rpm) dnf install -y -q "$1" ;;
  *) fail "$1 is neither a deb nor an rpm" ;;
  esac
}

# Run Command and Session Manager come by it. Amazon Linux and Ubuntu's images have it; Red Hat's and Debian's
# do not.
install_ssm_agent() {
  local from=${SSM_AGENT:-} unit
  for unit in amazon-ssm-agent snap.amazon-ssm-agent.amazon-ssm-agent; do
    if systemctl cat "$unit.service" >/dev/null 2>&1; then return; fi
  done
  [ "$from" != no ] || return 0
  case $(family) in
  debian)
    from=${from:-$SSM_AGENTS/debian_$(dpkg --print-architecture)/amazon-ssm-agent.deb}
    if [ ! -f "$from" ]; then
      command -v curl >/dev/null || apt-get install -y -q --no-install-recommends curl ca-certificates
      curl -fsSL --retry 3 -o /tmp/amazon-ssm-agent.deb "$from" || fail "cannot fetch SSM Agent from $from; SSM_AGENT names another place, or no"
      from=/tmp/amazon-ssm-agent.deb
    fi
    apt-get install -y -q --no-install-recommends "$from"
    ;;
  rhel)
    from=${from:-$SSM_AGENTS/linux_$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')/amazon-ssm-agent.rpm}
    dnf install -y -q "$from" || fail "cannot install SSM Agent from $from; SSM_AGENT names another place, or no"
    ;;
  esac
  systemctl enable amazon-ssm-agent.service
}

# The lowest of all sources: a node's own parameters win.
write_defaults() {
  local name file=$ETC/env/default.env
  mkdir -p "$ETC/env"
  touch "$file"
  for name in SPINNAKER_RELEASE SPINNAKER_REGISTRY; do
    if [ -n "${!name:-}" ]; then
      sed -i "/^$name=/d" "$file"
      printf '%s=%s\n' "$name" "${!name}" >>"$file"
    fi
  done
}

# ---------------------------------------------------------------- images

pull_images() {
  local role login
  systemctl enable --now docker.service
  login=$(mktemp -d)
  # shellcheck disable=SC2064 # now
  trap "rm -rf '$login'" EXIT
  if [ -n "${REGISTRY_LOGIN:-}" ]; then cp "$REGISTRY_LOGIN" "$login/config.json"; fi
  for role in ${ROLES:-standalone}; do
    say "pulling the images of role $role"
    DOCKER_CONFIG=$login armory-agent pull --role "$role" || fail "the images of role $role are not here"
  done
  rm -rf "$login"
  trap - EXIT
}

# ---------------------------------------------------------------- cleaning

# What the agent found out and made on this machine, above all the keys of its state: every node makes
# its own.
forget_agent() {
  systemctl stop armory-agent.service 2>/dev/null || true
  if [ -d "$STATE" ]; then find "$STATE" -mindepth 1 -delete; fi
  rm -rf /run/armory-agent/secrets
}

# Containers of this machine; the images stay.
forget_containers() {
  local all
  all=$(docker ps -aq)
  # shellcheck disable=SC2086 # words
  if [ -n "$all" ]; then docker rm -f $all >/dev/null; fi
  systemctl stop docker.service docker.socket 2>/dev/null || true
}

forget_logins() {
  rm -f /root/.docker/config.json /home/*/.docker/config.json
  rm -rf /root/.aws /home/*/.aws
  rm -f /root/.bash_history /home/*/.bash_history
  # The builder's key; cloud-init writes the new node's.
  rm -f /root/.ssh/authorized_keys /home/*/.ssh/authorized_keys
  rm -f /etc/ssh/ssh_host_*
}

forget_machine() {
  if command -v cloud-init >/dev/null; then cloud-init clean --logs --seed; fi
  rm -rf /var/lib/cloud/instances /var/lib/cloud/instance
  # SSM Agent would take the node for this one.
  systemctl stop amazon-ssm-agent.service snap.amazon-ssm-agent.amazon-ssm-agent.service 2>/dev/null || true
  rm -rf /var/lib/amazon/ssm/Vault /var/lib/amazon/ssm/i-*
  : >/etc/machine-id
  rm -f /var/lib/dbus/machine-id /var/lib/systemd/random-seed
}

forget_logs() {
  journalctl --rotate --vacuum-time=1s -q 2>/dev/null || true
  rm -rf /var/log/journal/*
  find /var/log -type f -exec truncate -s 0 {} +
  if command -v apt-get >/dev/null; then apt-get clean && rm -rf /var/lib/apt/lists/*; fi
  if command -v dnf >/dev/null; then dnf clean all -q; fi
  find /tmp /var/tmp -mindepth 1 ! -name 'systemd-private-*' -delete 2>/dev/null || true
}

# ---------------------------------------------------------------- main

[ "$(id -u)" -eq 0 ] || fail "needs root"
[ $# -eq 1 ] || fail "usage: install.sh PACKAGE"
package=$(readlink -f "$1")
[ -f "$package" ] || fail "$1 is not there"

say "Docker Engine"
"install_docker_$(family)"
say "the agent"
install_agent "$package"
say "SSM Agent"
install_ssm_agent
write_defaults
pull_images
systemctl enable armory-agent.service
if [ "${KEEP:-}" = yes ]; then
  say "done; not cleaned"
  exit
fi
say "cleaning"
forget_agent
forget_containers
forget_logins
forget_machine
forget_logs
say "done"
