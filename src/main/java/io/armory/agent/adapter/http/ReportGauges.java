package io.armory.agent.adapter.http;

import io.armory.agent.domain.report.BackupReport;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.report.SharedReport.PollerReport;
import io.armory.agent.domain.report.SharedReport.RedisReport;
import io.armory.agent.view.ReportJson;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// What a health report says, as gauges. A service that is gone takes its gauges with it.
final class ReportGauges {
  /// The report being scraped, and when.
  private record Scraped(HealthReport report, Instant now) {}

  private final AtomicReference<@Nullable Scraped> current = new AtomicReference<>();
  private final MultiGauge info;
  private final MultiGauge scheduled;
  private final MultiGauge backupLast;
  private final MultiGauge backupEvery;
  private final MultiGauge backupFailed;
  private final MultiGauge phase;
  private final MultiGauge revision;
  private final MultiGauge state;
  private final MultiGauge restarts;
  private final MultiGauge since;
  private final UsageGauges usage;
  private final MultiGauge redisUp;
  private final MultiGauge redisLatency;
  private final MultiGauge pollerHere;
  private final MultiGauge pollerToken;
  private final GroupGauges group;

  ReportGauges(MeterRegistry registry) {
    facts(registry);
    info = gauge(registry, "armory.agent.info", "Versions and identity, always 1");
    scheduled =
        gauge(
            registry,
            "armory.scheduled.event.timestamp.seconds",
            "When an event of EC2's calendar begins at the earliest");
    backupLast =
        gauge(
            registry,
            "armory.backup.last.success.timestamp.seconds",
            "When the newest of the agent's own backups was made, 0: none yet");
    backupEvery = gauge(registry, "armory.backup.interval.seconds", "How often one is to be made");
    backupFailed = gauge(registry, "armory.backup.failed", "The last attempt at a backup failed");
    phase = gauge(registry, "armory.phase", "1 for what the agent is busy with");
    revision =
        gauge(registry, "armory.revision.info", "What the sources give, and what runs; always 1");
    state = gauge(registry, "armory.service.state", "1 for the state a service is in");
    redisUp = gauge(registry, "armory.redis.up", "The remote Redis can be worked with");
    redisLatency = gauge(registry, "armory.redis.latency.seconds", "Of the last PING");
    pollerHere = gauge(registry, "armory.poller.here", "This node was elected to poll");
    pollerToken = gauge(registry, "armory.poller.token", "Of the newest election");
    group = new GroupGauges(registry);
    restarts = gauge(registry, "armory.service.restarts", "Restarts by the agent");
    since = gauge(registry, "armory.service.state.seconds", "How long a service is in its state");
    usage = new UsageGauges(registry);
  }

  private static MultiGauge gauge(MeterRegistry registry, String name, String description) {
    return MultiGauge.builder(name).description(description).register(registry);
  }

  void set(HealthReport report, Instant now) {
    current.set(new Scraped(report, now));
    info.register(List.of(Row.of(labels(report), 1)), true);
    scheduled.register(scheduled(report), true);
    backupLast.register(
        backup(report, b -> b.last().map(Instant::getEpochSecond).orElse(0L)), true);
    backupEvery.register(backup(report, b -> b.every().toSeconds()), true);
    backupFailed.register(backup(report, b -> one(b.failed().isPresent())), true);
    phase.register(phases(report), true);
    revision.register(revisions(report), true);
    state.register(states(report), true);
    redisUp.register(redis(report, r -> one(r.state() == RedisReport.State.UP)), true);
    redisLatency.register(redis(report, ReportGauges::latency), true);
    pollerHere.register(poller(report, p -> one(p.here())), true);
    pollerToken.register(poller(report, PollerReport::token), true);
    group.set(report, now);
    restarts.register(services(report, ServiceReport::restarts), true);
    since.register(services(report, s -> seconds(s.since(), now)), true);
    usage.set(report);
  }

