#!/usr/bin/env bash
# Builds the stand-in images on the local Docker Engine, without any registry. Takes seconds, and
# none at all when nothing changed: the images carry a digest of what they were made from.
#
#   images.sh            builds what is missing or outdated
#   images.sh list       prints the image names
#   images.sh remove     removes them
#
# armory-standin/<service>:dev      one per Spinnaker service, on its real port; see standin.c
# armory-standin/<service>:next     the same under another image ID: a newer release
# armory-standin/<service>:broken   a release that never gets healthy
# armory-standin/redis:dev          a real redis-server
# armory-standin/postgres:dev       a real PostgreSQL; see postgres.sh
#
# A stack uses them by SPINNAKER_REGISTRY=armory-standin, SPINNAKER_RELEASE=dev,
# REDIS_IMAGE=armory-standin/redis:dev and POSTGRES_IMAGE=armory-standin/postgres:dev.
# shellcheck source=src/test/rig/install.sh
source "$(dirname "${BASH_SOURCE[0]}")/install.sh"
# shellcheck source=src/test/rig/postgres.sh
source "$(dirname "${BASH_SOURCE[0]}")/postgres.sh"

REPOSITORY=armory-standin
LABEL=io.armory.standin.digest
WORK=$DEV/images

# service=port; `service` is a generic one for tests that need just some container with a /health.
SERVICES="gate=8084 deck=9000 orca=8083 clouddriver=7002 front50=8080 echo=8089 igor=8088 rosco=8087 fiat=7003 kayenta=8090 service=8080"

names() {
  local service
  for service in $SERVICES; do
    printf "$REPOSITORY/${service%=*}:%s\n" dev next broken
  done
  printf "$REPOSITORY/%s:dev\n" redis postgres
}

# What the images are made from: this folder's files, and the host's Redis.
images_digest() { { cat "$RIG"/{standin.c,standin_sql.c,standin_sql.h,images.sh,postgres.sh,postgres-entrypoint.sh} && redis-server --version; } | sha256sum | cut -c1-16; }

up_to_date() {
  local have wanted
  # shellcheck disable=SC2046 # names hold no blanks
  have=$(docker image inspect -f "{{index .Config.Labels \"$LABEL\"}}" $(names) 2>/dev/null) || return 1
  wanted=$(names | sed "s/.*/$1/")
  [ "$have" = "$wanted" ]
}

need_tools() {
  need curl
  need redis-server
  need busybox
  have musl-gcc || have gcc || apt_install musl-tools
}

