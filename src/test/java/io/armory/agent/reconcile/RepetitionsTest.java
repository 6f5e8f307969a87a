package io.armory.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Approval;
import io.armory.agent.domain.Backoff;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.ContainerSpec.RestartPolicy;
import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.Networking.Attachment;
import io.armory.agent.domain.stack.Plan;
import io.armory.agent.domain.stack.Volume;
import io.armory.agent.reconcile.execute.ActionTracker;
import io.armory.agent.reconcile.execute.Backoffs;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What is done and changes nothing is done again ever more slowly, whatever it is.
class RepetitionsTest {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Instant BEGUN = Instant.parse("2026-08-01T12:00:00Z");

  private final ActionTracker hands =
      new ActionTracker(
          new Effects(),
          new ReconcilerSettings(
              "test",
              TestStacks.PROJECT,
              Duration.ofMinutes(10),
              Duration.ZERO,
              Approval.AUTO,
              new Backoff(FIRST, Duration.ofMinutes(1)),
              Duration.ofSeconds(5),
              Duration.ofMinutes(1),
              Duration.ofMinutes(15)),
          RandomGenerator.getDefault());

  static Stream<Action> every() {
    var stack = TestStacks.withOrca("r1", "1").stack();
    var service = TestStacks.service("gate", "1", List.of());
    var network =
        new Network(
            "n", "p_n", false, null, Map.of(), null, false, false, false, Map.of(), null, "h");
    var attachment = new Attachment("n", List.of(), null, null, List.of(), null, 0, Map.of());
    var second = Duration.ofSeconds(1);
    return Stream.of(
        new Action.PullImage("gate", "image/gate:1", null),
        new Action.CreateNetwork("p", network),
        new Action.TryNetwork("p", network, "1"),
        new Action.RemoveNetwork("n", "p_n", "1"),
        new Action.CreateVolume("p", new Volume("v", "p_v", false, null, Map.of(), Map.of(), "h")),
        new Action.CreateContainer(stack, service, 1, "p-gate-1", "i", Map.of(), Optional.empty()),
        new Action.StartContainer("gate", "p-gate-1", "1"),
        new Action.StopContainer("gate", "p-gate-1", "1", second, List.of()),
        new Action.RestartContainer("gate", "p-gate-1", "1", second, List.of()),
        new Action.RunHooks("gate", "p-gate-1", "1", BEGUN, List.of()),
        new Action.UnpauseContainer("gate", "p-gate-1", "1"),
        new Action.RemoveContainer("gate", "p-gate-1", "1", true),
        new Action.RenameContainer("gate", "p-gate-1", "1", "p-gate-2"),
        new Action.ConnectNetwork(service, 1, "p-gate-1", "1", "p_n", "2", attachment),
        new Action.DisconnectNetwork("gate", "p-gate-1", "1", "p_n", "2"),
        new Action.SetNames(
            "gate",
            "p-gate-1",
            "1",
            "p_n",
            "2",
            Optional.empty(),
            List.of("gate"),
            Optional.empty()),
        new Action.SetRestartPolicy("gate", "p-gate-1", "1", RestartPolicy.NO));
  }

  @Test
  void every_kind_of_action_is_among_them() {
    assertThat(every().map(Object::getClass).distinct().toList())
        .hasSameElementsAs(List.of(Action.class.getPermittedSubclasses()));
  }

  /// The planner asks for the same at every look, ten times a second; the engine says yes each
  /// time.
  @ParameterizedTest
  @MethodSource("every")
  void it_is_repeated_at_the_pace_of_its_subjects_backoff(Action action) {
    var launches = new ArrayList<Instant>();
    for (var now = BEGUN; now.isBefore(BEGUN.plusSeconds(40)); now = now.plusMillis(100)) {
      if (asks(action, now)) {
        launches.add(now);
        ends(action, now);
      }
    }
    assertThat(launches).as("in 40 s").hasSizeBetween(4, 7);
    assertThat(launches.getFirst()).as("the first at once").isEqualTo(BEGUN);
    for (var i = 2; i < launches.size(); i++) {
      var before = Duration.between(launches.get(i - 2), launches.get(i - 1));
      assertThat(Duration.between(launches.get(i - 1), launches.get(i)))
          .as("ever more slowly: %s", launches)
          .isGreaterThan(before);
    }
  }

  @Test
  void what_had_its_effect_is_done_at_once_when_it_is_due_again() {
    var rename = new Action.RenameContainer("gate", "a", "1", "b");
    for (var now = BEGUN; now.isBefore(BEGUN.plusSeconds(5)); now = now.plusSeconds(1)) {
      assertThat(asks(rename, now)).isTrue();
      ends(rename, now);
      hands.planned(new Plan(List.of(), List.of(), List.of()), Set.of(), now);
    }
  }

  /// As [io.armory.agent.plan.Planner] does: what is delayed is no step.
  private boolean asks(Action action, Instant now) {
    var delay = hands.backoffs().delays(now).get(action.delayedAs());
    var step = new Plan.Step(action, "it is so");
    var delayed = delay != null && delay.until().isAfter(now);
    var plan = new Plan(delayed ? List.of() : List.of(step), List.of(), List.of());
    hands.planned(plan, Set.of(), now);
    return !delayed && hands.launch(step, new Backoffs.Mended(Backoffs.Sign.FELL, false, now), now);
  }

  private void ends(Action action, Instant now) {
    var step = new Plan.Step(action, "it is so");
    hands.ended(new Message.Acted(step, Outcome.done(""), Duration.ZERO), now);
  }
}
