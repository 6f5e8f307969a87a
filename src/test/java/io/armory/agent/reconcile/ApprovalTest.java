package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.chain;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Approval;
import io.armory.agent.domain.ChangeWindow;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RevisionEntry;
import io.armory.agent.domain.report.HealthReport.Awaited;
import io.armory.agent.port.Control.ApproveRequest;
import io.armory.agent.port.Control.RollbackRequest;
import io.armory.agent.port.Control.SyncRequest;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A changed revision of the sources waits for an operator, or for the hours in which it may begin.
@Timeout(180)
class ApprovalTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  @AutoClose private final Rig rig = new Rig(LONG);
  private final List<String> said = new CopyOnWriteArrayList<>();

  @BeforeEach
  void up() {
    for (var version : List.of("1", "2", "3")) {
      rig.images(version);
    }
    rig.approval = Approval.MANUAL;
    rig.give(chain("r1", "1"));
    rig.restart(LONG);
    rig.awaitSteady();
  }

  private String running() {
    return rig.report().revision().orElseThrow().id();
  }

  private Optional<Awaited> awaited() {
    return rig.report().revision().flatMap(r -> r.awaits());
  }

  private void awaitWaiting(String revision) {
    rig.until(() -> awaited().filter(a -> a.revision().equals(revision)).isPresent());
  }

  private void awaitRunning(String revision) {
    rig.until(() -> running().equals(revision));
    rig.awaitSteady();
  }

  private Outcome<String> approve(Optional<String> revision) {
    return rig.answer(rig.desk.approve(new ApproveRequest(revision, "ann", LONG), said::add));
  }

  private Outcome<String> sync(boolean retry, boolean dryRun) {
    return rig.answer(
        rig.desk.sync(new SyncRequest(false, retry, false, false, dryRun, "bob", LONG), said::add));
  }

  private static String message(Outcome<String> outcome) {
    return outcome.whyFailed().map(Failure::message).orElse("");
  }

  /// Readings that say the same change nothing.
  private void awaitReadings() {
    var readings = rig.loop.core().inputs().sources().readings();
    rig.until(() -> rig.loop.core().inputs().sources().readings() > readings + 3);
  }

  @Test
  void a_change_waits_until_it_is_approved_while_all_can_see_it() {
    rig.give(chain("r2", "2"));
    awaitWaiting("r2");
    awaitReadings();

    assertThat(running()).isEqualTo("r1");
    assertThat(rig.isReady()).isTrue();
    var waits = awaited().orElseThrow();
    assertThat(waits.line()).isEqualTo("revision r2 waits for approval: armory-agent approve");
    assertThat(waits.changes()).anyMatch(c -> c.contains("image/gate:1 → image/gate:2"));
    assertThat(rig.report().revision().orElseThrow().wanted()).isEqualTo("r2");
    assertThat(rig.desk.history().getLast())
        .extracting(RevisionEntry::id, RevisionEntry::end)
        .containsExactly("r2", RevisionEntry.End.WAITING);
    assertThat(rig.events.stream().map(AgentEvent::what))
        .containsOnlyOnce("revision r2 waits for approval: armory-agent approve");

    assertThat(approve(Optional.empty()).whyFailed()).isEmpty();
    assertThat(running()).isEqualTo("r2");
    assertThat(awaited()).isEmpty();
    assertThat(rig.desk.history().getLast().trigger()).isEqualTo("approved by ann");
    assertThat(message(approve(Optional.of("r2")))).as("again").isEmpty();
  }

  @Test
  void its_images_are_pulled_ahead_and_what_cannot_be_had_is_told() {
    rig.give(chain("r2", "2"));
    rig.until(() -> awaited().filter(a -> a.images().equals("its images are here")).isPresent());
    rig.give(chain("r9", "9"));
    rig.until(() ->
        awaited()
            .filter(a ->
                a.images().contains("3 of 3 images are missing, the first: image image/redis:9 is"))
            .isPresent());
    assertThat(rig.isReady()).isTrue();
    assertThat(running()).isEqualTo("r1");
  }

  @Test
  void one_approval_is_of_one_revision_and_outlives_the_agent() {
    rig.give(chain("r2", "2"));
    awaitWaiting("r2");
    var since = awaited().orElseThrow().since();
    rig.restart(LONG);
    awaitWaiting("r2");
    assertThat(awaited().orElseThrow().since()).isEqualTo(since);
    assertThat(running()).isEqualTo("r1");
    rig.sick.add(rig.idOf("image/gate:2"));
    rig.loop.ask(
        new java.util.concurrent.CompletableFuture<Void>(),
        () -> rig.loop.core().approve(rig.loop.core().awaits().orElseThrow(), "ann"));
    rig.until(() -> running().equals("r2"));

    // In the middle of it.
    rig.restart(LONG);
    rig.until(() -> running().equals("r2"));
    rig.sick.clear();
    rig.awaitSteady();
    assertThat(running()).isEqualTo("r2");

    rig.give(chain("r3", "3"));
    awaitWaiting("r3");
    rig.give(chain("r2", "2"));
    rig.until(() -> awaited().isEmpty());
    assertThat(running()).as("what runs needs none").isEqualTo("r2");
    rig.give(chain("r1", "1"));
    awaitWaiting("r1");
    assertThat(running()).as("what ran once is a change").isEqualTo("r2");
  }

  @Test
  void what_failed_is_taken_back_and_tried_again_without_another_approval() {
    rig.restart(Duration.ofSeconds(2));
    rig.awaitSteady();
    rig.sick.add(rig.idOf("image/gate:2"));
    rig.give(chain("r2", "2"));
    awaitWaiting("r2");
    assertThat(message(approve(Optional.of("r2")))).startsWith("revision r2 was rolled back: ");
    awaitRunning("r1");
    awaitReadings();
    assertThat(awaited()).isEmpty();

    rig.sick.clear();
    assertThat(sync(true, false).whyFailed()).isEmpty();
    assertThat(running()).isEqualTo("r2");
  }

  @Test
  void going_back_by_hand_needs_no_approval_nor_does_the_way_forward_again() {
    rig.give(chain("r2", "2"));
    awaitWaiting("r2");
    approve(Optional.empty());
    rig.until(() -> rig.remembers.containsKey("r2"));
    var back = new RollbackRequest(Optional.empty(), false, "ann", LONG);
    assertThat(rig.answer(rig.desk.rollback(back, said::add)).whyFailed()).isEmpty();
    assertThat(running()).isEqualTo("r1");
    assertThat(sync(false, false).toString()).contains("r2");
    assertThat(running()).isEqualTo("r2");
  }

  @Test
  void whoever_syncs_has_not_approved() {
    rig.give(chain("r2", "2"));
    var refused = sync(false, false).whyFailed().orElseThrow();
    assertThat(refused.message()).isEqualTo("revision r2 waits for approval: armory-agent approve");
    assertThat(refused.kind()).isEqualTo(Failure.Kind.CONFLICT);
    assertThat(said).anyMatch(l -> l.startsWith("would change gate"));
    assertThat(sync(false, true))
        .isEqualTo(Outcome.done("revision r2 would wait for approval: armory-agent approve"));
    assertThat(running()).isEqualTo("r1");

    var waiting =
        rig.desk.sync(new SyncRequest(false, false, false, true, false, "bob", LONG), said::add);
    rig.until(() -> said.contains("revision r2 waits for approval: armory-agent approve"));
    assertThat(waiting).isNotDone();
    approve(Optional.empty());
    assertThat(rig.answer(waiting).whyFailed()).isEmpty();
  }

  @Test
  void only_what_waits_is_approved() {
    assertThat(message(approve(Optional.empty())))
        .isEqualTo("no revision waits for approval; revision r1 is in force");
    rig.give(chain("r2", "2"));
    awaitWaiting("r2");
    var other = approve(Optional.of("r3")).whyFailed().orElseThrow();
    assertThat(other.message())
        .isEqualTo("revision r3 does not wait for approval; revision r2 does");
    assertThat(other.kind()).isEqualTo(Failure.Kind.INVALID);
    assertThat(running()).isEqualTo("r1");
  }

  @Test
  void repair_goes_on_while_a_change_waits() {
    rig.give(chain("r2", "2"));
    awaitWaiting("r2");
    rig.engine.killedByHand(
        rig.engine.containers().stream()
            .filter(c -> c.service().equals("gate"))
            .findFirst()
            .orElseThrow()
            .name());
    rig.until(() -> rig.restarts("gate") > 0);
    rig.awaitSteady();
    assertThat(awaited()).isPresent();
  }

  private static void turn(TurnedClock clock, ZonedDateTime to) {
    clock.turn(Duration.between(clock.instant(), to));
  }

  @Test
  void a_change_begins_by_itself_only_in_its_hours() {
    var clock = rig.turned();
    var sunday =
        clock
            .instant()
            .atZone(ZoneOffset.UTC)
            .with(TemporalAdjusters.next(DayOfWeek.SUNDAY))
            .truncatedTo(ChronoUnit.DAYS);
    turn(clock, sunday);
    rig.clock = clock;
    rig.engineFollows = true;
    rig.approval = new Approval.Window(ChangeWindow.parse("Mon-Fri 09:00-16:00 UTC").orElseThrow());
    rig.restart(LONG);
    rig.awaitSteady();
    rig.give(chain("r2", "2"));
    awaitWaiting("r2");
    assertThat(awaited().orElseThrow().line())
        .isEqualTo("revision r2 waits until Mon 09:00 UTC; armory-agent approve begins it now");
    assertThat(awaited().orElseThrow().opens()).isEqualTo(sunday.plusHours(33).toInstant());

    turn(clock, sunday.plusHours(33));
    awaitRunning("r2");

    turn(clock, sunday.plusHours(41));
    rig.give(chain("r3", "3"));
    awaitWaiting("r3");
    assertThat(approve(Optional.of("r3")).whyFailed()).isEmpty();
    assertThat(running()).isEqualTo("r3");
  }
}
