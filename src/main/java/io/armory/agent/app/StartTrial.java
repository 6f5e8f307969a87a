package io.armory.agent.app;

import io.armory.agent.adapter.http.PortOwner;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.ContainerSpec.Logging;
import io.armory.agent.domain.stack.Networking.PortBinding;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Storage.VolumeMount;
import io.armory.agent.domain.stack.Volume;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/// What keeps a container from being started and can be known before: a host port that another
/// program has, a log collector that does not answer, a directory that a volume stands for. The
/// engine itself finds out the rest when it makes the container: an unknown log driver, a mount
/// source that is not there. What cannot be looked at is in nobody's way.
///
/// @param published project → the host ports its running containers hold
record StartTrial(Function<String, Outcome<Set<Integer>>> published) {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Path JOURNAL = Path.of("/run/systemd/journal/socket");

  /// Where a hardened unit sees another tree than the engine does.
  private static final List<Path> OTHERWISE =
      Stream.of("/home", "/root", "/run/user", "/tmp", "/var/tmp").map(Path::of).toList();

  Optional<Failure> obstacle(Action.CreateContainer create) {
    var service = create.service();
    return port(create)
        .or(() -> Optional.ofNullable(service.container().logging()).flatMap(StartTrial::collector))
        .or(() -> volume(create.stack().volumes(), service));
  }

  /// A port that the stack itself has is its predecessor's, or will be free when its turn comes.
  private Optional<Failure> port(Action.CreateContainer create) {
    return create.service().container().networking().ports().stream()
        .filter(b -> b.protocol().equals("tcp"))
        .filter(b -> b.published() != null && b.published().matches("\\d{1,5}"))
        .filter(StartTrial::isTaken)
        .filter(b -> !isOurs(create.stack().project(), number(b)))
        .findFirst()
        .map(b -> {
          var address = Objects.requireNonNullElse(b.hostIp(), "");
          return new Failure(
              Failure.Kind.PORT_TAKEN,
              "host port %s is taken by %s"
                  .formatted(
                      (address.isEmpty() ? "" : address + ":") + b.published(),
                      PortOwner.of(address, number(b)).orElse("another program")));
        });
  }

  private static boolean isTaken(PortBinding binding) {
    return PortOwner.isListening(Objects.requireNonNullElse(binding.hostIp(), ""), number(binding));
  }

  private static int number(PortBinding binding) {
    return Integer.parseInt(Objects.requireNonNull(binding.published()));
  }

  /// Also when the engine does not say.
  private boolean isOurs(String project, int port) {
    return switch (published.apply(project)) {
      case Outcome.Done<Set<Integer>>(var held) -> held.contains(port);
      case Outcome.Failed<Set<Integer>> _ -> true;
    };
  }

  private static Optional<Failure> collector(Logging logging) {
    var options = logging.options();
    return switch (Objects.requireNonNullElse(logging.driver(), "")) {
      case "fluentd" ->
          isTrue(options, "fluentd-async") || isTrue(options, "fluentd-async-connect")
              ? Optional.empty()
              : unanswered(options.getOrDefault("fluentd-address", "127.0.0.1:24224"), 24224);
      case "syslog" -> unanswered(options.getOrDefault("syslog-address", ""), 514);
      case "gelf" -> unanswered(options.getOrDefault("gelf-address", ""), 12201);
      case "splunk" -> unanswered(options.getOrDefault("splunk-url", ""), 443);
      case "journald" ->
          Files.notExists(JOURNAL)
              ? Optional.of(
                  new Failure(
                      Failure.Kind.UNREACHABLE,
                      "its log driver is journald, and no journald runs on this node"))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static boolean isTrue(Map<String, String> options, String name) {
    return Boolean.parseBoolean(options.getOrDefault(name, "false"));
  }

  /// Datagrams are sent to nobody as well.
  private static Optional<Failure> unanswered(String address, int usual) {
    var uri = uri(address);
    var scheme = Objects.requireNonNullElse(uri.getScheme(), "");
    if (uri.getHost() == null || scheme.startsWith("udp") || scheme.startsWith("unix")) {
      return Optional.empty();
    }
    var port = uri.getPort() < 0 ? usual : uri.getPort();
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(uri.getHost(), port), (int) PATIENCE.toMillis());
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(
          new Failure(
              Failure.Kind.UNREACHABLE,
              "its log collector %s:%d does not answer (%s); start it, or let the log driver connect later"
                  .formatted(uri.getHost(), port, e.getMessage())));
    }
  }

  private static URI uri(String address) {
    try {
      return URI.create(address.contains("://") ? address : "tcp://" + address);
    } catch (IllegalArgumentException e) {
      return URI.create("none:x");
    }
  }

  private static Optional<Failure> volume(Map<String, Volume> volumes, Service service) {
    return service.container().storage().mounts().stream()
        .filter(VolumeMount.class::isInstance)
        .map(m -> ((VolumeMount) m).volume())
        .filter(Objects::nonNull)
        .flatMap(key -> Optional.ofNullable(volumes.get(key)).stream())
        .flatMap(v -> device(v).stream().filter(StartTrial::isMissing).map(d -> missing(v, d)))
        .findFirst();
  }

  private static Failure missing(Volume volume, Path device) {
    return new Failure(
        Failure.Kind.UNREACHABLE,
        "volume %s stands for %s, which is not on this node; make it, or change the volume"
            .formatted(volume.name(), device));
  }

  private static Optional<Path> device(Volume volume) {
    var options = volume.driverOpts();
    var isBound = List.of(options.getOrDefault("o", "").split(",", -1)).contains("bind");
    var device = options.getOrDefault("device", "");
    return isBound && device.startsWith("/") ? Optional.of(Path.of(device)) : Optional.empty();
  }

  private static boolean isMissing(Path path) {
    return OTHERWISE.stream().noneMatch(path::startsWith) && Files.notExists(path);
  }
}
