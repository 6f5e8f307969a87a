# shellcheck shell=bash
# The image armory-standin/postgres: Debian's own server, behaving as the official image does. Nothing is
# installed on the host, whose package would start a database: the packages are only unpacked. Sourced by
# images.sh, never run.

# Where a PostgreSQL is: below the host's root, or in the unpacked packages.
PG_FROM=
PG_UNPACKED=$DEV/postgres

postgres_home() { find "$1"/usr/lib/postgresql/*/bin/postgres 2>/dev/null | sort -V | tail -n 1 | sed 's,/bin/postgres$,,'; }

# Sets PG_FROM, and PG_HOME to the server's folder as seen from there.
need_postgres() {
  if [ -z "$(postgres_home '')" ]; then
    PG_FROM=$PG_UNPACKED
    [ -n "$(postgres_home "$PG_FROM")" ] || unpack_postgres
  fi
  PG_HOME=$(postgres_home "$PG_FROM")
  [ -n "$PG_HOME" ] || fail "no PostgreSQL server found in the packages of this release"
  PG_HOME=${PG_HOME#"$PG_FROM"}
}

# The newest server that this release has, with all that it needs and the host has not.
unpack_postgres() {
  local server packages deb
  server=$(postgres_package)
  if [ -z "$server" ]; then
    quietly apt-update as_root apt-get update -qq || true
    server=$(postgres_package)
  fi
  [ -n "$server" ] || fail "this release has no package 'postgresql': the stand-alone stack's database needs it"
  say "unpacking $server"
  rm -rf "$PG_UNPACKED"
  mkdir -p "$PG_UNPACKED/debs"
  packages=$(apt-get -s --no-install-recommends install "$server" tzdata 2>/dev/null | sed -n 's/^Inst \([^ ]*\).*/\1/p')
  # shellcheck disable=SC2086 # packages are words
  (cd "$PG_UNPACKED/debs" && quietly apt-download apt-get -q -o APT::Sandbox::User= download $packages)
  for deb in "$PG_UNPACKED"/debs/*.deb; do dpkg-deb -x "$deb" "$PG_UNPACKED"; done
  rm -rf "$PG_UNPACKED/debs"
}

postgres_package() { apt-cache depends postgresql 2>/dev/null | sed -n 's/^ *Depends: \(postgresql-[0-9]*\)$/\1/p'; }

build_postgres() { # DIGEST
  local root=$WORK/postgres program library
  need_postgres
  new_root "$root"
  library=$(printf '%s:' "$PG_FROM"/usr/lib/*-linux-gnu "$PG_FROM"/lib/*-linux-gnu)
  for program in postgres initdb pg_ctl pg_controldata pg_isready psql createdb dropdb pg_dump pg_dumpall pg_restore; do
    LD_LIBRARY_PATH=$library COPY_FROM=$PG_FROM copy_program "$root" "$PG_FROM$PG_HOME/bin/$program"
    ln -s "$PG_HOME/bin/$program" "$root/usr/local/bin/$program"
  done
  copy_program "$root" "$(readlink -f "$(command -v setpriv)")"
  # Not the compiler of queries, with its 100 MB of libraries.
  tar -C "$PG_FROM/" --exclude='*/bitcode' --exclude='*/pgxs' --exclude='*llvmjit*' --exclude='*/man' \
    -c ".$PG_HOME/lib" "./usr/share/postgresql/${PG_HOME##*/}" | tar -C "$root" -x
  copy_data "$root" /usr/lib/locale/C.utf8 /usr/share/zoneinfo/{UTC,GMT,Etc}
  cp "$RIG/postgres-entrypoint.sh" "$root/usr/local/bin/docker-entrypoint.sh"
  # 999 is the image's own user; 70 is the one of the official image on Alpine.
  printf 'postgres:x:999:999::/var/lib/postgresql:/bin/sh\npostgres-alpine:x:70:70::/var/lib/postgresql:/bin/sh\n' >>"$root/etc/passwd"
  printf 'postgres:x:999:\npostgres-alpine:x:70:\n' >>"$root/etc/group"
  sed -i '/^redis:/d' "$root/etc/passwd" "$root/etc/group"
  mkdir -p "$root/var/lib/postgresql/data" "$root/run/postgresql" "$root/docker-entrypoint-initdb.d"
  ln -s /run "$root/var/run"
  chmod 1777 "$root/var/lib/postgresql/data" "$root/run/postgresql"
  # The folders that are postgres's own come after the rest, which is root's.
  pack "$root" --owner=0 --group=0 --exclude=./var/lib/postgresql --exclude=./run/postgresql >"$WORK/postgres.tar"
  tar -C "$root" --mtime=@0 --owner=999 --group=999 --numeric-owner -r -f "$WORK/postgres.tar" ./var/lib/postgresql ./run/postgresql
  import "$REPOSITORY/postgres:dev" "$1" 'ENV PATH=/usr/local/bin:/usr/bin:/bin PGDATA=/var/lib/postgresql/data LANG=C.UTF-8' \
    'VOLUME /var/lib/postgresql/data' 'EXPOSE 5432' 'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["postgres"]' <"$WORK/postgres.tar"
  # `docker import` has no word for it.
  mkdir -p "$WORK/stop"
  printf 'FROM %s\nSTOPSIGNAL SIGINT\n' "$REPOSITORY/postgres:dev" >"$WORK/stop/Dockerfile"
  quietly postgres-image env DOCKER_BUILDKIT=0 docker build -t "$REPOSITORY/postgres:dev" "$WORK/stop"
}

copy_data() { # ROOT PATH…
  local root=$1 path
  shift
  for path in "$@"; do
    mkdir -p "$root$(dirname "$path")"
    cp -rL "$PG_FROM$path" "$root$path" 2>/dev/null || cp -rL "$path" "$root$path"
  done
}
