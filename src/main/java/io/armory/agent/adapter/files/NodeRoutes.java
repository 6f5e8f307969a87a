package io.armory.agent.adapter.files;

import io.armory.agent.domain.Cidr;
import io.armory.agent.domain.NodeRanges.Need;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What this node reaches, by the kernel's routes and its resolvers' addresses. What cannot be read
/// is left out. Default routes lead everywhere, so that they say nothing; the engine's own bridges
/// are the engine's to tell of.
///
/// @param root of the file system
public record NodeRoutes(Path root) {
  private static final Pattern BLANK = Pattern.compile("\\s+");

  /// As Docker and Podman call the bridges that nobody named.
  private static final Pattern ENGINES =
      Pattern.compile("br-[0-9a-f]{12}|docker0|docker_gwbridge|(cni-)?podman[0-9]+");

  /// The same everywhere.
  private static final List<Need> ALWAYS =
      List.of(
          always("169.254.169.254", "EC2's metadata service"),
          always("fd00:ec2::254", "EC2's metadata service"),
          always("169.254.169.253", "EC2's name server"),
          always("fd00:ec2::253", "EC2's name server"),
          always("127.0.0.0/8", "this node itself"));

  private static final String GATEWAYS = "a gateway of this node's routes";

  private static final int UP = 1;
  private static final int GATEWAY = 2;
  private static final int REJECT = 0x200;

  /// Ones that the kernel keeps for each address, and for groups of them.
  private static final int LOCAL = 0x8010_0000;

  private static Need always(String range, String what) {
    return new Need(Cidr.parse(range).orElseThrow(), "", what);
  }

  public List<Need> needs() {
    var needs = new ArrayList<>(ALWAYS);
    each("proc/net/route", line -> ipv4(line, needs));
    each("proc/net/ipv6_route", line -> ipv6(line, needs));
    Stream.of("etc/resolv.conf", "run/systemd/resolve/resolv.conf")
        .flatMap(file -> lines(file).map(line -> resolver(line, "/" + file)))
        .forEach(need -> need.ifPresent(needs::add));
    // A route says more than its gateway, which is often in one.
    return needs.stream()
        .distinct()
        .sorted(Comparator.comparing(n -> n.what().startsWith(GATEWAYS)))
        .toList();
  }

  /// A line that is none of a table of routes, such as its head, is left out.
  private void each(String file, Consumer<String> read) {
    lines(file)
        .forEach(line -> {
          try {
            read.accept(line);
          } catch (NumberFormatException e) {
            // Not a route.
          }
        });
  }

  private Stream<String> lines(String file) {
    try {
      return Files.readAllLines(root.resolve(file)).stream().map(String::strip);
    } catch (IOException e) {
      return Stream.of();
    }
  }

  /// Device, destination, gateway, flags, three counts, mask; numbers as the processor has them.
  private static void ipv4(String line, List<Need> needs) {
    var words = BLANK.split(line, -1);
    if (words.length > 7) {
      var prefix = Long.bitCount(Long.parseLong(words[7], 16));
      var flags = Integer.parseUnsignedInt(words[3], 16);
      route(words[0], reversed(words[1]), prefix, reversed(words[2]), flags, needs);
    }
  }

  private static String reversed(String word) {
    return String.format(
        Locale.ROOT, "%08x", Integer.reverseBytes(Integer.parseUnsignedInt(word, 16)));
  }

  /// Destination and its prefix, source and its prefix, gateway, three counts, flags, device.
  private static void ipv6(String line, List<Need> needs) {
    var words = BLANK.split(line, -1);
    if (words.length > 9 && !words[0].startsWith("fe8") && !words[0].startsWith("ff")) {
      var flags = Integer.parseUnsignedInt(words[8], 16);
      if ((flags & LOCAL) == 0) {
        var gateway = words[4].chars().allMatch(c -> c == '0') ? 0 : GATEWAY;
        var prefix = Integer.parseInt(words[1], 16);
        route(words[9], words[0], prefix, words[4], (flags & ~GATEWAY) | gateway, needs);
      }
    }
  }

  private static void route(
      String device, String destination, int prefix, String gateway, int flags, List<Need> needs) {
    if ((flags & UP) == 0
        || (flags & REJECT) != 0
        || device.equals("lo")
        || ENGINES.matcher(device).matches()) {
      return;
    }
    // Two halves of everything are how a VPN says "default".
    if (prefix > 1) {
      needs.add(new Need(range(destination, prefix), device, "a route of this node, by " + device));
    }
    if ((flags & GATEWAY) != 0) {
      needs.add(new Need(range(gateway, gateway.length() * 4), device, GATEWAYS));
    }
  }

  private static Cidr range(String hexadecimal, int prefix) {
    var bits = hexadecimal.length() * 4;
    return new Cidr(new BigInteger(hexadecimal, 16), prefix, bits);
  }

  private static Optional<Need> resolver(String line, String file) {
    var words = BLANK.split(line, -1);
    return words.length > 1 && words[0].equals("nameserver")
        ? Cidr.parse(words[1].replaceFirst("%.*", ""))
            .filter(c -> c.prefix() == c.bits())
            .map(c -> new Need(c, "", "a name server of this node, by " + file))
        : Optional.empty();
  }
}
