package io.armory.agent.reconcile.report;

import io.armory.agent.domain.Problem;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Endpoint;
import io.armory.agent.domain.stack.Observation.EngineHealth;
import io.armory.agent.domain.stack.Observation.Observed;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/// Services whose container is well by its own check, and silent at its address, restart after
/// restart: no restart mends that something else has the address, as the leftover of a killed
/// runtime may.
final class UnreachedServices {
  /// A service that hangs is silent, too, and its own check notices that soon.
  private static final int RESTARTS = 3;

  private UnreachedServices() {}

  static List<Problem> of(ReportInput facts) {
    var health = facts.eyes().health(facts.stack());
    return facts.eyes().observed().map(Observed::containers).orElse(List.of()).stream()
        .filter(c -> c.running() && c.engineHealth() == EngineHealth.HEALTHY)
        .filter(c -> facts.history().restarts(c.service()) >= RESTARTS)
        .filter(c -> {
          var heard = health.get(c.id());
          return heard != null && !heard.healthy() && !heard.answered();
        })
        .map(c -> problem(c, facts.history().restarts(c.service())))
        .toList();
  }

  private static Problem problem(Container c, int restarts) {
    var addresses =
        c.networks().values().stream()
            .map(Endpoint::ipAddress)
            .filter(Objects::nonNull)
            .sorted()
            .collect(Collectors.joining(", "));
    return new Problem(
        "service " + c.service(),
        "its check inside the container is well, and at %s the agent hears nothing, after %d restarts"
            .formatted(addresses.isEmpty() ? "its address" : addresses, restarts),
        "see whether something else has that address (ip neigh; a process that a killed runtime"
            + " left) or a firewall is between");
  }
}
