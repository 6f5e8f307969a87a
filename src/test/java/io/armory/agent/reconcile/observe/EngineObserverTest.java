package io.armory.agent.reconcile.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Approval;
import io.armory.agent.domain.Backoff;
import io.armory.agent.domain.report.HealthReport.Host;
import io.armory.agent.reconcile.DrainedEffects;
import io.armory.agent.reconcile.Effect;
import io.armory.agent.reconcile.Effects;
import io.armory.agent.reconcile.ReconcilerSettings;
import io.armory.agent.reconcile.observe.EngineObserver.Want;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EngineObserverTest {
  private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");
  private static final Duration SECOND = Duration.ofSeconds(1);
  private final Effects effects = new Effects();
  private final EngineObserver observer =
      new EngineObserver(
          new ReconcilerSettings(
              "test",
              "p",
              SECOND,
              SECOND,
              Approval.AUTO,
              new Backoff(SECOND, SECOND),
              SECOND,
              SECOND,
              SECOND),
          effects);

  @Test
  void the_first_look_is_at_everything_and_the_routine_is_a_glance() {
    assertThat(begins().glance()).isFalse();
    assertThat(ends()).isFalse();
    assertThat(begins().glance()).isTrue();
    assertThat(ends()).as("nothing was asked for, and nothing is new").isTrue();
  }

  @Test
  void after_the_end_of_a_container_a_glance_will_do_and_does_not_count_as_routine() {
    begins();
    ends();
    observer.want(Want.CONTAINERS);
    assertThat(observer.isSettled()).isFalse();
    assertThat(begins().glance()).isTrue();
    assertThat(ends()).isFalse();
  }

  @Test
  void whoever_wants_more_gets_it() {
    begins();
    ends();
    observer.want(Want.EVERYTHING);
    observer.want(Want.CONTAINERS);
    assertThat(begins().glance()).isFalse();
  }

  private Effect.Observe begins() {
    observer.begin(1, Optional.empty(), Optional.empty());
    return DrainedEffects.of(effects).stream()
        .filter(Effect.Observe.class::isInstance)
        .map(Effect.Observe.class::cast)
        .findFirst()
        .orElseThrow();
  }

  private boolean ends() {
    return observer.looked(new Host(0, List.of()), NOON);
  }
}
