package io.armory.agent.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.BackupManifest;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
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
    }
    var to = directory.resolve("part");
    assertThat(Archive.extract(file, "redis.rdb", to).whyFailed()).isEmpty();
    assertThat(to).hasContent("content of redis.rdb");
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
}
