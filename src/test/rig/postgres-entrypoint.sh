#!/bin/sh
# The entrypoint of armory-standin/postgres: does what the official image's does with the variables
# POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB, POSTGRES_INITDB_ARGS, POSTGRES_HOST_AUTH_METHOD and
# PGDATA (the first four also by file: POSTGRES_PASSWORD_FILE …) and with /docker-entrypoint-initdb.d.
# Only an empty PGDATA is initialised: what these variables say later changes nothing.
set -eu

die() {
  echo "docker-entrypoint.sh: $*" >&2
  exit 1
}

# by_file NAME DEFAULT: prints the value of NAME, or what the file NAME_FILE holds, or the default.
by_file() {
  eval "value=\${$1:-} file=\${$1_FILE:-}"
  if [ -n "$value" ] && [ -n "$file" ]; then die "both $1 and $1_FILE are set"; fi
  if [ -n "$file" ]; then value=$(cat "$file") || die "cannot read $1_FILE=$file"; fi
  printf '%s' "${value:-$2}"
}

initialise() {
  password=$(by_file POSTGRES_PASSWORD '')
  user=$(by_file POSTGRES_USER postgres)
  database=$(by_file POSTGRES_DB "$user")
  arguments=$(by_file POSTGRES_INITDB_ARGS '')
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [ -z "$password" ] && [ "$method" != trust ]; then
    die "the database is not initialised and there is no password for its superuser: set POSTGRES_PASSWORD"
  fi
  # shellcheck disable=SC2086 # arguments are words
  if [ -n "$password" ]; then
    printf '%s\n' "$password" | initdb --username="$user" --pwfile=/dev/stdin $arguments
  else
    initdb --username="$user" $arguments
  fi
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
  printf "\nlisten_addresses = '*'\n" >>"$PGDATA/postgresql.conf"
  # Not reachable from outside until all is there: the socket only.
  pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
  if [ "$database" != postgres ]; then createdb --username="$user" --maintenance-db=postgres --no-password "$database"; fi
  for script in /docker-entrypoint-initdb.d/*; do
    case $script in
    *.sh) /bin/sh "$script" ;;
    *.sql) psql -v ON_ERROR_STOP=1 --username="$user" --no-password --dbname="$database" -f "$script" ;;
    esac
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
  echo "PostgreSQL init process complete; ready for start up."
}

case ${1-} in
-*) set -- postgres "$@" ;;
esac
if [ "${1-}" = postgres ]; then
  mkdir -p "$PGDATA"
  if [ "$(id -u)" -eq 0 ]; then
    chown -R postgres:postgres "$PGDATA" /var/run/postgresql
    exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0" "$@"
  fi
  chmod 700 "$PGDATA" 2>/dev/null || true
  if [ -s "$PGDATA/PG_VERSION" ]; then
    echo "PostgreSQL Database directory appears to contain a database; Skipping initialization"
  else
    initialise
  fi
fi
exec "$@"
