package io.armory.agent.adapter.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.ThrowingSupplier;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// What stands in the place of a file of the agent's own: it is said in one line, nothing waits for
/// it, no memory is asked for it, and nothing of it is lost. The site's files are tried where each
/// kind is read.
class HostileFilesTest {
  private static final Duration ENDLESS = Duration.ofSeconds(30);
  private static final long TERABYTES = 4L << 40;

  @TempDir Path directory;
  private final List<String> reports = new ArrayList<>();
  private DiskStateStore store;

  enum Thing {
    PIPE,
    DIRECTORY,
    ENDLESS_DEVICE,
    LINK_TO_PIPE,
    SPARSE,
    SPARSE_BEHIND_A_HEADER,
    NULS,
    NOTHING_IN_IT,
    ONE_LINE,
    WIDE_CHARACTERS;

    void put(Path file) throws Exception {
      Files.deleteIfExists(file);
      switch (this) {
        case PIPE -> pipe(file);
        case DIRECTORY -> Files.writeString(Files.createDirectory(file).resolve("kept"), "kept");
        case ENDLESS_DEVICE -> Files.createSymbolicLink(file, Path.of("/dev/zero"));
        case LINK_TO_PIPE -> {
          pipe(file.resolveSibling(file.getFileName() + "-pipe"));
          Files.createSymbolicLink(file, file.resolveSibling(file.getFileName() + "-pipe"));
        }
        case SPARSE -> sparse(file, "");
        case SPARSE_BEHIND_A_HEADER ->
            sparse(file, "armory-agent-state 1 " + TERABYTES + " " + "0".repeat(64) + "\n");
        case NULS -> Files.write(file, new byte[4096]);
        case NOTHING_IN_IT -> Files.createFile(file);
        case ONE_LINE -> Files.writeString(file, "x".repeat(3_000_000));
        case WIDE_CHARACTERS -> Files.writeString(file, "\uFEFF{}", StandardCharsets.UTF_16LE);
      }
    }

    private static void pipe(Path file) throws Exception {
      assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
    }

    private static void sparse(Path file, String head) throws IOException {
      try (var out = new RandomAccessFile(file.toFile(), "rw")) {
        out.writeBytes(head);
        out.setLength(head.length() + TERABYTES);
      }
    }
  }

  @BeforeEach
  void open() {
    store =
        new DiskStateStore(
            directory, InstantSource.fixed(Instant.parse("2026-11-23T07:00:00Z")), reports::add);
  }

  private static <T> T ends(ThrowingSupplier<T> answer) {
    return assertTimeoutPreemptively(ENDLESS, answer);
  }

  @ParameterizedTest
  @EnumSource(Thing.class)
  void in_the_place_of_state_gives_way_to_the_copy_before_it(Thing thing) throws Exception {
    save("one");
    save("two");
    thing.put(directory.resolve("revision"));

    assertThat(loaded()).contains("one");
    assertThat(reports)
        .singleElement()
        .asString()
        .contains("is damaged", "set aside as", "the copy before it is used")
        .doesNotContain("\n");
    var aside = directory.resolve("revision.damaged-20261123T070000Z");
    assertThat(Files.exists(aside, LinkOption.NOFOLLOW_LINKS)).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Thing.class)
  void in_the_place_of_the_copy_before_harms_no_state(Thing thing) throws Exception {
    save("one");
    save("two");
    thing.put(directory.resolve("revision.previous"));

    assertThat(loaded()).contains("two");
    assertThat(reports).isEmpty();
  }

  /// What is at its place when the state is written was never good.
  @ParameterizedTest
  @EnumSource(value = Thing.class, names = "DIRECTORY", mode = EnumSource.Mode.EXCLUDE)
  void state_is_written_over_it(Thing thing) throws Exception {
    thing.put(directory.resolve("revision"));
    assertThat(
            ends(() -> store.save("revision", "new".getBytes(StandardCharsets.UTF_8))).whyFailed())
        .isEmpty();
    assertThat(loaded()).contains("new");
  }

  @ParameterizedTest
  @CsvSource({
    "PIPE, is no regular file",
    "DIRECTORY, 'is a directory, not a file'",
    "ENDLESS_DEVICE, is no regular file",
    "LINK_TO_PIPE, is no regular file",
    "SPARSE, is larger than 1 MiB",
    "ONE_LINE, is larger than 1 MiB",
    "NOTHING_IN_IT, 0 bytes are too few",
  })
  void in_the_place_of_the_sealing_key_is_said(Thing thing, String said) throws Exception {
    var file = directory.resolve("seal.key");
    thing.put(file);
    if (Files.isRegularFile(file)) {
      Files.setPosixFilePermissions(file, AtomicWrite.permissions(0600));
    }
    var credentials = Files.createDirectory(directory.resolve("credentials"));
    thing.put(credentials.resolve("armory-agent.seal-key"));

    for (var keys :
        List.of(
            new SealKeys(file, Optional.empty()),
            new SealKeys(directory.resolve("none"), Optional.of(credentials)))) {
      assertThat(ends(keys::findOrMake).whyFailed().map(Failure::message))
          .hasValueSatisfying(why ->
              assertThat(why).contains(said, "sealing key", directory + "/").doesNotContain("\n"));
    }
    assertThat(directory.resolve("none")).doesNotExist();
  }

  /// To a disk that is not mounted yet, say: a new key would open nothing that was sealed.
  @Test
  void a_link_of_the_sealing_key_that_leads_nowhere_makes_no_new_one() throws IOException {
    for (var to : List.of("/nowhere/at/all", directory + "/seal.key")) {
      var file = directory.resolve("seal.key");
      Files.deleteIfExists(file);
      Files.createSymbolicLink(file, Path.of(to));

      assertThat(
              new SealKeys(file, Optional.empty()).findOrMake().whyFailed().map(Failure::message))
          .hasValueSatisfying(why -> assertThat(why).contains("a link that leads nowhere"));
      assertThat(file).isSymbolicLink();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Thing.class,
      names = {"PIPE", "DIRECTORY", "ENDLESS_DEVICE", "LINK_TO_PIPE", "SPARSE"})
  void in_the_place_of_the_journal_is_set_aside(Thing thing) throws Exception {
    for (var name : List.of("events.jsonl", "events.1.jsonl")) {
      thing.put(directory.resolve(name));
    }
    var journal = ends(() -> Journal.open(directory));
    assertThat(journal.events(Instant.EPOCH, 10)).isEmpty();
    try (var aside = Files.list(directory)) {
      assertThat(aside.filter(p -> p.getFileName().toString().startsWith("damaged-"))).hasSize(2);
    }
  }

  private Optional<String> loaded() {
    return ends(() -> store.load("revision")) instanceof Outcome.Done(Optional<byte[]> kept)
        ? kept.map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        : Optional.empty();
  }

  private void save(String content) {
    assertThat(store.save("revision", content.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(Outcome.Done.class);
  }
}
