package io.armory.agent.compose.print;

import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.GoNumbers;
import io.armory.agent.compose.source.Location;
import io.armory.agent.compose.source.Node;
import io.armory.agent.compose.source.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// `extra_hosts`: `host=address` or `host:address` lines, or a mapping → sorted `host=address`
/// lines.
final class Hosts {
  private Hosts() {}

  static @Nullable Object encode(Node node, Path path, Diagnostics findings) {
    Map<String, List<String>> hosts = new TreeMap<>();
    if (node instanceof Node.Mapping mapping) {
      for (String host : mapping.keys()) {
        Node value = mapping.need(host);
        add(hosts, host, addresses(value), value.mark(), path, findings);
      }
    } else if (node instanceof Node.Sequence sequence) {
      for (Node item : sequence.items()) {
        String line = item instanceof Node.Scalar s ? GoNumbers.value(s.value()) : "";
        int cut = line.indexOf('=') >= 0 ? line.indexOf('=') : line.indexOf(':');
        if (cut < 0) {
          findings.problem(
              item.mark(), path, "an extra host without an address", "write host=address");
          continue;
        }
        List<String> addresses = List.of(line.substring(cut + 1).split(",", -1));
        add(hosts, line.substring(0, cut), addresses, item.mark(), path, findings);
      }
    }
    List<String> lines = new ArrayList<>();
    hosts.forEach((host, all) -> all.forEach(address -> lines.add(host + "=" + address)));
    lines.sort(null);
    return lines.isEmpty() ? null : lines;
  }

  private static List<String> addresses(Node value) {
    List<String> addresses = new ArrayList<>();
    List<Node> items = value instanceof Node.Sequence s ? s.items() : List.of(value);
    for (Node item : items) {
      Object address = item instanceof Node.Scalar s ? s.value() : null;
      addresses.add(address == null ? "" : GoNumbers.value(address));
    }
    return addresses;
  }

  private static void add(
      Map<String, List<String>> hosts,
      String host,
      List<String> addresses,
      Location mark,
      Path path,
      Diagnostics findings) {
    if (host.isEmpty() || host.indexOf(':') >= 0 || host.indexOf('=') >= 0) {
      findings.problem(mark, path, "'" + host + "' is no host name", "write host=address");
      return;
    }
    List<String> all = hosts.computeIfAbsent(host, _ -> new ArrayList<>());
    for (String address : addresses) {
      boolean brackets = address.length() > 2 && address.startsWith("[") && address.endsWith("]");
      all.add(brackets ? address.substring(1, address.length() - 1) : address);
    }
  }
}
