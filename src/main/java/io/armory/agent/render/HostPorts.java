package io.armory.agent.render;

import io.armory.agent.domain.stack.Networking.Mode;
import io.armory.agent.domain.stack.Networking.PortBinding;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// Ports of the node that more than one container of the stack would publish.
final class HostPorts {
  private HostPorts() {}

  /// @param service the later of the two
  record Clash(String service, PortBinding port, String what) {}

  /// @param low the port, or the first of a range to choose from
  private record Claim(Service service, PortBinding port, int low, int high) {
    boolean isFixed() {
      return low == high;
    }

    boolean meets(Claim other) {
      return port.protocol().equals(other.port.protocol())
          && sharesAddress(port.hostIp(), other.port.hostIp());
    }
  }

  static List<Clash> of(Stack stack) {
    var claims =
        stack.services().values().stream()
            .filter(s -> s.replicas() > 0)
            .filter(s ->
                !(s.container().networking().mode() instanceof Mode.Engine(var name))
                    || !name.equals("host"))
            .flatMap(
                s -> s.container().networking().ports().stream().flatMap(p -> claim(s, p).stream()))
            .toList();
    var clashes = new ArrayList<Clash>();
    for (int i = 0; i < claims.size(); i++) {
      clash(claims, i).ifPresent(clashes::add);
    }
    return clashes;
  }

  private static Optional<Claim> claim(Service service, PortBinding port) {
    var published = port.published();
    if (published == null || !published.matches("[0-9]{1,5}(-[0-9]{1,5})?")) {
      return Optional.empty();
    }
    var ends = published.split("-", -1);
    var low = Integer.parseInt(ends[0]);
    var high = Integer.parseInt(ends[ends.length - 1]);
    return low == 0 ? Optional.empty() : Optional.of(new Claim(service, port, low, high));
  }

  private static Optional<Clash> clash(List<Claim> claims, int index) {
    var own = claims.get(index);
    var name = own.service().name();
    if (own.service().replicas() > own.high() - own.low() + 1) {
      return Optional.of(
          new Clash(
              name,
              own.port(),
              "each of its %d containers would publish %s"
                  .formatted(own.service().replicas(), shown(own))));
    }
    if (own.isFixed()) {
      return claims.subList(0, index).stream()
          .filter(c -> c.isFixed() && c.low() == own.low() && c.meets(own))
          .findFirst()
          .map(c ->
              new Clash(
                  name,
                  own.port(),
                  "it would publish %s, and so would %s: %s"
                      .formatted(shown(own), c.service().name(), shown(c))));
    }
    var taken = new HashSet<Integer>();
    claims.stream()
        .filter(c -> c.isFixed() && c.meets(own) && own.low() <= c.low() && c.low() <= own.high())
        .forEach(c -> taken.add(c.low()));
    var free = own.high() - own.low() + 1 - taken.size();
    return free >= own.service().replicas()
        ? Optional.empty()
        : Optional.of(
            new Clash(
                name, own.port(), "others of the stack publish all of the ports of " + shown(own)));
  }

  private static boolean sharesAddress(
      @org.jspecify.annotations.Nullable String one,
      @org.jspecify.annotations.Nullable String two) {
    var first = one == null ? "" : one.replaceAll("[\\[\\]]", "");
    var second = two == null ? "" : two.replaceAll("[\\[\\]]", "");
    return first.equals(second) || isAllOf(first, second) || isAllOf(second, first);
  }

  private static boolean isAllOf(String wildcard, String address) {
    return wildcard.isEmpty()
        || (wildcard.equals("0.0.0.0") && (address.isEmpty() || address.indexOf(':') < 0))
        || (wildcard.equals("::") && (address.isEmpty() || address.indexOf(':') >= 0));
  }

  private static String shown(Claim claim) {
    var ip = claim.port().hostIp();
    return "port %s%s/%s of the node"
        .formatted(
            ip == null || ip.isEmpty() ? "" : ip + ":",
            claim.port().published(),
            claim.port().protocol());
  }
}
