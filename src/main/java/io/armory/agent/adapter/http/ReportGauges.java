package io.armory.agent.adapter.http;

import io.armory.agent.domain.report.BackupReport;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.ServiceReport;
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
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a health report says, as gauges. A service that is gone takes its gauges with it.
final class ReportGauges {
  /// The report being scraped, and when.
  record Scraped(HealthReport report, Instant now) {}

  /// A gauge with a row for each thing that it tells of.
  private record Series(MultiGauge gauge, Function<Scraped, Stream<Row<?>>> rows) {}

  private final MeterRegistry registry;
  private final AtomicReference<@Nullable Scraped> current = new AtomicReference<>();
  private final List<Series> all = new ArrayList<>();

  ReportGauges(MeterRegistry registry) {
    this.registry = registry;
    facts();
    series(
        "armory.agent.info",
        "Versions and identity, always 1",
        s -> Stream.of(Row.of(labels(s.report), 1)));
    series(
        "armory.scheduled.event.timestamp.seconds",
        "When an event of EC2's calendar begins at the earliest",
        s ->
            s.report.lifecycle().scheduled().stream()
                .map(e -> row(e.notBefore().getEpochSecond(), "event", e.id(), "code", e.code())));
    backup(
        "armory.backup.last.success.timestamp.seconds",
        "When the newest of the agent's own backups was made, 0: none yet",
        b -> b.last().map(Instant::getEpochSecond).orElse(0L));
    backup(
        "armory.backup.interval.seconds",
        "How often one is to be made",
        b -> b.every().toSeconds());
    backup(
        "armory.backup.failed",
        "The last attempt at a backup failed",
        b -> one(b.failed().isPresent()));
    series(
        "armory.phase",
        "1 for what the agent is busy with",
        s -> each(HealthReport.Phase.values(), s.report.phase(), "phase"));
    series(
        "armory.revision.info",
        "What the sources give, and what runs; always 1",
        s ->
            s.report.revision().stream().map(r -> row(1, "wanted", r.wanted(), "current", r.id())));
    series(
        "armory.service.state",
        "1 for the state a service is in",
        s ->
            s.report.services().stream()
                .flatMap(v ->
                    each(ServiceReport.State.values(), v.state(), "service", v.name(), "state")));
    redis(
        "armory.redis.up",
        "The remote Redis can be worked with",
        r -> one(r.state() == RedisReport.State.UP));
    redis("armory.redis.latency.seconds", "Of the last PING", ReportGauges::latency);
    one(
        "armory.poller.here",
        "This node was elected to poll",
        s -> s.report.shared().poller().map(p -> one(p.here())));
    one(
        "armory.poller.token",
        "Of the newest election",
        s -> s.report.shared().poller().map(p -> p.token()));
    GroupGauges.addTo(this);
    series(
        "armory.service.restarts",
        "Restarts by the agent",
        s -> s.report.services().stream().map(v -> row(v.restarts(), "service", v.name())));
    series(
        "armory.service.state.seconds",
        "How long a service is in its state",
        s ->
            s.report.services().stream()
                .map(v -> row(seconds(v.since(), s.now), "service", v.name())));
    UsageGauges.addTo(this);
  }

  void set(HealthReport report, Instant now) {
    var scraped = new Scraped(report, now);
    current.set(scraped);
    all.forEach(s -> s.gauge.register(s.rows.apply(scraped).toList(), true));
  }

  private void facts() {
    fact("armory.agent.live", "The agent itself works", s -> one(s.report.live().holds()));
    fact(
        "armory.agent.uptime.seconds",
        "Since its start",
        s -> seconds(s.report.startedAt(), s.now));
    fact(
        "armory.agent.snapshot.age.seconds",
        "Of what all answers are made of",
        s -> seconds(s.report.at(), s.now));
    fact(
        "armory.agent.problems",
        "What keeps the agent from its work",
        s -> s.report.problems().size());
    fact("armory.node.ready", "The node should get traffic", s -> one(s.report.ready().holds()));
    fact(
        "armory.node.needs.replacement",
        "Repair failed in its window",
        s -> one(s.report.replace().holds()));
    fact("armory.node.maintenance", "In maintenance", s -> one(s.report.maintenance().isPresent()));
    fact(
        "armory.node.disk.usage.percent",
        "Of the filesystem with the engine's data",
        s -> s.report.host().diskUsagePercent());
    fact(
        "armory.engine.reachable",
        "The container engine answers",
        s -> one(s.report.engine().map(e -> e.reachable()).orElse(false)));
    fact(
        "armory.revision.stale",
        "Sources cannot be read",
        s -> one(s.report.revision().map(v -> v.stale()).orElse(false)));
    fact(
        "armory.revision.rejected",
        "What the sources give failed here and is not tried again",
        s -> one(s.report.revision().flatMap(v -> v.failed()).isPresent()));
    fact(
        "armory.revision.waiting",
        "What the sources give waits for approval",
        s -> one(s.report.revision().flatMap(v -> v.awaits()).isPresent()));
    fact(
        "armory.revision.held",
        "An operator holds the revision in force against the sources",
        s -> one(s.report.revision().flatMap(v -> v.held()).isPresent()));
  }

  void series(String name, String description, Function<Scraped, Stream<Row<?>>> rows) {
    var gauge = MultiGauge.builder(name).description(description).register(registry);
    all.add(new Series(gauge, rows));
  }

  /// A series that is there only where there is what it tells of.
  void one(String name, String description, Function<Scraped, Optional<? extends Number>> value) {
    series(name, description, s -> value.apply(s).stream().map(v -> Row.of(Tags.empty(), v)));
  }

  static Row<?> row(Number value, String... tags) {
    return Row.of(Tags.of(tags), value);
  }

  private void backup(String name, String description, ToDoubleFunction<BackupReport> value) {
    one(name, description, s -> s.report.backup().map(value::applyAsDouble));
  }

  private void redis(String name, String description, ToDoubleFunction<RedisReport> value) {
    series(
        name,
        description,
        s ->
            s.report.shared().redis().stream()
                .map(r -> row(value.applyAsDouble(r), "address", r.address())));
  }

  private static double latency(RedisReport redis) {
    var latency = redis.latency();
    return latency == null ? Double.NaN : latency.toNanos() / 1e9;
  }

  private void fact(String name, String description, ToDoubleFunction<Scraped> value) {
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

  /// 1 for the one that holds, 0 for each other.
  ///
  /// @param tags the last is the name of that which says which one
  private static Stream<Row<?>> each(Enum<?>[] values, Enum<?> holds, String... tags) {
    return Stream.of(values)
        .map(v -> {
          var all = new ArrayList<>(List.of(tags));
          all.add(ReportJson.word(v));
          return row(one(v == holds), all.toArray(String[]::new));
        });
  }

  static int one(boolean holds) {
    return holds ? 1 : 0;
  }

  static double seconds(Instant from, Instant to) {
    return Math.max(0, Duration.between(from, to).toMillis() / 1000.0);
  }
}
