package io.armory.agent.port;

import io.armory.agent.domain.report.HealthReport;

/// What services use. Read when somebody asks, and never by the loop.
public interface UsageMeter {
  /// Of which nothing can be read.
  UsageMeter NONE = report -> report;

  /// The report, with what each service uses now; without it where that cannot be read. Does not
  /// wait.
  HealthReport measured(HealthReport report);

  /// Whether the next report says what share of the processor was used of late.
  default boolean knowsRates() {
    return true;
  }
}
