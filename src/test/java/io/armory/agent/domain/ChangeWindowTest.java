package io.armory.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Hours for changes, over days, midnights and clock changes.
class ChangeWindowTest {
  private static ChangeWindow window(String text) {
    return ChangeWindow.parse(text)
        .orElseThrow(() -> new AssertionError(ChangeWindow.mistake(text)));
  }

  private static Instant at(String text) {
    return text.endsWith("Z") ? Instant.parse(text) : ZonedDateTime.parse(text).toInstant();
  }

  /// 2026-06-01 is a Monday; Berlin is two hours ahead then.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Mon-Fr 09:00-16:00 Europe/Berlin             | 2026-06-01T06:59:59Z | false | 2026-06-01T07:00:00Z
          Mon-Fr 09:00-16:00 Europe/Berlin             | 2026-06-01T07:00:00Z | true  | 2026-06-02T07:00:00Z
          Mon-Fr 09:00-16:00 Europe/Berlin             | 2026-06-01T13:59:59Z | true  | 2026-06-02T07:00:00Z
          Mon-Fr 09:00-16:00 Europe/Berlin             | 2026-06-01T14:00:00Z | false | 2026-06-02T07:00:00Z
          Mon-Fr 09:00-16:00 Europe/Berlin             | 2026-06-05T14:00:00Z | false | 2026-06-08T07:00:00Z
          monday-FRIDAY 9:00-16:00 UTC                 | 2026-06-06T10:00:00Z | false | 2026-06-08T09:00:00Z
          Fri-Mon 10:00-11:00 UTC                      | 2026-06-07T10:30:00Z | true  | 2026-06-08T10:00:00Z
          Mon-Fri 09:00-12:00, 13:00-16:00 UTC         | 2026-06-01T12:30:00Z | false | 2026-06-01T13:00:00Z
          Mon-Thu 09:00-16:00, Fri 09:00-12:00 UTC     | 2026-06-05T13:00:00Z | false | 2026-06-08T09:00:00Z
          Tue,Thu 09:00-10:00 UTC                      | 2026-06-04T09:30:00Z | true  | 2026-06-09T09:00:00Z
          Tue , Thu 09:00 - 10:00 UTC                  | 2026-06-03T09:30:00Z | false | 2026-06-04T09:00:00Z
          22:00-04:00                                  | 2026-06-01T03:59:00Z | true  | 2026-06-01T22:00:00Z
          Fri 22:00-04:00 UTC                          | 2026-06-06T03:59:00Z | true  | 2026-06-12T22:00:00Z
          Fri 22:00-04:00 UTC                          | 2026-06-05T03:59:00Z | false | 2026-06-05T22:00:00Z
          Sat-Sun 00:00-24:00 UTC                      | 2026-06-06T23:59:59Z | true  | 2026-06-07T00:00:00Z
          Mon 09:00-16:00 +02:00                       | 2026-06-01T07:30:00Z | true  | 2026-06-08T07:00:00Z
          Mon 09:00-16:00 UTC-3                        | 2026-06-01T12:30:00Z | true  | 2026-06-08T12:00:00Z
          """)
  void it_is_open_in_its_hours(String text, String now, boolean open, String opens) {
    assertThat(window(text).isOpen(at(now))).isEqualTo(open);
    assertThat(window(text).opens(at(now))).contains(at(opens));
  }

  /// In Berlin 02:00 to 03:00 does not exist on 2026-03-29 and comes twice on 2026-10-25, both
  /// Sundays.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          09:00-16:00 | 2026-03-28T08:00:00Z | true
          09:00-16:00 | 2026-03-29T07:00:00Z | true
          09:00-16:00 | 2026-03-29T06:59:59Z | false
          09:00-16:00 | 2026-03-29T14:00:00Z | false
          02:00-03:00 | 2026-03-29T00:59:59Z | false
          02:00-03:00 | 2026-03-29T01:00:00Z | false
          02:30-03:30 | 2026-03-29T01:00:00Z | true
          02:30-03:30 | 2026-03-29T01:29:59Z | true
          02:30-03:30 | 2026-03-29T01:30:00Z | false
          02:30-02:45 | 2026-03-29T01:40:00Z | false
          23:00-02:30 | 2026-03-29T00:59:59Z | true
          23:00-02:30 | 2026-03-29T01:00:00Z | false
          02:00-03:00 | 2026-10-25T00:00:00Z | true
          02:00-03:00 | 2026-10-25T01:59:59Z | true
          02:00-03:00 | 2026-10-25T02:00:00Z | false
          01:00-02:30 | 2026-10-25T01:29:59Z | true
          01:00-02:30 | 2026-10-25T01:30:00Z | false
          09:00-16:00 | 2026-10-25T08:00:00Z | true
          09:00-16:00 | 2026-10-25T07:59:59Z | false
          """)
  void clock_changes_are_those_of_its_zone(String hours, String now, boolean open) {
    assertThat(window("Sat-Sun " + hours + " Europe/Berlin").isOpen(at(now))).isEqualTo(open);
  }

  @Test
  void hours_that_a_clock_change_leaves_out_come_a_week_later() {
    assertThat(window("Sun 02:00-03:00 Europe/Berlin").opens(at("2026-03-28T12:00:00Z")))
        .contains(at("2026-04-05T02:00+02:00[Europe/Berlin]"));
  }

  @Test
  void an_instant_is_shown_as_its_users_write_it() {
    var window = window("Mon 09:00-16:00 Europe/Berlin");
    var friday = at("2026-06-05T14:00:00Z");
    assertThat(window.shown(at("2026-06-08T07:00:00Z"), friday))
        .isEqualTo("Mon 09:00 Europe/Berlin");
    assertThat(window.shown(at("2026-06-15T07:00:00Z"), friday))
        .isEqualTo("Mon 15 Jun 09:00 Europe/Berlin");
    assertThat(window("09:00-10:00")).hasToString("09:00-10:00 UTC");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"''", "UTC", "Mon", "Mon 09:00", "Mon 9:5-10:00", ",", "09:00-10:00,"})
  void what_is_no_window_is_refused_with_a_reason(String text) {
    assertThat(ChangeWindow.parse(text)).isEmpty();
    assertThat(ChangeWindow.mistake(text)).isNotEmpty();
  }
}
