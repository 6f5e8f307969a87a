package io.armory.agent.port;

import static io.armory.agent.domain.Failure.Kind.CONFLICT;
import static io.armory.agent.domain.Failure.Kind.IMAGE_UNAVAILABLE;
import static io.armory.agent.domain.Failure.Kind.INVALID;
import static io.armory.agent.domain.Failure.Kind.NOT_FOUND;
import static io.armory.agent.domain.Failure.Kind.PORT_TAKEN;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Networking;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Observation.EngineHealth;
import io.armory.agent.domain.stack.Observation.State;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Storage;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What lies in the fake engine, and Docker's rules for changing it. Guarded by the engine's lock.
final class FakeWorld {
  private int addresses = 1;
  private static final String LABEL = "com.docker.compose.";

  final Map<String, FakeContainer> containers = new LinkedHashMap<>();
  final Map<String, Observation.ObservedNetwork> networks = new LinkedHashMap<>();
  final Map<String, Observation.ObservedVolume> volumes = new LinkedHashMap<>();
  final Map<String, String> images = new HashMap<>();

  /// The IDs of images that have, or had, a name.
  final Set<String> unnamed = new HashSet<>();

  final Map<String, String> registry = new HashMap<>();
  final Set<Integer> portsOfOthers = new HashSet<>();
  final Map<String, FakeEngine.Behaviour> scripts = new HashMap<>();
  final Set<String> stubborn = new HashSet<>();
  private final InstantSource clock;
  private final FakeEvents events;
  private int sequence;

  FakeWorld(InstantSource clock, FakeEvents events) {
    this.clock = clock;
    this.events = events;
  }

  String nextId() {
    return "%064x".formatted(0xfa4e0000L + ++sequence);
  }

  Outcome<String> pull(Action.PullImage pull) {
    var id = registry.get(pull.image());
    if (id == null) {
      return failed(IMAGE_UNAVAILABLE, "image " + pull.image() + " is not in the registry");
    }
    images.values().forEach(unnamed::add);
    images.put(pull.image(), id);
    return Outcome.done(id);
  }

  Outcome<String> create(Action.CreateNetwork create) {
    var wanted = create.network();
    var there = networks.get(wanted.name());
    if (there != null) {
      boolean same =
          there.project().equals(Optional.of(create.project()))
              && there.definitionHash().equals(Optional.of(wanted.definitionHash()));
      return same
          ? Outcome.done(there.id())
          : failed(CONFLICT, "network " + wanted.name() + " exists already");
    }
    var made =
        new Observation.ObservedNetwork(
            nextId(),
            wanted.name(),
            Optional.of(wanted.key()),
            Optional.of(create.project()),
            Optional.of(wanted.definitionHash()),
            wanted.driver() == null ? "bridge" : wanted.driver());
    networks.put(made.name(), made);
    return Outcome.done(made.id());
  }

  Outcome<String> remove(Action.RemoveNetwork remove) {
    var there = networks.get(remove.name());
    if (there == null || !there.id().equals(remove.id())) {
      return Outcome.done("");
    }
    boolean used =
        containers.values().stream()
            .anyMatch(c -> c.alive() && c.networks.containsKey(remove.name()));
    if (used) {
      return failed(CONFLICT, "network " + remove.name() + " has active endpoints");
    }
    networks.remove(remove.name());
    return Outcome.done("");
  }

  Outcome<String> create(Action.CreateVolume create) {
    var wanted = create.volume();
    volumes.computeIfAbsent(
        wanted.name(),
        name ->
            new Observation.ObservedVolume(
                name,
                Optional.of(wanted.key()),
                Optional.of(create.project()),
                Optional.of(wanted.definitionHash()),
                wanted.driver() == null ? "local" : wanted.driver()));
    return Outcome.done(wanted.name());
  }

  Outcome<String> create(Action.CreateContainer create) {
    var spec = create.service().container();
    if (!images.containsKey(spec.image()) && !isHere(create.imageId())) {
      return failed(IMAGE_UNAVAILABLE, "no such image: " + spec.image());
    }
    var holder = named(create.name());
    if (holder != null) {
      return adopt(create, holder);
    }
    var shared = sharedNamespace(create);
    if (shared instanceof Networking.Mode.OfService(var service)
        && !create.namespaces().containsKey(service)) {
      return failed(INVALID, "no container is known for network_mode service:" + service);
    }
    for (var attachment : spec.networking().attachments()) {
      if (!networks.containsKey(networkName(create, attachment))) {
        return failed(NOT_FOUND, "no such network: " + attachment.network());
      }
    }
    var made = made(create);
    containers.put(made.id, made);
    return Outcome.done(made.id);
  }

  /// An image without a name stays until it is removed.
  boolean isHere(String imageId) {
    images.values().forEach(unnamed::add);
    return unnamed.contains(imageId);
  }

