package io.armory.agent.backup;

import io.armory.agent.domain.BackupManifest;
import java.util.List;

/// A store of the stand-alone role: how its data gets out, and in again, with the programs of its
/// own image. Scripts are for a POSIX shell and the usual commands alone.
enum LocalStore {
  /// By a replica's stream, which Redis makes of one moment, whatever files it writes itself. To
  /// come back it is loaded by a Redis of the same image, which then writes its own files: so it is
  /// known beforehand that this Redis can read it.
  REDIS(
      "redis",
      BackupManifest.REDIS,
      "REDIS",
      "redis-cli --rdb -",
      "redis-server --version",
      "/data",
      "dump.rdb appendonly.aof appendonlydir",
      """
      mv "$new/redis.rdb" "$new/dump.rdb"
      ask() { redis-cli -s /tmp/redis.sock "$@"; }
      redis-server --dir "$new" --dbfilename dump.rdb --appendonly no --save '' --port 0 \
        --unixsocket /tmp/redis.sock >/tmp/log 2>&1 &
      server=$!
      until ask ping 2>/dev/null | grep -q PONG; do
        kill -0 $server 2>/dev/null || { grep -v '^ *$' /tmp/log | tail -n 3 >&2; exit 1; }
        sleep 0.2
      done
      echo "$(ask dbsize) keys"
      ask config set appendonly yes >/dev/null
      while ask info persistence | grep -Eq 'aof_rewrite_(in_progress|scheduled):1'; do sleep 0.2; done
      ask info persistence | grep -q aof_last_bgrewrite_status:ok
      ask shutdown save >/dev/null 2>&1 || true
      wait $server
      """),

  /// As SQL in pg_dump's own form, which a later PostgreSQL reads, too. To come back it is loaded
  /// into a new database beside the old one.
  DATABASE(
      "postgres",
      BackupManifest.DATABASE,
      "PGDMP",
      "pg_dump -U postgres -Fc front50",
      "postgres --version",
      "\"${PGDATA%/*}\"",
      "\"${PGDATA##*/}\"",
      """
      data="$new/${PGDATA##*/}"
      export PGHOST=/tmp PGUSER=postgres
      initdb --pgdata="$data" --username=postgres --encoding=UTF8 --locale=C --auth=trust >/dev/null
      postgres -D "$data" -c listen_addresses= -c unix_socket_directories=/tmp >/tmp/log 2>&1 &
      server=$!
      until pg_isready -q; do
        kill -0 $server 2>/dev/null || { tail -n 3 /tmp/log >&2; exit 1; }
        sleep 0.2
      done
      psql -q -c 'CREATE ROLE front50 LOGIN' -c 'CREATE DATABASE front50 OWNER front50'
      pg_restore -d front50 --no-owner --role=front50 --exit-on-error "$new/front50.dump"
      psql -qAt -d front50 -c 'ANALYZE' \
        -c "SELECT count(*) || ' tables' FROM pg_tables WHERE schemaname = 'public'"
      kill -INT $server
      wait $server
      rm "$new/front50.dump"
      """);

  /// What is done aside lies here, below the top of the volume.
  static final String WORK = ".restore";

  /// A sign of life on standard error, as long as a program works on something in silence. The
  /// pause holds none of the script's outputs open when that has ended.
  private static final String BEAT =
      """
      (while sleep 20 >/dev/null 2>&1; do echo >&2; done) &
      beat=$!
      trap 'kill $beat' EXIT
      """;

  private final String service;
  private final String part;
  private final String magic;
  private final String dump;
  private final String version;
  private final String top;
  private final String names;
  private final String load;

  LocalStore(
      String service,
      String part,
      String magic,
      String dump,
      String version,
      String top,
      String names,
      String load) {
    this.service = service;
    this.part = part;
    this.magic = magic;
    this.dump = dump;
    this.version = version;
    this.top = top;
    this.names = names;
    this.load = load;
  }

  String service() {
    return service;
  }

  /// The entry of an archive that has its data.
  String part() {
    return part;
  }

  /// How its data begins.
  String magic() {
    return magic;
  }

  /// Writes its data to standard output.
  List<String> dump() {
    return List.of("sh", "-c", BEAT + dump);
  }

  List<String> version() {
    return List.of("sh", "-c", version);
  }

  private String head() {
    return "set -eu; umask 077; cd " + top + "; new=$PWD/" + WORK + "/new\n";
  }

  /// Makes the place for [#part], and tells it.
  String begin() {
    return head() + "rm -rf " + WORK + "; mkdir -p \"$new\"; echo \"$new\"\n";
  }

  /// Makes files of the part as the store itself would have them, beside those in use. Tells how
  /// much it is.
  String load() {
    return head() + BEAT + load;
  }

  /// Puts what is there aside, and the new in its place: renames in one volume, each of which is
  /// remembered by what lies there, so that [#back] finds its way from any of them.
  String swap(String aside) {
    return head()
        + """
        mkdir -p "%1$s"
        for name in %2$s; do
          if [ -e "$name" ]; then mv "$name" "%1$s/"; else : >"%1$s/.absent-$name"; fi
        done
        for name in %2$s; do if [ -e "$new/$name" ]; then mv "$new/$name" .; fi; done
        sync 2>/dev/null || true
        """
            .formatted(aside, names);
  }

  /// Puts back what was put aside, if anything was, and removes what was made of the archive.
  String back(String aside) {
    return head()
        + """
        if [ -d "%1$s" ]; then
          mkdir -p %3$s/failed
          for name in %2$s; do
            if [ -e "%1$s/$name" ] || [ -e "%1$s/.absent-$name" ]; then
              if [ -e "$name" ]; then rm -rf "%3$s/failed/$name"; mv "$name" %3$s/failed/; fi
              if [ -e "%1$s/$name" ]; then mv "%1$s/$name" .; fi
              rm -f "%1$s/.absent-$name"
            fi
          done
          if [ -z "$(ls -A "%1$s")" ]; then rm -rf "%1$s"; fi
        fi
        rm -rf %3$s
        sync 2>/dev/null || true
        """
            .formatted(aside, names, WORK);
  }

  /// Keeps what was put aside. Tells where, if there is anything.
  String done(String aside) {
    return head()
        + """
        rm -f "%1$s"/.absent-*
        rm -rf %2$s
        if [ -z "$(ls -A "%1$s")" ]; then rm -rf "%1$s"; else echo "$PWD/%1$s"; fi
        """
            .formatted(aside, WORK);
  }
}
