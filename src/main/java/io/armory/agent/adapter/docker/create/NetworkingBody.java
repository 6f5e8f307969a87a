package io.armory.agent.adapter.docker.create;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Networking;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything of the network in a create call, and the endpoints that are connected afterwards.
public record NetworkingBody(Action.CreateContainer create, int api) {
  /// From Docker 25 on a container can be created on several networks, and MAC addresses belong to
  /// endpoints.
  private static final int ENDPOINTS_API = 44;

  /// Docker 28 chooses the gateway by priority.
  private static final int GATEWAY_API = 48;

  /// Docker 28.1 names interfaces.
  private static final int INTERFACE_API = 49;

  private static final String INTERFACE = "com.docker.network.endpoint.ifname";

  void writeTo(ObjectNode body) throws EngineException {
    var networking = networking();
    var host = (ObjectNode) body.path("HostConfig");
    host.put("NetworkMode", mode());
    Json.putAll(host, "ExtraHosts", networking.extraHosts());
    Json.putAll(host, "Dns", networking.dns());
    Json.putAll(host, "DnsOptions", networking.dnsOptions());
    Json.putAll(host, "DnsSearch", networking.dnsSearch());
    portBindings(host);
    var mac = macAddress();
    if (mac != null && api < ENDPOINTS_API) {
      body.put("MacAddress", mac);
    }
    for (var attachment : networking.attachments()) {
      canBeGiven(attachment);
    }
    if (networking.attachments().isEmpty()) {
      Json.putAll(host, "Links", links());
      if (mac != null
          && api >= ENDPOINTS_API
          && networking.mode() instanceof Networking.Mode.Engine(var network)) {
        body.withObject("/NetworkingConfig/EndpointsConfig")
            .putObject(network)
            .put("MacAddress", mac);
      }
      return;
    }
    var endpoints = body.putObject("NetworkingConfig").putObject("EndpointsConfig");
    var first = networking.attachments().getFirst();
    var primary = endpoint(create.stack(), create.service(), create.number(), first);
    if (mac != null && api >= ENDPOINTS_API) {
      primary.put("MacAddress", mac);
    }
    endpoints.set(networkName(create.stack(), first), primary);
    if (api >= ENDPOINTS_API) {
      networking.attachments().stream()
          .skip(1)
          .forEach(a -> endpoints.set(networkName(create.stack(), a), endpoint(a)));
    }
  }

  /// The attachments a create call leaves out: each is connected by a call of its own. From Docker
  /// 25 on all are in the create call, for a connect call would lose their MAC addresses.
  List<Networking.Attachment> further() {
    return api >= ENDPOINTS_API ? List.of() : networking().attachments().stream().skip(1).toList();
  }

  private Networking networking() {
    return create.service().container().networking();
  }

  private String mode() throws EngineException {
    return switch (networking().mode()) {
      case Networking.Mode.OfService(var service) ->
          "container:" + HostConfigBody.containerOf(create, "network_mode", service);
      case Networking.Mode.OfContainer(var container) -> "container:" + container;
      case Networking.Mode.Engine(var name) -> name;
      case Networking.Mode.Project() ->
          networking().attachments().isEmpty()
              ? "none"
              : networkName(create.stack(), networking().attachments().getFirst());
    };
  }

  private @Nullable String macAddress() {
    var attachments = networking().attachments();
    var own = attachments.isEmpty() ? null : attachments.getFirst().macAddress();
    return own != null ? own : networking().macAddress();
  }

  private void portBindings(ObjectNode host) {
    var bindings = Json.object();
    for (var port : networking().ports()) {
      var binding = bindings.withArray("/" + port.target() + "~1" + port.protocol()).addObject();
      // An address that is not said is left out: Podman 4 cannot publish on 0.0.0.0.
      Json.put(binding, "HostIp", port.hostIp());
      binding.put("HostPort", port.published() == null ? "" : port.published());
    }
    if (!bindings.isEmpty()) {
      host.set("PortBindings", bindings);
    }
  }

  private List<String> links() {
    return links(create.stack(), create.service());
  }

  /// `container:alias` for each container of a linked service, which is known by `service-number`
  /// and its own name too, as in the reference; and external ones as they are.
  private static List<String> links(Stack stack, Service service) {
    var links = new ArrayList<String>();
    for (var link : service.container().networking().links()) {
      var parts = link.split(":", 2);
      var alias = parts.length == 2 ? parts[1] : parts[0];
      var other = stack.services().get(parts[0]);
      for (int n = 1; other != null && n <= other.replicas(); n++) {
        var name = ContainerBody.properName(stack.project(), other, n);
        links.add(name + ":" + alias);
        links.add(name + ":" + parts[0] + "-" + n);
        links.add(name + ":" + name);
      }
    }
    for (var link : service.container().networking().externalLinks()) {
      links.add(link.contains(":") ? link : link + ":" + link);
    }
    return links;
  }

  static String networkName(Stack stack, Networking.Attachment attachment) {
    var network = stack.networks().get(attachment.network());
    return network == null ? attachment.network() : network.name();
  }

  /// What older engines would only ignore.
  private void canBeGiven(Networking.Attachment attachment) throws EngineException {
    if (attachment.gatewayPriority() != 0 && api < GATEWAY_API) {
      throw new EngineException(
          Failure.Kind.INVALID,
          "network %s: gw_priority needs Docker 28 or newer".formatted(attachment.network()));
    }
    if (attachment.interfaceName() != null && api < INTERFACE_API) {
      throw new EngineException(
          Failure.Kind.INVALID,
          "network %s: interface_name needs Docker 28.1 or newer".formatted(attachment.network()));
    }
  }

  private ObjectNode endpoint(
      Stack stack, Service service, int number, Networking.Attachment attachment) {
    var endpoint =
        endpoint(service, ContainerBody.properName(stack.project(), service, number), attachment);
    Json.putAll(endpoint, "Links", links(stack, service));
    return endpoint;
  }

  public ObjectNode endpoint(Networking.Attachment attachment) {
    var endpoint = endpoint(create.stack(), create.service(), create.number(), attachment);
    if (api >= ENDPOINTS_API) {
      Json.put(endpoint, "MacAddress", attachment.macAddress());
    }
    return endpoint;
  }

  /// @param name the container's own, which is an alias too
  public static ObjectNode endpoint(
      Service service, String name, Networking.Attachment attachment) {
    var aliases = new ArrayList<>(List.of(name, service.name()));
    attachment.aliases().stream().filter(a -> !aliases.contains(a)).forEach(aliases::add);
    return endpoint(aliases, attachment);
  }

  static ObjectNode endpoint(List<String> aliases, Networking.Attachment attachment) {
    var endpoint = Json.object();
    Json.putAll(endpoint, "Aliases", aliases);
    var addresses = Json.object();
    Json.put(addresses, "IPv4Address", attachment.ipv4Address());
    Json.put(addresses, "IPv6Address", attachment.ipv6Address());
    Json.putAll(addresses, "LinkLocalIPs", attachment.linkLocalIps());
    if (!addresses.isEmpty()) {
      endpoint.set("IPAMConfig", addresses);
    }
    var options = new LinkedHashMap<>(attachment.driverOpts());
    if (attachment.interfaceName() != null) {
      options.putIfAbsent(INTERFACE, attachment.interfaceName());
    }
    Json.putAll(endpoint, "DriverOpts", options);
    if (attachment.gatewayPriority() != 0) {
      endpoint.put("GwPriority", attachment.gatewayPriority());
    }
    return endpoint;
  }
}
