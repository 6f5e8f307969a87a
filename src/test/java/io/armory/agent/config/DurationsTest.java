package io.armory.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
  @ParameterizedTest
  @CsvSource({
    "250ms,PT0.25S,250ms",
    "30s,PT30S,30s",
    "90s,PT1M30S,1m30s",
    "1h30m,PT1H30M,1h30m",
    "2d,PT48H,2d",
    "1m500ms,PT1M0.5S,1m500ms",
    "0,PT0S,0s"
  })
  void durations_are_read_and_shown(String text, Duration expected, String shown) {
    assertThat(Durations.parse(text)).hasValue(expected);
    assertThat(Durations.show(expected)).isEqualTo(shown);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "s", "5 s", "-5s", "5s ", "1.5h", "5sx", "x5s", "9999999999s"})
  void what_is_no_duration_is_none(String text) {
    assertThat(Durations.parse(text)).isEmpty();
  }
}