  private void facts(MeterRegistry registry) {
    fact(
        registry, "armory.agent.live", "The agent itself works", s -> one(s.report.live().holds()));
    fact(
        registry,
        "armory.agent.uptime.seconds",
        "Since its start",
        s -> seconds(s.report.startedAt(), s.now));
    fact(
        registry,
        "armory.agent.snapshot.age.seconds",
        "Of what all answers are made of",
        s -> seconds(s.report.at(), s.now));
    fact(
        registry,
        "armory.agent.problems",
        "What keeps the agent from its work",
        s -> s.report.problems().size());
    fact(
        registry,
        "armory.node.ready",
        "The node should get traffic",
        s -> one(s.report.ready().holds()));
    fact(
        registry,
        "armory.node.needs.replacement",
        "Repair failed in its window",
        s -> one(s.report.replace().holds()));
    fact(
        registry,
        "armory.node.maintenance",
        "In maintenance",
        s -> one(s.report.maintenance().isPresent()));
    fact(
        registry,
        "armory.node.disk.usage.percent",
        "Of the filesystem with the engine's data",
        s -> s.report.host().diskUsagePercent());
    fact(
        registry,
        "armory.engine.reachable",
        "The container engine answers",
        s -> one(s.report.engine().map(e -> e.reachable()).orElse(false)));
    fact(
        registry,
        "armory.revision.stale",
        "Sources cannot be read",
        s -> one(s.report.revision().map(v -> v.stale()).orElse(false)));
    fact(
        registry,
        "armory.revision.rejected",
        "What the sources give failed here and is not tried again",
        s -> one(s.report.revision().flatMap(v -> v.failed()).isPresent()));
    fact(
        registry,
        "armory.revision.waiting",
        "What the sources give waits for approval",
        s -> one(s.report.revision().flatMap(v -> v.awaits()).isPresent()));
    fact(
        registry,
        "armory.revision.held",
        "An operator holds the revision in force against the sources",
        s -> one(s.report.revision().flatMap(v -> v.held()).isPresent()));
  }

  private static List<Row<?>> revisions(HealthReport report) {
    return report
        .revision()
        .<List<Row<?>>>map(
            r -> List.of(Row.of(Tags.of("wanted", r.wanted(), "current", r.id()), 1)))
        .orElse(List.of());
  }

  private static List<Row<?>> scheduled(HealthReport report) {
    return report.lifecycle().scheduled().stream()
        .<Row<?>>map(
            e -> Row.of(Tags.of("event", e.id(), "code", e.code()), e.notBefore().getEpochSecond()))
        .toList();
  }

  private static List<Row<?>> backup(HealthReport report, ToDoubleFunction<BackupReport> value) {
    return report
        .backup()
        .<List<Row<?>>>map(b -> List.of(Row.of(Tags.empty(), value.applyAsDouble(b))))
        .orElse(List.of());
  }

  /// Series that are there only where there is something shared.
  private static List<Row<?>> redis(HealthReport report, ToDoubleFunction<RedisReport> value) {
    return report
        .shared()
        .redis()
        .<List<Row<?>>>map(
            r -> List.of(Row.of(Tags.of("address", r.address()), value.applyAsDouble(r))))
        .orElse(List.of());
  }

  private static List<Row<?>> poller(HealthReport report, ToDoubleFunction<PollerReport> value) {
    return report
        .shared()
        .poller()
        .<List<Row<?>>>map(p -> List.of(Row.of(Tags.empty(), value.applyAsDouble(p))))
        .orElse(List.of());
  }

  private static double latency(RedisReport redis) {
    var latency = redis.latency();
    return latency == null ? Double.NaN : latency.toNanos() / 1e9;
  }

  private void fact(
      MeterRegistry registry, String name, String description, ToDoubleFunction<Scraped> value) {
    Gauge.builder(
            name,
            () -> {
              var scraped = current.get();
              return scraped == null ? Double.NaN : value.applyAsDouble(scraped);
            })
        .description(description)
        .register(registry);
  }

  private static Tags labels(HealthReport r) {
    return Tags.of(
        "version",
        r.agentVersion(),
        "engine",
        r.engine().map(e -> e.name() + " " + e.version()).orElse(""),
        "stack",
        r.node().identity().map(i -> i.stack().value()).orElse(""),
        "role",
        r.revision().map(HealthReport.RevisionReport::role).orElse(""),
        "revision",
        r.revision().map(HealthReport.RevisionReport::id).orElse(""));
  }

  private static List<Row<?>> phases(HealthReport report) {
    var rows = new ArrayList<Row<?>>();
    for (var one : HealthReport.Phase.values()) {
      rows.add(Row.of(Tags.of("phase", ReportJson.word(one)), one(one == report.phase())));
    }
    return rows;
  }

  private static List<Row<?>> states(HealthReport report) {
    var rows = new ArrayList<Row<?>>();
    for (var service : report.services()) {
      for (var one : ServiceReport.State.values()) {
        var tags = Tags.of("service", service.name(), "state", ReportJson.word(one));
        rows.add(Row.of(tags, one(one == service.state())));
      }
    }
    return rows;
  }

  private interface Quantity {
    double of(ServiceReport service);
  }

  private static List<Row<?>> services(HealthReport report, Quantity quantity) {
    var rows = new ArrayList<Row<?>>();
    for (var service : report.services()) {
      rows.add(Row.of(Tags.of("service", service.name()), quantity.of(service)));
    }
    return rows;
  }

  private static int one(boolean holds) {
    return holds ? 1 : 0;
  }

  private static double seconds(Instant from, Instant to) {
    return Math.max(0, Duration.between(from, to).toMillis() / 1000.0);
  }
}
