package io.armory.agent.render.engine;

import io.armory.agent.domain.Cidr;
import io.armory.agent.domain.stack.Networking;
import io.armory.agent.domain.stack.Networking.PortBinding;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Names, addresses and ports.
final class NetworkingRules {
  private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");
  private static final int LAST_PORT = 65535;
  private static final Pattern PUBLISHED = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");
  private static final Pattern MAC =
      Pattern.compile("[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}|[0-9a-fA-F]{2}(?:-[0-9a-fA-F]{2}){5}");

  /// What resolvers understand; the rest they pass over.
  private static final Pattern RESOLVER_OPTION =
      Pattern.compile(
          "(?:ndots|timeout|attempts):[0-9]+|rotate|debug|no-check-names|inet6|ip6-bytestring"
              + "|ip6-dotint|no-ip6-dotint|edns0|single-request|single-request-reopen|no-tld-query"
              + "|use-vc|no-reload|trust-ad|no-aaaa");

  private static final Pattern DOMAIN = Pattern.compile("\\.|[\\w-]+(?:\\.[\\w-]+)*+\\.?");

  private NetworkingRules() {}

  static void check(Networking networking, Faults faults) {
    networking.extraHosts().forEach(host -> extraHost(host, faults));
    for (var server : networking.dns()) {
      if (!isAddress(server.replaceFirst("%.*", ""))) {
        faults.refuseSince(
            28, "dns", server, "'%s' is no IP address".formatted(server), "write an address");
      }
    }
    for (var domain : networking.dnsSearch()) {
      if (!DOMAIN.matcher(domain).matches()) {
        faults.warn(
            "dns_search", domain, "'%s' is no domain".formatted(domain), "write one for each item");
      }
    }
    for (var option : networking.dnsOptions()) {
      if (!RESOLVER_OPTION.matcher(option).matches()) {
        faults.warn(
            "dns_opt",
            option,
            "'%s' is no option that resolvers know".formatted(option),
            "see resolv.conf(5)");
      }
    }
    networking.ports().forEach(port -> port(port, faults));
    Stream.concat(
            Stream.of(Objects.requireNonNullElse(networking.macAddress(), "")),
            networking.attachments().stream()
                .map(a -> Objects.requireNonNullElse(a.macAddress(), "")))
        .filter(mac -> !mac.isEmpty())
        .distinct()
        .forEach(mac -> mac(mac, faults));
  }

  private static boolean isAddress(String text) {
    return text.indexOf('/') < 0 && Cidr.parse(text).isPresent();
  }

  private static void extraHost(String host, Faults faults) {
    var colon = host.indexOf(':');
    var address = colon < 0 ? "" : host.substring(colon + 1);
    if (colon < 1) {
      faults.refuse(
          "extra_hosts",
          host,
          "'%s' does not name a host and its address".formatted(host),
          "write name:192.168.1.7");
    } else if (!address.equals("host-gateway") && !isAddress(address)) {
      faults.refuse(
          "extra_hosts",
          host.substring(0, colon),
          "'%s' is no IP address".formatted(address),
          Faults.nearest(address, Set.of("host-gateway"))
              .orElse("write an address, or host-gateway"));
    }
  }

  private static void port(PortBinding port, Faults faults) {
    var protocol = port.protocol();
    if (!PROTOCOLS.contains(protocol.toLowerCase(Locale.ROOT))) {
      faults.refuse(
          "ports",
          protocol,
          "'%s' is no protocol".formatted(protocol),
          Faults.nearest(protocol, PROTOCOLS).orElse("write tcp, udp or sctp"));
    }
    if (port.target() < 1 || port.target() > LAST_PORT) {
      faults.refuse("ports", "", "%d is no port".formatted(port.target()), "write 1 to 65535");
    }
    var published = port.published();
    if (published != null && !published.isEmpty() && !isPublished(published)) {
      faults.refuse(
          "ports",
          published,
          "'%s' is no port of the node".formatted(published),
          "write 1 to 65535");
    }
  }

  private static boolean isPublished(String published) {
    var ends = PUBLISHED.matcher(published);
    if (!ends.matches()) {
      return false;
    }
    var low = Integer.parseInt(ends.group(1));
    var high = ends.group(2) == null ? low : Integer.parseInt(ends.group(2));
    return low <= high && high <= LAST_PORT;
  }

  private static void mac(String mac, Faults faults) {
    if (!MAC.matcher(mac).matches()) {
      faults.refuse(
          "mac_address", mac, "'%s' is no MAC address".formatted(mac), "write 02:42:ac:11:00:07");
    } else if (Integer.parseInt(mac.substring(0, 2), 16) % 2 == 1
        || mac.replaceAll("[:0-]", "").isEmpty()) {
      faults.refuse(
          "mac_address",
          mac,
          "%s is no address of one device".formatted(mac),
          "write one that begins with 02");
    }
  }
}
