package io.armory.agent.compose.source;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The short form of a port: `[IP:][HOST[-HOST]:]CONTAINER[-CONTAINER][/PROTOCOL]`, IPv6 in
/// brackets. A range gives one port each, unless it is a choice of host ports for one container
/// port.
public final class PortSpec {
  private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");

  private static final int NODES_OF_A_PORT = 10;

  private record Range(int start, int end) {
    int size() {
      return end - start;
    }
  }

  private PortSpec() {}

  /// The long forms; throws [IllegalArgumentException] saying what is wrong.
  public static List<Node.Mapping> parse(String spec, Location mark, LoadLimits budget) {
    String[] parts = spec.split(":", -1);
    int n = parts.length;
    String ip = n < 3 ? "" : String.join(":", List.of(parts).subList(0, n - 2));
    String host = n < 2 ? "" : parts[n - 2];
    String[] container = parts[n - 1].split("/", -1);
    String protocol = container.length > 1 && !container[1].isEmpty() ? container[1] : "tcp";
    String address = address(ip);
    if (container[0].isEmpty()) {
      throw new IllegalArgumentException("'" + spec + "' has no container port");
    }
    Range targets = range(container[0], "container");
    if (targets.start == 0) {
      throw new IllegalArgumentException("0 is no container port");
    }
    Range published = host.isEmpty() ? null : range(host, "host");
    boolean choice = published != null && published.size() != targets.size();
    if (choice && targets.size() > 0) {
      throw new IllegalArgumentException(
          "the ranges " + container[0] + " and " + host + " are not of one length");
    }
    if (!PROTOCOLS.contains(protocol.toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException("'" + protocol + "' is no protocol");
    }
    budget.spend((targets.size() + 1) * NODES_OF_A_PORT, mark);
    List<Node.Mapping> ports = new ArrayList<>();
    for (int i = 0; i <= targets.size(); i++) {
      String hostPort = published == null ? "" : String.valueOf(published.start + i);
      if (published != null && targets.size() == 0 && published.size() > 0) {
        hostPort += "-" + published.end;
      }
      ports.add(port(address, hostPort, targets.start + i, protocol, mark));
    }
    // The reference sorts by text, so that 10 comes before 9.
    ports.sort(Comparator.comparing(p -> String.valueOf(((Node.Scalar) p.need("target")).value())));
    return ports;
  }

  private static Node.Mapping port(
      String address, String published, int target, String protocol, Location mark) {
    Node.Mapping port = Node.mapping(mark);
    port.put("mode", "ingress");
    if (!address.isEmpty()) {
      port.put("host_ip", address);
    }
    port.put("target", (long) target);
    if (!published.isEmpty()) {
      port.put("published", published);
    }
    port.put("protocol", protocol.toLowerCase(Locale.ROOT));
    return port;
  }

  /// IPv6 must be in brackets.
  private static String address(String ip) {
    boolean bracketed = ip.startsWith("[") && ip.endsWith("]");
    String bare = bracketed ? ip.substring(1, ip.length() - 1) : ip;
    boolean valid = IpAddress.isValid(bare) && (bracketed || bare.indexOf(':') < 0);
    if (!ip.isEmpty() && !valid) {
      throw new IllegalArgumentException("'" + ip + "' is no IP address");
    }
    return bare;
  }

  private static Range range(String text, String side) {
    String[] ends = text.split("-", -1);
    int start = port(ends[0], side);
    int end = ends.length > 1 ? port(ends[1], side) : start;
    if (end < start) {
      throw new IllegalArgumentException("the " + side + " port range " + text + " is reversed");
    }
    return new Range(start, end);
  }

  private static int port(String text, String side) {
    boolean digits =
        !text.isEmpty() && text.length() < 9 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    int port = digits ? Integer.parseInt(text) : -1;
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("'" + text + "' is no " + side + " port");
    }
    return port;
  }
}
