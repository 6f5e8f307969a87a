package io.armory.agent.domain;

import java.time.Duration;

/// One answer, or the lack of it.
///
/// @param detail in words: "200", "answers 503: DOWN", "connection refused", "no answer in 5 s"
public record ProbeResult(Standing standing, String detail, Duration took) {

  /// What an answer says of the one that gave it. Whether it is alive and whether it is ready are
  /// two questions: any answer means alive.
  public enum Standing {
    WELL,
    /// Alive and on its way: it will be well by itself, however long that takes.
    STARTING,
    /// Alive, and nothing that a restart would mend: it says what it lacks, or works on something
    /// that a restart would throw away.
    AILING,
    /// It answers that it is out of order.
    FAILING,
    /// It lets one in and says nothing: it hangs.
    SILENT,
    /// Nobody is let in: it has not opened its port yet, or is not there.
    CLOSED
  }

  /// Of a question that knows no more than these.
  public ProbeResult(boolean healthy, boolean answered, String detail, Duration took) {
    this(healthy ? Standing.WELL : answered ? Standing.FAILING : Standing.SILENT, detail, took);
  }

  public boolean healthy() {
    return standing == Standing.WELL;
  }
}
