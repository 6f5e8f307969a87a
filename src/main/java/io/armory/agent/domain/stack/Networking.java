package io.armory.agent.domain.stack;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How a container meets the network.
///
/// @param mode `network_mode` when it is said, otherwise [Mode#PROJECT]
/// @param attachments networks of the stack, the primary one first (highest priority, then name);
///   empty unless the mode is [Mode#PROJECT]
/// @param expose `PORT[/proto]`, documentation only
/// @param extraHosts `name:address` lines for `/etc/hosts`
/// @param links `service[:alias]` or, for external ones, `container[:alias]`
public record Networking(
    Mode mode,
    List<Attachment> attachments,
    List<PortBinding> ports,
    List<String> expose,
    List<String> extraHosts,
    List<String> dns,
    List<String> dnsOptions,
    List<String> dnsSearch,
    List<String> links,
    List<String> externalLinks,
    @Nullable String macAddress) {

  public Networking {
    attachments = List.copyOf(attachments);
    ports = List.copyOf(ports);
    expose = List.copyOf(expose);
    extraHosts = List.copyOf(extraHosts);
    dns = List.copyOf(dns);
    dnsOptions = List.copyOf(dnsOptions);
    dnsSearch = List.copyOf(dnsSearch);
    links = List.copyOf(links);
    externalLinks = List.copyOf(externalLinks);
  }

  /// A network namespace.
  public sealed interface Mode {
    Mode PROJECT = new Project();

    /// On the networks of the stack.
    record Project() implements Mode {}

    /// `none`, `host`, `bridge` or the name of an engine network, as the engine takes it.
    record Engine(String name) implements Mode {}

    /// `service:NAME`: in the namespace of the named service's container.
    record OfService(String service) implements Mode {}

    /// `container:NAME`: in the namespace of a container that is not ours.
    record OfContainer(String container) implements Mode {}
  }

  /// @param network the key in [Stack#networks]
  /// @param gatewayPriority the network with the highest has the default route; 0: as it comes
  /// @param interfaceName of the network interface in the container
  public record Attachment(
      String network,
      List<String> aliases,
      @Nullable String ipv4Address,
      @Nullable String ipv6Address,
      List<String> linkLocalIps,
      @Nullable String macAddress,
      int priority,
      Map<String, String> driverOpts,
      int gatewayPriority,
      @Nullable String interfaceName) {

    /// One whose gateway and interface are left to the engine.
    public Attachment(
        String network,
        List<String> aliases,
        @Nullable String ipv4Address,
        @Nullable String ipv6Address,
        List<String> linkLocalIps,
        @Nullable String macAddress,
        int priority,
        Map<String, String> driverOpts) {
      this(
          network,
          aliases,
          ipv4Address,
          ipv6Address,
          linkLocalIps,
          macAddress,
          priority,
          driverOpts,
          0,
          null);
    }

    public Attachment {
      aliases = List.copyOf(aliases);
      linkLocalIps = List.copyOf(linkLocalIps);
      driverOpts = ContainerSpec.ordered(driverOpts);
    }
  }

  /// One published port.
  ///
  /// @param hostIp `null`: every address of the node
  /// @param published a port, a range `8000-8010` to choose from, or `null`: any free port
  /// @param protocol `tcp`, `udp` or `sctp`
  public record PortBinding(
      @Nullable String hostIp, @Nullable String published, int target, String protocol) {}
}
