package io.armory.agent.domain;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/// What EC2 has in its calendar for the instance.
///
/// @param id such as `instance-event-0d59937288b749b32`
/// @param code as EC2 writes it: `system-reboot`, `instance-retirement`, …
/// @param description in EC2's words
/// @param notBefore it does not begin before that
/// @param notAfter it has begun by then; empty: EC2 does not say
public record ScheduledEvent(
    String id, String code, String description, Instant notBefore, Optional<Instant> notAfter) {

  /// What comes of it. From "Scheduled events for your instances" in the EC2 user guide.
  public enum Kind {
    /// The instance or its host is rebooted: it comes back.
    REBOOT("reboot this instance", "it comes back by itself, and serves again"),
    /// Comes back when somebody starts it.
    STOP("stop this instance", "it ends here; its group, if it has one, replaces it"),
    /// Its host is taken away.
    RETIREMENT("retire this instance", "it ends here; its group, if it has one, replaces it"),
    /// The network or the power of its host is worked on: it goes on, or is rebooted.
    MAINTENANCE("do maintenance on the host of this instance", "it serves again when that is over"),
    /// One that this release does not know.
    OTHER("act on this instance", "it serves again when that is over");

    private final String deed;
    private final String afterwards;

    Kind(String deed, String afterwards) {
      this.deed = deed;
      this.afterwards = afterwards;
    }

    /// What EC2 will do.
    public String deed() {
      return deed;
    }

    /// What becomes of the node then, in words.
    public String afterwards() {
      return afterwards;
    }
  }

  public Kind kind() {
    return switch (code.toLowerCase(Locale.ROOT)) {
      case "instance-reboot", "system-reboot" -> Kind.REBOOT;
      case "instance-stop" -> Kind.STOP;
      case "instance-retirement" -> Kind.RETIREMENT;
      case "system-maintenance" -> Kind.MAINTENANCE;
      default -> Kind.OTHER;
    };
  }

  /// What will be done, and when, in words.
  public String words() {
    return "EC2 will %s %s (%s, %s)"
        .formatted(
            kind().deed(),
            notAfter
                .map(end -> "between %s and %s".formatted(notBefore, end))
                .orElse("at or after " + notBefore),
            code,
            id);
  }
}
