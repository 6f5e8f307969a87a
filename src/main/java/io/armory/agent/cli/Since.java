package io.armory.agent.cli;

import io.armory.agent.config.Durations;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/// `--since TIME`, wherever there is one.
final class Since {
  static final String DESCRIPTION =
      "how long ago (1h, 30m, 2d), or an instant (2026-01-31T12:00:00Z)";

  private Since() {}

  static Instant instant(String text) {
    var ago = Durations.parse(text);
    if (ago.isPresent()) {
      return Instant.now().minus(ago.get());
    }
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new Refused(
          Exit.USAGE, "--since: \"" + text + "\" is neither a duration such as 1h nor an instant");
    }
  }
}
