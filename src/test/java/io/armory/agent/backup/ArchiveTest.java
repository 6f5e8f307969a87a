package io.armory.agent.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.armory.agent.domain.BackupManifest;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {
  @TempDir Path directory;

  /// One part, named as it is to be.
  static Path written(Path file, int format, String... parts) throws IOException {
    try (var archive = Archive.Writer.to(file)) {
      for (var part : parts) {
        var _ =
            archive.add(
                part,
                sink -> {
                  try {
                    sink.write(("content of " + part).getBytes(StandardCharsets.UTF_8));
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                  return Outcome.done("Redis 7.4");
                });
      }
      archive.keep(
          new BackupManifest(
              format,
              "0.1.0",
              "prod",
              "standalone",
              "i-0abc",
              "2026.2.3",
              Nodes.AT,
              archive.parts()));
    }
    return file;
  }

  private static String refusal(Path file) {
    return Archive.verified(file, file.toString()).whyFailed().map(Failure::message).orElse("");
  }

  @Test
  void what_was_written_is_read_and_is_its_owners_alone() throws IOException {
    var file = written(directory.resolve("a.zip"), 1, "redis.rdb", "front50.dump");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    var read = Archive.verified(file, file.toString());
    assertThat(read.whyFailed()).isEmpty();
    if (read instanceof Outcome.Done<BackupManifest>(var manifest)) {
      assertThat(manifest.parts()).extracting(BackupManifest.Part::madeBy).contains("Redis 7.4");
      assertThat(manifest.at()).isEqualTo(Nodes.AT);
      assertThat(manifest.part("redis.rdb").orElseThrow().bytes()).isEqualTo(20);
      var to = directory.resolve("part");
      var checked = new Archive.Checked(file, manifest);
      assertThat(checked.extract("redis.rdb", to).whyFailed()).isEmpty();
      assertThat(to).hasContent("content of redis.rdb");
    }
  }

  /// Between the check and the unpacking: another archive, whole in itself, is put in its place, or
  /// written into it.
  @Test
  void what_is_unpacked_is_what_was_checked() throws IOException {
    var file = written(directory.resolve("a.zip"), 1, "redis.rdb");
    var other = zipped("other.zip", Map.of("redis.rdb", "another content", "manifest.json", "{}"));
    var to = directory.resolve("part");
    var manifest = Objects.requireNonNull(Archive.glance(file));
    var checked = new Archive.Checked(file, manifest);
    for (var swap : List.of(true, false)) {
      if (swap) {
        Files.copy(other, directory.resolve("b.zip"));
        Files.move(directory.resolve("b.zip"), file, StandardCopyOption.REPLACE_EXISTING);
      } else {
        Files.write(file, Files.readAllBytes(other));
      }
      assertThat(checked.extract("redis.rdb", to).whyFailed().map(Failure::message))
          .hasValueSatisfying(why -> assertThat(why).contains("is not what was checked"));
      assertThat(to).doesNotExist();
    }
  }

  @Test
  void an_archive_that_is_not_finished_is_none() throws IOException {
    var file = directory.resolve("a.zip");
    try (var archive = Archive.Writer.to(file)) {
      var _ = archive.add("redis.rdb", _ -> Outcome.done(""));
      assertThat(file).doesNotExist();
    }
    try (var left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void what_is_none_or_damaged_or_of_a_later_agent_is_refused_in_words() throws IOException {
    assertThat(refusal(directory.resolve("nowhere"))).contains("cannot be read");
    var text = Files.writeString(directory.resolve("text"), "no archive");
    assertThat(refusal(text)).contains("cannot be read as a backup");
    assertThat(refusal(written(directory.resolve("later.zip"), 2, "redis.rdb")))
        .contains("made by armory-agent 0.1.0", "update this agent");
    var bytes = Files.readAllBytes(written(directory.resolve("b.zip"), 1, "redis.rdb"));
    var refusals = new java.util.ArrayList<String>();
    for (var at : List.of(45, 55)) {
      var changed = bytes.clone();
      changed[at] ^= 1;
      refusals.add(refusal(Files.write(directory.resolve("changed"), changed)));
    }
    assertThat(refusals).allMatch(r -> r.contains("damaged") || r.contains("cannot be read"));
  }

  /// One line each, nothing that waits, and no more read than the manifest says.
  @Test
  void what_no_archive_is_made_of_is_refused_in_one_line() throws Exception {
    var pipe = directory.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    var sparse = directory.resolve("sparse");
    try (var out = new RandomAccessFile(sparse.toFile(), "rw")) {
      out.setLength(4L << 40);
    }
    var refused =
        Map.of(
            pipe,
            "no regular file",
            directory,
            "is a directory, not a file",
            Path.of("/dev/zero"),
            "no regular file",
            Files.createSymbolicLink(directory.resolve("loop"), directory.resolve("loop")),
            "cannot be read",
            sparse,
            "cannot be read",
            Files.createFile(directory.resolve("empty")),
            "cannot be read",
            zipped("cut.zip", Map.of("manifest.json", "{\"format\": 1, ")),
            "cannot be read",
            zipped("deep.zip", Map.of("manifest.json", "[".repeat(500_000))),
            "cannot be read",
            zipped("none.zip", Map.of("../../manifest.json", "{}", "/manifest.json", "{}")),
            "no manifest",
            zipped("long.zip", Map.of("manifest.json", " ".repeat(2_000_000) + "{}")),
            "no manifest");
    refused.forEach((file, said) ->
        assertThat(assertTimeoutPreemptively(Duration.ofSeconds(30), () -> refusal(file)))
            .as(file.toString())
            .contains(said, file.toString())
            .doesNotContain("\n"));
    assertThat(
            assertTimeoutPreemptively(
                Duration.ofSeconds(30), () -> Optional.ofNullable(Archive.glance(pipe))))
        .isEmpty();
  }

  /// Of 4 GiB that a few megabytes unfold to, no more is unfolded than there should be.
  @Test
  void a_part_that_unfolds_to_more_than_its_manifest_says_is_damaged() throws Exception {
    var manifest =
        """
        {"format": 1, "agentVersion": "0.1.0", "stack": "prod", "role": "standalone", "instance": "i",
         "release": "", "at": "2026-11-23T07:00:00Z",
         "parts": [{"name": "redis.rdb", "bytes": %d, "sha256": "%s", "madeBy": "Redis"}]}
        """;
    var content = "x".repeat(100);
    var digest =
        HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-256")
                    .digest(content.getBytes(StandardCharsets.UTF_8)));
    for (var bytes : List.of(0, 99, 101, -1)) {
      var file =
          zipped(
              "bomb.zip",
              Map.of("redis.rdb", content, "manifest.json", manifest.formatted(bytes, digest)));
      assertThat(refusal(file)).contains("damaged: redis.rdb is not what its manifest says");
    }
    var whole =
        zipped(
            "whole.zip",
            Map.of("redis.rdb", content, "manifest.json", manifest.formatted(100, digest)));
    assertThat(refusal(whole)).isEmpty();
  }

  private Path zipped(String name, Map<String, String> entries) throws IOException {
    var file = directory.resolve(name);
    try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (var entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
    return file;
  }
}
