package io.armory.agent.adapter.http;

import io.armory.agent.domain.ProbeResult;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.port.Telemetry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The agent's metrics. The library behind them starts with the first thing recorded or asked, not
/// with the agent: it takes longer to start than the health port may.
public final class Metrics implements Telemetry {
  private final Object starting = new Object();

  /// Finding a meter anew for each of the probes costs more than the probe's own bookkeeping.
  private final Map<Key, Timer> timers = new ConcurrentHashMap<>();

  private record Key(String name, List<String> tags) {}

  private volatile @Nullable Started started;

  private record Started(PrometheusMeterRegistry registry, ReportGauges gauges) {}

  private Started started() {
    var known = started;
    if (known != null) {
      return known;
    }
    synchronized (starting) {
      known = started;
      if (known == null) {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(registry);
        started = known = new Started(registry, new ReportGauges(registry));
      }
      return known;
    }
  }

  /// Everything in Prometheus' text format.
  String scrape(HealthReport report, Instant now) {
    var all = started();
    // One scrape at a time: the gauges of one report must not mix with those of another.
    synchronized (all.gauges()) {
      all.gauges().set(report, now);
      return all.registry().scrape();
    }
  }

  @Override
  public void probed(String service, ProbeResult result) {
    record("armory.probe", result.took(), "service", service, "result", word(result.healthy()));
  }

  @Override
  public void acted(Action action, boolean done, Duration took) {
    record("armory.action", took, "action", name(action), "result", word(done));
  }

  @Override
  public void reconciled(Duration took) {
    record("armory.reconcile", took);
  }

  @Override
  public void askedAws(String operation, boolean answered, Duration took) {
    record("armory.aws.call", took, "operation", operation, "result", word(answered));
  }

  private void record(String name, Duration took, String... tags) {
    timers
        .computeIfAbsent(
            new Key(name, List.of(tags)),
            k -> Timer.builder(name).tags(tags).register(started().registry()))
        .record(took);
  }

  private static String word(boolean good) {
    return good ? "ok" : "failed";
  }

  /// `PullImage` → `pull-image`.
  private static String name(Action action) {
    return action
        .getClass()
        .getSimpleName()
        .replaceAll("(?<=.)([A-Z])", "-$1")
        .toLowerCase(Locale.ROOT);
  }
}
