package io.armory.agent.doctor;

import io.armory.agent.adapter.probe.SpinnakerWork;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.Check;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.port.Workload;
import io.armory.agent.port.Workload.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Whether those whose work in hand a drain waits for can say what it is.
record WorkChecks(Stack stack, Observed observed) {
  private static final Map<String, Integer> PORTS = Map.of("orca", 8083, "rosco", 8087);

  List<Check> all() {
    var workload = new SpinnakerWork();
    return PORTS.keySet().stream()
        .sorted()
        .flatMap(s -> endpoint(s).stream())
        .map(e -> check(workload, e))
        .toList();
  }

  private static Check check(Workload workload, Endpoint endpoint) {
    var name = endpoint.service();
    return switch (workload.underWay(endpoint)) {
      case Outcome.Done<Integer>(var n) ->
          Check.fine("drain", name + " says what work it has in hand: " + (n == 0 ? "none" : n));
      case Outcome.Failed<Integer>(var failure) when failure.kind() == Kind.UNREACHABLE ->
          Check.advice("drain", failure.message(), "look again once " + name + " is up");
      case Outcome.Failed<Integer>(var failure) ->
          Check.wrong(
              "drain",
              name + " cannot say what work it has in hand: " + failure.message(),
              "until it can, a drain does not know how long to wait for it");
    };
  }

  /// Of one that runs here.
  private Optional<Endpoint> endpoint(String service) {
    var port =
        Optional.ofNullable(stack.services().get(service))
            .flatMap(Service::probe)
            .map(p -> p.check().port())
            .orElse(PORTS.getOrDefault(service, 0));
    return observed.containers().stream()
        .filter(c -> c.running() && c.service().equals(service))
        .flatMap(WorkChecks::addresses)
        .findFirst()
        .map(a -> new Endpoint(service, a, port));
  }

  private static Stream<String> addresses(Container c) {
    return c.networks().containsKey("host")
        ? Stream.of("127.0.0.1")
        : c.networks().values().stream()
            .flatMap(e -> Optional.ofNullable(e.ipAddress()).stream())
            .sorted();
  }
}
