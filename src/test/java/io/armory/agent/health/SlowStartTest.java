package io.armory.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.health.SlowStart.Seen;
import io.armory.agent.health.SlowStart.Sign;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SlowStartTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  @ParameterizedTest
  @CsvSource({"0,180", "1,360", "2,720", "3,900", "4,900", "63,900", "1000,900"})
  void the_start_period_doubles_with_each_start_in_vain_up_to_a_quarter_of_an_hour(
      int vain, int seconds) {
    assertThat(start(vain, Sign.NONE).period()).hasSeconds(seconds);
    assertThat(start(vain, Sign.NONE).allowed()).hasSeconds(seconds);
  }

  @Test
  void a_start_period_that_is_longer_than_that_is_kept() {
    var long_ = new SlowStart(Duration.ofHours(1), 5, Sign.NONE);
    assertThat(long_.period()).hasHours(1);
    assertThat(new SlowStart(Duration.ofHours(1), 0, Sign.WORKS).allowed()).hasHours(1);
  }

  /// Only of what is known to do nothing less is left.
  @ParameterizedTest
  @EnumSource(names = {"UNSEEN", "WORKS", "UNKNOWN"})
  void whatever_is_not_known_to_do_nothing_has_a_quarter_of_an_hour(Sign sign) {
    assertThat(start(0, sign).allowed()).isEqualTo(SlowStart.MOST);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1000, -, -, WORKS",
    "0, 100, -, -, NONE",
    "0, 0, -, -, NONE",
    "0, 0, -, 5, WORKS",
    "0, 0, 5, 6, WORKS",
    "0, 0, 5, 5, NONE",
    "-, 100, -, -, UNKNOWN",
    "0, -, 5, 5, UNKNOWN",
    "-, -, 5, 6, WORKS",
  })
  void processor_time_or_a_line_of_log_shows_work_and_not_to_know_is_not_none(
      String before, String after, String lineBefore, String lineAfter, Sign expected) {
    assertThat(
            SlowStart.between(
                seen(NOW, before, lineBefore), seen(NOW.plusSeconds(30), after, lineAfter)))
        .isEqualTo(expected);
  }

  @Test
  void it_is_said_how_it_stands() {
    assertThat(words(0, Sign.UNSEEN, 100)).isEqualTo("connection refused");
    assertThat(words(0, Sign.UNSEEN, 181))
        .isEqualTo(
            "port 7002 not open yet after 181 s, it is watched whether it works; given up to 900"
                + " s");
    assertThat(words(0, Sign.WORKS, 200))
        .isEqualTo("port 7002 not open yet after 200 s, still working; given up to 900 s");
    assertThat(words(1, Sign.UNSEEN, 200))
        .isEqualTo("port 7002 not open yet after 200 s; given up to 360 s, 2nd start");
    assertThat(words(2, Sign.UNKNOWN, 800))
        .isEqualTo(
            "port 7002 not open yet after 800 s, whether it works is not known; given up to 900 s,"
                + " 3rd start");
    assertThat(words(1, Sign.NONE, 390))
        .isEqualTo("port 7002 did not open in 390 s, and nothing shows that it works, 2nd start");
    assertThat(words(10, Sign.WORKS, 900)).isEqualTo("port 7002 did not open in 900 s, 11th start");
  }

  private static String words(int vain, Sign sign, int seconds) {
    return start(vain, sign).words(7002, Duration.ofSeconds(seconds), "connection refused");
  }

  private static SlowStart start(int vain, Sign sign) {
    return new SlowStart(Duration.ofMinutes(3), vain, sign);
  }

  private static Seen seen(Instant at, String millis, String line) {
    return new Seen(at, number(millis).map(Duration::ofMillis), number(line).map(NOW::plusSeconds));
  }

  private static Optional<Long> number(@Nullable String text) {
    return text == null || text.equals("-") ? Optional.empty() : Optional.of(Long.valueOf(text));
  }
}
