package io.armory.agent.render;

import io.armory.agent.domain.stack.Networking.Mode;
import io.armory.agent.domain.stack.Networking.PortBinding;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Who may be reached from outside: deck and gate, and what the site lists under `expose:`. Nothing
/// else in Spinnaker asks who is calling, so that a port of it on a wildcard or public address
/// hands the clouds' credentials to whoever finds it.
///
/// @param exposed services that may be published anywhere
public record ExposurePolicy(Set<String> exposed) {
  private static final Set<String> USER_FACING = Set.of("deck", "gate");

  public ExposurePolicy {
    var all = new HashSet<>(USER_FACING);
    all.addAll(exposed);
    exposed = Set.copyOf(all);
  }

  /// @param port what is published; empty for `network_mode: host` and for a borrowed network
  ///   namespace
  /// @param what in words, with the service
  public record Violation(String service, String port, String what) {}

  /// In the order of the services.
  public List<Violation> check(Stack stack) {
    var violations = new ArrayList<Violation>();
    for (var service : stack.services().values()) {
      if (!exposed.contains(service.name())) {
        violations.addAll(check(stack, service));
      }
    }
    return violations;
  }

  private static List<Violation> check(Stack stack, Service service) {
    var networking = service.container().networking();
    return switch (networking.mode()) {
      case Mode.Engine(var name) when name.equals("host") ->
          List.of(
              new Violation(
                  service.name(),
                  "",
                  service.name()
                      + " runs in the node's network (network_mode: host): all its ports"
                      + " are on every address of the node"));
      case Mode.Engine _, Mode.Project() -> ports(service);
      case Mode.OfService(var owner) -> borrowed(stack, service, owner, new HashSet<>());
      // Whose ports these are, and where they are published, is not this stack's to say.
      case Mode.OfContainer _ -> List.of();
    };
  }

  private static List<Violation> ports(Service service) {
    var violations = new ArrayList<Violation>();
    for (var port : service.container().networking().ports()) {
      var scope = AddressScope.of(port.hostIp());
      if (scope != AddressScope.PRIVATE) {
        violations.add(
            new Violation(
                service.name(),
                shown(port),
                service.name() + " would be published on " + scope.words() + ": " + shown(port)));
      }
    }
    return violations;
  }

  /// In the namespace of another service: where that one is reachable, so is this one.
  private static List<Violation> borrowed(
      Stack stack, Service service, String owner, Set<String> seen) {
    var lender = stack.services().get(owner);
    if (lender == null || !seen.add(owner)) {
      return List.of();
    }
    var open =
        switch (lender.container().networking().mode()) {
          case Mode.Engine(var name) when name.equals("host") -> true;
          case Mode.Engine _, Mode.Project() -> !ports(lender).isEmpty();
          case Mode.OfService(var further) -> !borrowed(stack, service, further, seen).isEmpty();
          case Mode.OfContainer _ -> false;
        };
    return open
        ? List.of(
            new Violation(
                service.name(),
                "",
                service.name()
                    + " shares the network of "
                    + owner
                    + " (network_mode: service:"
                    + owner
                    + "), which is published on more than"
                    + " private addresses"))
        : List.of();
  }

  private static String shown(PortBinding port) {
    var host = port.hostIp() == null ? "" : port.hostIp() + ":";
    var published = port.published() == null ? "" : port.published();
    return host + published + ":" + port.target() + "/" + port.protocol();
  }
}
