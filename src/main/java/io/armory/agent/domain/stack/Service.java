package io.armory.agent.domain.stack;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One service of a stack.
///
/// @param replicas number of containers, from `scale` or `deploy.replicas`; 0 is allowed
/// @param configHashes what the generations of the reference give this service as its
///   `com.docker.compose.config-hash`, so that `docker compose` takes our containers for its own
/// @param definitionHash our own drift key: everything the container is made of, the content of its
///   configs and secrets included; stable across releases of the agent
/// @param stopGracePeriod time between the stop signal and SIGKILL
/// @param probe how the agent itself asks the service for its health; empty: engine state alone
/// @param optional its state does not count for the node's readiness
/// @param elected runs only on the node that the nodes of the group elected for it
/// @param startFirst `deploy.update_config.order: start-first`, where nothing that it has is for
///   one alone: its successor is started beside it
public record Service(
    String name,
    int replicas,
    ContainerSpec container,
    PullPolicy pullPolicy,
    Map<String, Dependency> dependsOn,
    Duration stopGracePeriod,
    List<Hook> postStart,
    List<Hook> preStop,
    Optional<ProbeSpec> probe,
    boolean optional,
    boolean elected,
    boolean startFirst,
    ConfigHashes configHashes,
    String definitionHash) {

  /// Compose's default `stop_grace_period`.
  public static final Duration DEFAULT_STOP_GRACE = Duration.ofSeconds(10);

  public Service {
    if (replicas < 0) {
      throw new IllegalArgumentException("service " + name + ": replicas is negative: " + replicas);
    }
    dependsOn = Collections.unmodifiableMap(new LinkedHashMap<>(dependsOn));
    postStart = List.copyOf(postStart);
    preStop = List.copyOf(preStop);
  }

  /// The same with another container; its hashes stay those of what was asked for.
  public Service withContainer(ContainerSpec spec) {
    return copy(spec, dependsOn);
  }

  /// The same that waits for other things.
  public Service withDependencies(Map<String, Dependency> needs) {
    return copy(container, needs);
  }

  private Service copy(ContainerSpec spec, Map<String, Dependency> needs) {
    return new Service(
        name,
        replicas,
        spec,
        pullPolicy,
        needs,
        stopGracePeriod,
        postStart,
        preStop,
        probe,
        optional,
        elected,
        startFirst,
        configHashes,
        definitionHash);
  }

  /// The config hash of the newest generation, with the names of other services.
  public String configHash() {
    return configHashes.of(ComposeGeneration.NEWEST, Map.of());
  }

  /// Whether a container's `post_start` commands are still to be run, or under way.
  ///
  /// @param done container ID → which of its starts they are done for
  public boolean awaitsPostStart(Observation.Container container, Map<String, Instant> done) {
    var started = container.startedAt();
    return container.running()
        && started != null
        && !postStart.isEmpty()
        && !started.equals(done.get(container.id()));
  }

  /// How long after its start a container's failures do not count; empty: nothing says so.
  public Optional<Duration> startPeriod() {
    var check = container.healthcheck();
    return probe
        .map(ProbeSpec::startPeriod)
        .or(() -> Optional.ofNullable(check).flatMap(c -> Optional.ofNullable(c.startPeriod())));
  }

  /// What a `depends_on` entry waits for.
  public enum Condition {
    STARTED,
    HEALTHY,
    COMPLETED_SUCCESSFULLY
  }

  /// @param restart recreate or restart of the dependency restarts the dependent
  /// @param required false: an absent or disabled dependency is tolerated
  public record Dependency(Condition condition, boolean restart, boolean required) {}

  /// `pull_policy` of the Compose specification.
  public sealed interface PullPolicy {
    /// One that asks for no time.
    enum Plain implements PullPolicy {
      ALWAYS,
      NEVER,
      MISSING,
      BUILD
    }

    /// `daily`, `weekly`, `every_12h`: as [Plain#ALWAYS], but not for an image that was pulled less
    /// than this ago.
    record Every(Duration age) implements PullPolicy {}

    /// In small letters, for people.
    default String words() {
      return switch (this) {
        case Plain plain -> plain.name().toLowerCase(Locale.ROOT);
        case Every(var age) -> "every " + age.toString().substring(2).toLowerCase(Locale.ROOT);
      };
    }

    /// Whether the registry is not asked.
    default boolean isLocal() {
      return this == Plain.NEVER || this == Plain.BUILD;
    }
  }

  /// A `post_start` or `pre_stop` command, run inside the container.
  public record Hook(
      List<String> command,
      @Nullable String user,
      boolean privileged,
      @Nullable String workingDir,
      Map<String, String> environment) {
    public Hook {
      command = List.copyOf(command);
      environment = Map.copyOf(environment);
    }
  }

  /// Whether a service is a task, run once per definition, and not a server to keep up: something
  /// waits for it to complete, or its restart policy does not restart a success and it serves
  /// nothing.
  public static boolean isOneShot(Stack stack, String service) {
    var own = stack.services().get(service);
    return isAwaited(stack, service) || (own != null && own.mayEndWell());
  }

  /// Whether anything waits for this service to run to its end.
  public static boolean isAwaited(Stack stack, String service) {
    return stack.services().values().stream()
        .map(s -> s.dependsOn().get(service))
        .anyMatch(d -> d != null && d.condition() == Condition.COMPLETED_SUCCESSFULLY);
  }

  private boolean mayEndWell() {
    var policy = container.restart().name();
    return (policy.equals("no") || policy.equals("on-failure"))
        && probe.isEmpty()
        && container.healthcheck() == null
        && container.networking().ports().isEmpty();
  }
}
