package io.armory.agent.reconcile.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourcePollerTest {

  @ParameterizedTest
  @CsvSource({
    "0, 60, 0, 60",
    "0, 60, 10, 60",
    "0, 60, 11, 66",
    "0, 60, 200, 1200",
    "0, 1, 2, 1",
    "1, 60, 0, 5",
    "2, 60, 0, 10",
    "5, 60, 0, 60",
    "90, 60, 0, 60",
    "1, 2, 0, 2",
    "1, 60, 200, 100",
  })
  void pause_is_the_interval_longer_for_many_calls_and_shorter_after_a_look_in_vain(
      int failures, long usual, int calls, long pause) {
    assertThat(SourcePoller.pause(failures, Duration.ofSeconds(usual), calls))
        .isEqualTo(Duration.ofSeconds(pause));
  }
}
