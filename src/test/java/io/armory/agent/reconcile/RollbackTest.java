package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.chain;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Problem;
import io.armory.agent.port.Control.RollbackRequest;
import io.armory.agent.port.Control.SyncRequest;
import io.armory.agent.reconcile.desired.Sources;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// An operator goes back to an earlier revision, which is then held against the sources.
@Timeout(600)
class RollbackTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  @AutoClose private final Rig rig = new Rig(LONG);
  private final List<String> said = new CopyOnWriteArrayList<>();

  @BeforeEach
  void up() {
    rig.startSteady(chain("r1", "1"), "1", "2");
    rig.give(chain("r2", "2"));
    rig.until(() -> rig.remembers.containsKey("r2"));
  }

  private Outcome<String> rollback(Optional<String> to, boolean release) throws Exception {
    return rig.answer(rig.desk.rollback(new RollbackRequest(to, release, "ann", LONG), said::add));
  }

  private String running() {
    return rig.report().revision().orElseThrow().id();
  }

  @Test
  void it_goes_to_the_last_good_one_and_holds_it_until_a_sync() throws Exception {
    assertThat(rollback(Optional.empty(), false).whyFailed()).isEmpty();

    assertThat(running()).isEqualTo("r1");
    assertThat(said).anyMatch(l -> l.startsWith("going back to revision r1"));
    assertThat(rig.report().revision().orElseThrow().held().orElse(""))
        .startsWith("revision r1, by ann since ");
    var readings = rig.loop.core().inputs().sources().readings();
    rig.until(() -> rig.loop.core().inputs().sources().readings() > readings + 3);
    assertThat(running()).as("the sources say otherwise").isEqualTo("r1");

    rig.restart(LONG);
    rig.awaitSteady();
    assertThat(running()).as("another agent knows of it").isEqualTo("r1");
    assertThat(rig.report().revision().orElseThrow().held()).isPresent();

    var sync = new SyncRequest(false, false, false, "bob", LONG);
    assertThat(rig.answer(rig.desk.sync(sync, said::add))).isInstanceOf(Outcome.Done.class);
    assertThat(running()).isEqualTo("r2");
    assertThat(rig.report().revision().orElseThrow().held()).isEmpty();
    assertThat(rig.desk.history())
        .extracting(e -> e.id() + " " + e.trigger())
        .contains("r1 rollback by ann", "r2 sync by bob");
  }

  @Test
  void it_is_released_by_name_and_only_where_something_is_held() throws Exception {
    assertThat(rollback(Optional.empty(), true).whyFailed().map(Failure::message).orElse(""))
        .contains("no revision is held");
    rollback(Optional.of("r1"), false);
    assertThat(rollback(Optional.empty(), true).whyFailed()).isEmpty();
    assertThat(running()).isEqualTo("r2");
  }

  @Test
  void it_needs_no_sources() throws Exception {
    rig.made = new Sources.Unreadable(new Problem("ssm", "out of reach", ""));
    rig.until(() -> rig.report().revision().orElseThrow().stale());

    assertThat(rollback(Optional.empty(), false).whyFailed()).isEmpty();
    assertThat(running()).isEqualTo("r1");
  }

  @Test
  void one_that_fails_is_gone_back_from_and_held_no_longer() throws Exception {
    rig.sick.add(rig.idOf("image/gate:1"));
    rig.restart(Duration.ofSeconds(2));
    rig.awaitSteady();

    assertThat(rollback(Optional.of("r1"), false).whyFailed().map(Failure::message).orElse(""))
        .startsWith("revision r1 was rolled back: ");
    rig.awaitSteady();
    assertThat(running()).isEqualTo("r2");
    assertThat(rig.report().revision().orElseThrow().held()).isEmpty();
  }

  @Test
  void one_that_is_not_known_is_refused_with_those_that_are() throws Exception {
    assertThat(rollback(Optional.of("r9"), false).whyFailed().orElseThrow())
        .satisfies(f -> {
          assertThat(f.kind()).isEqualTo(Failure.Kind.INVALID);
          assertThat(f.message()).contains("no revision r9 in the history", "r1, r2");
        });
    assertThat(running()).isEqualTo("r2");
  }
}
