package io.armory.agent.reconcile.desired;

import static io.armory.agent.reconcile.TestStacks.chain;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.reconcile.execute.ActionTracker;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Every state of a rollout against everything that can happen to it: the diagram of
/// [RolloutState], row by row.
class RolloutStateTest {
  private static final Instant NOON = Instant.parse("2026-08-01T12:00:00Z");
  private static final Duration TIMEOUT = Duration.ofMinutes(10);
  private static final Instant LATE = NOON.plus(TIMEOUT).plusSeconds(60);

  @SuppressWarnings("ImmutableEnumChecker") // The functions keep nothing.
  private enum State {
    NONE(r -> {}),
    FIRST_ROLLING_OUT(r -> r.offer(chain("r1", "1"), NOON)),
    FIRST_TRIED_ON(r -> {
      r.offer(chain("r1", "1"), NOON);
      judge(r, false, NOON.plus(TIMEOUT));
    }),
    SETTLED(r -> {
      r.offer(chain("r1", "1"), NOON);
      judge(r, true, NOON);
    }),
    ROLLING_OUT(r -> {
      SETTLED.reach.accept(r);
      r.offer(chain("r2", "2"), NOON);
    }),
    BAKING(r -> {
      ROLLING_OUT.reach.accept(r);
      judge(r, true, NOON);
    }),
    ROLLING_BACK(r -> {
      ROLLING_OUT.reach.accept(r);
      judge(r, false, NOON.plus(TIMEOUT));
    });

    private final Consumer<Rollout> reach;

    State(Consumer<Rollout> reach) {
      this.reach = reach;
    }
  }

  @SuppressWarnings("ImmutableEnumChecker") // The functions keep nothing.
  private enum Event {
    A_NEW_REVISION((r, now) -> r.offer(chain("r3", "3"), now)),
    THE_SAME_REVISION((r, now) -> r.target().ifPresent(t -> r.offer(t, now))),
    ALL_HEALTHY((r, now) -> judge(r, true, now)),
    TIME_OVER((r, now) -> judge(r, false, NOON.plus(TIMEOUT.multipliedBy(3)))),
    A_REFUSED_DEFINITION((r, now) -> {
      r.refused("gate", "no such driver");
      judge(r, false, now);
    }),
    CRASHES((r, now) -> judge(r, false, now, RolloutCheck.CRASH_LIMIT)),
    CANNOT_BE_SEEN((r, now) -> {
      r.unseen(LATE);
      judge(r, false, LATE);
    }),
    THE_CLOCK_IS_SET((r, now) -> {
      r.clockSet(Duration.between(NOON, LATE));
      judge(r, false, LATE);
    });

    private final BiConsumer<Rollout, Instant> happen;

    Event(BiConsumer<Rollout, Instant> happen) {
      this.happen = happen;
    }
  }

  /// State → what each event, in the order of [Event], makes of it. `2 out of 1` is revision r2
  /// being rolled out with r1 to go back to; `!` is one that failed and is tried on.
  private static final Map<State, List<String>> TABLE =
      Map.of(
          State.NONE,
          List.of("r3 out", "none", "none", "none", "none", "none", "none", "none"),
          State.FIRST_ROLLING_OUT,
          List.of(
              "r3 out",
              "r1 out",
              "r1 settled",
              "r1 out!",
              "r1 out!",
              "r1 out!",
              "r1 out",
              "r1 out"),
          State.FIRST_TRIED_ON,
          List.of(
              "r3 out",
              "r1 out!",
              "r1 settled",
              "r1 out!",
              "r1 out!",
              "r1 out!",
              "r1 out!",
              "r1 out!"),
          State.SETTLED,
          List.of(
              "r3 out",
              "r1 settled",
              "r1 settled",
              "r1 settled",
              "r1 settled",
              "r1 settled",
              "r1 settled",
              "r1 settled"),
          State.ROLLING_OUT,
          List.of(
              "r3 out", "r2 out", "r2 baking", "r1 back", "r1 back", "r1 back", "r2 out", "r2 out"),
          State.BAKING,
          List.of(
              "r3 out",
              "r2 baking",
              "r2 settled",
              "r1 back",
              "r1 back",
              "r1 back",
              "r2 out",
              "r2 out"),
          State.ROLLING_BACK,
          List.of(
              "r3 out",
              "r1 back",
              "r1 settled",
              "r1 back!",
              "r1 back",
              "r1 back",
              "r1 back",
              "r1 back"));

  @TestFactory
  Stream<DynamicTest> every_event_in_every_state() {
    return Arrays.stream(State.values())
        .flatMap(state ->
            Arrays.stream(Event.values())
                .map(event ->
                    DynamicTest.dynamicTest(
                        state + " × " + event,
                        () -> {
                          var rollout = new Rollout(TIMEOUT, Duration.ofMinutes(1));
                          state.reach.accept(rollout);
                          event.happen.accept(rollout, NOON.plus(TIMEOUT).plusSeconds(1));
                          assertThat(words(rollout)).isEqualTo(expected(state, event));
                        })));
  }

  private static String expected(State state, Event event) {
    var row = TABLE.getOrDefault(state, List.of());
    return row.get(List.of(Event.values()).indexOf(event));
  }

  /// What failed once is not run again, whatever happens in between, until it is asked for.
  @TestFactory
  Stream<DynamicTest> a_rejected_revision_is_not_run() {
    return Arrays.stream(Event.values())
        .map(event ->
            DynamicTest.dynamicTest(
                "after " + event,
                () -> {
                  var rollout = new Rollout(TIMEOUT, Duration.ofMinutes(1));
                  State.ROLLING_BACK.reach.accept(rollout);
                  event.happen.accept(rollout, LATE);
                  assertThat(rollout.offer(chain("r2", "2"), LATE)).isFalse();
                  assertThat(rollout.forgive()).isTrue();
                  assertThat(rollout.offer(chain("r2", "2"), LATE)).isTrue();
                }));
  }

  private static String words(Rollout rollout) {
    var tried = rollout.gaveUpAfter(Instant.EPOCH).isPresent() ? "!" : "";
    var how =
        rollout.isProven()
            ? " settled"
            : rollout.isRollingBack() ? " back" : rollout.goodAt().isPresent() ? " baking" : " out";
    return rollout.target().map(t -> t.id() + how + tried).orElse("none");
  }

  private static void judge(Rollout rollout, boolean converged, Instant now) {
    judge(rollout, converged, now, 0);
  }

  private static void judge(Rollout rollout, boolean converged, Instant now, int attempts) {
    var state = converged ? ServiceReport.State.UP : ServiceReport.State.DOWN;
    rollout.judge(
        List.of(
            new ServiceReport(
                "gate",
                state,
                "as the test says",
                NOON,
                attempts,
                Optional.empty(),
                "",
                false,
                "image/gate:1",
                List.of(),
                List.of(),
                Optional.empty())),
        converged,
        new ActionTracker.ImagePulls(false, List.of(), false, Optional.empty(), Map.of()),
        Optional.empty(),
        Falls.of(Map.of("gate", attempts)),
        now);
  }
}
