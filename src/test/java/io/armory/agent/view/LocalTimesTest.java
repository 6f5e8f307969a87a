package io.armory.agent.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class LocalTimesTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  @Test
  void instants_are_shown_as_the_readers_clock_shows_them() {
    assertThat(
            LocalTimes.in(
                BERLIN, "from 2026-01-31T23:59:59Z to 2026-07-01T12:00:00.123456789Z (Tom)"))
        .isEqualTo("from 2026-02-01T00:59:59+01:00 to 2026-07-01T14:00:00+02:00 (Tom)");
    assertThat(LocalTimes.in(ZoneOffset.UTC, "2026-01-31T12:00:00.9Z"))
        .isEqualTo("2026-01-31T12:00:00Z");
  }

  @Test
  void what_only_looks_like_one_stays() {
    for (var text :
        new String[] {
          "",
          "T",
          "2026-01-31T12:00:00",
          "2026-01-31T12:00:00+02:00",
          "a2026-01-31T12:00:00Z",
          "2026-13-31T12:00:00Z",
          "2026-01-31T12:00Z",
          "v1.2026-01-3T"
        }) {
      assertThat(LocalTimes.in(BERLIN, text)).isEqualTo(text);
    }
  }
}
