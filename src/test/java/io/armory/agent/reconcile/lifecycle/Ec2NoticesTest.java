package io.armory.agent.reconcile.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Drain;
import io.armory.agent.port.Lifecycle.Notices;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class Ec2NoticesTest {
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
  private static final Notices REBALANCE =
      new Notices(Optional.of("InService"), Optional.empty(), Optional.of(NOW));

  private final Ec2Notices notices =
      new Ec2Notices(
          new LifecycleSettings(
              Duration.ofSeconds(5),
              Duration.ofMinutes(30),
              true,
              true,
              Duration.ZERO,
              () -> Instant.EPOCH));

  private Optional<Drain.Cause> drain(GroupSeat seat) {
    return notices.drain(REBALANCE, "i-1", seat, NOW).map(Drain::cause);
  }

  /// EC2 recommends it for all instances of a pool in the same minute.
  @Test
  void a_recommendation_to_rebalance_takes_one_node_of_a_group_at_a_time_and_never_the_last() {
    assertThat(drain(new GroupSeat(false, true, true))).contains(Drain.Cause.REBALANCE);
    assertThat(drain(new GroupSeat(false, false, true))).as("not in its turn").isEmpty();
    assertThat(drain(new GroupSeat(true, false, true))).as("the last that serves").isEmpty();
    assertThat(drain(new GroupSeat(true, false, false)))
        .as("in no group")
        .contains(Drain.Cause.REBALANCE);
  }
}
