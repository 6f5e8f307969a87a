package io.armory.agent.adapter.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.adapter.files.StateOwner.SetAside;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Owner;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is kept is used on the machine that kept it, and on no other.
class StateOwnerTest {
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

  /// Every document of the state store, and what lies beside them.
  private static final List<String> DOCUMENTS =
      List.of(
          "last-known-good",
          "known-facts",
          "maintenance",
          "stopped-services",
          "rejected-revisions",
          "drain",
          "drain-overruled",
          "post-starts",
          "own-stops",
          "slow-starts",
          "evidence",
          "held-revision",
          "approval",
          "revision-history",
          "standby",
          "digest-key");

  private static final List<String> FILES =
      List.of(
          "seal.key",
          "events.jsonl",
          "events.1.jsonl",
          "rendered/docker-compose.yml",
          "rendered/.generations",
          "last-known-good.damaged-20260101T000000Z",
          "of-a-later-release");

  @TempDir Path root;
  private Path directory = Path.of("");
  private Path lease = Path.of("");

  @BeforeEach
  void place() {
    directory = root.resolve("state");
    lease = root.resolve("run/poller");
  }

  /// `-`: not known. Whose it was, who asks, and whether that is another.
  @ParameterizedTest
  @CsvSource({
    // EC2's ID decides, whatever the machine ID says.
    "i-a, -, m1,  i-a, -, m1,  own",
    "i-a, -, m1,  i-a, -, m2,  own",
    "i-a, -, m1,  i-b, -, m1,  other",
    "i-a, -, m1,  i-b, -, m2,  other",
    "i-a, -, -,   i-b, -, m1,  other",
    // IMDS and the asset tag are away.
    "i-a, -, m1,  -, -, m1,    own",
    "i-a, -, m1,  -, -, m2,    other",
    "i-a, -, -,   -, -, m1,    own",
    "i-a, -, m1,  -, -, -,     own",
    // Nothing of EC2 was known when it was kept.
    "-, -, m1,    i-a, -, m1,  own",
    "-, -, m1,    i-a, -, m2,  other",
    // No EC2 at all.
    "-, -, m1,    -, -, m1,    own",
    "-, -, m1,    -, -, m2,    other",
    "-, x, m1,    -, x, m1,    own",
    "-, x, m1,    -, y, m1,    other",
    "-, x, m1,    -, x, m2,    other",
    "-, x, m1,    -, -, m1,    own",
    "i-a, x, m1,  i-a, y, m1,  own",
    // Of a release that recorded nothing.
    "-, -, -,     i-a, -, m1,  own",
    "-, -, -,     -, -, m1,    own",
    "-, -, -,     -, -, -,     own",
  })
  void whose_it_is(
      String instance,
      String id,
      String machine,
      String now,
      String nowId,
      String nowMachine,
      String verdict) {
    var kept = new Owner(known(instance), known(id), known(machine));
    var asking = new Owner(known(now), known(nowId), known(nowMachine));
    claimed(kept);
    store().save("maintenance", "{}".getBytes(UTF_8));
    assertThat(claimed(asking).isPresent()).isEqualTo(verdict.equals("other"));
    assertThat(store().load("maintenance").equals(Outcome.done(Optional.empty())))
        .isEqualTo(verdict.equals("other"));
    assertThat(claimed(asking)).as("once").isEmpty();
  }

  private static Optional<String> known(String text) {
    return text.equals("-") ? Optional.empty() : Optional.of(text);
  }

  /// The loop's documents are constants of the class that keeps them.
  @Test
  void every_document_of_the_loop_is_among_those_that_are_tried() throws Exception {
    for (var field :
        Class.forName("io.armory.agent.reconcile.intent.PersistedState").getDeclaredFields()) {
      if (field.getType() == String.class && Modifier.isStatic(field.getModifiers())) {
        field.setAccessible(true);
        assertThat(DOCUMENTS).contains(String.valueOf(field.get(null)));
      }
    }
  }

  @Test
  void nothing_that_another_kept_is_read_and_nothing_of_it_is_lost() throws IOException {
    claimed(instance("i-prod"));
    keepAll();
    Files.createDirectories(lease);
    Files.writeString(lease.resolve("holder"), "boot i-prod/1234");

    var aside = claimed(instance("i-preprod")).orElseThrow();

    assertThat(aside.by()).isEqualTo("i-prod");
    assertThat(aside.message()).contains("i-prod", aside.directory(), directory + "/adopt");
    var there = Path.of(aside.directory());
    for (var name : DOCUMENTS) {
      assertThat(store().load(name)).as(name).isEqualTo(Outcome.done(Optional.empty()));
      assertThat(there.resolve(name)).exists();
    }
    for (var name : FILES) {
      assertThat(directory.resolve(name)).doesNotExist();
      assertThat(there.resolve(name)).hasContent(name);
    }
    assertThat(lease.resolve("holder")).doesNotExist();
    assertThat(Files.getPosixFilePermissions(there)).isEqualTo(AtomicWrite.permissions(0700));
    try (var left = Files.list(directory)) {
      assertThat(left.map(p -> String.valueOf(p.getFileName())))
          .containsExactlyInAnyOrder("owner", String.valueOf(there.getFileName()));
    }
  }

