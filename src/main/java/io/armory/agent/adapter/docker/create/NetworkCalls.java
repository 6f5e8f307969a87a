package io.armory.agent.adapter.docker.create;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.adapter.docker.http.Labels;
import io.armory.agent.adapter.docker.http.Paths;
import io.armory.agent.adapter.docker.http.Query;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.adapter.docker.observe.BesideLook;
import io.armory.agent.domain.Cidr;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeRanges.EngineRange;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.Observation.ObservedNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The engine calls about networks.
public final class NetworkCalls {
  /// From Docker 28 on a network can do without IPv4.
  private static final int IPV4_API = 48;

  /// From Docker 28 on an endpoint's MAC address is chosen at random.
  private static final int CHOSEN_MAC_API = 48;

  private static final Logger LOG = LoggerFactory.getLogger(NetworkCalls.class);

  private NetworkCalls() {}

  public static String create(Session session, Action.CreateNetwork create) throws EngineException {
    var network = create.network();
    // An agent that was killed in the midst of a trial leaves its range taken.
    NetworkTrial.clear(session, create.project());
    try {
      if (Boolean.FALSE.equals(network.enableIpv4()) && session.api() < IPV4_API) {
        throw new EngineException(
            Failure.Kind.INVALID,
            "network %s: enable_ipv4: false needs Docker 28 or newer".formatted(network.name()));
      }
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
    if (network.enableIpv4() != null) {
      body.put("EnableIPv4", network.enableIpv4());
    }
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

  /// Those of a trial are gone in a moment, those of a swarm are no bridges of this machine.
  public static List<EngineRange> ranges(JsonNode networks) {
    var ranges = new ArrayList<EngineRange>();
    for (var network : networks) {
      var labels = network.path("Labels");
      if (network.path("Scope").asText("local").equals("local") && !labels.has(Labels.TRIAL)) {
        var project = labels.path(Labels.PROJECT).asText("");
        for (var pool : network.path("IPAM").path("Config")) {
          Cidr.parse(pool.path("Subnet").asText(""))
              .map(range ->
                  new EngineRange(
                      range,
                      network.path("Name").asText(),
                      Optional.of(project).filter(p -> !p.isEmpty())))
              .ifPresent(ranges::add);
        }
      }
    }
    return ranges;
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

  public static void remove(Session session, Action.RemoveNetwork remove) throws EngineException {
    try {
      if (session.engine().name().equals("Podman")) {
        refuseWhileInUse(session, remove);
      }
      session.run(docker -> docker.removeNetworkCmd(remove.id()));
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

  public static void connect(Session session, String network, String container, ObjectNode endpoint)
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

  /// One that runs stands still meanwhile: what is asked of it waits for its answer, and it asks
  /// nobody itself, as it would reach nobody. Where the engine's own addresses are no choice of
  /// ours, it gets another one.
  public static void names(Session session, Action.SetNames set) throws EngineException {
    var endpoint =
        set.attachment().map(a -> NetworkingBody.endpoint(set.names(), a)).orElseGet(Json::object);
    endpoint.put("NetworkID", set.networkId());
    if (set.address().isEmpty()) {
      disconnect(session, set.networkId(), set.id());
      connect(session, set.networkId(), set.id(), endpoint);
      return;
    }
    var at = endpoint.deepCopy();
    at.putObject("IPAMConfig").put("IPv4Address", set.address().get());
    hardwareAddress(session, set).ifPresent(mac -> at.put("MacAddress", mac));
    var paused = ContainerCalls.pause(session, set.id());
    try {
      disconnect(session, set.networkId(), set.id());
      connectAt(session, set, at, endpoint);
    } finally {
      if (paused) {
        ContainerCalls.unpause(session, set.id());
      }
    }
  }

  private static void connectAt(
      Session session, Action.SetNames set, ObjectNode at, ObjectNode anywhere)
      throws EngineException {
    try {
      connect(session, set.networkId(), set.id(), at);
    } catch (EngineException e) {
      if (e.kind() == Failure.Kind.UNREACHABLE) {
        throw e;
      }
      LOG.info("{} gets another address: {}", set.name(), e.getMessage());
      connect(session, set.networkId(), set.id(), anywhere);
    }
  }

  /// Peers remember it, too. Engines before 28 make it of the address.
  private static Optional<String> hardwareAddress(Session session, Action.SetNames set)
      throws EngineException {
    if (session.api() < CHOSEN_MAC_API) {
      return Optional.empty();
    }
    var networks = session.get(Paths.container(set.id(), "/json")).path("NetworkSettings");
    var mac = networks.path("Networks").path(set.network()).path("MacAddress").asText("");
    return Optional.of(mac).filter(m -> !m.isEmpty());
  }

  public static void disconnect(Session session, Action.DisconnectNetwork disconnect)
      throws EngineException {
    disconnect(session, disconnect.networkId(), disconnect.id());
  }

  private static void disconnect(Session session, String network, String container)
      throws EngineException {
    try {
      session.run(docker ->
          docker
              .disconnectFromNetworkCmd()
              .withNetworkId(network)
              .withContainerId(container)
              .withForce(false));
    } catch (EngineException e) {
      if (e.status() != 404 && !e.says("is not connected to")) {
        throw e;
      }
    }
  }
}