  private Outcome<String> adopt(Action.CreateContainer create, FakeContainer holder) {
    boolean same =
        holder.of(create.stack().project())
            && holder.service().equals(create.service().name())
            && holder.observed().number() == create.number()
            && create.imageId().equals(holder.labels.get(LABEL + "image"))
            && networkMode(create).name().equals(holder.networkMode.name())
            && create
                .service()
                .definitionHash()
                .equals(holder.labels.get("io.armory.agent.definition"));
    return same
        ? Outcome.done(holder.id)
        : failed(CONFLICT, "the name " + create.name() + " is in use by " + holder.id);
  }

  private FakeContainer made(Action.CreateContainer create) {
    var service = create.service();
    var spec = service.container();
    var labels = new HashMap<>(spec.labels());
    labels.put(LABEL + "project", create.stack().project());
    labels.put(LABEL + "service", service.name());
    labels.put(LABEL + "container-number", Integer.toString(create.number()));
    labels.put(LABEL + "oneoff", "False");
    labels.put(LABEL + "config-hash", service.configHash());
    labels.put(LABEL + "image", create.imageId());
    labels.put("io.armory.agent.definition", service.definitionHash());
    var endpoints = new HashMap<String, Observation.Endpoint>();
    for (var attachment : spec.networking().attachments()) {
      var name = networkName(create, attachment);
      var aliases = new ArrayList<>(attachment.aliases());
      aliases.add(service.name());
      var network = networks.get(name);
      endpoints.put(
          name,
          new Observation.Endpoint(network == null ? "" : network.id(), nextAddress(), aliases));
    }
    var check = spec.healthcheck();
    var like =
        new Observation.Container(
            nextId(),
            create.name(),
            service.name(),
            create.number(),
            Optional.empty(),
            Optional.empty(),
            isHere(create.imageId()) ? create.imageId() : images.getOrDefault(spec.image(), ""),
            State.CREATED,
            0,
            false,
            null,
            clock.instant(),
            null,
            null,
            EngineHealth.NONE,
            spec.restart().name(),
            networkMode(create),
            namespaces(create),
            endpoints,
            labels,
            spec.storage()
                .imageMounts()
                .collect(
                    Collectors.toMap(
                        Storage.ImageMount::target,
                        m -> Objects.requireNonNullElse(m.imageId(), m.image()))));
    return new FakeContainer(
        like, fixedPorts(service), check != null && !check.disabled(), clock.instant());
  }

  private Observation.NetworkMode networkMode(Action.CreateContainer create) {
    return switch (sharedNamespace(create)) {
      case Networking.Mode.OfService(var service) -> {
        var id = create.namespaces().get(service);
        yield new Observation.NetworkMode("container:" + id, Optional.ofNullable(id));
      }
      case Networking.Mode.OfContainer(var other) ->
          new Observation.NetworkMode("container:" + other, Optional.of(other));
      case Networking.Mode.Engine(var name) -> new Observation.NetworkMode(name, Optional.empty());
      case Networking.Mode.Project() -> {
        var first = create.service().container().networking().attachments();
        yield new Observation.NetworkMode(
            first.isEmpty() ? "none" : networkName(create, first.getFirst()), Optional.empty());
      }
    };
  }

  private static Set<String> namespaces(Action.CreateContainer create) {
    var security = create.service().container().security();
    return Stream.of(security.pid(), security.ipc())
        .filter(n -> n != null && n.startsWith("service:"))
        .flatMap(n -> Stream.ofNullable(create.namespaces().get(n.substring("service:".length()))))
        .collect(Collectors.toSet());
  }

  Outcome<String> hooks(Action.RunHooks run) {
    var container = containers.get(run.id());
    if (container == null) {
      return failed(NOT_FOUND, "no such container: " + run.id());
    }
    return container.state == State.RUNNING
        ? Outcome.done("")
        : failed(CONFLICT, container.name + " does not run");
  }

  private static Networking.Mode sharedNamespace(Action.CreateContainer create) {
    return create.service().container().networking().mode();
  }

  private static String networkName(
      Action.CreateContainer create, Networking.Attachment attachment) {
    var network = create.stack().networks().get(attachment.network());
    return network == null ? attachment.network() : network.name();
  }

  private static Set<Integer> fixedPorts(Service service) {
    var ports = new HashSet<Integer>();
    for (var port : service.container().networking().ports()) {
      var published = port.published();
      if (published != null && published.matches("[1-9][0-9]*")) {
        ports.add(Integer.parseInt(published));
      }
    }
    return ports;
  }

  Outcome<String> start(String id) {
    var container = containers.get(id);
    if (container == null) {
      return failed(NOT_FOUND, "no such container: " + id);
    }
    if (container.state == State.RUNNING) {
      return Outcome.done("");
    }
    if (container.state == State.PAUSED) {
      return failed(CONFLICT, "container " + container.name + " is paused");
    }
    for (var end : container.networks.entrySet()) {
      var network = networks.get(end.getKey());
      var known = end.getValue().networkId();
      if (network == null || !(known.isEmpty() || known.equals(network.id()))) {
        return failed(NOT_FOUND, "network " + end.getKey() + " not found");
      }
    }
    var parent = container.networkMode.container();
    if (parent.isPresent() && !alive(parent.get())) {
      return failed(CONFLICT, "cannot join the network of a container that does not run");
    }
    var taken = container.hostPorts.stream().filter(p -> portTaken(p, container)).findFirst();
    if (taken.isPresent()) {
      return failed(PORT_TAKEN, "port " + taken.get() + " is already allocated");
    }
    run(container);
    return Outcome.done("");
  }

