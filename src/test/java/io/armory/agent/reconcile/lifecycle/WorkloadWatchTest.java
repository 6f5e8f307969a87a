package io.armory.agent.reconcile.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Problem;
import io.armory.agent.reconcile.Rig;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class WorkloadWatchTest {
  private final Rig rig = new Rig(Duration.ofMinutes(5));
  private final WorkloadWatch watch =
      new WorkloadWatch(rig.loop, rig.parts, rig.workload, Duration.ofMillis(20));

  @BeforeEach
  void up() {
    rig.startWithOrca();
  }

  @AfterEach
  void down() {
    watch.close();
    rig.close();
  }

  @Test
  void an_orca_that_can_never_say_what_it_has_in_hand_is_a_problem_until_another_can() {
    rig.workload.dumb = Failure.Kind.NOT_FOUND;
    watch.start();
    rig.until(() -> !problems().isEmpty());
    assertThat(problems())
        .singleElement()
        .satisfies(p ->
            assertThat(p.line())
                .startsWith("drain: orca cannot say what work it has in hand: ")
                .contains("a drain waits 30 s for it"));
    assertThat(rig.isReady()).as("no reason to take it out of service").isTrue();
    assertThat(rig.events)
        .filteredOn(e -> e.kind().equals("drain") && e.subject().equals("orca"))
        .hasSize(1);

    rig.workload.dumb = null;
    rig.engine.restartedByHand("spinnaker-orca-1");

    rig.until(() -> problems().isEmpty());
  }

  @Test
  void one_that_did_not_answer_once_is_no_problem_and_one_that_never_does_is() {
    rig.workload.dumb = Failure.Kind.UNREACHABLE;
    watch.start();
    rig.until(() -> rig.workload.asked.get() == 1);
    assertThat(problems()).isEmpty();
    rig.clock = () -> rig.now().plus(Duration.ofMinutes(1));
    rig.until(() -> !problems().isEmpty());

    rig.workload.dumb = null;
    rig.clock = () -> rig.now().plus(Duration.ofMinutes(3));

    rig.until(() -> problems().isEmpty());
  }

  @Test
  void a_question_that_meets_an_error_is_not_the_last() {
    rig.workload.errors.set(1);
    watch.start();
    rig.until(() -> rig.workload.asked.get() >= 2);
  }

  @Test
  void one_that_can_say_is_asked_seldom() {
    watch.start();
    rig.until(() -> rig.workload.asked.get() == 1);
    rig.clock = () -> rig.now().plus(Duration.ofMinutes(9));
    var thoughts = rig.thoughts.get();
    rig.until(() -> rig.thoughts.get() > thoughts + 1);
    assertThat(rig.workload.asked).hasValue(1);
    rig.clock = () -> rig.now().plus(Duration.ofMinutes(11));
    rig.until(() -> rig.workload.asked.get() == 2);
    assertThat(problems()).isEmpty();
  }

  private List<Problem> problems() {
    return rig.report().problems();
  }
}
