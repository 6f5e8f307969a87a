package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// What the node alone keeps, saved and brought back with a real Redis and a real PostgreSQL.
@EnabledIfSystemProperty(
    named = "armory.long",
    matches = "true",
    disabledReason = "./dev test --long")
class BackupE2E {
  private static final String ROLE =
      """
      x-quick: &quick {interval: 200ms, timeout: 1s, start_period: 20s, failure_threshold: 3}
      services:
        clouddriver: {profiles: ["off"]}
        rosco: {profiles: ["off"]}
        echo: {profiles: ["off"]}
        igor: {profiles: ["off"]}
        deck: {profiles: ["off"]}
        gate: {profiles: ["off"]}
        orca: {profiles: ["off"]}
        postgres:
          profiles: !override [postgres]
          x-armory: {probe: *quick}
        redis: {x-armory: {probe: *quick}}
        front50: {x-armory: {probe: *quick}}
      """;

  @TempDir static Path root;
  private static @Nullable Node started;

  @BeforeAll
  static void up() {
    var node = SmallStack.node(root, "backup", "backup: {every: 1h, keep: 2}\n");
    started = node;
    node.write("etc/armory-agent/compose/roles/small.yml", ROLE);
    node.write(
        "etc/armory-agent/env/default.env",
        """
        SPINNAKER_REGISTRY=armory-standin
        SPINNAKER_RELEASE=dev
        REDIS_IMAGE=armory-standin/redis:dev
        POSTGRES_IMAGE=armory-standin/postgres:dev
        STACK_SUBNET=%s
        """
            .formatted(SmallStack.subnet()));
    node.startAgent();
    node.awaitReady();
  }

  @AfterAll
  static void down() {
    if (started != null) {
      started.close();
    }
  }

  private static Node node() {
    var node = started;
    if (node == null) {
      throw new AssertionError("the node was not started");
    }
    return node;
  }

  @Test
  void what_was_backed_up_is_there_again_when_the_volumes_are_lost() throws IOException {
    write("kept");
    var file = root.resolve("kept.zip");
    done(node().narrow("backup", "--to", file.toString()));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");

    loseTheVolumes();
    assertThat(keys()).doesNotContain("pipeline:kept");

    var restored = done(node().narrow("restore", file.toString()));
    assertThat(restored.out()).contains("1 keys", "tables", "restored: redis, postgres");
    assertThat(restored.out().lines()).allMatch(line -> line.length() < 400);
    assertThat(keys()).contains("pipeline:kept");
    assertThat(rows()).isEqualTo("kept");
    node().awaitReady();
    assertThat(file).as("what it was restored from").exists();
    assertThat(assistants()).isEmpty();
  }

  @Test
  void a_restore_of_what_cannot_be_loaded_changes_nothing() throws IOException {
    write("before");
    var file = root.resolve("good.zip");
    done(node().cli("backup", "--to", file.toString()));
    write("after");
    var lives = SmallStack.lives(node());

    var damaged = root.resolve("damaged.zip");
    Files.write(damaged, broken(Files.readAllBytes(file)));
    var refused = node().cli("restore", damaged.toString());
    assertThat(refused.exit()).as(refused.out() + refused.err()).isEqualTo(2);
    assertThat(refused.err()).contains(damaged + " is damaged: ");

    var dump = root.resolve("front50.dump");
    Files.writeString(dump, "PGDMP is how it begins, and it is none");
    withEntry(file, "front50.dump", dump);
    var failed = node().cli("restore", file.toString());
    assertThat(failed.exit()).as(failed.out() + failed.err()).isEqualTo(1);
    assertThat(failed.err()).contains("not restored", "postgres", "nothing was stopped or changed");

    assertThat(SmallStack.lives(node())).isEqualTo(lives);
    assertThat(rows()).isEqualTo("after");
    assertThat(keys()).contains("pipeline:after");
    assertThat(assistants()).isEmpty();
  }

  @Test
  void an_agent_that_is_killed_in_the_middle_of_it_leaves_the_former_state_to_the_next() {
    write("old");
    var file = root.resolve("old.zip");
    done(node().cli("backup", "--to", file.toString()));
    write("new");
    var restore = node().launch(root.resolve("restore.out"), "restore", file.toString());
    await("it stops what it replaces")
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> SmallStack.running(node()).getOrDefault("front50", 0) == 0);
    node().killAgent();
    await("the command ends").atMost(Duration.ofSeconds(30)).until(() -> !restore.isAlive());

    node().startAgent();
    node().await(out -> out.contains("interrupted restore"), "events");
    node().awaitReady();
    // Before the swap it goes back, after it it goes on; never anything between.
    assertThat(rows()).isIn("old", "new");
    assertThat(keys()).contains("pipeline:" + rows());
    assertThat(assistants()).isEmpty();
  }

  @Test
  void the_agent_makes_backups_of_its_own() {
    await("one is made")
        .atMost(Duration.ofMinutes(1))
        .until(() -> node().get("/health").json().path("backup").path("last").isTextual());
    var to = node().get("/health").json().path("backup").path("to").asText();
    assertThat(Path.of(to)).exists();
    assertThat(node().cli("status").out()).contains("last backup");
    assertThat(node().get("/metrics").body())
        .contains("armory_backup_last_success_timestamp_seconds 1.")
        .contains("armory_backup_interval_seconds 3600");
  }

  // ---------------------------------------------------------------- helpers

  private static Shell.Result done(Shell.Result result) {
    assertThat(result.exit()).as(result.out() + result.err() + node().logText()).isZero();
    return result;
  }

  /// One key, and one row that is the only one.
  private static void write(String name) {
    Shell.must("docker", "exec", node().container("redis"), "redis-cli", "flushall");
    Shell.must(
        "docker", "exec", node().container("redis"), "redis-cli", "set", "pipeline:" + name, "x");
    sql(
        "create table if not exists pipelines (id text); delete from pipelines;"
            + " insert into pipelines values ('"
            + name
            + "')");
  }

  private static String keys() {
    return Shell.must("docker", "exec", node().container("redis"), "redis-cli", "keys", "*").out();
  }

  private static String rows() {
    return sql("select id from pipelines");
  }

  private static String sql(String text) {
    return Shell.must(
            "docker",
            "exec",
            node().container("postgres"),
            "psql",
            "-U",
            "front50",
            "-qAt",
            "-c",
            text)
        .trimmed();
  }

  private static List<String> assistants() {
    return Shell.must("docker", "ps", "-aq", "--filter", "name=" + node().project + "-restore")
        .lines();
  }

  private static void loseTheVolumes() {
    node().stopAgent();
    for (var service : Map.of("redis", "redis-data", "postgres", "postgres-data").entrySet()) {
      Shell.must("docker", "rm", "-f", node().container(service.getKey()));
      Shell.must("docker", "volume", "rm", node().project + "_" + service.getValue());
    }
    node().startAgent();
    node().awaitReady();
  }

  /// With a byte of the first part changed.
  private static byte[] broken(byte[] archive) {
    archive[80] ^= 1;
    return archive;
  }

  /// Another content for an entry, with the digest that its manifest then needs.
  private static void withEntry(Path archive, String name, Path content) throws IOException {
    try (var zip = FileSystems.newFileSystem(archive)) {
      var manifest = zip.getPath("manifest.json");
      var was = digest(zip.getPath(name));
      Files.copy(content, zip.getPath(name), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      var text = Files.readString(manifest).replace(was, digest(content));
      Files.writeString(manifest, text);
    }
  }

  private static String digest(Path file) {
    try {
      var digest = java.security.MessageDigest.getInstance("SHA-256");
      return java.util.HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
