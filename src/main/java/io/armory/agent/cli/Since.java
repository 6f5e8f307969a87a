package io.armory.agent.cli;

import io.armory.agent.config.Durations;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;

/// `--since TIME` and `--until TIME`, wherever there is one.
final class Since {
  static final String DESCRIPTION = "how long ago, as 1h or 2d, or 2026-01-31T12:00:00Z";

  private Since() {}

  /// @param option it is the value of
  static Instant instant(String option, String text) {
    var ago = Durations.parse(text);
    if (ago.isPresent()) {
      return Instant.now().minus(ago.get());
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw new Refused(
          Exit.USAGE,
          option + ": \"" + text + "\" is neither a duration such as 1h nor an instant");
    }
  }
}
