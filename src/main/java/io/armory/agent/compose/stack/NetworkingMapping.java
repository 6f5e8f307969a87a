package io.armory.agent.compose.stack;

import io.armory.agent.compose.source.Fields;
import io.armory.agent.domain.stack.Networking;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/// The network part of a service.
final class NetworkingMapping {
  private NetworkingMapping() {}

  static Networking networking(Fields service) {
    Networking.Mode mode = mode(service.text("network_mode", ""));
    return new Networking(
        mode,
        mode instanceof Networking.Mode.Project ? attachments(service) : List.of(),
        ports(service),
        service.texts("expose"),
        service.texts("extra_hosts").stream().map(h -> h.replaceFirst("=", ":")).toList(),
        service.texts("dns"),
        service.texts("dns_opt"),
        service.texts("dns_search"),
        service.texts("links"),
        service.texts("external_links"),
        service.text("mac_address"));
  }

  private static Networking.Mode mode(String mode) {
    if (mode.isEmpty()) {
      return Networking.Mode.PROJECT;
    }
    if (mode.startsWith("service:")) {
      return new Networking.Mode.OfService(mode.substring("service:".length()));
    }
    return mode.startsWith("container:")
        ? new Networking.Mode.OfContainer(mode.substring("container:".length()))
        : new Networking.Mode.Engine(mode);
  }

  private static List<Networking.Attachment> attachments(Fields service) {
    List<Networking.Attachment> attachments = new ArrayList<>();
    service
        .entries("networks")
        .forEach((network, fields) ->
            attachments.add(
                new Networking.Attachment(
                    network,
                    fields.texts("aliases"),
                    fields.text("ipv4_address"),
                    fields.text("ipv6_address"),
                    fields.texts("link_local_ips"),
                    fields.text("mac_address"),
                    Objects.requireNonNullElse(fields.integer("priority"), 0),
                    fields.labels("driver_opts"),
                    Objects.requireNonNullElse(fields.integer("gw_priority"), 0),
                    fields.text("interface_name"))));
    attachments.sort(
        Comparator.comparingInt(Networking.Attachment::priority)
            .reversed()
            .thenComparing(Networking.Attachment::network));
    return attachments;
  }

  private static List<Networking.PortBinding> ports(Fields service) {
    List<Networking.PortBinding> ports = new ArrayList<>();
    for (Fields port : service.objects("ports")) {
      ports.add(
          new Networking.PortBinding(
              port.text("host_ip"),
              port.text("published"),
              Objects.requireNonNullElse(port.integer("target"), 0),
              port.text("protocol", "tcp")));
    }
    return ports;
  }
}
