package io.armory.agent.domain.stack;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A network of the stack.
///
/// @param key the name in the Compose file
/// @param name the name on the engine, `PROJECT_KEY` unless the file says otherwise
/// @param external it must exist already; it is neither made nor removed
/// @param enableIpv4 `null`: as the engine does
/// @param definitionHash our drift key over everything but the name
public record Network(
    String key,
    String name,
    boolean external,
    @Nullable String driver,
    Map<String, String> driverOpts,
    @Nullable Ipam ipam,
    boolean internal,
    boolean attachable,
    boolean enableIpv6,
    Map<String, String> labels,
    @Nullable Boolean enableIpv4,
    String definitionHash) {

  public Network {
    driverOpts = ContainerSpec.ordered(driverOpts);
    labels = ContainerSpec.ordered(labels);
  }

  public record Ipam(@Nullable String driver, List<Pool> pools, Map<String, String> options) {
    public Ipam {
      pools = List.copyOf(pools);
      options = ContainerSpec.ordered(options);
    }
  }

  public record Pool(
      @Nullable String subnet,
      @Nullable String gateway,
      @Nullable String ipRange,
      Map<String, String> auxAddresses) {
    public Pool {
      auxAddresses = ContainerSpec.ordered(auxAddresses);
    }
  }
}
