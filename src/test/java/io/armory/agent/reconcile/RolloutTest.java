package io.armory.agent.reconcile;

import static io.armory.agent.reconcile.TestStacks.chain;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.ServiceReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RolloutTest {
  private static final Instant NOON = Instant.parse("2026-08-01T12:00:00Z");
  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  private final Rollout rollout = new Rollout(TIMEOUT);

  @Test
  void a_crash_loop_with_nothing_to_go_back_to_is_a_failure_once_and_not_at_every_look() {
    rollout.offer(chain("r1", "1"), NOON);
    assertThat(judge(5, NOON.plusSeconds(30))).isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(judge(6, NOON.plusSeconds(60))).isInstanceOf(Rollout.Verdict.Failed.class);
    assertThat(rollout.hopeless()).get().asString().contains("5 restarts did not help");

    assertThat(judge(6, NOON.plusSeconds(61))).isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(judge(7, NOON.plusSeconds(90))).isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(rollout.hopeless()).as("it still is").isPresent();
    assertThat(judge(9, NOON.plusSeconds(60).plus(TIMEOUT)))
        .as("said again when it has had its time once more")
        .isInstanceOf(Rollout.Verdict.Failed.class);
  }

  @Test
  void another_revision_may_crash_anew() {
    rollout.offer(chain("r1", "1"), NOON);
    judge(6, NOON.plusSeconds(60));
    rollout.offer(chain("r2", "2"), NOON.plusSeconds(70));
    assertThat(judge(0, NOON.plusSeconds(71))).isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(judge(6, NOON.plusSeconds(99))).isInstanceOf(Rollout.Verdict.Failed.class);
  }

  @Test
  void time_in_which_the_engine_cannot_be_read_does_not_count() {
    rollout.offer(chain("r1", "1"), NOON);
    var back = NOON.plus(TIMEOUT).plusSeconds(1);
    rollout.unseen(back);
    assertThat(judge(0, back.plusSeconds(1))).isInstanceOf(Rollout.Verdict.Undecided.class);
    assertThat(judge(0, back.plus(TIMEOUT))).isInstanceOf(Rollout.Verdict.Failed.class);
  }

  private Rollout.Verdict judge(int attempts, Instant now) {
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
            List.of());
    return rollout.judge(
        List.of(gate),
        false,
        new Hands.ImagePulls(false, List.of(), false),
        Optional.empty(),
        Map.of("gate", attempts),
        now);
  }
}