# copy_program ROOT FILE…: copies programs and the libraries they need. Those below COPY_FROM get to
# where they are as seen from there.
copy_program() {
  local root=$1 library into
  shift
  for library in "$@" $(ldd "$@" 2>/dev/null | grep -oE '/[^ ]+\.so[^ ]*' | sort -u); do
    into=$root${library#"${COPY_FROM:-}"}
    mkdir -p "$(dirname "$into")"
    cp -L "$library" "$into"
  done
}

# A root file system in which people find a shell: bin/sh and the usual commands by busybox.
new_root() {
  local root=$1 applet
  rm -rf "$root"
  mkdir -p "$root"/{bin,etc,usr/bin,usr/local/bin,lib,lib64}
  mkdir -m 1777 "$root/tmp"
  copy_program "$root" "$(readlink -f "$(command -v busybox)")"
  for applet in sh bash cat chmod chown cp echo env grep head hostname id kill ls mkdir mv nc nslookup ps rm sed sleep tail test top tr wget; do
    ln -s "$(readlink -f "$(command -v busybox)")" "$root/bin/$applet"
  done
  printf 'root:x:0:0:root:/:/bin/sh\nspinnaker:x:10111:10111::/tmp:/bin/sh\nredis:x:999:999::/data:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\nspinnaker:x:10111:\nredis:x:999:\n' >"$root/etc/group"
  printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
}

# Equal trees give equal layers, so that all service images share one.
pack() { tar -C "$1" --sort=name --mtime=@0 --numeric-owner "${@:2}" -c .; }

import() { # TAG DIGEST CHANGE…; the layer on standard input
  local tag=$1 digest=$2 change changes=()
  shift 2
  for change in "LABEL $LABEL=$digest" "$@"; do changes+=(-c "$change"); done
  docker import "${changes[@]}" - "$tag" >/dev/null
}

build_services() {
  local root=$WORK/service compiler=gcc service port release faults
  if have musl-gcc; then compiler=musl-gcc; fi
  new_root "$root"
  $compiler -std=gnu17 -O2 -Wall -static -s -o "$root/usr/bin/standin" "$RIG"/standin{,_sql}.c 2>"$DEV/standin.log"
  # Where the real images have their services: the pollers of the templates name them.
  for service in igor echo; do
    mkdir -p "$root/opt/$service/bin"
    ln -s /usr/bin/standin "$root/opt/$service/bin/$service"
  done
  ln -s usr/bin/standin "$root/standin"
  ln -s standin "$root/usr/bin/curl"
  mkdir -p "$root/opt/spinnaker/config"
  pack "$root" --owner=0 --group=0 >"$WORK/service.tar"
  for service in $SERVICES; do
    port=${service#*=} service=${service%=*}
    for release in dev next broken; do
      faults=0
      if [ "$release" = broken ]; then faults=1; fi
      import "$REPOSITORY/$service:$release" "$1" \
        "ENV PATH=/usr/local/bin:/usr/bin:/bin NAME=$service PORT=$port VERSION=$release DOWN=$faults POLL_FACTOR=0.02" \
        "USER 10111:10111" "EXPOSE $port" 'ENTRYPOINT ["/standin"]' \
        'HEALTHCHECK --interval=2s --timeout=4s --start-period=60s --retries=3 CMD ["/standin","check"]' <"$WORK/service.tar"
    done
  done
}

# Behaves as the usual redis image, which brings no health check either: arguments that begin with a dash, or a *.conf, are the server's;
# /data is the volume; protected mode is off, because the network is the stack's own.
build_redis() {
  local root=$WORK/redis
  new_root "$root"
  copy_program "$root" "$(readlink -f "$(command -v redis-server)")" "$(readlink -f "$(command -v redis-cli)")"
  mkdir -p "$root/data" "$root/usr/lib/redis"
  mv "$root$(readlink -f "$(command -v redis-server)")" "$root/usr/lib/redis/redis-server"
  cat >"$root/usr/local/bin/redis-server" <<'SH'
#!/bin/sh
case ${1-} in
-v | -h | --version | --help) exec /usr/lib/redis/redis-server "$1" ;;
*) exec /usr/lib/redis/redis-server "$@" --protected-mode no ;;
esac
SH
  cat >"$root/usr/local/bin/docker-entrypoint.sh" <<'SH'
#!/bin/sh
case ${1-} in
-* | *.conf) set -- redis-server "$@" ;;
esac
exec "$@"
SH
  chmod 755 "$root"/usr/local/bin/*
  chmod 1777 "$root/data"
  pack "$root" --owner=0 --group=0 >"$WORK/redis.tar"
  import "$REPOSITORY/redis:dev" "$1" 'ENV PATH=/usr/local/bin:/usr/bin:/bin' 'WORKDIR /data' 'VOLUME /data' \
    'USER 999:999' 'EXPOSE 6379' 'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["redis-server"]' <"$WORK/redis.tar"
}

build_images() {
  local digest
  need_tools
  need_docker
  digest=$(images_digest)
  if up_to_date "$digest"; then return; fi
  # Two builds at once would only do the work twice.
  exec 8>"$DEV/images.lock"
  flock 8
  if up_to_date "$digest"; then return; fi
  say "building the stand-in images"
  mkdir -p "$WORK"
  build_services "$digest"
  build_redis "$digest"
  build_postgres "$digest"
  rm -rf "$WORK"
  exec 8>&-
}

case ${1:-build} in
build) build_images ;;
list) names ;;
remove)
  # shellcheck disable=SC2046
  docker image rm -f $(names) >/dev/null 2>&1 || true
  ;;
*) fail "usage: images.sh [build | list | remove]" ;;
esac
