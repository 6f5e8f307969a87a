package io.armory.agent.adapter.docker.create;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Labels;
import io.armory.agent.adapter.docker.http.Paths;
import io.armory.agent.adapter.docker.http.Query;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.domain.Cidr;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Network;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes the network that is to replace another, under a name of its own, and removes it again: the
/// engine refuses a range or a driver before anything has left the old network. Of a range that
/// overlaps the old network's only the rest can be tried, as what the old one has it gives up.
public final class NetworkTrial {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkTrial.class);

  /// Only one bridge can have it.
  private static final String BRIDGE_NAME = "com.docker.network.bridge.name";

  /// A network needs addresses for itself, its gateway and a container.
  private static final int MOST_PREFIX = 29;

  private NetworkTrial() {}

  public static void run(Session session, Action.TryNetwork trial) throws EngineException {
    clear(session, trial.project());
    var network = trial.network();
    var old = ranges(session, trial.replaces());
    var ipam = network.ipam();
    var wanted = ipam == null ? List.<Network.Pool>of() : ipam.pools();
    var free = wanted.stream().noneMatch(p -> range(p).filter(r -> overlaps(r, old)).isPresent());
    if (ipam == null || free) {
      tryOut(session, trial.project(), network);
      return;
    }
    for (var pool : wanted) {
      for (var rest : rest(pool, old)) {
        var part = new Network.Pool(rest.toString(), null, null, Map.of());
        tryOut(
            session,
            trial.project(),
            with(network, new Network.Ipam(ipam.driver(), List.of(part), ipam.options())));
      }
    }
  }

  private static Optional<Cidr> range(Network.Pool pool) {
    return Optional.ofNullable(pool.subnet()).flatMap(Cidr::parse);
  }

  private static boolean overlaps(Cidr range, List<Cidr> old) {
    return old.stream().anyMatch(range::overlaps);
  }

  private static List<Cidr> rest(Network.Pool pool, List<Cidr> old) {
    var rest = range(pool).stream().toList();
    for (var taken : old) {
      rest = rest.stream().flatMap(r -> r.minus(taken).stream()).toList();
    }
    return rest.stream().filter(r -> r.bits() > 32 || r.prefix() <= MOST_PREFIX).toList();
  }

  private static List<Cidr> ranges(Session session, String network) throws EngineException {
    var ranges = new ArrayList<Cidr>();
    for (JsonNode pool : session.get(Paths.network(network, "")).path("IPAM").path("Config")) {
      Cidr.parse(pool.path("Subnet").asText("")).ifPresent(ranges::add);
    }
    return ranges;
  }

  private static Network with(Network network, Network.Ipam ipam) {
    return new Network(
        network.key(),
        network.name(),
        network.external(),
        network.driver(),
        network.driverOpts(),
        ipam,
        network.internal(),
        network.attachable(),
        network.enableIpv6(),
        network.labels(),
        network.enableIpv4(),
        network.definitionHash());
  }

  private static void tryOut(Session session, String project, Network network)
      throws EngineException {
    var body = NetworkCalls.body(network, network.name() + "-trial", Map.of(Labels.TRIAL, project));
    if (body.path("Options") instanceof com.fasterxml.jackson.databind.node.ObjectNode options) {
      options.remove(BRIDGE_NAME);
    }
    String id;
    try {
      id = session.post("/networks/create", body).path("Id").asText();
    } catch (EngineException e) {
      throw NetworkCalls.explained(e, network);
    }
    session.delete(Paths.network(id, ""));
  }

  /// What an interrupted trial has left.
  static void clear(Session session, String project) throws EngineException {
    var left =
        new HashMap<String, List<String>>(Map.of("label", List.of(Labels.TRIAL + "=" + project)));
    for (var network : session.get("/networks" + Query.filters(left))) {
      LOG.info("network {} is left of a trial: removed", network.path("Name").asText());
      session.delete(Paths.network(network.path("Id").asText(), ""));
    }
  }
}
