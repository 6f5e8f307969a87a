# shellcheck shell=bash
# Installs what is missing, on Debian and Ubuntu, and starts a Docker Engine where none answers.
# Each need_… function returns at once when the thing is there. Sourced, never run.
# shellcheck source=src/test/rig/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

DOCKER_SOCKET=/var/run/docker.sock

# apt_install PACKAGE…: refreshes the package lists once per run, and only if something is missing.
apt_install() {
  have apt-get || fail "cannot install $*: ./dev installs packages on Debian and Ubuntu only; install them yourself"
  if [ -z "${APT_FRESH:-}" ]; then
    say "refreshing the package lists"
    quietly apt-update as_root apt-get update -qq || true # one broken third-party source is no reason to stop
    export APT_FRESH=1 # also for the scripts that this one runs
  fi
  say "installing $*"
  ( # one at a time
    flock 7
    quietly "apt-$1" as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
  ) 7>"$DEV/apt.lock"
}

# need COMMAND PACKAGE: the usual case, a command that a package of the same or another name brings.
need() { have "$1" || apt_install "${2:-$1}"; }

# ---------------------------------------------------------------- JDK

JDK_MAJOR=25

is_jdk25() { [ -x "$1/bin/javac" ] && [ "$(jdk_major "$1")" = "$JDK_MAJOR" ]; }

# A JDK says what it is in its `release` file: no need to start it.
jdk_major() { sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null; }

find_jdk25() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/* "$DEV"/jdk/usr/lib/jvm/*; do
    if [ -n "$home" ] && [ ! -L "$home" ] && is_jdk25 "$home"; then
      printf '%s\n' "$home"
      return 0
    fi
  done
  return 1
}

# Exports JAVA_HOME at a JDK 25, whatever the default `java` is.
need_jdk25() {
  local home
  if ! home=$(find_jdk25); then
    install_jdk25
    home=$(find_jdk25) || fail "no JDK $JDK_MAJOR found: install one below /usr/lib/jvm, or set JAVA_HOME to it"
  fi
  export JAVA_HOME=$home
}

install_jdk25() {
  local package=openjdk-$JDK_MAJOR-jdk-headless
  if apt_offers "$package" || { have apt-get && as_root apt-get update -qq >/dev/null 2>&1 && apt_offers "$package"; }; then
    apt_install "$package"
  else
    say "this release has no $package: taking it from the next Debian release, into .dev/jdk"
    rm -rf "$DEV/jdk"
    quietly jdk "$RIG/newer-debian.sh" extract "$DEV/jdk" "$package" "openjdk-$JDK_MAJOR-jre-headless" \
      libc6 libgcc-s1 libstdc++6 zlib1g
    settle_jdk "$DEV/jdk"
  fi
}

apt_offers() { apt-cache policy "$1" 2>/dev/null | grep -qE "Candidate: [^(]"; }

# settle_jdk DIR: makes a JDK of a newer release run where it was unpacked. Its configuration is
# reached by absolute links into /etc, and its programs want the newer C library beside them.
settle_jdk() {
  local link target loader program
  find "$1" -type l -print0 | while IFS= read -r -d '' link; do
    target=$(readlink "$link")
    if [[ $target == /* && -e $1$target ]]; then ln -sfn "$1$target" "$link"; fi
  done
  need patchelf
  loader=$(find "$1" -name 'ld-linux-*.so.*' -type f | head -n 1)
  for program in "$1"/usr/lib/jvm/*/bin/* "$1"/usr/lib/jvm/*/lib/j{exec,spawnhelper}; do
    if [ ! -f "$program" ] || [ -L "$program" ]; then continue; fi
    patchelf --set-interpreter "$loader" --force-rpath --set-rpath "\$ORIGIN/../lib:$(dirname "$loader")" "$program" 2>/dev/null || true
  done
}

# No compilation of this size pays back an optimising compiler: without it, it takes half of the processor.
need_maven() {
  need mvn maven
  export MAVEN_OPTS=${MAVEN_OPTS:--XX:TieredStopAtLevel=1 -XX:+UseSerialGC}
}

# What packaging/build.sh makes packages with.
need_packagers() {
  need dpkg-deb dpkg
  need rpmbuild rpm
  need objdump binutils
  need python3
}

# ---------------------------------------------------------------- Docker Engine

engine_answers() {
  [ -S "$DOCKER_SOCKET" ] &&
    curl -fsS -m 5 --unix-socket "$DOCKER_SOCKET" http://engine/_ping >/dev/null 2>&1
}

# DOCKER_HOST may point elsewhere (Podman, a remote engine); then that one must answer.
need_docker() {
  need curl
  if [ -n "${DOCKER_HOST:-}" ]; then
    have docker || apt_install docker.io
    docker version >/dev/null 2>&1 || fail "no Docker Engine answers at DOCKER_HOST=$DOCKER_HOST"
    return
  fi
  if ! engine_answers; then
    refuse_denied_socket
    have dockerd || [ -x /usr/sbin/dockerd ] || apt_install docker.io
    start_docker
  fi
  # Newer Debian and Ubuntu releases package the client on its own.
  have docker || apt_install docker-cli
}

# An engine that runs, but not for this user, is neither started nor waited for.
refuse_denied_socket() {
  if [ -S "$DOCKER_SOCKET" ] && [ ! -w "$DOCKER_SOCKET" ]; then
    fail "$DOCKER_SOCKET is not yours to use: run ./dev with sudo, or join the group ('sudo usermod -aG docker $(id -un)') and log in again"
  fi
}

start_docker() {
  say "starting a Docker Engine"
  if [ -d /run/systemd/system ]; then
    quietly dockerd-start as_root systemctl start docker
  else
    need iptables
    as_root mkdir -p /var/lib/docker
    # A stale pid file of an engine that was killed keeps the next one from starting.
    # shellcheck disable=SC2016 # the inner shell expands
    as_root sh -c 'p=/var/run/docker.pid; [ ! -f $p ] || kill -0 "$(cat $p)" 2>/dev/null || rm -f $p'
    as_root sh -c "exec setsid dockerd >'$DEV/dockerd.log' 2>&1 </dev/null &"
  fi
  wait_until 60 engine_answers || {
    refuse_denied_socket
    tail -n 15 "$DEV/dockerd.log" 2>/dev/null | sed 's/^/  | /' >&2
    fail "the Docker Engine did not answer within 60 s; its log is .dev/dockerd.log or 'journalctl -u docker'"
  }
}
