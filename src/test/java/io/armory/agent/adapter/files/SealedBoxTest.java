package io.armory.agent.adapter.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealedBoxTest {
  private static final byte[] SECRET =
      "{\"REDIS_PASSWORD\":\"planted-secret\"}".getBytes(StandardCharsets.UTF_8);

  private static final String PLAIN = "armory-agent.seal-key";

  @TempDir private Path directory;
  private Path keyFile;

  @BeforeEach
  void place() {
    keyFile = directory.resolve("seal.key");
  }

  @Test
  void what_is_sealed_opens_again_also_in_the_next_process() {
    var sealed = box().seal("parameters", SECRET);
    assertThat(opened(box(), "parameters", sealed)).isEqualTo(SECRET);
  }

  @Test
  void the_same_content_is_never_sealed_alike_and_shows_nothing() {
    var box = box();
    var once = box.seal("parameters", SECRET);
    assertThat(once).isNotEqualTo(box.seal("parameters", SECRET));
    assertThat(new String(once, StandardCharsets.ISO_8859_1)).doesNotContain("planted");
  }

  @Test
  void every_flipped_bit_is_noticed() {
    var box = box();
    var sealed = box.seal("parameters", SECRET);
    for (var bit = 0; bit < sealed.length * 8; bit++) {
      var altered = sealed.clone();
      altered[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThat(box.unseal("parameters", altered))
          .as("bit %d", bit)
          .isInstanceOf(Outcome.Failed.class);
    }
  }

  @Test
  void every_truncation_is_noticed() {
    var box = box();
    var sealed = box.seal("parameters", SECRET);
    for (var length = 0; length < sealed.length; length++) {
      assertThat(box.unseal("parameters", Arrays.copyOf(sealed, length)))
          .as("%d bytes", length)
          .isInstanceOf(Outcome.Failed.class);
    }
  }

  @Test
  void a_document_does_not_open_in_anothers_place() {
    var box = box();
    assertThat(line(box.unseal("revision", box.seal("parameters", SECRET))))
        .isEqualTo("sealed state revision does not open: it was altered");
  }

  @Test
  void another_nodes_key_is_named_not_tried() throws IOException {
    var box = box();
    var sealed = box.seal("parameters", SECRET);
    Files.delete(keyFile);
    assertThat(line(box().unseal("parameters", sealed)))
        .contains("sealed with key " + box.keyId() + ", which is not here");
  }

  @Test
  void the_key_file_is_the_agents_alone_and_holds_256_bits() throws IOException {
    box();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keyFile)))
        .isEqualTo("rw-------");
    assertThat(Files.size(keyFile)).isEqualTo(32);
  }

  @Test
  void a_key_that_others_may_read_is_refused() throws IOException {
    box();
    Files.setPosixFilePermissions(keyFile, PosixFilePermissions.fromString("rw-r-----"));
    assertThat(line(SealedBox.open(keyFile, Optional.empty())))
        .contains("others may read it (rw-r-----)", "chmod 600");
  }

  @Test
  void a_key_cut_short_is_refused() throws IOException {
    box();
    Files.write(keyFile, new byte[3]);
    assertThat(line(SealedBox.open(keyFile, Optional.empty()))).contains("3 bytes are too few");
  }

  @Test
  void systemds_credential_seals_where_there_is_one_and_old_documents_still_open()
      throws IOException {
    var before = box().seal("parameters", SECRET);
    var credentials = Files.createDirectory(directory.resolve("credentials"));
    Files.write(credentials.resolve(PLAIN), new byte[32]);

    var box = value(SealedBox.open(keyFile, Optional.of(credentials)));

    assertThat(opened(box, "parameters", before)).isEqualTo(SECRET);
    var after = box.seal("parameters", SECRET);
    assertThat(box().unseal("parameters", after)).isInstanceOf(Outcome.Failed.class);
  }

  @Test
  void an_encrypted_credential_seals_before_a_plain_one_which_still_opens() throws IOException {
    var credentials = Files.createDirectory(directory.resolve("credentials"));
    Files.write(credentials.resolve(PLAIN), new byte[32]);
    var plain = value(SealedBox.open(keyFile, Optional.of(credentials)));
    var before = plain.seal("parameters", SECRET);
    Files.write(credentials.resolve("armory-agent.seal-key-encrypted"), new byte[48]);

    var both = value(SealedBox.open(keyFile, Optional.of(credentials)));

    assertThat(plain.keyOrigin()).isEqualTo("systemd's credential armory-agent.seal-key");
    assertThat(both.keyOrigin()).isEqualTo("systemd's credential armory-agent.seal-key-encrypted");
    assertThat(both.keyId()).isNotEqualTo(plain.keyId());
    assertThat(opened(both, "parameters", before)).isEqualTo(SECRET);
  }

  @Test
  void a_credential_cut_short_is_refused_and_named() throws IOException {
    var credentials = Files.createDirectory(directory.resolve("credentials"));
    Files.write(credentials.resolve(PLAIN), new byte[0]);
    assertThat(line(SealedBox.open(keyFile, Optional.of(credentials))))
        .contains(credentials.resolve(PLAIN).toString(), "0 bytes are too few");
  }

  @Test
  void who_only_looks_makes_no_key() {
    assertThat(value(SealedBox.look(keyFile, Optional.empty()))).isEmpty();
    assertThat(keyFile).doesNotExist();
    var made = box();
    assertThat(made.keyOrigin()).isEqualTo("key file " + keyFile);
    assertThat(value(SealedBox.look(keyFile, Optional.empty())))
        .hasValueSatisfying(seen -> assertThat(seen.keyId()).isEqualTo(made.keyId()));
  }

  /// systemd keeps one credential of a name, the last line's, and starts no unit whose encrypted
  /// credential does not open: that is another unit's to have.
  @Test
  void the_units_load_each_credential_under_a_name_of_its_own_and_the_agents_none_to_be_opened()
      throws IOException {
    assertThat(credentials("armory-agent.service"))
        .containsExactlyInAnyOrder(
            "LoadCredential=" + SealKeys.OPENED, "LoadCredential=" + SealKeys.PLAIN);
    assertThat(credentials("armory-agent-key.service"))
        .containsExactly("LoadCredentialEncrypted=" + SealKeys.ENCRYPTED);
  }

  private static List<String> credentials(String unit) throws IOException {
    return Files.readAllLines(Path.of("systemd", unit)).stream()
        .filter(l -> l.startsWith("LoadCredential"))
        .toList();
  }

  @Test
  void what_another_unit_opened_is_called_by_the_name_it_was_encrypted_under() throws IOException {
    var credentials = Files.createDirectory(directory.resolve("credentials"));
    Files.write(credentials.resolve(PLAIN), new byte[32]);
    Files.write(credentials.resolve(SealKeys.OPENED), new byte[48]);
    assertThat(value(SealedBox.open(keyFile, Optional.of(credentials))).keyOrigin())
        .isEqualTo("systemd's credential armory-agent.seal-key-encrypted");
  }

  @Test
  void an_encrypted_credential_that_the_running_agent_was_not_given_is_found() throws IOException {
    var store = Files.createDirectory(directory.resolve("credstore.encrypted"));
    var credentials = directory.resolve("credentials");
    var encrypted = Files.write(store.resolve(SealKeys.ENCRYPTED), new byte[200]);
    assertThat(SealedBox.unopened(List.of(store), credentials)).as("no agent runs").isEmpty();

    Files.createDirectory(credentials);
    assertThat(SealedBox.unopened(List.of(directory, store), credentials)).contains(encrypted);

    Files.write(credentials.resolve(SealKeys.OPENED), new byte[32]);
    assertThat(SealedBox.unopened(List.of(store), credentials)).isEmpty();
  }

  @Test
  void with_a_credential_no_key_file_is_made() throws IOException {
    var credentials = Files.createDirectory(directory.resolve("credentials"));
    Files.write(credentials.resolve(PLAIN), new byte[32]);
    value(SealedBox.open(keyFile, Optional.of(credentials)));
    assertThat(keyFile).doesNotExist();
  }

  @Test
  void a_sealed_store_leaves_no_clear_byte_on_disk() throws IOException {
    var store = new SealedStateStore(disk(), Optional.of(box()));
    value(store.save("parameters", SECRET));
    value(store.save("parameters", SECRET));

    assertThat(value(store.load("parameters")))
        .hasValueSatisfying(c -> assertThat(c).isEqualTo(SECRET));
    var seen = 0;
    for (var file : filesBelow(directory)) {
      seen++;
      assertThat(HexFormat.of().formatHex(Files.readAllBytes(file)))
          .doesNotContain(HexFormat.of().formatHex("planted".getBytes(StandardCharsets.UTF_8)));
    }
    assertThat(seen).isGreaterThanOrEqualTo(3);
  }

  @Test
  void a_store_that_may_keep_nothing_keeps_nothing_and_forgets_what_was_kept() throws IOException {
    value(new SealedStateStore(disk(), Optional.of(box())).save("parameters", SECRET));
    var off = new SealedStateStore(disk(), Optional.empty());

    value(off.save("parameters", SECRET));

    assertThat(value(off.load("parameters"))).isEmpty();
    assertThat(value(disk().load("parameters"))).isEmpty();
  }

  @Test
  void a_sealed_document_altered_past_its_checksum_is_a_failure_not_an_absence() {
    var store = new SealedStateStore(disk(), Optional.of(box()));
    value(
        disk()
            .save(
                "parameters",
                "not sealed at all, but long enough to be".getBytes(StandardCharsets.UTF_8)));
    assertThat(line(store.load("parameters"))).contains("it is not sealed");
  }

  private DiskStateStore disk() {
    return new DiskStateStore(directory.resolve("state"), InstantSource.system(), line -> {});
  }

  private SealedBox box() {
    return value(SealedBox.open(keyFile, Optional.empty()));
  }

  private static byte[] opened(SealedBox box, String name, byte[] sealed) {
    return value(box.unseal(name, sealed));
  }

  private static <T> T value(Outcome<T> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return ((Outcome.Done<T>) outcome).value();
  }

  private static String line(Outcome<?> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    return ((Outcome.Failed<?>) outcome).failure().message();
  }

  private static List<Path> filesBelow(Path root) throws IOException {
    var found = new ArrayList<Path>();
    try (var all = Files.walk(root)) {
      all.filter(Files::isRegularFile).forEach(found::add);
    }
    return found;
  }
}
