package io.armory.agent.adapter.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskStateStoreTest {
  @TempDir Path temporary;
  private final List<String> reports = new ArrayList<>();
  private Path directory;
  private DiskStateStore store;

  @BeforeEach
  void open() {
    directory = temporary.resolve("state");
    store =
        new DiskStateStore(
            directory, InstantSource.fixed(Instant.parse("2026-11-23T07:00:00Z")), reports::add);
  }

  @Test
  void what_was_saved_is_loaded_by_a_later_agent() {
    save("revision", "one");
    save("revision", "two");

    assertThat(loaded("revision")).contains("two");
    assertThat(reports).isEmpty();
  }

  @Test
  void what_was_never_written_is_empty_not_a_failure() {
    assertThat(loaded("revision")).isEmpty();
  }

  @Test
  void what_was_deleted_is_gone_with_its_older_copy() throws IOException {
    save("revision", "one");
    save("revision", "two");
    assertThat(store.delete("revision")).isInstanceOf(Outcome.Done.class);

    assertThat(loaded("revision")).isEmpty();
    assertThat(names()).isEmpty();
  }

  @Test
  void only_the_agent_can_read_it() throws IOException {
    save("revision", "one");
    save("revision", "two");

    for (var name : names()) {
      assertThat(mode(directory.resolve(name))).isEqualTo("rw-------");
    }
    assertThat(mode(directory)).isEqualTo("rwx------");
  }

  @Test
  void any_damage_is_noticed_and_set_aside() throws IOException {
    save("revision", "some content");
    var whole = Files.readAllBytes(directory.resolve("revision"));
    var random = new Random(7);
    for (var round = 0; round < 200; round++) {
      var damaged =
          round % 2 == 0
              ? Arrays.copyOf(whole, random.nextInt(whole.length))
              : flipped(whole, random.nextInt(whole.length * 8));
      Files.write(directory.resolve("revision"), damaged);

      assertThat(store.load("revision"))
          .isInstanceOfSatisfying(
              Outcome.Failed.class,
              f -> assertThat(f.failure().message()).contains("is damaged", "set aside as"));
      assertThat(loaded("revision")).isEmpty();
    }
    assertThat(names()).hasSize(200).contains("revision.damaged-20261123T070000Z");
  }

  @Test
  void a_damaged_document_gives_way_to_the_good_copy_before_it() throws IOException {
    save("intents", "one");
    save("intents", "two");
    Files.writeString(directory.resolve("intents"), "rubbish");

    assertThat(loaded("intents")).contains("one");
    assertThat(reports).singleElement().asString().contains("the copy before it is used");
    assertThat(loaded("intents")).contains("one");
    assertThat(reports).hasSize(1);
  }

  @Test
  void a_damaged_document_never_replaces_the_good_copy_before_it() throws IOException {
    save("intents", "one");
    save("intents", "two");
    Files.writeString(directory.resolve("intents"), "rubbish");
    save("intents", "three");
    Files.writeString(directory.resolve("intents"), "rubbish");

    assertThat(loaded("intents")).contains("one");
  }

  @Test
  void the_leftover_of_an_interrupted_save_does_no_harm() throws IOException {
    save("intents", "one");
    Files.writeString(directory.resolve(".intents" + AtomicWrite.TEMPORARY), "half a docu");

    assertThat(loaded("intents")).contains("one");
    save("intents", "two");
    assertThat(loaded("intents")).contains("two");
  }

  @Test
  void a_name_cannot_lead_out_of_the_directory() {
    assertThat(store.save("../outside", new byte[0])).isInstanceOf(Outcome.Failed.class);
    assertThat(store.load("a/b")).isInstanceOf(Outcome.Failed.class);
  }

  @Test
  void a_directory_that_cannot_be_made_is_a_failure() throws IOException {
    Files.writeString(temporary.resolve("state"), "in the way");

    assertThat(store.save("intents", new byte[0]))
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            f -> assertThat(f.failure().message()).contains("cannot save state intents"));
  }

  private static byte[] flipped(byte[] bytes, int bit) {
    var copy = bytes.clone();
    copy[bit / 8] ^= (byte) (1 << (bit % 8));
    return copy;
  }

  private void save(String name, String content) {
    assertThat(store.save(name, content.getBytes(UTF_8))).isInstanceOf(Outcome.Done.class);
  }

  private Optional<String> loaded(String name) {
    return switch (store.load(name)) {
      case Outcome.Done<Optional<byte[]>>(var bytes) -> bytes.map(b -> new String(b, UTF_8));
      case Outcome.Failed<Optional<byte[]>>(var failure) ->
          throw new AssertionError(failure.message());
    };
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
