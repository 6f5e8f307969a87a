package io.armory.agent.domain.stack;

import io.armory.agent.domain.stack.Service.Hook;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One call to the engine. There is no action that removes a named volume: losing data cannot be
/// said in this language.
public sealed interface Action {

  /// What it acts on.
  default Subject target() {
    return switch (this) {
      case PullImage a -> new Subject(Subject.Kind.IMAGE, a.image());
      case CreateNetwork a -> new Subject(Subject.Kind.NETWORK, a.network().key());
      case TryNetwork a -> new Subject(Subject.Kind.NETWORK, a.network().key());
      case RemoveNetwork a -> new Subject(Subject.Kind.NETWORK, a.key());
      case CreateVolume a -> new Subject(Subject.Kind.VOLUME, a.volume().key());
      case CreateContainer a -> Subject.service(a.service().name());
      case ConnectNetwork a -> Subject.service(a.service().name());
      case StartContainer a -> Subject.service(a.service());
      case StopContainer a -> Subject.service(a.service());
      case RestartContainer a -> Subject.service(a.service());
      case RunHooks a -> Subject.service(a.service());
      case UnpauseContainer a -> Subject.service(a.service());
      case RemoveContainer a -> Subject.service(a.service());
      case RenameContainer a -> Subject.service(a.service());
      case DisconnectNetwork a -> Subject.service(a.service());
      case SetNames a -> Subject.service(a.service());
      case SetRestartPolicy a -> Subject.service(a.service());
    };
  }

  /// What it acts on, for people and as a key: a service, or `network NAME`.
  default String subject() {
    return target().toString();
  }

  /// The verb and its object, for plans and logs: `create container spinnaker-gate-1`.
  default String describe() {
    return switch (this) {
      case PullImage a -> "pull image " + a.image();
      case CreateNetwork a -> "create network " + a.network().name();
      case TryNetwork a -> "try network " + a.network().name();
      case RemoveNetwork a -> "remove network " + a.name();
      case CreateVolume a -> "create volume " + a.volume().name();
      case CreateContainer a -> "create container " + a.name();
      case StartContainer a -> "start container " + a.name();
      case StopContainer a -> "stop container " + a.name();
      case RestartContainer a -> "restart container " + a.name();
      case RunHooks a -> "run post_start in container " + a.name();
      case UnpauseContainer a -> "unpause container " + a.name();
      case RemoveContainer a -> "remove container " + a.name();
      case RenameContainer a -> "rename container " + a.name() + " to " + a.newName();
      case ConnectNetwork a -> "connect container " + a.name() + " to network " + a.network();
      case DisconnectNetwork a ->
          "disconnect container " + a.name() + " from network " + a.network();
      case SetNames a ->
          (a.names().isEmpty() ? "take its names from container " : "give its names to container ")
              + a.name()
              + " on network "
              + a.network();
      case SetRestartPolicy a -> "set restart policy of " + a.name() + " to " + a.policy().name();
    };
  }

  /// What its backoff is counted under. What is only tidied up has a backoff of its own, so that it
  /// puts nothing else off.
  default String delayedAs() {
    return this instanceof RemoveContainer(var service, _, _, _)
        ? "leftovers of " + service
        : subject();
  }

  /// @param service one that needs it
  record PullImage(String service, String image, @Nullable String platform) implements Action {}

  record CreateNetwork(String project, Network network) implements Action {}

  /// Asks the engine whether it would make the network that is to replace another, before that one
  /// goes: under another name, and removed again.
  ///
  /// @param replaces ID of the one that is there
  record TryNetwork(String project, Network network, String replaces) implements Action {}

  record RemoveNetwork(String key, String name, String id) implements Action {}

  record CreateVolume(String project, Volume volume) implements Action {}

  /// Creates, and connects to all networks of the service, but does not start.
  ///
  /// @param name the container's name, which is a temporary one while a predecessor has the right
  ///   one
  /// @param imageId of the observed image, for the `com.docker.compose.image` label
  /// @param namespaces service name → ID of the container whose namespace `service:NAME` means now
  /// @param inheritFrom the predecessor whose anonymous volumes it takes over
  record CreateContainer(
      Stack stack,
      Service service,
      int number,
      String name,
      String imageId,
      Map<String, String> namespaces,
      Optional<String> inheritFrom)
      implements Action {
    public CreateContainer {
      namespaces = Map.copyOf(namespaces);
    }
  }

  record StartContainer(String service, String name, String id) implements Action {}

  /// @param grace time between the stop signal and SIGKILL
  /// @param preStop commands to be run in it before the stop signal; they have as much time again
  record StopContainer(String service, String name, String id, Duration grace, List<Hook> preStop)
      implements Action {
    public StopContainer {
      preStop = List.copyOf(preStop);
    }

    /// As its service says.
    public static StopContainer of(Service service, Observation.Container c) {
      return new StopContainer(
          c.service(), c.name(), c.id(), service.stopGracePeriod(), service.preStop());
    }
  }

  /// Stop and start in one engine call, the same container.
  ///
  /// @param preStop as of [StopContainer]
  record RestartContainer(
      String service, String name, String id, Duration grace, List<Hook> preStop)
      implements Action {
    public RestartContainer {
      preStop = List.copyOf(preStop);
    }

    /// As its service says.
    public static RestartContainer of(Service service, Observation.Container c) {
      return new RestartContainer(
          c.service(), c.name(), c.id(), service.stopGracePeriod(), service.preStop());
    }
  }

  /// Runs a service's `post_start` commands in a container, one after the other, up to the first
  /// that fails.
  ///
  /// @param startedAt the life of the container they are run for
  record RunHooks(String service, String name, String id, Instant startedAt, List<Hook> hooks)
      implements Action {
    public RunHooks {
      hooks = List.copyOf(hooks);
    }
  }

  record UnpauseContainer(String service, String name, String id) implements Action {}

  /// Removes a container that does not run.
  ///
  /// @param anonymousVolumes its anonymous volumes go too: nothing took them over
  record RemoveContainer(String service, String name, String id, boolean anonymousVolumes)
      implements Action {}

  record RenameContainer(String service, String name, String id, String newName)
      implements Action {}

  /// @param network the engine network's name
  /// @param networkId its ID: another may have the name
  record ConnectNetwork(
      Service service,
      int number,
      String name,
      String id,
      String network,
      String networkId,
      Networking.Attachment attachment)
      implements Action {}

  /// @param networkId likewise
  record DisconnectNetwork(String service, String name, String id, String network, String networkId)
      implements Action {}

  /// Sets the names by which a container is found on a network that it is on. The engine can do so
  /// only by connecting it anew: at the same address where the engine lets it, so that what is
  /// connected stays so.
  ///
  /// @param attachment what else its service says of it
  /// @param names none: its peers find it no more
  /// @param address the one that it has; empty: it has none
  record SetNames(
      String service,
      String name,
      String id,
      String network,
      String networkId,
      Optional<Networking.Attachment> attachment,
      List<String> names,
      Optional<String> address)
      implements Action {
    public SetNames {
      names = List.copyOf(names);
    }
  }

  /// Sets the engine's restart policy: who restarts this container when the agent is not looking.
  record SetRestartPolicy(
      String service, String name, String id, ContainerSpec.RestartPolicy policy)
      implements Action {}
}
