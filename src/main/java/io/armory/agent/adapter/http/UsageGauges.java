package io.armory.agent.adapter.http;

import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.ServiceReport.Usage;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// What services use, beside their limits; series that are there only where it can be read, and a
/// limit only where there is one.
final class UsageGauges {
  private final MultiGauge memory;
  private final MultiGauge memoryLimit;
  private final MultiGauge cpu;
  private final MultiGauge cpuLimit;

  UsageGauges(MeterRegistry registry) {
    memory = gauge(registry, "armory.service.memory.bytes", "In use, without what is only cached");
    memoryLimit = gauge(registry, "armory.service.memory.limit.bytes", "Beyond it, it is killed");
    cpu = gauge(registry, "armory.service.cpu.seconds", "Processor time since its start");
    cpuLimit = gauge(registry, "armory.service.cpu.limit", "Processors that it may use");
  }

  private static MultiGauge gauge(MeterRegistry registry, String name, String description) {
    return MultiGauge.builder(name).description(description).register(registry);
  }

  void set(HealthReport report) {
    memory.register(rows(report, Usage::memory), true);
    memoryLimit.register(limits(report, Usage::memoryLimit), true);
    cpu.register(rows(report, u -> u.processor().toNanos() / 1e9), true);
    cpuLimit.register(limits(report, Usage::processors), true);
  }

  private static List<Row<?>> limits(HealthReport report, ToDoubleFunction<Usage> value) {
    return rows(report, u -> value.applyAsDouble(u) > 0 ? value.applyAsDouble(u) : Double.NaN);
  }

  private static List<Row<?>> rows(HealthReport report, ToDoubleFunction<Usage> value) {
    var rows = new ArrayList<Row<?>>();
    for (var service : report.services()) {
      service
          .usage()
          .map(value::applyAsDouble)
          .filter(v -> !v.isNaN())
          .ifPresent(v -> rows.add(Row.of(Tags.of("service", service.name()), v)));
    }
    return rows;
  }
}
