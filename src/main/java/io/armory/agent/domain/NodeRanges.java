package io.armory.agent.domain;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Ranges of addresses that this node has a use for, so that no network of the stack may have them.
/// What could not be read is not among them.
///
/// @param needs what the node itself reaches
/// @param engine the networks that the engine has, in whichever order: it lists them in another
///   each time
public record NodeRanges(List<Need> needs, List<EngineRange> engine) {
  public static final NodeRanges NONE = new NodeRanges(List.of(), List.of());

  private static final int FIRST = 240;
  private static final int LAST = 255;

  public NodeRanges {
    needs = List.copyOf(needs);
    engine = engine.stream().sorted(Comparator.comparing(EngineRange::toString)).toList();
  }

  /// @param by the network device that leads there, or the parameter that names it; may be empty
  /// @param what in words, such as `a route of this node, by eth0`
  /// @param inUse whether the node goes there; if not, something that it asks may be there
  public record Need(Cidr range, String by, String what, boolean inUse) {
    public Need(Cidr range, String by, String what) {
      this(range, by, what, true);
    }
  }

  /// @param project of Docker Compose; empty: another program's
  public record EngineRange(Cidr range, String network, Optional<String> project) {}

  /// A range that nobody has.
  ///
  /// @param bits 32 for IPv4, 128 for IPv6
  /// @param project whose own networks do not count
  /// @param others that are not free either
  public Optional<Cidr> free(int bits, String project, List<Cidr> others) {
    return candidates(bits)
        .flatMap(text -> Cidr.parse(text).stream())
        .filter(c -> needs.stream().noneMatch(n -> n.range().overlaps(c)))
        .filter(c -> others(project).noneMatch(e -> e.range().overlaps(c)))
        .filter(c -> others.stream().noneMatch(c::overlaps))
        .findFirst();
  }

  /// Those of the engine's that are not the project's.
  public Stream<EngineRange> others(String project) {
    return engine.stream().filter(e -> e.project().filter(project::equals).isEmpty());
  }

  private static Stream<String> candidates(int bits) {
    return bits == 32
        ? Stream.of("192.168.%d.0/24", "172.30.%d.0/24", "172.20.%d.0/24", "10.%d.240.0/24")
            .flatMap(f -> numbers().mapToObj(f::formatted))
        : numbers().mapToObj("fdaa:%x::/64"::formatted);
  }

  private static IntStream numbers() {
    return IntStream.rangeClosed(FIRST, LAST);
  }
}
