package io.armory.agent.adapter.http;

import io.armory.agent.domain.report.GroupReport;
import io.armory.agent.domain.report.HealthReport;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// The group as this node sees it; series that are there only where there is one.
final class GroupGauges {
  private final MultiGauge nodes;
  private final MultiGauge unavailable;
  private final MultiGauge waiting;
  private final MultiGauge heldBack;
  private final MultiGauge turn;

  GroupGauges(MeterRegistry registry) {
    nodes = gauge(registry, "armory.group.nodes", "Nodes that share the Redis");
    unavailable = gauge(registry, "armory.group.unavailable", "Of them: changing or not ready");
    waiting = gauge(registry, "armory.group.waiting", "A revision waits for its turn here");
    heldBack = gauge(registry, "armory.group.held.back", "What waits here failed on another node");
    turn = gauge(registry, "armory.group.turn.seconds", "How long a node has had the turn");
  }

  private static MultiGauge gauge(MeterRegistry registry, String name, String description) {
    return MultiGauge.builder(name).description(description).register(registry);
  }

  void set(HealthReport report, Instant now) {
    nodes.register(one(report, g -> g.nodes().size()), true);
    unavailable.register(one(report, GroupGauges::unavailable), true);
    waiting.register(one(report, g -> g.waiting().isPresent() ? 1 : 0), true);
    heldBack.register(
        one(report, g -> g.heldBack().stream().anyMatch(GroupReport.HeldBack::here) ? 1 : 0), true);
    turn.register(turns(report, now), true);
  }

  private static double unavailable(GroupReport group) {
    return group.nodes().stream().filter(n -> !n.ready() || n.changesTo().isPresent()).count();
  }

  private static List<Row<?>> one(HealthReport report, ToDoubleFunction<GroupReport> value) {
    return report
        .shared()
        .group()
        .<List<Row<?>>>map(g -> List.of(Row.of(Tags.empty(), value.applyAsDouble(g))))
        .orElse(List.of());
  }

  private static List<Row<?>> turns(HealthReport report, Instant now) {
    return report.shared().group().stream()
        .flatMap(g -> g.nodes().stream())
        .<Row<?>>mapMulti((n, rows) -> {
          var since = n.changesSince();
          if (since != null) {
            rows.accept(
                Row.of(
                    Tags.of("node", n.name()),
                    Math.max(0, Duration.between(since, now).toSeconds())));
          }
        })
        .toList();
  }
}
