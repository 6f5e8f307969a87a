package io.armory.agent.reconcile.intent;

import io.armory.agent.domain.ProgressLine;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.domain.report.HealthReport.EngineReport;
import io.armory.agent.domain.report.HealthReport.RevisionReport;
import io.armory.agent.domain.report.ServiceReport;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What an operator who waits is told: how many services are there, after how long, and what the
/// others do; and each new hindrance once, at once.
public final class CommandProgress {
  private static final String PULLING = "pulling ";
  private static final int NAMED = 3;
  private static final Set<String> ACTIVE = Set.of("running", "paused", "restarting");

  private final Consumer<String> out;
  private final Instant began;
  private final Set<String> hindrances = new HashSet<>();
  private final ProgressLine line;

  public CommandProgress(Consumer<String> out, Instant began) {
    this.out = out;
    this.began = began;
    this.line = new ProgressLine(out, began);
  }

  /// @param services that are waited for
  /// @param goal what each of them is to be, and its word
  public void tell(
      HealthReport report, Set<String> services, String word, Predicate<ServiceReport> goal) {
    var all =
        report.services().stream()
            .filter(s -> services.contains(s.name()) && s.state() != ServiceReport.State.STANDBY)
            .toList();
    hindrances(report, all).forEach(this::once);
    var there = all.stream().filter(goal).count();
    var rest = all.stream().filter(s -> !goal.test(s) || isPulling(s)).toList();
    line.tell("%d of %d %s".formatted(there, all.size(), word), doing(rest), report.at());
  }

  /// No container of it runs.
  public static boolean isStopped(ServiceReport s) {
    return s.containers().stream().noneMatch(c -> ACTIVE.contains(c.engineState()));
  }

  /// What runs serves while the image of its successor comes, which takes longest of all.
  private static boolean isPulling(ServiceReport s) {
    return s.doing().startsWith(PULLING);
  }

  /// Those that do alike are named together, as far as a line has room.
  private static String doing(List<ServiceReport> rest) {
    var alike = new LinkedHashMap<String, TreeSet<String>>();
    for (var s : rest) {
      alike.computeIfAbsent(word(s), _ -> new TreeSet<>()).add(s.name());
    }
    return alike.entrySet().stream()
        .map(e -> named(e.getValue()) + " " + e.getKey())
        .collect(Collectors.joining("; "));
  }

  private static String named(Set<String> services) {
    return services.size() <= NAMED + 1
        ? String.join(", ", services)
        : services.stream().limit(NAMED).collect(Collectors.joining(", "))
            + " and %d more".formatted(services.size() - NAMED);
  }

  private static String word(ServiceReport s) {
    if (isPulling(s)) {
      return s.doing();
    }
    return s.state() == ServiceReport.State.STOPPED && !isStopped(s)
        ? "stopping"
        : s.state().name().toLowerCase(Locale.ROOT);
  }

  private Stream<String> hindrances(HealthReport report, List<ServiceReport> services) {
    return Stream.of(
            report.engine().map(EngineReport::problem).stream().map(p -> "docker: " + p),
            report.revision().flatMap(RevisionReport::heldUp).stream().map(h -> "held up: " + h),
            services.stream().flatMap(s -> failure(s).stream()))
        .flatMap(s -> s);
  }

  private Optional<String> failure(ServiceReport s) {
    return s.lastFailure()
        .filter(f -> !s.isUp() && !f.at().isBefore(began))
        .map(f -> s.name() + ": " + f.what());
  }

  /// What differs in numbers alone is the same.
  private void once(String line) {
    if (hindrances.add(line.replaceAll("\\d+", "#"))) {
      out.accept(line);
    }
  }
}
