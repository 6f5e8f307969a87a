package io.armory.agent.adapter.docker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.domain.Action;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Network;
import io.armory.agent.domain.Observation.ObservedNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The engine calls about networks.
final class NetworkCalls {
  private NetworkCalls() {}

  static String create(Session session, Action.CreateNetwork create) throws EngineException {
    var network = create.network();
    // An agent that was killed in the midst of a trial leaves its range taken.
    NetworkTrial.clear(session, create.project());
    try {
      var body = body(network, network.name(), Labels.of(create.project(), network));
      return session.post("/networks/create", body).path("Id").asText();
    } catch (EngineException e) {
      if (e.kind() != Failure.Kind.CONFLICT) {
        throw explained(e, network);
      }
      return adopt(session, create, e);
    }
  }

  static ObjectNode body(Network network, String name, Map<String, String> labels) {
    var body = Json.object();
    body.put("Name", name);
    body.put("CheckDuplicate", true);
    Json.put(body, "Driver", network.driver());
    Json.putAll(body, "Options", network.driverOpts());
    body.put("Internal", network.internal());
    body.put("Attachable", network.attachable());
    body.put("EnableIPv6", network.enableIpv6());
    Json.putAll(body, "Labels", labels);
    if (network.ipam() != null) {
      body.set("IPAM", ipam(network.ipam()));
    }
    return body;
  }

  /// A range that is taken is refused for good, whatever the status.
  static EngineException explained(EngineException e, Network network) {
    return e.says(
            "overlaps with other one", "networks have overlapping", "is already used on the host")
        ? e.withAdvice(taken(network)).as(Failure.Kind.INVALID)
        : e;
  }

  /// The ID of a network of the stack: of several of its name, that of the project's own.
  static String idOf(Session session, String project, Network network) throws EngineException {
    var named = new ArrayList<ObservedNetwork>();
    var filter = Query.filters(Map.of("name", List.of(network.name())));
    session.get("/networks" + filter).forEach(n -> named.add(BesideLook.network(n)));
    named.removeIf(n -> !n.name().equals(network.name()));
    var own =
        named.stream()
            .filter(n -> n.project().filter(project::equals).isPresent())
            .filter(n -> n.key().filter(network.key()::equals).isPresent())
            .toList();
    var those = own.isEmpty() ? named : own;
    if (those.isEmpty()) {
      throw new EngineException(
          Failure.Kind.NOT_FOUND, "network " + network.name() + " does not exist");
    }
    if (those.size() > 1) {
      throw new EngineException(
          Failure.Kind.CONFLICT,
          "there are %d networks %s: remove all but one with docker network rm ID"
              .formatted(those.size(), network.name()));
    }
    return those.getFirst().id();
  }

  /// The engine names neither the range nor what to do.
  private static String taken(Network network) {
    var ranges =
        network.ipam() == null
            ? ""
            : network.ipam().pools().stream()
                .map(p -> String.valueOf(p.subnet()))
                .collect(Collectors.joining(", "));
    return (ranges.isEmpty() ? "its range" : ranges)
        + " is in use by another network of this node (docker network ls);"
        + " choose another: parameter STACK_SUBNET, or networks."
        + network.key()
        + ".ipam in an overlay";
  }

  private static String adopt(
      Session session, Action.CreateNetwork create, EngineException conflict)
      throws EngineException {
    var id = idOf(session, create.project(), create.network());
    var there = BesideLook.network(session.get(Paths.network(id, "")));
    boolean ours =
        there.project().filter(create.project()::equals).isPresent()
            && there.key().filter(create.network().key()::equals).isPresent()
            && there.definitionHash().filter(create.network().definitionHash()::equals).isPresent();
    if (!ours) {
      throw conflict;
    }
    return there.id();
  }

  private static ObjectNode ipam(Network.Ipam ipam) {
    var body = Json.object();
    Json.put(body, "Driver", ipam.driver());
    Json.putAll(body, "Options", ipam.options());
    var pools = body.putArray("Config");
    for (var pool : ipam.pools()) {
      var entry = pools.addObject();
      Json.put(entry, "Subnet", pool.subnet());
      Json.put(entry, "Gateway", pool.gateway());
      Json.put(entry, "IPRange", pool.ipRange());
      Json.putAll(entry, "AuxiliaryAddresses", pool.auxAddresses());
    }
    return body;
  }

  static void remove(Session session, Action.RemoveNetwork remove) throws EngineException {
    try {
      if (session.engine().name().equals("Podman")) {
        refuseWhileInUse(session, remove);
      }
      session.delete(Paths.network(remove.id(), ""));
    } catch (EngineException e) {
      if (e.status() != 404) {
        throw e;
      }
    }
  }

  /// Podman looks for users of a network that it is told to remove only under its name, and then
  /// takes those that do not run for users, too.
  private static void refuseWhileInUse(Session session, Action.RemoveNetwork remove)
      throws EngineException {
    var users = session.get(Paths.network(remove.id(), "")).path("Containers").properties();
    for (var user : users) {
      var state = session.get(Paths.container(user.getKey(), "/json")).path("State");
      if (!state.path("Running").asBoolean()) {
        continue;
      }
      throw new EngineException(
          Failure.Kind.CONFLICT, "network " + remove.name() + " has active endpoints");
    }
  }

  static void connect(Session session, String network, String container, ObjectNode endpoint)
      throws EngineException {
    var body = Json.object().put("Container", container);
    body.set("EndpointConfig", endpoint);
    try {
      session.post(Paths.network(network, "/connect"), body);
    } catch (EngineException e) {
      if (!e.says("already exists in network", "already connected", "is already attached")) {
        throw e;
      }
    }
  }

  static void disconnect(Session session, Action.DisconnectNetwork disconnect)
      throws EngineException {
    var body = Json.object().put("Container", disconnect.id()).put("Force", false);
    try {
      session.post(Paths.network(disconnect.networkId(), "/disconnect"), body);
    } catch (EngineException e) {
      if (e.status() != 404 && !e.says("is not connected to")) {
        throw e;
      }
    }
  }
}
