package io.armory.agent.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The stand-alone role's database on a real engine, by plain `docker compose`.
class LocalDatabaseIT {
  private static final Path TEMPLATES = Path.of("compose-templates").toAbsolutePath();
  private static final long PID = ProcessHandle.current().pid();
  private static final String OTHERS =
      "front50 clouddriver fiat orca rosco echo igor igor-poller echo-scheduler gate kayenta deck"
          + " redis";

  @TempDir Path directory;

  @AfterEach
  void remove() throws Exception {
    compose("down", "-v", "-t", "0");
  }

  @Test
  void nothing_is_lost_with_a_password_or_by_a_kill() throws Exception {
    var overlay = new StringBuilder("services:\n");
    for (var other : OTHERS.split(" ", -1)) {
      overlay.append("  ").append(other).append(": {profiles: !override [elsewhere]}\n");
    }
    Files.writeString(directory.resolve("alone.yml"), overlay);
    password("it's a \"first\" $one");
    must("up", "-d", "--wait");
    must(query("it's a \"first\" $one", "create table kept(a int); insert into kept values (7)"));

    // Killed in the midst of it, and its password forgotten.
    must("kill");
    password("another");
    must("up", "-d", "--wait", "--force-recreate");

    assertThat(must(query("another", "select a from kept"))).isEqualTo("7");
    assertThat(compose(query("it's a \"first\" $one", "select 1")).errors())
        .contains("password authentication failed");
    assertThat(compose(query("", "select 1", "postgres")).exit()).isNotZero();
    must("stop");
    assertThat(must("ps", "-a", "--format", "{{.ExitCode}}")).isEqualTo("0");
    assertThat(must("logs")).doesNotContain("another", "first");
  }

  private void password(String text) throws Exception {
    var file = directory.resolve("front50-sql-password");
    Files.deleteIfExists(file);
    Files.writeString(file, text);
  }

  private static String[] query(String password, String sql) {
    return query(password, sql, "front50");
  }

  private static String[] query(String password, String sql, String user) {
    return new String[] {
      "exec",
      "-T",
      "-e",
      "PGPASSWORD=" + password,
      "postgres",
      "psql",
      "-qtAw",
      "-h",
      "127.0.0.1",
      "-U",
      user,
      "-d",
      "front50",
      "-c",
      sql
    };
  }

  private String must(String... arguments) throws Exception {
    var answer = compose(arguments);
    assertThat(answer.exit()).as(answer.errors()).isZero();
    return answer.output().strip();
  }

  private ComposePeer.Answer compose(String... arguments) throws Exception {
    var all = new ArrayList<>(List.of("-p", "e2e-db-" + PID));
    for (var file : List.of("spinnaker.yml", "roles/standalone.yml", "logging-json.yml")) {
      all.addAll(List.of("-f", TEMPLATES.resolve(file).toString()));
    }
    all.addAll(List.of("-f", directory.resolve("alone.yml").toString(), "--profile", "postgres"));
    all.addAll(List.of(arguments));
    return ComposePeer.run(
        directory,
        Map.of(
            "POSTGRES_IMAGE", "armory-standin/postgres:dev",
            "ARMORY_SECRETS_DIR", directory.toString(),
            "STACK_SUBNET", "10.212.%d.0/24".formatted(PID % 250)),
        all);
  }
}
