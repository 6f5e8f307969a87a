package io.armory.agent.adapter.http;

import static io.armory.agent.adapter.http.ReportGauges.one;
import static io.armory.agent.adapter.http.ReportGauges.row;

import io.armory.agent.domain.report.GroupReport;
import io.micrometer.core.instrument.MultiGauge.Row;
import java.time.Duration;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/// The group as this node sees it; series that are there only where there is one.
final class GroupGauges {
  private GroupGauges() {}

  static void addTo(ReportGauges gauges) {
    group(gauges, "nodes", "Nodes that share the Redis", g -> g.nodes().size());
    group(gauges, "unavailable", "Of them: changing or not ready", GroupGauges::unavailable);
    group(
        gauges, "waiting", "A revision waits for its turn here", g -> one(g.waiting().isPresent()));
    group(
        gauges,
        "held.back",
        "What waits here failed on another node",
        g -> one(g.heldBack().stream().anyMatch(GroupReport.HeldBack::here)));
    gauges.series(
        "armory.group.turn.seconds", "How long a node has had the turn", GroupGauges::turns);
  }

  private static void group(
      ReportGauges gauges, String name, String description, ToDoubleFunction<GroupReport> value) {
    gauges.one(
        "armory.group." + name,
        description,
        s -> s.report().shared().group().map(value::applyAsDouble));
  }

  private static double unavailable(GroupReport group) {
    return group.nodes().stream().filter(n -> !n.ready() || n.changesTo().isPresent()).count();
  }

  private static Stream<Row<?>> turns(ReportGauges.Scraped scraped) {
    return scraped.report().shared().group().stream()
        .flatMap(g -> g.nodes().stream())
        .mapMulti((n, rows) -> {
          var since = n.changesSince();
          if (since != null) {
            var seconds = Duration.between(since, scraped.now()).toSeconds();
            rows.accept(row(Math.max(0, seconds), "node", n.name()));
          }
        });
  }
}
