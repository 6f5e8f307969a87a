package io.armory.agent.domain.stack;

import io.armory.agent.domain.Failure;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What one look at the engine found. An engine that does not answer is [Unavailable], never an
/// empty [Observed]: "unknown" must not look like "nothing".
public sealed interface Observation {

  Instant at();

  /// @param why such as "no Docker socket at /var/run/docker.sock"; its blame is
  ///   [Failure.Blame#ENGINE] where it is proven that the engine is away or does not answer; not
  ///   where the agent may not, or cannot, ask it
  record Unavailable(Instant at, Failure why) implements Observation {
    /// One line for people.
    public String reason() {
      return why.message();
    }
  }

  /// @param containers every container labelled with the project, in any state, one-offs left out
  /// @param networks the project's networks, and those of other owners that have a name the stack
  ///   uses
  /// @param volumes likewise
  /// @param images image reference as asked → image ID; a reference that is not here is absent
  /// @param unknown what could not be read by itself. Such a container is among the containers, as
  ///   it was last read or as the engine's list shows it; any other thing is not among the others
  record Observed(
      Instant at,
      Engine engine,
      List<Container> containers,
      List<ObservedNetwork> networks,
      List<ObservedVolume> volumes,
      Map<String, String> images,
      List<Unknown> unknown)
      implements Observation {
    public Observed {
      containers = List.copyOf(containers);
      networks = List.copyOf(networks);
      volumes = List.copyOf(volumes);
      images = Map.copyOf(images);
      unknown = List.copyOf(unknown);
    }

    /// What is unknown of a thing; empty: it was read, or is not there.
    public Optional<Unknown> unknown(Thing thing, String key) {
      return unknown.stream().filter(u -> u.thing() == thing && u.key().equals(key)).findFirst();
    }

    /// The same, with these references meaning these images.
    public Observed withImages(Map<String, String> others) {
      if (others.isEmpty()) {
        return this;
      }
      var all = new HashMap<>(images);
      all.putAll(others);
      return new Observed(at, engine, containers, networks, volumes, all, unknown);
    }

    public boolean isUnknown(Container container) {
      return unknown(Thing.CONTAINER, container.id()).isPresent();
    }

    /// At another time, perhaps, but nothing was different.
    public boolean isAs(Observed other) {
      return engine.equals(other.engine)
          && containers.equals(other.containers)
          && networks.equals(other.networks)
          && volumes.equals(other.volumes)
          && images.equals(other.images)
          && unknown.equals(other.unknown);
    }

    public Optional<Container> container(String id) {
      return containers.stream().filter(c -> c.id().equals(id)).findFirst();
    }
  }

  /// The kinds of things a look reads one by one.
  enum Thing {
    CONTAINER,
    NETWORK,
    VOLUME,
    IMAGE
  }

  /// Neither there nor absent: the engine answers, but not about this. It is left alone.
  ///
  /// @param key a container's ID, a network's or volume's name, an image's reference
  /// @param name for people: a container's name, otherwise the key
  /// @param reason one line, such as "no answer within 3 s"
  /// @param since the first of the looks in a row that could not read it
  record Unknown(Thing thing, String key, String name, String reason, Instant since) {
    /// In words, without the time, so that the same is said as long as nothing changes.
    public String describe() {
      return "%s %s cannot be read: %s"
          .formatted(thing.name().toLowerCase(Locale.ROOT), name, reason);
    }
  }

  /// @param name `Docker` or `Podman`
  /// @param version the engine's, such as `20.10.24`
  /// @param apiVersion the one negotiated, such as `1.41`
  record Engine(String name, String version, String apiVersion) {}

  /// The engine's container states.
  enum State {
    CREATED,
    RUNNING,
    PAUSED,
    RESTARTING,
    REMOVING,
    EXITED,
    DEAD
  }

  /// The engine's own healthcheck result; `NONE` where there is no check.
  enum EngineHealth {
    NONE,
    STARTING,
    HEALTHY,
    UNHEALTHY
  }

  /// @param name without the leading slash
  /// @param number `com.docker.compose.container-number`
  /// @param definitionHash our private label; empty on a container another program made
  /// @param imageId the image it runs
  /// @param namespaces IDs of the containers whose pid or ipc namespace it lives in
  /// @param networks engine network name → its end there
  /// @param restartPolicy the engine's policy now in force
  /// @param mounts target → path on the node, of what is mounted from there and is still what was
  ///   mounted: neither gone nor replaced since the start
  record Container(
      String id,
      String name,
      String service,
      int number,
      Optional<String> configHash,
      Optional<String> definitionHash,
      String imageId,
      State state,
      int exitCode,
      boolean oomKilled,
      @Nullable String error,
      @Nullable Instant createdAt,
      @Nullable Instant startedAt,
      @Nullable Instant finishedAt,
      EngineHealth engineHealth,
      String restartPolicy,
      NetworkMode networkMode,
      Set<String> namespaces,
      Map<String, Endpoint> networks,
      Map<String, String> labels,
      Map<String, String> mounts) {
    public Container {
      namespaces = Set.copyOf(namespaces);
      networks = Map.copyOf(networks);
      labels = Map.copyOf(labels);
      mounts = Map.copyOf(mounts);
    }

    public boolean running() {
      return state == State.RUNNING;
    }

    /// It has processes: it can be stopped, and not be started.
    public boolean active() {
      return switch (state) {
        case RUNNING, PAUSED, RESTARTING -> true;
        case CREATED, REMOVING, EXITED, DEAD -> false;
      };
    }

    public String shortId() {
      return id.length() > 12 ? id.substring(0, 12) : id;
    }
  }

  /// The engine's `NetworkMode`; `container` is the ID of the container whose namespace is shared.
  record NetworkMode(String name, Optional<String> container) {}

  /// @param fixed it asks for its address at each start, and cannot be started where another has it
  record Endpoint(
      String networkId, @Nullable String ipAddress, List<String> aliases, boolean fixed) {
    public Endpoint {
      aliases = List.copyOf(aliases);
    }

    /// At an address that the engine chooses at each start.
    public Endpoint(String networkId, @Nullable String ipAddress, List<String> aliases) {
      this(networkId, ipAddress, aliases, false);
    }
  }

  /// @param key `com.docker.compose.network`; empty on a network another program made
  /// @param project `com.docker.compose.project`
  /// @param others names of running containers on it that are not the project's
  record ObservedNetwork(
      String id,
      String name,
      Optional<String> key,
      Optional<String> project,
      Optional<String> definitionHash,
      String driver,
      List<String> others) {
    public ObservedNetwork {
      others = List.copyOf(others);
    }

    /// A network nobody else is on.
    public ObservedNetwork(
        String id,
        String name,
        Optional<String> key,
        Optional<String> project,
        Optional<String> definitionHash,
        String driver) {
      this(id, name, key, project, definitionHash, driver, List.of());
    }
  }

  record ObservedVolume(
      String name,
      Optional<String> key,
      Optional<String> project,
      Optional<String> definitionHash,
      String driver) {}
}
