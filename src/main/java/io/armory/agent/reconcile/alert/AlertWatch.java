package io.armory.agent.reconcile.alert;

import io.armory.agent.domain.Problem;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.port.AlertTarget;
import io.armory.agent.port.StateStore;
import io.armory.agent.port.Supervised;
import io.armory.agent.port.Threads;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at the newest report once a second, and has each target told what is new to it.
public final class AlertWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.armory.agent.alert");

  private final Supplier<HealthReport> report;
  private final Consumer<List<Problem>> problems;
  private final InstantSource steady;
  private final AlertSettings settings;
  private final List<Channel> channels;
  private final Threads threads;
  private @Nullable Thread thread;
  private List<Problem> said = List.of();

  private record Channel(AlertTarget target, AlertLedger ledger, AlertSender sender) {}

  /// @param report the newest
  /// @param problems told which targets cannot be reached, when that changes
  /// @param steady goes on evenly whatever the clock is set to
  public AlertWatch(
      Supplier<HealthReport> report,
      Consumer<List<Problem>> problems,
      StateStore store,
      InstantSource steady,
      Threads threads,
      AlertSettings settings,
      List<AlertTarget> targets) {
    this.report = report;
    this.problems = problems;
    this.steady = steady;
    this.threads = threads;
    this.settings = settings;
    var kept = new AlertRecord(store);
    this.channels =
        targets.stream()
            .map(t ->
                new Channel(
                    t,
                    new AlertLedger(settings.times(), kept.of(t.name())),
                    new AlertSender(t, kept, settings.backoff(), threads)))
            .toList();
  }

  public void start() {
    channels.forEach(c -> c.sender().start());
    thread =
        threads.start(
            "alerts",
            new Supervised(
                threads,
                LOG,
                "looking for what to tell",
                settings.every(),
                () -> {
                  look(report.get());
                  threads.sleep(settings.every());
                  return true;
                }));
  }

  /// Before the agent has seen enough it knows neither what holds nor what is over.
  private void look(HealthReport newest) {
    var addressed = channels.stream().filter(c -> c.target().isAddressed()).toList();
    if (!newest.undecided() && !addressed.isEmpty()) {
      var seen = Conditions.look(newest, settings);
      var now = Duration.between(Instant.EPOCH, steady.instant());
      addressed.forEach(c -> c.ledger().step(seen, now).forEach(c.sender()::add));
    }
    var wrong = channels.stream().map(c -> c.sender().problem()).flatMap(Optional::stream).toList();
    if (!wrong.equals(said)) {
      said = wrong;
      problems.accept(wrong);
    }
  }

  @Override
  public void close() {
    Threads.interrupt(thread);
    channels.forEach(c -> c.sender().close());
  }
}
