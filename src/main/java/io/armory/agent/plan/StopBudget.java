package io.armory.agent.plan;

import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Plan;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Fits the stopping of a stack into what is left until a deadline. Services stop one after the
/// other, dependents first: each gets its share of what is left, the ones still to come minded, and
/// what it does not use is the others'. Pure.
final class StopBudget {
  private static final Duration LEAST = Duration.ofSeconds(1);

  private StopBudget() {}

  /// The plan with the grace of its stops cut to fit.
  ///
  /// @param deadline when all must be stopped; empty: every service has its own grace
  static Plan fit(Plan plan, PlanInput situation, Optional<Instant> deadline) {
    if (deadline.isEmpty()) {
      return plan;
    }
    var depths = depths(situation);
    var left = Duration.between(situation.now(), deadline.get());
    var steps =
        plan.steps().stream()
            .map(s ->
                s.action() instanceof Action.StopContainer stop
                    ? new Plan.Step(cut(stop, left, depths), s.cause())
                    : s)
            .toList();
    return new Plan(steps, plan.waits(), plan.notices());
  }

  private static Action.StopContainer cut(
      Action.StopContainer stop, Duration left, Map<String, Integer> depths) {
    var share = left.dividedBy(depths.getOrDefault(stop.service(), 1));
    // Its pre_stop commands have as much time again.
    var own = stop.preStop().isEmpty() ? share : share.dividedBy(2);
    var fair = own.compareTo(LEAST) < 0 ? LEAST : own;
    return fair.compareTo(stop.grace()) < 0
        ? new Action.StopContainer(stop.service(), stop.name(), stop.id(), fair, stop.preStop())
        : stop;
  }

  /// Service → how many stops lie on the longest way from it to the end, its own counted.
  private static Map<String, Integer> depths(PlanInput situation) {
    var active = active(situation);
    var depths = new HashMap<String, Integer>();
    active.keySet().forEach(s -> depth(situation, s, active, depths));
    return depths;
  }

  private static int depth(
      PlanInput situation,
      String service,
      Map<String, Container> active,
      Map<String, Integer> depths) {
    var known = depths.get(service);
    if (known != null) {
      return known;
    }
    var definition = situation.desired().services().get(service);
    var below =
        definition == null
            ? 0
            : definition.dependsOn().keySet().stream()
                .mapToInt(d -> depth(situation, d, active, depths))
                .max()
                .orElse(0);
    var depth = below + (active.containsKey(service) ? 1 : 0);
    depths.put(service, depth);
    return depth;
  }

  private static Map<String, Container> active(PlanInput situation) {
    return situation.observed().containers().stream()
        .filter(Slot::isActive)
        .collect(Collectors.toMap(Container::service, c -> c, (a, b) -> a));
  }
}
