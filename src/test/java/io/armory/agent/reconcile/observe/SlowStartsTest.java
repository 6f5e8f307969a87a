package io.armory.agent.reconcile.observe;

import static io.armory.agent.reconcile.TestStacks.chain;
import static io.armory.agent.reconcile.TestStacks.service;
import static io.armory.agent.reconcile.TestStacks.withGrace;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.reconcile.Rig;
import io.armory.agent.reconcile.TestStacks;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Services that open no port in their start period, of 200 ms here.
@Timeout(600)
class SlowStartsTest {
  private static final Duration LONG = Duration.ofHours(1);
  @AutoClose private final Rig rig = new Rig(LONG);

  @BeforeEach
  void slow() {
    rig.engineFollows = true;
    rig.images("1");
    rig.give(chain("r1", "1"));
    rig.closed.add("gate");
  }

  @Test
  void one_that_works_is_left_alone_for_a_quarter_of_an_hour_and_no_longer() {
    rig.engine.working.add("gate");
    rig.loop.start();
    awaitReason("still working; given up to 900 s");
    passes(Duration.ofMinutes(14));
    awaitReason("not open yet after 84");
    assertThat(rig.service("gate"))
        .get()
        .extracting(ServiceReport::state)
        .isEqualTo(ServiceReport.State.STARTING);
    assertThat(rig.subjects(Action.RestartContainer.class)).isEmpty();

    passes(Duration.ofMinutes(15));

    rig.until(() -> rig.restarts("gate") == 1);
    assertThat(rig.events).anyMatch(e -> e.why().contains("did not open in 90"));
    rig.closed.clear();
    rig.until(rig::isReady);
  }

  @Test
  void one_that_writes_its_log_works() {
    rig.loop.start();
    rig.until(() -> rig.engine.statsAsked.get() == 1);
    rig.engine.writes("spinnaker-gate-1", "reading the accounts");
    awaitReason("still working");
  }

  @Test
  void one_that_does_nothing_is_restarted_and_has_longer_the_next_time() {
    rig.loop.start();
    rig.until(() -> rig.restarts("gate") == 1);
    assertThat(rig.events)
        .anyMatch(e -> e.why().contains("did not open in") && e.why().contains("nothing shows"));
    awaitReason("2nd start");

    rig.restart(LONG);

    awaitReason("2nd start");
    rig.images("2");
    rig.give(chain("r2", "2"));
    rig.until(() -> rig.service("gate").filter(s -> s.image().endsWith(":2")).isPresent());
    rig.until(() -> !reason().isEmpty() && !reason().contains(" start"));
  }

  /// Set by an hour after a start and before the first look at it: no time that it had.
  @ParameterizedTest
  @ValueSource(ints = {-1, 1})
  void a_clock_that_is_set_at_a_start_is_no_time_that_has_passed(int hours) {
    var clock = rig.turned();
    rig.clock = clock;
    rig.steady = Optional.of(rig.time);
    rig.closed.clear();
    rig.engine.working.add("gate");
    rig.startSteady();

    rig.closed.add("gate");
    rig.engine.restartedByHand("spinnaker-gate-1");
    clock.turn(Duration.ofHours(hours));

    awaitReason("given up to 900 s");
    assertThat(reason())
        .containsPattern("not open yet after \\d s, still working|after \\d s, it is");
    assertThat(rig.restarts("gate")).isZero();
    rig.closed.clear();
    rig.until(rig::isReady);
    assertThat(rig.restarts("gate")).isZero();
  }

  @Test
  void one_of_which_nothing_can_be_known_is_not_restarted() {
    rig.engine.isStatless = true;
    rig.loop.start();
    awaitReason("whether it works is not known; given up to 900 s");
    assertThat(rig.subjects(Action.RestartContainer.class)).isEmpty();
  }

  @Test
  void nobody_is_looked_at_who_has_answered_or_is_in_its_start_period() {
    rig.closed.clear();
    rig.startSteady();
    rig.closed.add("gate");
    rig.until(() -> rig.restarts("gate") == 1);
    rig.closed.clear();
    rig.awaitSteady();
    assertThat(rig.engine.statsAsked).hasValue(0);
  }

  @Test
  void one_of_which_nothing_is_heard_has_a_short_time_to_end_and_a_store_its_own() {
    rig.closed.clear();
    var grace = Duration.ofSeconds(20);
    rig.startSteady(
        TestStacks.revision(
            "r1",
            withGrace(service("redis", "1", List.of()), Duration.ofMinutes(2)),
            withGrace(service("gate", "1", List.of("redis")), grace)));
    rig.sick.add("gate");
    rig.until(() -> rig.restarts("gate") == 1);
    rig.sick.remove("gate");
    rig.awaitSteady();
    rig.sick.add("redis");
    rig.until(() -> rig.restarts("redis") == 1);
    assertThat(rig.engine.actions())
        .filteredOn(Action.RestartContainer.class::isInstance)
        .map(a -> ((Action.RestartContainer) a).grace())
        .containsExactly(Duration.ofSeconds(3), Duration.ofMinutes(2));
  }

  private void passes(Duration time) {
    rig.clock = () -> rig.now().plus(time);
  }

  private String reason() {
    return rig.service("gate").map(ServiceReport::reason).orElse("");
  }

  private void awaitReason(String text) {
    rig.until(() -> reason().contains(text));
  }
}
