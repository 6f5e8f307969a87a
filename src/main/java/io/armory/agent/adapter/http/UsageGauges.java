package io.armory.agent.adapter.http;

import static io.armory.agent.adapter.http.ReportGauges.row;

import io.armory.agent.domain.report.ServiceReport.Usage;
import java.util.function.ToDoubleFunction;

/// What services use, beside their limits; series that are there only where it can be read, and a
/// limit only where there is one.
final class UsageGauges {
  private UsageGauges() {}

  static void addTo(ReportGauges to) {
    usage(to, "memory.bytes", "In use, without what is only cached", Usage::memory);
    usage(to, "memory.limit.bytes", "Beyond it, it is killed", u -> limit(u.memoryLimit()));
    usage(to, "cpu.seconds", "Processor time since its start", u -> u.processor().toNanos() / 1e9);
    usage(to, "cpu.limit", "Processors that it may use", u -> limit(u.processors()));
  }

  private static double limit(Number value) {
    return value.doubleValue() > 0 ? value.doubleValue() : Double.NaN;
  }

  private static void usage(
      ReportGauges to, String name, String description, ToDoubleFunction<Usage> value) {
    to.series(
        "armory.service." + name,
        description,
        s ->
            s.report().services().stream()
                .flatMap(v ->
                    v.usage().map(value::applyAsDouble).filter(u -> !u.isNaN()).stream()
                        .map(u -> row(u, "service", v.name()))));
  }
}