  @Test
  void an_upgraded_nodes_own_facts_tell_whose_its_state_is() {
    var facts = "{\"facts\": {\"instance-id\": {\"value\": \"i-a\", \"origin\": \"%s\"}}}";
    store().save("known-facts", facts.formatted("IMDS instance-id").getBytes(UTF_8));
    assertThat(claimed(instance("i-a"))).isEmpty();
    assertThat(new Fresh(directory).of(facts.formatted("agent.yaml:3"))).isEmpty();
    assertThat(claimed(instance("i-b"))).isPresent();
  }

  /// A state directory of its own with facts that a release before kept.
  private record Fresh(Path beside) {
    Optional<SetAside> of(String facts) {
      var store = new DiskStateStore(beside.resolveSibling("fresh"), () -> NOW, line -> {});
      store.save("known-facts", facts.getBytes(UTF_8));
      return done(new StateOwner(store, beside, () -> NOW).claim(instance("i-b")));
    }
  }

  @Test
  void the_others_state_is_told_of_until_this_one_has_its_own_and_after_every_restart() {
    claimed(instance("i-a"));
    store().save("maintenance", "{}".getBytes(UTF_8));
    claimed(instance("i-b"));
    var later = owner();
    done(later.claim(instance("i-b")));
    assertThat(later.setAside()).map(SetAside::by).contains("i-a");
    later.settled();
    var last = owner();
    done(last.claim(instance("i-b")));
    assertThat(last.setAside()).isEmpty();
  }

  @Test
  void what_an_operator_moves_back_on_purpose_is_used() throws IOException {
    claimed(instance("i-a"));
    store().save("maintenance", "{}".getBytes(UTF_8));
    var aside = Path.of(claimed(instance("i-b")).orElseThrow().directory());
    Files.delete(directory.resolve("owner"));
    try (var all = Files.list(aside)) {
      for (var file : all.toList()) {
        Files.move(file, directory.resolve(file.getFileName()));
      }
    }
    Files.createFile(directory.resolve("adopt"));

    assertThat(claimed(instance("i-b"))).isEmpty();
    assertThat(directory.resolve("adopt")).doesNotExist();
    assertThat(store().load("maintenance")).isNotEqualTo(Outcome.done(Optional.empty()));
    assertThat(claimed(instance("i-b"))).isEmpty();
    assertThat(claimed(instance("i-a"))).isPresent();
  }

  @Test
  void what_imds_says_only_later_is_minded() {
    claimed(new Owner(Optional.of("i-a"), Optional.empty(), Optional.of("m")));
    var late = owner();
    done(late.claim(new Owner(Optional.empty(), Optional.empty(), Optional.of("m"))));
    assertThat(late.contradicts("i-a")).isEmpty();
    assertThat(late.contradicts("i-b").orElseThrow()).contains("i-a", "i-b");
  }

  @Test
  void an_id_learned_later_is_recorded() {
    claimed(new Owner(Optional.empty(), Optional.empty(), Optional.of("m")));
    var later = owner();
    done(later.claim(new Owner(Optional.empty(), Optional.empty(), Optional.of("m"))));
    assertThat(later.contradicts("i-a")).isEmpty();
    assertThat(claimed(new Owner(Optional.of("i-b"), Optional.empty(), Optional.of("m"))))
        .map(SetAside::by)
        .contains("i-a");
  }

  @Test
  void a_record_that_is_damaged_says_nothing_and_an_empty_directory_is_anybodys()
      throws IOException {
    assertThat(owner().isAnythingKept()).isFalse();
    claimed(instance("i-a"));
    assertThat(owner().isAnythingKept()).isTrue();
    Files.writeString(directory.resolve("owner"), "nonsense");
    assertThat(claimed(instance("i-b"))).isEmpty();
  }

  @Test
  void the_marks_of_a_machine_are_its_asset_tag_and_a_digest_of_its_id() throws IOException {
    var id = Files.writeString(root.resolve("machine-id"), "0123456789abcdef0123456789abcdef\n");
    var tag = Files.writeString(root.resolve("tag"), "i-0123456789abcdef0\n");
    var marks = new MachineMarks(id, tag);
    assertThat(marks.instance()).contains("i-0123456789abcdef0");
    assertThat(marks.machine().orElseThrow()).hasSize(32).doesNotContain("0123456789abcdef");

    // An image whose ID was reset; a board of another maker.
    Files.writeString(id, "uninitialized\n");
    Files.writeString(tag, "Not Specified\n");
    assertThat(marks.machine()).isEmpty();
    assertThat(marks.instance()).isEmpty();
    assertThat(new MachineMarks(root.resolve("no"), root.resolve("no")).machine()).isEmpty();
  }

  private void keepAll() throws IOException {
    for (var name : DOCUMENTS) {
      store().save(name, "{}".getBytes(UTF_8));
    }
    Files.createDirectories(directory.resolve("rendered"));
    for (var name : FILES) {
      Files.writeString(directory.resolve(name), name);
    }
  }

  private static Owner instance(String id) {
    return new Owner(Optional.of(id), Optional.empty(), Optional.of("m"));
  }

  private Optional<SetAside> claimed(Owner now) {
    return done(owner().claim(now));
  }

  private StateOwner owner() {
    return new StateOwner(store(), lease, () -> NOW);
  }

  private static Optional<SetAside> done(Outcome<Optional<SetAside>> outcome) {
    assertThat(outcome.whyFailed()).isEmpty();
    return outcome instanceof Outcome.Done<Optional<SetAside>>(var value)
        ? value
        : Optional.empty();
  }

  private DiskStateStore store() {
    return new DiskStateStore(directory, () -> NOW, line -> {});
  }
}
