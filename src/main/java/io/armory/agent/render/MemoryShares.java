package io.armory.agent.render;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// Memory limits by share of the node's memory, for the services that will run, so that all limits
/// together fit the node: a service that leaks is killed by its own limit and not with its
/// neighbours.
///
/// A JVM is usual with 1 GiB, and was seen to take up to 515 MB with a heap of 384; clouddriver's
/// caches and orca's queue want two to four times that.
final class MemoryShares {
  private static final long MIB = 1024L * 1024;

  /// What the kernel, the engine, the agent and people's shells are left.
  private static final long RESERVED_LEAST = 512;

  private static final double RESERVED_PART = 0.1;

  /// Node sizes are rounded down to this, so that another kernel's own use replaces no container.
  private static final long NODE_STEP = 256;

  private static final long STEP = 32;
  private static final Share USUAL = new Share(2, 512, 2048);

  private static final Map<String, Share> SHARES =
      Map.of(
          "clouddriver", new Share(6, 1024, 8192),
          "orca", new Share(4, 768, 4096),
          "redis", new Share(3, 128, 4096),
          "postgres", new Share(1, 192, 1024),
          "deck", new Share(0.5, 64, 256));

  /// @param weight against the others'
  /// @param least MiB it cannot do without, even where the sum then exceeds the node
  /// @param most MiB beyond which more does not help
  private record Share(double weight, long least, long most) {}

  private MemoryShares() {}

  /// @param services those that will run
  /// @param nodeBytes the node's memory
  /// @return service → limit as Compose writes it, such as `1024m`
  static Map<String, String> limits(Set<String> services, long nodeBytes) {
    var node = nodeBytes / MIB / NODE_STEP * NODE_STEP;
    var usable = node - Math.max(RESERVED_LEAST, Math.round(node * RESERVED_PART));
    var weights = services.stream().mapToDouble(s -> share(s).weight()).sum();
    var limits = new LinkedHashMap<String, String>();
    for (var service : services) {
      var share = share(service);
      var part = (long) (usable * share.weight() / weights) / STEP * STEP;
      limits.put(service, Math.clamp(part, share.least(), share.most()) + "m");
    }
    return limits;
  }

  /// MiB below which the least limits of these services do not fit.
  static long leastNode(Set<String> services) {
    return services.stream().mapToLong(s -> share(s).least()).sum() + RESERVED_LEAST;
  }

  private static Share share(String service) {
    return SHARES.getOrDefault(service, USUAL);
  }
}
