package io.armory.agent.reconcile.shared;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Outcome;
import io.armory.agent.port.TurnStore.Change;
import io.armory.agent.reconcile.shared.ChangePhase.Beginning;
import io.armory.agent.reconcile.shared.ChangePhase.Changing;
import io.armory.agent.reconcile.shared.ChangePhase.Idle;
import io.armory.agent.reconcile.shared.ChangePhase.Leaving;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ChangePhaseTest {
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
  private static final Change ONE = new Change("digest 1", "r1");
  private static final Change TWO = new Change("digest 2", "r2");
  private final CompletableFuture<Outcome<String>> resigned = new CompletableFuture<>();
  private final Leaving leaving = new Idle().leaves(ONE, NOW, NOW.plusSeconds(10), resigned);
  private final Changing changing = new Changing(ONE, true, true);

  @Test
  void what_begins_is_out_of_service_as_it_is_already() {
    assertThat(new Idle().begins(TWO))
        .isEqualTo(new Beginning(TWO, false, false, Optional.empty()));
    assertThat(leaving.begins(TWO)).isEqualTo(new Beginning(TWO, true, true, Optional.empty()));
    assertThat(changing.back().begins(TWO).out()).isFalse();
  }

  @Test
  void what_is_in_force_is_kept_until_another_is() {
    var beginning = changing.begins(TWO);
    assertThat(beginning.instead()).contains(changing);
    assertThat(beginning.begins(new Change("digest 3", "r3")).instead()).contains(changing);
    assertThat(beginning.adopted("r1")).isEqualTo(beginning);
    assertThat(beginning.adopted("r2")).isEqualTo(new Changing(TWO, true, true));
    assertThat(beginning.underWay()).contains(TWO);
  }

  /// It is not proven yet: the group may not take it for over.
  @Test
  void what_bakes_is_under_way_while_the_node_leaves_for_another_change() {
    var left = changing.back().leaves(TWO, NOW, NOW.plusSeconds(10), resigned);
    assertThat(left.underWay()).contains(ONE);
    assertThat(left.stays()).isEqualTo(new Changing(ONE, false, true));
    assertThat(left.begins(TWO).stays()).isEqualTo(new Changing(ONE, false, true));
    assertThat(left.begins(TWO).adopted("r2")).isEqualTo(new Changing(TWO, true, true));
  }

  @Test
  void only_what_has_begun_is_under_way() {
    assertThat(new Idle().underWay()).isEmpty();
    assertThat(leaving.underWay()).isEmpty();
    assertThat(changing.underWay()).contains(ONE);
  }

  @Test
  void leaving_takes_until_the_duty_is_given_up_but_not_for_ever() {
    assertThat(leaving.isOver(NOW.plusSeconds(29))).isFalse();
    assertThat(leaving.isOver(NOW.plusSeconds(30))).isTrue();
    resigned.complete(Outcome.done(""));
    assertThat(leaving.isOver(NOW.plusSeconds(9))).isFalse();
    assertThat(leaving.isOver(NOW.plusSeconds(10))).isTrue();
  }

  @Test
  void setting_the_clock_lets_no_time_pass() {
    var hour = Duration.ofHours(1);
    assertThat(leaving.clockSet(hour))
        .isEqualTo(
            new Idle().leaves(ONE, NOW.plus(hour), NOW.plusSeconds(10).plus(hour), resigned));
    assertThat(changing.clockSet(hour)).isEqualTo(changing);
  }

  @Test
  void no_traffic_comes_until_what_is_in_force_was_healthy_for_long_enough() {
    assertThat(new Idle().blocker(false, false)).isEmpty();
    assertThat(leaving.blocker(true, true)).contains("leaves its load balancers", "r1");
    assertThat(changing.blocker(false, false)).contains("r1").endsWith("until all is healthy");
    assertThat(changing.blocker(false, true)).endsWith("until all is healthy for a while");
    assertThat(changing.blocker(true, true)).isEmpty();
    assertThat(changing.begins(TWO).blocker(true, true)).contains("r2");
    assertThat(changing.back().blocker(false, false)).isEmpty();
  }
}
