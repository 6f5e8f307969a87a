package io.armory.agent.reconcile.desired;

import static io.armory.agent.reconcile.TestStacks.chain;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.SampleService;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.report.ServiceReport.ContainerReport;
import io.armory.agent.domain.report.ServiceReport.State;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.reconcile.TestStacks;
import io.armory.agent.reconcile.execute.ActionTracker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RolloutTest {
  private static final Instant NOON = Instant.parse("2026-08-01T12:00:00Z");
  private static final Duration TIMEOUT = Duration.ofMinutes(10);
  private static final Duration BAKE = Duration.ofMinutes(1);

  private final Rollout rollout = new Rollout(TIMEOUT, Duration.ZERO);

  @Test
  void a_crash_loop_with_nothing_to_go_back_to_is_a_failure_once_and_not_at_every_look() {
    rollout.offer(chain("r1", "1"), NOON);
    assertThat(judge(4, NOON.plusSeconds(30))).isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(judge(5, NOON.plusSeconds(60))).isInstanceOf(Rollout.Verdict.Failed.class);
    assertThat(rollout.hopeless()).get().asString().contains("5 restarts did not help");

    assertThat(judge(5, NOON.plusSeconds(61))).isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(judge(7, NOON.plusSeconds(90))).isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(rollout.hopeless()).as("it still is").isPresent();
    assertThat(judge(9, NOON.plusSeconds(60).plus(TIMEOUT)))
        .as("said again when it has had its time once more")
        .isInstanceOf(Rollout.Verdict.Failed.class);
  }

  @Test
  void another_revision_may_crash_anew() {
    rollout.offer(chain("r1", "1"), NOON);
    judge(5, NOON.plusSeconds(60));
    rollout.offer(chain("r2", "2"), NOON.plusSeconds(70));
    assertThat(judge(0, NOON.plusSeconds(71))).isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(judge(5, NOON.plusSeconds(99))).isInstanceOf(Rollout.Verdict.Failed.class);
  }

  @Test
  void time_in_which_the_engine_cannot_be_read_does_not_count() {
    rollout.offer(chain("r1", "1"), NOON);
    var back = NOON.plus(TIMEOUT).plusSeconds(1);
    rollout.unseen(back);
    assertThat(judge(0, back.plusSeconds(1))).isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(judge(0, back.plus(TIMEOUT))).isInstanceOf(Rollout.Verdict.Failed.class);
  }

  @Test
  void what_something_else_does_to_a_service_that_it_did_not_change_is_not_held_against_it() {
    rollout.knownGood(chain("r1", "1"));
    rollout.offer(chain("r2", "1"), NOON);
    var late = NOON.plus(TIMEOUT).plusSeconds(1);
    assertThat(judge(9, late, hindered("gate"))).isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(rollout.stalled(late.plus(TIMEOUT)).orElseThrow())
        .contains("something else fails", "the log collector is away");
    assertThat(judge(9, late.plus(TIMEOUT).plusSeconds(1), hindered("orca")))
        .as("another service's trouble explains nothing")
        .isInstanceOf(Rollout.Verdict.Failed.class);
  }

  @Test
  void a_service_that_it_changed_and_that_is_down_is_gone_back_from_in_its_time() {
    rollout.knownGood(chain("r1", "1"));
    rollout.offer(chain("r2", "2"), NOON);
    assertThat(judge(9, NOON.plusSeconds(60), hindered("gate")))
        .as("attempts that something else made fail")
        .isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(judge(9, NOON.plus(TIMEOUT), hindered("gate")))
        .isInstanceOf(Rollout.Verdict.Failed.class);
  }

  @Test
  void images_that_the_way_to_the_registry_keeps_away_are_waited_for_without_end() {
    rollout.knownGood(chain("r1", "1"));
    rollout.offer(chain("r2", "2"), NOON);
    var throttled =
        new ActionTracker.ImagePulls(
            false, List.of("image/gate:2: no login: throttled"), true, Optional.empty(), Map.of());
    for (int n = 1; n < 50; n++) {
      assertThat(judge(0, NOON.plus(TIMEOUT.multipliedBy(n)), throttled))
          .isInstanceOf(Rollout.Verdict.Undecided.class);
    }
    assertThat(rollout.rejected()).isEmpty();
  }

  @Test
  void an_operator_lifts_a_rejection() {
    rollout.knownGood(chain("r1", "1"));
    rollout.offer(chain("r2", "2"), NOON);
    judge(5, NOON.plusSeconds(60));
    assertThat(rollout.offer(chain("r2", "2"), NOON.plusSeconds(61))).isFalse();
    assertThat(rollout.forgive()).isTrue();
    assertThat(rollout.offer(chain("r2", "2"), NOON.plusSeconds(62))).isTrue();
    assertThat(rollout.forgive()).as("there is none any more").isFalse();
  }

  @Test
  void nine_slow_services_one_after_the_other_are_not_rolled_back() {
    var services =
        IntStream.rangeClosed(1, 9)
            .mapToObj(n -> TestStacks.service("s" + n, "2", List.of()))
            .toArray(Service[]::new);
    var slow = new Rollout(Duration.ofSeconds(100), Duration.ZERO);
    slow.knownGood(chain("r1", "1"));
    slow.offer(TestStacks.revision("r2", services), NOON);
    var reports = new ArrayList<ServiceReport>();
    for (var s : services) {
      reports.add(report(s.name(), State.STARTING));
    }
    var now = NOON;
    assertThat(judge(slow, reports, now)).isInstanceOf(Rollout.Verdict.Undecided.class);
    for (int n = 0; n < services.length; n++) {
      reports.set(n, report(services[n].name(), State.STARTING, started("new" + n, now)));
      now = now.plusSeconds(70);
      assertThat(judge(slow, reports, now)).isInstanceOf(Rollout.Verdict.Undecided.class);
      reports.set(n, report(services[n].name(), State.UP, started("new" + n, now)));
    }
    assertThat(judge(slow, reports, now)).isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(judgeAll(slow, reports, true, now)).isInstanceOf(Rollout.Verdict.Proven.class);
  }

  @Test
  void what_hangs_is_gone_back_from_when_it_got_no_further_for_so_long() {
    rollout.knownGood(chain("r1", "1"));
    rollout.offer(chain("r2", "2"), NOON);
    var redis = report("redis", State.UP, started("old", NOON.minusSeconds(60)));
    judge(rollout, List.of(redis, report("gate", State.STARTING)), NOON);
    var later = NOON.plusSeconds(400);
    var reports =
        List.of(report("redis", State.UP, started("new", later)), report("gate", State.STARTING));
    judge(rollout, reports, later);
    var due = later.plus(TIMEOUT);
    assertThat(judge(rollout, reports, due.minusSeconds(1)))
        .isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(judge(rollout, reports, due))
        .isInstanceOfSatisfying(
            Rollout.Verdict.Failed.class,
            f ->
                assertThat(f.why())
                    .startsWith(
                        "not healthy within 600 s of its last progress (redis became healthy):"
                            + " gate"));
  }

  @Test
  void what_comes_and_goes_makes_no_progress() {
    rollout.knownGood(chain("r1", "1"));
    rollout.offer(chain("r2", "2"), NOON);
    Rollout.Verdict verdict = new Rollout.Verdict.Undecided();
    var now = NOON;
    for (; now.isBefore(NOON.plus(TIMEOUT.multipliedBy(2))); now = now.plusSeconds(5)) {
      var isUp = Duration.between(NOON, now).toSeconds() % 10 == 5;
      var gate = report("gate", isUp ? State.UP : State.DOWN, started("new", NOON.plusSeconds(5)));
      verdict = judge(rollout, List.of(gate), now);
      if (verdict instanceof Rollout.Verdict.Failed) {
        break;
      }
    }
    assertThat(verdict).isInstanceOf(Rollout.Verdict.Failed.class);
    assertThat(now).isBeforeOrEqualTo(NOON.plus(TIMEOUT).plusSeconds(15));
  }

  @Test
  void a_start_period_is_not_cut_short_and_is_had_once() {
    var patient =
        SampleService.like(TestStacks.service("gate", "2", List.of()))
            .startPeriod(TIMEOUT.multipliedBy(2))
            .build();
    rollout.knownGood(chain("r1", "1"));
    rollout.offer(TestStacks.revision("r2", patient), NOON);
    judge(rollout, List.of(report("gate", State.STARTING)), NOON);
    var starting = List.of(report("gate", State.STARTING, starting("new", NOON)));
    judge(rollout, starting, NOON);
    var end = NOON.plus(TIMEOUT.multipliedBy(2));
    assertThat(judge(rollout, starting, end.minusSeconds(1)))
        .isInstanceOf(Rollout.Verdict.Undecided.class);
    var again = List.of(report("gate", State.STARTING, starting("new", end)));
    assertThat(
            rollout.judge(
                again,
                false,
                new ActionTracker.ImagePulls(false, List.of(), false, Optional.empty(), Map.of()),
                Optional.empty(),
                Falls.of(Map.of("gate", 1)),
                end.plusSeconds(1)))
        .isInstanceOf(Rollout.Verdict.Failed.class);
  }

  @Test
  void a_successor_that_crashes_beside_the_one_that_serves_fails_its_revision() {
    rollout.knownGood(chain("r1", "1"));
    rollout.offer(chain("r2", "2"), NOON);
    var old = started("old", NOON.minusSeconds(60));
    judge(rollout, List.of(report("gate", State.UP, old)), NOON);
    var crashing = List.of(report("gate", State.UP, old, starting("new", NOON)));
    assertThat(judgeAfter(rollout, crashing, 4, NOON.plusSeconds(40)))
        .isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(judgeAfter(rollout, crashing, 5, NOON.plusSeconds(60)))
        .isInstanceOfSatisfying(
            Rollout.Verdict.Failed.class,
            f -> assertThat(f.why()).startsWith("gate's successor fails: "));
  }

  @Test
  void one_that_serves_is_no_progress_of_the_successor_beside_it() {
    rollout.knownGood(chain("r1", "1"));
    rollout.offer(chain("r2", "2"), NOON);
    var old = started("old", NOON.minusSeconds(60));
    judge(rollout, List.of(report("gate", State.UP, old)), NOON);
    judge(rollout, List.of(report("gate", State.UP, old, starting("new", NOON))), NOON);
    var well = NOON.plus(TIMEOUT).minusSeconds(1);
    var both = List.of(report("gate", State.UP, old, started("new", NOON)));
    assertThat(judge(rollout, both, well)).isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(judge(rollout, both, NOON.plus(TIMEOUT).plusSeconds(1)))
        .isInstanceOf(Rollout.Verdict.Undecided.class);
  }

  @Test
  void a_service_that_falls_over_soon_after_all_was_healthy_takes_its_revision_with_it() {
    var baking = baking();
    var fallen = report("gate", State.STARTING, started("new", NOON));
    assertThat(judgeAfter(baking, List.of(fallen), 1, NOON.plusSeconds(40)))
        .isInstanceOfSatisfying(
            Rollout.Verdict.Failed.class,
            f -> {
              assertThat(f.why()).startsWith("gate fell over 40 s after all was healthy: ");
              assertThat(f.backTo()).get().extracting(Revision::id).isEqualTo("r1");
            });
  }

  @Test
  void one_that_needed_help_before_and_none_since_is_good() {
    var baking = new Rollout(TIMEOUT, BAKE);
    baking.knownGood(chain("r1", "1"));
    baking.offer(chain("r2", "2"), NOON);
    judgeWell(baking, 2, NOON);
    assertThat(judgeWell(baking, 2, NOON.plusSeconds(30)))
        .isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(judgeWell(baking, 0, NOON.plusSeconds(40)))
        .isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(baking.good()).get().extracting(Revision::id).isEqualTo("r1");
    assertThat(judgeWell(baking, 0, NOON.plus(BAKE))).isInstanceOf(Rollout.Verdict.Proven.class);
    assertThat(baking.good()).get().extracting(Revision::id).isEqualTo("r2");
  }

  @Test
  void what_was_not_healthy_for_a_moment_has_to_be_it_for_as_long_again() {
    var baking = baking();
    var now = NOON.plusSeconds(50);
    var unwell = report("gate", State.DOWN, started("new", NOON));
    assertThat(judgeAfter(baking, List.of(unwell), 0, now))
        .isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(judgeWell(baking, 0, now.plusSeconds(5)))
        .isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(judgeWell(baking, 0, NOON.plus(BAKE).plusSeconds(1)))
        .isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(judgeWell(baking, 0, now.plusSeconds(5).plus(BAKE)))
        .isInstanceOf(Rollout.Verdict.Proven.class);
  }

  @Test
  void what_fell_over_for_something_outside_is_not_held_against_it() {
    var baking = baking();
    var fallen = report("gate", State.DOWN, started("new", NOON));
    assertThat(
            baking.judge(
                List.of(fallen),
                false,
                hindered("gate"),
                Optional.empty(),
                Falls.of(Map.of("gate", 3)),
                NOON.plusSeconds(20)))
        .isInstanceOf(Rollout.Verdict.Undecided.class);
  }

  private static Rollout baking() {
    var baking = new Rollout(TIMEOUT, BAKE);
    baking.knownGood(chain("r1", "1"));
    baking.offer(chain("r2", "2"), NOON);
    assertThat(judgeWell(baking, 0, NOON)).isInstanceOf(Rollout.Verdict.Healthy.class);
    return baking;
  }

  private static Rollout.Verdict judgeWell(Rollout rollout, int attempts, Instant now) {
    var gate = report("gate", State.UP, started("new", NOON));
    return rollout.judge(
        List.of(gate),
        true,
        new ActionTracker.ImagePulls(false, List.of(), false, Optional.empty(), Map.of()),
        Optional.empty(),
        Falls.of(Map.of("gate", attempts)),
        now);
  }

  private static Rollout.Verdict judgeAfter(
      Rollout rollout, List<ServiceReport> all, int attempts, Instant now) {
    return rollout.judge(
        all,
        false,
        new ActionTracker.ImagePulls(false, List.of(), false, Optional.empty(), Map.of()),
        Optional.empty(),
        Falls.of(Map.of("gate", attempts)),
        now);
  }

  private static ContainerReport started(String id, Instant at) {
    return new ContainerReport(id, id, "running", at, true);
  }

  private static ContainerReport starting(String id, Instant at) {
    return new ContainerReport(id, id, "running", at, false);
  }

  private static ServiceReport report(String name, State state, ContainerReport... containers) {
    return new ServiceReport(
        name,
        state,
        "as the test says",
        NOON,
        0,
        Optional.empty(),
        "",
        false,
        "image/" + name + ":1",
        List.of(containers),
        List.of(),
        Optional.empty());
  }

  private static Rollout.Verdict judge(Rollout rollout, List<ServiceReport> all, Instant now) {
    return judgeAll(rollout, all, false, now);
  }

  private static Rollout.Verdict judgeAll(
      Rollout rollout, List<ServiceReport> all, boolean converged, Instant now) {
    return rollout.judge(
        all,
        converged,
        new ActionTracker.ImagePulls(false, List.of(), false, Optional.empty(), Map.of()),
        Optional.empty(),
        Falls.NONE,
        now);
  }

  private static ActionTracker.ImagePulls hindered(String service) {
    return new ActionTracker.ImagePulls(
        false, List.of(), false, Optional.empty(), Map.of(service, "the log collector is away"));
  }

  private Rollout.Verdict judge(int attempts, Instant now) {
    return judge(
        attempts,
        now,
        new ActionTracker.ImagePulls(false, List.of(), false, Optional.empty(), Map.of()));
  }

  private Rollout.Verdict judge(int attempts, Instant now, ActionTracker.ImagePulls pulls) {
    var gate =
        new ServiceReport(
            "gate",
            ServiceReport.State.DOWN,
            "answers 503",
            NOON,
            attempts,
            Optional.empty(),
            "",
            false,
            "image/gate:1",
            List.of(),
            List.of(),
            Optional.empty());
    return rollout.judge(
        List.of(gate), false, pulls, Optional.empty(), Falls.of(Map.of("gate", attempts)), now);
  }
}
