package io.armory.agent.render;

import io.armory.agent.domain.Cidr;
import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.Networking.Attachment;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The addresses of a stack's networks, as far as they can be wrong by themselves.
final class Ranges {
  private static final String SUBNET = "subnet";

  /// The engine makes a network of it, in which no container starts.
  private static final List<Cidr> MULTICAST =
      Stream.of("224.0.0.0/4", "ff00::/8").flatMap(r -> Cidr.parse(r).stream()).toList();

  private final Stack stack;
  private final List<Fault> faults = new ArrayList<>();
  private final Map<Cidr, String> seen = new HashMap<>();

  /// Network and address → the service that has it.
  private final Map<String, String> given = new HashMap<>();

  private Ranges(Stack stack) {
    this.stack = stack;
  }

  /// @param key of the network; of the service where `token` is an address of one
  /// @param attribute that says it, such as `subnet`
  /// @param token what is wrong, as written
  record Fault(String section, String key, String attribute, String token, String what) {}

  static List<Fault> faults(Stack stack) {
    var ranges = new Ranges(stack);
    stack.networks().values().stream()
        .filter(n -> !n.external() && n.ipam() != null)
        .forEach(ranges::check);
    stack.services().values().forEach(ranges::check);
    return ranges.faults;
  }

  /// The ranges that a network asks for, those that are none left out.
  static List<Cidr> of(Network network) {
    var ipam = network.ipam();
    return ipam == null
        ? List.of()
        : ipam.pools().stream()
            .flatMap(p -> Optional.ofNullable(p.subnet()).stream())
            .flatMap(s -> Cidr.parse(s).stream())
            .toList();
  }

  /// The addresses that the network's bridge has, or will get: without one of its own a pool's is
  /// the first of its range.
  static List<Cidr> gateways(Network network) {
    var ipam = network.ipam();
    return ipam == null
        ? List.of()
        : ipam.pools().stream().flatMap(p -> gateway(p).stream()).toList();
  }

  private static Optional<Cidr> gateway(Network.Pool pool) {
    if (pool.gateway() != null) {
      return Cidr.parse(pool.gateway());
    }
    return Optional.ofNullable(pool.subnet())
        .flatMap(Cidr::parse)
        .map(s -> new Cidr(s.first().add(BigInteger.ONE), s.bits(), s.bits()));
  }

  private void check(Network network) {
    var ipam = network.ipam();
    if (ipam == null) {
      return;
    }
    for (var pool : ipam.pools()) {
      var subnet = pool.subnet() == null ? Optional.<Cidr>empty() : subnet(network, pool.subnet());
      subnet.ifPresent(s -> {
        inside(network, "gateway", pool.gateway(), s, true);
        inside(network, "ip_range", pool.ipRange(), s, false);
        pool.auxAddresses()
            .forEach((name, address) -> inside(network, "aux_addresses." + name, address, s, true));
      });
    }
  }

  private Optional<Cidr> subnet(Network network, String written) {
    var parsed = Cidr.parse(written);
    if (parsed.isEmpty() || written.indexOf('/') < 0) {
      fault(network, SUBNET, written, "'%s' is no range of addresses".formatted(written));
      return Optional.empty();
    }
    var subnet = parsed.get();
    var address = Cidr.parse(written.substring(0, written.indexOf('/'))).orElseThrow();
    if (!address.first().equals(subnet.first())) {
      fault(
          network,
          SUBNET,
          written,
          "%s is an address in a range, not a range; it would be %s".formatted(written, subnet));
      return Optional.empty();
    }
    if (MULTICAST.stream().anyMatch(m -> m.overlaps(subnet))) {
      fault(
          network,
          SUBNET,
          written,
          "%s is for multicast, and no container can have an address there".formatted(written));
    }
    if (subnet.size().compareTo(BigInteger.valueOf(containers(network) + 3L)) < 0) {
      fault(
          network,
          SUBNET,
          written,
          "%s has too few addresses for %d containers, and the gateway"
              .formatted(written, containers(network)));
    }
    for (var other : seen.entrySet()) {
      if (other.getKey().overlaps(subnet)) {
        fault(
            network,
            SUBNET,
            written,
            "%s overlaps %s of network %s".formatted(written, other.getKey(), other.getValue()));
      }
    }
    seen.put(subnet, network.key());
    return parsed;
  }

  private long containers(Network network) {
    return stack.services().values().stream()
        .filter(s -> attachment(s, network).isPresent())
        .mapToLong(Service::replicas)
        .sum();
  }

  private static Optional<Attachment> attachment(Service service, Network network) {
    return service.container().networking().attachments().stream()
        .filter(a -> a.network().equals(network.key()))
        .findFirst();
  }

  private void inside(
      Network network, String what, @Nullable String written, Cidr subnet, boolean single) {
    if (written == null || written.isEmpty()) {
      return;
    }
    var parsed = Cidr.parse(written);
    if (parsed.isEmpty() || (single && written.indexOf('/') >= 0)) {
      fault(
          network,
          what,
          written,
          "%s '%s' is no %s"
              .formatted(what, written, single ? "IP address" : "range of addresses"));
    } else if (parsed.get().bits() == subnet.bits() && !subnet.contains(parsed.get())) {
      fault(network, what, written, "%s %s is not in %s".formatted(what, written, subnet));
    }
  }

  private void fault(Network network, String attribute, String token, String what) {
    faults.add(
        new Fault("networks", network.key(), attribute.replaceFirst("[.].*", ""), token, what));
  }

  /// The second container with an address is refused when it is started, after its predecessor has
  /// gone. A task may have one that is free again when it has ended.
  private void onlyOne(Service service, Network network, String written, Cidr address) {
    if (Service.isOneShot(stack, service.name())) {
      return;
    }
    var other = given.putIfAbsent(network.key() + " " + address, service.name());
    if (other != null) {
      fault(
          service,
          written,
          "address %s of network %s is that of %s, too".formatted(written, network.key(), other));
    } else if (service.replicas() > 1) {
      fault(
          service,
          written,
          "address %s is for one container, and there are to be %d"
              .formatted(written, service.replicas()));
    }
  }

  private void fault(Service service, String token, String what) {
    faults.add(new Fault("services", service.name(), "networks", token, what));
  }

  /// Addresses that services ask for.
  private void check(Service service) {
    for (var attachment : service.container().networking().attachments()) {
      var network = stack.networks().get(attachment.network());
      if (network == null || network.external()) {
        continue;
      }
      for (var address : new String[] {attachment.ipv4Address(), attachment.ipv6Address()}) {
        var parsed = address == null ? Optional.<Cidr>empty() : Cidr.parse(address);
        var ranges = of(network);
        if (address != null
            && (parsed.isEmpty() || ranges.stream().noneMatch(r -> r.contains(parsed.get())))) {
          fault(
              service,
              address,
              "address %s is not in a range of network %s".formatted(address, network.key()));
        } else if (address != null) {
          onlyOne(service, network, address, parsed.get());
        }
      }
    }
  }
}
