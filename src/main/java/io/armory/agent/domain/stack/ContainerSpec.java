package io.armory.agent.domain.stack;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Everything of a service that ends up in the engine's create call. `null` is "not said": the
/// image's or the engine's default holds. Durations and byte counts are resolved; the terms are
/// those of the Compose specification.
public record ContainerSpec(
    String image,
    @Nullable String platform,
    @Nullable String containerName,
    @Nullable String hostname,
    @Nullable String domainname,
    Command command,
    Map<String, String> labels,
    Map<String, String> annotations,
    @Nullable Healthcheck healthcheck,
    RestartPolicy restart,
    Networking networking,
    Storage storage,
    Resources resources,
    Security security,
    @Nullable Logging logging) {

  public ContainerSpec {
    labels = ordered(labels);
    annotations = ordered(annotations);
  }

  /// The references of all images that it takes: its own, and those whose files it mounts.
  public Stream<String> images() {
    return Stream.concat(Stream.of(image), storage.imageMounts().map(Storage.ImageMount::image));
  }

  /// The same with another restart policy.
  public ContainerSpec withRestart(RestartPolicy policy) {
    return copy(policy, storage);
  }

  /// The same with other mounts.
  public ContainerSpec withStorage(Storage other) {
    return copy(restart, other);
  }

  private ContainerSpec copy(RestartPolicy policy, Storage mounts) {
    return new ContainerSpec(
        image,
        platform,
        containerName,
        hostname,
        domainname,
        command,
        labels,
        annotations,
        healthcheck,
        policy,
        networking,
        mounts,
        resources,
        security,
        logging);
  }

  /// What runs. A present but empty list clears the image's own entrypoint or command. An
  /// environment value of `null` removes the variable the image sets.
  public record Command(
      @Nullable List<String> entrypoint,
      @Nullable List<String> command,
      Map<String, @Nullable String> environment,
      @Nullable String user,
      @Nullable String workingDir,
      boolean tty,
      boolean stdinOpen,
      @Nullable Boolean init,
      @Nullable String stopSignal) {
    public Command {
      entrypoint = entrypoint == null ? null : List.copyOf(entrypoint);
      command = command == null ? null : List.copyOf(command);
      environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    }

    /// Names of variables only: their values may be secrets and stay out.
    @Override
    public String toString() {
      return "Command[entrypoint="
          + entrypoint
          + ", command="
          + command
          + ", environment="
          + environment.keySet()
          + ", user="
          + user
          + "]";
    }
  }

  /// The engine's own healthcheck. `test` in Docker's form (`CMD`, `CMD-SHELL`, `NONE` first);
  /// `null`: the image's.
  public record Healthcheck(
      @Nullable List<String> test,
      @Nullable Duration interval,
      @Nullable Duration timeout,
      @Nullable Duration startPeriod,
      @Nullable Duration startInterval,
      @Nullable Integer retries) {
    public Healthcheck {
      test = test == null ? null : List.copyOf(test);
    }

    public boolean disabled() {
      return test != null && !test.isEmpty() && test.getFirst().equals("NONE");
    }
  }

  /// The restart policy the Compose file asks of the engine.
  ///
  /// @param name `no`, `always`, `on-failure` or `unless-stopped`
  /// @param maxRetries for `on-failure`; 0 is without limit
  public record RestartPolicy(String name, int maxRetries) {
    public static final RestartPolicy NO = new RestartPolicy("no", 0);
  }

  /// `logging`.
  public record Logging(@Nullable String driver, Map<String, String> options) {
    public Logging {
      options = ordered(options);
    }
  }

  static <V> Map<String, V> ordered(Map<String, V> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
