package io.armory.agent.reconcile.intent;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Outcome;
import io.armory.agent.reconcile.intent.PendingCommand.Pace;
import io.armory.agent.testing.Reports;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PendingCommandTest {
  private static final Instant BEGIN = Instant.parse("2026-01-31T12:00:00Z");
  private static final Duration PATIENCE = Duration.ofMinutes(15);

  private final CompletableFuture<Outcome<String>> answer = new CompletableFuture<>();
  private int reached;
  private PendingCommand command =
      new PendingCommand(
          "start",
          _ -> Optional.empty(),
          BEGIN.plus(PATIENCE),
          new Pace(_ -> reached, 0, PATIENCE),
          answer);

  private boolean isOverAfter(int minutes) {
    var report = Reports.ready(BEGIN.plus(Duration.ofMinutes(minutes)));
    command = command.looked(report);
    return command.check(report, Runnable::run);
  }

  @Test
  void it_goes_on_as_long_as_it_gets_further() {
    reached = 1;
    assertThat(isOverAfter(10)).isFalse();
    reached = 2;
    assertThat(isOverAfter(24)).isFalse();
    assertThat(isOverAfter(39)).isFalse();
    assertThat(isOverAfter(40)).isTrue();
    assertThat(answer.join().whyFailed().orElseThrow().message()).contains("not done in time");
  }

  @Test
  void what_comes_and_goes_ends_in_time() {
    reached = 1;
    assertThat(isOverAfter(1)).isFalse();
    for (int minutes = 2; minutes < 16; minutes++) {
      reached = minutes % 2;
      assertThat(isOverAfter(minutes)).isFalse();
    }
    assertThat(isOverAfter(17)).isTrue();
  }
}
