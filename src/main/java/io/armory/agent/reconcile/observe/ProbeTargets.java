package io.armory.agent.reconcile.observe;

import io.armory.agent.domain.stack.Networking.Mode;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.reconcile.Effect.ProbeTarget;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Where the containers that run can be asked how they are. Pure.
record ProbeTargets(Observed observed, Stack desired) {
  Stream<Container> running() {
    return observed.containers().stream().filter(Container::running);
  }

  /// By container ID.
  Map<String, ProbeTarget> all() {
    var all = new HashMap<String, ProbeTarget>();
    running().forEach(c -> of(c).ifPresent(t -> all.put(c.id(), t)));
    return Map.copyOf(all);
  }

  Optional<ProbeTarget> of(Container c) {
    var started = c.startedAt();
    var spec = service(c).flatMap(Service::probe);
    return started == null || spec.isEmpty()
        ? Optional.empty()
        : address(c).map(a -> new ProbeTarget(c.service(), a, started, spec.get()));
  }

  Optional<Service> service(Container c) {
    return Optional.ofNullable(desired.services().get(c.service()));
  }

  Optional<String> address(Container c) {
    return service(c).flatMap(s -> address(s, c));
  }

  private Optional<String> address(Service service, Container c) {
    return switch (service.container().networking().mode()) {
      case Mode.Engine(var name) when name.equals("host") -> Optional.of("127.0.0.1");
      case Mode.OfService(var parent) ->
          running()
              .filter(p -> p.service().equals(parent))
              .findFirst()
              .flatMap(p -> anyAddress(p, desired.services().get(parent)));
      case Mode.Engine _, Mode.OfContainer _, Mode.Project _ -> anyAddress(c, service);
    };
  }

  /// On the primary network if it has one there, otherwise on any.
  private Optional<String> anyAddress(Container c, @Nullable Service service) {
    if (service != null) {
      for (var a : service.container().networking().attachments()) {
        var network = desired.networks().get(a.network());
        var end = network == null ? null : c.networks().get(network.name());
        if (end != null && end.ipAddress() != null) {
          return Optional.of(end.ipAddress());
        }
      }
    }
    return c.networks().values().stream()
        .flatMap(e -> Optional.ofNullable(e.ipAddress()).stream())
        .sorted()
        .findFirst();
  }
}
