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
    var throttled = new Hands.ImagePulls(false, List.of("image/gate:2: no login: throttled"), true);
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
    judge(6, NOON.plusSeconds(60));
    assertThat(rollout.offer(chain("r2", "2"), NOON.plusSeconds(61))).isFalse();
    assertThat(rollout.forgive()).isTrue();
    assertThat(rollout.offer(chain("r2", "2"), NOON.plusSeconds(62))).isTrue();
    assertThat(rollout.forgive()).as("there is none any more").isFalse();
  }

  private static Hands.ImagePulls hindered(String service) {
    return new Hands.ImagePulls(
        false, List.of(), false, Optional.empty(), Map.of(service, "the log collector is away"));
  }

  private Rollout.Verdict judge(int attempts, Instant now) {
    return judge(attempts, now, new Hands.ImagePulls(false, List.of(), false));
  }

  private Rollout.Verdict judge(int attempts, Instant now, Hands.ImagePulls pulls) {
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
        List.of(gate), false, pulls, Optional.empty(), Map.of("gate", attempts), now);
  }
}