  private boolean alive(String id) {
    var container = containers.get(id);
    return container != null && container.alive();
  }

  private boolean portTaken(int port, FakeContainer mine) {
    return portsOfOthers.contains(port)
        || containers.values().stream()
            .anyMatch(c -> c != mine && c.alive() && c.hostPorts.contains(port));
  }

  private void run(FakeContainer container) {
    container.state = State.RUNNING;
    container.startedAt = clock.instant();
    container.exitCode = 0;
    container.oomKilled = false;
    var behaviour = scripts.getOrDefault(container.service(), FakeEngine.Behaviour.runs());
    container.health = container.checked ? behaviour.health() : EngineHealth.NONE;
    events.emit("start", container, "");
    if (behaviour.exits()) {
      end(container, behaviour.exitCode(), behaviour.oomKilled());
    }
  }

  void end(FakeContainer container, int exitCode, boolean oomKilled) {
    container.state = State.EXITED;
    container.exitCode = exitCode;
    container.oomKilled = oomKilled;
    container.finishedAt = clock.instant();
    container.health = container.checked ? EngineHealth.UNHEALTHY : EngineHealth.NONE;
    if (oomKilled) {
      events.emit("oom", container, "");
    }
    events.emit("die", container, "");
  }

  Outcome<String> stop(String id) {
    var container = containers.get(id);
    if (container == null) {
      return failed(NOT_FOUND, "no such container: " + id);
    }
    if (container.alive()) {
      events.emit("kill", container, "15");
      var killed = stubborn.contains(container.service());
      if (killed) {
        events.emit("kill", container, "9");
      }
      end(container, killed ? 137 : 143, false);
      events.emit("stop", container, "");
    }
    return Outcome.done("");
  }

  Outcome<String> restart(String id) {
    var stopped = stop(id);
    return stopped instanceof Outcome.Done ? start(id) : stopped;
  }

  Outcome<String> unpause(String id) {
    var container = containers.get(id);
    if (container == null) {
      return failed(NOT_FOUND, "no such container: " + id);
    }
    if (container.state == State.PAUSED) {
      container.state = State.RUNNING;
      events.emit("unpause", container, "");
    }
    return Outcome.done("");
  }

  Outcome<String> remove(String id) {
    var container = containers.get(id);
    if (container == null) {
      return Outcome.done("");
    }
    if (container.alive()) {
      return failed(CONFLICT, "cannot remove " + container.name + ": it runs");
    }
    containers.remove(id);
    events.emit("destroy", container, "");
    return Outcome.done("");
  }

  Outcome<String> rename(String id, String newName) {
    var container = containers.get(id);
    if (container == null) {
      return failed(NOT_FOUND, "no such container: " + id);
    }
    var holder = named(newName);
    if (holder != null && holder != container) {
      return failed(CONFLICT, "the name " + newName + " is in use by " + holder.id);
    }
    if (holder == null) {
      container.name = newName;
      events.emit("rename", container, "");
    }
    return Outcome.done("");
  }

  private String nextAddress() {
    addresses++;
    return "10.200.%d.%d".formatted(addresses / 256, addresses % 256);
  }

  Outcome<String> connect(Action.ConnectNetwork connect) {
    var container = containers.get(connect.id());
    var network = networks.get(connect.network());
    if (container == null || network == null) {
      return failed(NOT_FOUND, "no such " + (container == null ? "container" : "network"));
    }
    var names = new ArrayList<>(connect.attachment().aliases());
    names.add(connect.service().name());
    container.networks.putIfAbsent(
        connect.network(), new Observation.Endpoint(network.id(), nextAddress(), names));
    return Outcome.done("");
  }

  Outcome<String> names(Action.SetNames set) {
    var container = containers.get(set.id());
    var network = networks.get(set.network());
    if (container == null || network == null) {
      return failed(NOT_FOUND, "no such " + (container == null ? "container" : "network"));
    }
    container.networks.put(
        set.network(),
        new Observation.Endpoint(
            network.id(),
            set.address().orElseGet(this::nextAddress),
            set.names(),
            set.address().isPresent()));
    return Outcome.done("");
  }

  Outcome<String> disconnect(Action.DisconnectNetwork disconnect) {
    var container = containers.get(disconnect.id());
    if (container != null) {
      container.networks.remove(disconnect.network());
    }
    return Outcome.done("");
  }

  Outcome<String> restartPolicy(Action.SetRestartPolicy set) {
    var container = containers.get(set.id());
    if (container == null) {
      return failed(NOT_FOUND, "no such container: " + set.name());
    }
    container.restartPolicy = set.policy().name();
    return Outcome.done("");
  }

  @Nullable FakeContainer named(String name) {
    return containers.values().stream().filter(c -> c.name.equals(name)).findFirst().orElse(null);
  }

  Instant now() {
    return clock.instant();
  }

  private static Outcome<String> failed(Failure.Kind kind, String message) {
    return Outcome.failed(kind, message);
  }
}
