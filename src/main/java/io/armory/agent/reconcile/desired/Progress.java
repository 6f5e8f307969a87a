package io.armory.agent.reconcile.desired;

import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.report.ServiceReport.ContainerReport;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Service;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// How far a try at a revision came: which of its containers started, and which of its services
/// became healthy. Each step counts once for each service, so that one that comes and goes for ever
/// ends in time. Immutable.
///
/// @param before the containers that were there when the try began; empty: not looked at yet
/// @param levels service → the furthest that it came
/// @param last the last step, in words; empty: none yet
record Progress(Optional<Set<String>> before, Map<String, Integer> levels, String last) {
  static final Progress NONE = new Progress(Optional.empty(), Map.of(), "");

  private static final int STARTED = 2;

  /// What another look found.
  Progress after(Revision revision, List<ServiceReport> services) {
    var known =
        before.orElseGet(() ->
            services.stream()
                .flatMap(s -> s.containers().stream())
                .map(ContainerReport::id)
                .collect(Collectors.toSet()));
    var reached = new HashMap<>(levels);
    var news = last;
    for (var s : services) {
      var level = level(s, known, replicas(revision, s.name()));
      var most = reached.getOrDefault(s.name(), 0);
      if (level > most) {
        reached.put(s.name(), level);
        news = s.name() + (isWell(s, known) ? " became healthy" : " was started");
      }
    }
    return new Progress(
        Optional.of(Set.copyOf(known)), Map.copyOf(reached), before.isEmpty() ? "" : news);
  }

  /// Whether it is further than another, earlier one.
  boolean isBeyond(Progress earlier) {
    return earlier.before.isPresent() && !levels.equals(earlier.levels);
  }

  private static int level(ServiceReport s, Set<String> before, int replicas) {
    var started =
        s.containers().stream()
            .filter(c -> c.startedAt() != null && !before.contains(c.id()))
            .count();
    return STARTED * (int) Math.min(started, replicas) + (isWell(s, before) ? 1 : 0);
  }

  /// Up, and not only by one that a successor runs beside.
  private static boolean isWell(ServiceReport s, Set<String> before) {
    return s.isUp() && !hasAilingSuccessor(s, before);
  }

  /// Whether what is started beside the ones before is not well.
  boolean hasAilingSuccessor(ServiceReport s) {
    return before.filter(b -> hasAilingSuccessor(s, b)).isPresent();
  }

  private static boolean hasAilingSuccessor(ServiceReport s, Set<String> before) {
    var started =
        s.containers().stream()
            .filter(c -> c.startedAt() != null && !before.contains(c.id()))
            .toList();
    return s.state() == ServiceReport.State.UP
        && !started.isEmpty()
        && started.stream().noneMatch(ContainerReport::healthy);
  }

  private static int replicas(Revision revision, String service) {
    return Optional.ofNullable(revision.stack().services().get(service))
        .map(Service::replicas)
        .orElse(1);
  }

  /// Whether a service is in the start period that its definition gives it.
  static boolean isInStartPeriod(Revision revision, ServiceReport s, Instant now) {
    var period =
        Optional.ofNullable(revision.stack().services().get(s.name()))
            .flatMap(Service::startPeriod);
    return period.isPresent()
        && (s.state() == ServiceReport.State.STARTING || s.state() == ServiceReport.State.UP)
        && s.containers().stream()
            .filter(c -> !c.healthy())
            .flatMap(c -> Optional.ofNullable(c.startedAt()).stream())
            .anyMatch(started -> now.isBefore(started.plus(period.get())));
  }
}
