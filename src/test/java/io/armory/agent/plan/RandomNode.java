package io.armory.agent.plan;

import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.Networking.Mode;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Endpoint;
import io.armory.agent.domain.stack.Observation.EngineHealth;
import io.armory.agent.domain.stack.Observation.NetworkMode;
import io.armory.agent.domain.stack.Observation.ObservedNetwork;
import io.armory.agent.domain.stack.Observation.ObservedVolume;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.port.FakeEngine;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/// What a killed agent, `docker compose` or people may have left on a node, from a seed.
final class RandomNode {
  private static final String LABEL = "com.docker.compose.";
  private final Random random;
  private final FakeEngine engine;
  private final Stack stack;
  private final Instant now;
  private final Set<String> names = new HashSet<>();
  private final Set<String> networks = new HashSet<>();
  private final Set<Integer> held = new HashSet<>();

  RandomNode(Random random, FakeEngine engine, Stack stack, Instant now) {
    this.random = random;
    this.engine = engine;
    this.stack = stack;
    this.now = now;
  }

  void litter() {
    stack.networks().values().forEach(this::network);
    if (random.nextBoolean()) {
      engine.put(
          new ObservedVolume(
              "p_data",
              Optional.of("data"),
              Optional.of("p"),
              pick(Optional.of("volume-1"), Optional.of("volume-0"), Optional.empty()),
              "local"));
    }
    for (var service : stack.services().values()) {
      for (int n = random.nextInt(4); n > 0; n--) {
        container(service);
      }
    }
    put("orphan-1", "p-gone-1", "p", "gone", 1, State.RUNNING, Map.of(), Optional.empty(), "x");
    put("foreign-1", "other-s0-1", "q", "s0", 1, State.RUNNING, Map.of(), Optional.empty(), "x");
    put("foreign-2", "other-s0-2", "q", "s0", 2, State.EXITED, Map.of(), Optional.empty(), "x");
  }

  private void network(Network network) {
    var hash =
        pick(
            Optional.of(network.definitionHash()),
            Optional.of("network-0"),
            Optional.<String>empty());
    if (random.nextInt(4) > 0) {
      networks.add(network.key());
      engine.put(
          new ObservedNetwork(
              network.key() + "-id",
              network.name(),
              Optional.of(network.key()),
              Optional.of("p"),
              hash,
              "bridge"));
    }
  }

  private void container(Service service) {
    var number = pick(1, 1, 1, 2, 3, 4, 0);
    var canonical =
        service.container().containerName() != null && random.nextBoolean()
            ? service.container().containerName()
            : "p-%s-%d".formatted(service.name(), number);
    var name =
        pick(canonical, canonical, canonical + "-next", canonical + "-next2", "3f2a_" + canonical);
    if (!names.add(name)) {
      return;
    }
    var id = "%s-%s".formatted(pick("old", "old", "sick"), name);
    var definition =
        pick(Optional.of(service.definitionHash()), Optional.of("d9"), Optional.<String>empty());
    var state =
        pick(
            State.RUNNING,
            State.RUNNING,
            State.RUNNING,
            State.EXITED,
            State.EXITED,
            State.CREATED,
            State.PAUSED,
            State.RESTARTING,
            State.DEAD,
            State.REMOVING);
    var ends = new HashMap<String, Endpoint>();
    for (var a : service.container().networking().attachments()) {
      end(service.name(), a.network(), state).ifPresent(e -> ends.put("p_" + a.network(), e));
    }
    put(id, name, "p", service.name(), number, state, ends, definition, configHash(service));
  }

  /// What runs is on networks that exist; what does not may name one that is gone.
  private Optional<Endpoint> end(String service, String network, State state) {
    var here = networks.contains(network) ? network + "-id" : "gone";
    var active =
        switch (state) {
          case RUNNING, PAUSED, RESTARTING -> true;
          case CREATED, EXITED, DEAD, REMOVING -> false;
        };
    return random.nextInt(4) == 0 || (active && here.equals("gone"))
        ? Optional.empty()
        : Optional.of(
            new Endpoint(
                active ? here : pick("", here, "gone"),
                null,
                random.nextInt(5) == 0 ? List.of() : List.of(service)));
  }

  private String configHash(Service service) {
    return pick(service.configHash(), "config-d9");
  }

  private void put(
      String id,
      String name,
      String project,
      String service,
      int number,
      State state,
      Map<String, Endpoint> ends,
      Optional<String> definition,
      String config) {
    var labels = new HashMap<String, String>();
    labels.put(LABEL + "project", project);
    labels.put(LABEL + "service", service);
    labels.put(LABEL + "container-number", Integer.toString(number));
    labels.put(LABEL + "config-hash", config);
    definition.ifPresent(d -> labels.put("io.armory.agent.definition", d));
    var wanted = project.equals("p") ? stack.services().get(service) : null;
    var created = now.minusSeconds(100 + random.nextInt(1000));
    engine.put(
        new Container(
            id,
            name,
            service,
            number,
            Optional.of(config),
            definition,
            wanted == null ? "sha256:x" : pick(imageId(wanted), imageId(wanted), "sha256:old"),
            state,
            state == State.EXITED ? pick(0, 1, 137) : 0,
            false,
            null,
            created,
            state == State.CREATED ? null : created.plusSeconds(random.nextInt(50)),
            state == State.EXITED ? now.minusSeconds(5) : null,
            EngineHealth.NONE,
            pick("no", "always"),
            mode(wanted),
            Set.of(),
            ends,
            labels,
            Map.of()),
        ports(wanted, state));
  }

  private NetworkMode mode(@org.jspecify.annotations.Nullable Service wanted) {
    if (wanted != null && wanted.container().networking().mode() instanceof Mode.OfService(var p)) {
      var id = pick("old-p-%s-1".formatted(p), "gone");
      return new NetworkMode("container:" + id, Optional.of(id));
    }
    return new NetworkMode("p_front", Optional.empty());
  }

  private Set<Integer> ports(@org.jspecify.annotations.Nullable Service wanted, State state) {
    if (wanted == null || state != State.RUNNING) {
      return Set.of();
    }
    var ports = new HashSet<Integer>();
    for (var p : wanted.container().networking().ports()) {
      var published = p.published();
      if (published != null && held.add(Integer.parseInt(published))) {
        ports.add(Integer.parseInt(published));
      }
    }
    return ports;
  }

  static String imageId(Service service) {
    return "sha256:%064x".formatted(service.container().image().hashCode() & 0xffffffffL);
  }

  @SafeVarargs
  private final <T> T pick(T... options) {
    return options[random.nextInt(options.length)];
  }
}
