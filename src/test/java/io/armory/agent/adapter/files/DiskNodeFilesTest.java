package io.armory.agent.adapter.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RenderedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskNodeFilesTest {
  @TempDir Path node;
  private Path rendered;
  private Path secrets;
  private DiskNodeFiles files;
  private Outcome<Set<String>> mounted = Outcome.done(Set.of());

  @BeforeEach
  void open() {
    rendered = node.resolve("var/lib/armory-agent/rendered");
    secrets = node.resolve("run/armory-agent/secrets");
    files = new DiskNodeFiles(Map.of(rendered, 0755, secrets, 0700), () -> mounted);
  }

  @Test
  void writes_what_is_missing_or_different_and_nothing_else() throws IOException {
    var config = file(rendered.resolve("config/gate/gate.yml"), "a: 1", 0644);
    var secret = file(secrets.resolve("redis-url"), "hunter2", 0400);

    assertThat(put(config, secret)).contains("wrote " + config.path(), "wrote " + secret.path());
    assertThat(put(config, secret)).isEmpty();
    assertThat(put(file(rendered.resolve("config/gate/gate.yml"), "a: 2", 0644), secret))
        .isEqualTo("wrote " + config.path());
    assertThat(Path.of(config.path())).hasContent("a: 2");
  }

  @Test
  void knows_whether_all_is_there() {
    var config = file(rendered.resolve("config/gate/gate.yml"), "a: 1", 0644);
    var secret = file(secrets.resolve("redis-url"), "hunter2", 0400);
    put(config, secret);

    assertThat(files.has(List.of(config, secret))).isTrue();
    assertThat(files.has(List.of(file(rendered.resolve("config/gate/gate.yml"), "a: 2", 0644))))
        .isFalse();
    assertThat(files.has(List.of(file(rendered.resolve("other"), "", 0644)))).isFalse();
  }

  @Test
  void modes_are_what_was_asked_for() throws IOException {
    put(
        file(rendered.resolve("config/gate/gate.yml"), "", 0644),
        file(secrets.resolve("a/redis-url"), "", 0400));

    assertThat(mode(rendered.resolve("config/gate/gate.yml"))).isEqualTo("rw-r--r--");
    assertThat(mode(rendered.resolve("config/gate"))).isEqualTo("rwxr-xr-x");
    assertThat(mode(secrets.resolve("a/redis-url"))).isEqualTo("r--------");
    assertThat(mode(secrets.resolve("a"))).isEqualTo("rwx------");
    assertThat(mode(secrets)).isEqualTo("rwx------");
  }

  @Test
  void a_changed_mode_is_mended() throws IOException {
    var secret = file(secrets.resolve("redis-url"), "hunter2", 0400);
    put(secret);
    Files.setPosixFilePermissions(
        secrets.resolve("redis-url"), PosixFilePermissions.fromString("rw-rw-rw-"));

    assertThat(put(secret)).isEqualTo("wrote " + secret.path());
    assertThat(mode(secrets.resolve("redis-url"))).isEqualTo("r--------");
  }

  @Test
  void the_owner_is_the_one_asked_for_where_that_can_be() throws IOException {
    var path = secrets.resolve("redis-url");
    files.put(List.of(new RenderedFile(path.toString(), content("x"), 0400, 10111)));

    var root = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    assertThat(Files.getAttribute(path, "unix:uid")).isEqualTo(root.equals(0) ? 10111 : root);
  }

  /// `uid` and `gid` are given by root alone: whoever may not give them lets the file be read.
  @Test
  void what_cannot_be_given_to_a_user_stays_readable_for_it() throws IOException {
    var path = secrets.resolve("token");
    var file = new RenderedFile(path.toString(), content("x"), 0400, 10111, 10112);
    files.put(List.of(file));

    var root = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    assertThat(mode(path)).isEqualTo(root ? "r--------" : "r--r--r--");
    assertThat(mode(secrets)).isEqualTo("rwx------");
    if (root) {
      assertThat(Files.getAttribute(path, "unix:gid")).isEqualTo(10112);
    }
    assertThat(files.put(List.of(file))).isEqualTo(Outcome.done(""));
    assertThat(files.has(List.of(file))).isTrue();
  }

  @Test
  void files_of_the_revisions_before_stay_for_their_containers_and_go_in_time() {
    for (var revision = 0; revision <= DiskNodeFiles.GENERATIONS; revision++) {
      put(file(rendered.resolve("config/gate-" + revision + "/gate.yml"), "" + revision, 0644));
    }

    assertThat(rendered.resolve("config/gate-0")).doesNotExist();
    assertThat(IntStream.rangeClosed(1, DiskNodeFiles.GENERATIONS))
        .allSatisfy(r -> assertThat(rendered.resolve("config/gate-" + r + "/gate.yml")).exists());
  }

  @Test
  void what_a_container_mounts_is_never_removed() {
    var directory = rendered.resolve("config/gate-0");
    mounted = Outcome.done(Set.of(directory.toString(), secrets.resolve("token.0").toString()));
    for (var revision = 0; revision <= 2 * DiskNodeFiles.GENERATIONS; revision++) {
      put(
          file(rendered.resolve("config/gate-" + revision + "/gate.yml"), "" + revision, 0644),
          file(secrets.resolve("token." + revision), "", 0444));
    }
    assertThat(directory.resolve("gate.yml")).exists();
    assertThat(secrets.resolve("token.0")).exists();
    assertThat(secrets.resolve("token.1")).doesNotExist();
  }

  @Test
  void nothing_is_removed_while_nobody_knows_what_is_mounted() {
    mounted = Outcome.failed(Failure.Kind.UNREACHABLE, "no engine");
    for (var revision = 0; revision <= 2 * DiskNodeFiles.GENERATIONS; revision++) {
      put(file(secrets.resolve("token." + revision), "", 0444));
    }
    assertThat(secrets.resolve("token.0")).exists();
    mounted = Outcome.done(Set.of());
    put(file(secrets.resolve("another"), "", 0444));
    assertThat(secrets.resolve("token.0")).doesNotExist();
  }

  @Test
  void putting_the_same_set_again_ages_nothing() {
    put(file(rendered.resolve("old"), "", 0644));
    for (var i = 0; i < 2 * DiskNodeFiles.GENERATIONS; i++) {
      put(file(rendered.resolve("new"), "", 0644));
    }

    assertThat(rendered.resolve("old")).exists();
  }

  @Test
  void nothing_outside_of_its_own_directories_is_written_or_removed() throws IOException {
    var outside = node.resolve("var/lib/armory-agent/intents");
    Files.createDirectories(outside.getParent());
    Files.writeString(outside, "kept");

    for (var path :
        List.of(outside, rendered.resolve("../intents"), rendered, Path.of("/etc/passwd~"))) {
      assertThat(files.put(List.of(file(path, "evil", 0644))))
          .isInstanceOfSatisfying(
              Outcome.Failed.class,
              f -> assertThat(f.failure().message()).contains("outside of the agent's own"));
    }
    put(file(rendered.resolve("a"), "", 0644));
    assertThat(outside).hasContent("kept");
  }

  @Test
  void it_does_not_write_or_remove_through_a_link() throws IOException {
    var elsewhere = Files.createDirectories(node.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("precious"), "kept");
    Files.createDirectories(rendered);
    Files.createSymbolicLink(rendered.resolve("config"), elsewhere);

    assertThat(files.put(List.of(file(rendered.resolve("config/precious"), "evil", 0644))))
        .isInstanceOf(Outcome.Failed.class);
    put(file(rendered.resolve("other"), "", 0644));

    assertThat(elsewhere.resolve("precious")).hasContent("kept");
    assertThat(rendered.resolve("config")).doesNotExist();
  }

  @Test
  void a_link_in_a_files_place_is_replaced_not_followed() throws IOException {
    var precious = Files.writeString(node.resolve("precious"), "kept");
    Files.createDirectories(rendered);
    Files.createSymbolicLink(rendered.resolve("a"), precious);

    put(file(rendered.resolve("a"), "mine", 0644));

    assertThat(precious).hasContent("kept");
    assertThat(rendered.resolve("a")).hasContent("mine").isRegularFile();
  }

  @Test
  void the_empty_directory_an_engine_made_for_a_missing_file_gives_way() throws IOException {
    Files.createDirectories(secrets.resolve("redis-url"));

    put(file(secrets.resolve("redis-url"), "x", 0400));

    assertThat(secrets.resolve("redis-url")).isRegularFile();
  }

  private String put(RenderedFile... all) {
    return switch (files.put(List.of(all))) {
      case Outcome.Done<String>(var changes) -> changes;
      case Outcome.Failed<String>(var failure) -> throw new AssertionError(failure.message());
    };
  }

  private static RenderedFile file(Path path, String text, int mode) {
    return new RenderedFile(path.toString(), content(text), mode, -1);
  }

  private static RenderedFile.Content content(String text) {
    return new RenderedFile.Content(text.getBytes(UTF_8));
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
