package io.armory.agent.reconcile.simulation;

import io.armory.agent.domain.ProbeResult.Standing;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.port.ContainerEngine.EngineEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What really goes on in the containers: who boots, is well, hangs, or is of a version that never
/// becomes well.
final class Workload {

  /// What is wrong with a version of a service.
  enum Flaw {
    NEVER_WELL,
    CRASHES,
    /// Well for twenty seconds, then dead, again and again.
    FALLS_OVER
  }

  private static final class Process {
    final String service;
    final String version;
    Instant startedAt = Instant.MIN;
    Duration boot = Duration.ZERO;
    boolean runs;
    boolean paused;
    boolean hangs;

    Process(String service, String version) {
      this.service = service;
      this.version = version;
    }
  }

  private final SimulatedNode node;
  private final Map<String, Process> processes = new HashMap<>();
  private final Map<String, Flaw> flaws = new HashMap<>();
  private final Set<String> wellOnce = new HashSet<>();

  Workload(SimulatedNode node) {
    this.node = node;
  }

  /// A version of a service is flawed.
  void flaw(String service, int version, Flaw flaw) {
    flaws.put(definition(service, version), flaw);
  }

  private static String definition(String service, int version) {
    return "definition-" + service + version;
  }

  void heard(EngineEvent event) {
    switch (event.action()) {
      case "start" -> started(event.containerId());
      case "die" -> process(event.containerId()).runs = false;
      case "pause" -> process(event.containerId()).paused = true;
      case "unpause" -> process(event.containerId()).paused = false;
      case "destroy" -> processes.remove(event.containerId());
      default -> {}
    }
  }

  private Process process(String id) {
    return processes.computeIfAbsent(
        id,
        i ->
            node.engine.containers().stream()
                .filter(c -> c.id().equals(i))
                .findFirst()
                .map(c ->
                    new Process(
                        c.service(), c.labels().getOrDefault("io.armory.agent.definition", "")))
                .orElseGet(() -> new Process("", "")));
  }

  private void started(String id) {
    var process = process(id);
    process.runs = true;
    process.paused = false;
    process.hangs = false;
    process.startedAt = node.time.steady();
    process.boot =
        process.service.equals("redis")
            ? node.between("boot redis", 300, 3000)
            : node.between("boot " + process.service, 2000, 50_000);
    var flaw = flaws.get(process.version);
    var began = process.startedAt;
    if (flaw == Flaw.CRASHES) {
      diesAfter(node.between("crash " + process.service, 500, 8000), id, began);
    } else if (flaw == Flaw.FALLS_OVER) {
      diesAfter(process.boot.plusSeconds(20), id, began);
    }
  }

  private void diesAfter(Duration delay, String id, Instant began) {
    node.time.in(
        delay,
        () -> {
          var process = processes.get(id);
          if (process != null && process.runs && process.startedAt.equals(began)) {
            nameOf(id).ifPresent(name -> node.engine.dies(name, 1));
          }
        });
  }

  private Optional<String> nameOf(String id) {
    return node.engine.containers().stream()
        .filter(c -> c.id().equals(id))
        .map(Observation.Container::name)
        .findFirst();
  }

  /// The process of a container hangs until it is restarted.
  void hang(String id) {
    process(id).hangs = true;
  }

  Standing standing(String id) {
    var process = processes.get(id);
    if (process == null || !process.runs) {
      return Standing.CLOSED;
    }
    if (process.paused || process.hangs) {
      return Standing.SILENT;
    }
    if (flaws.get(process.version) == Flaw.NEVER_WELL) {
      return isBooted(process) ? Standing.FAILING : Standing.CLOSED;
    }
    return isBooted(process) ? Standing.WELL : Standing.CLOSED;
  }

  private boolean isBooted(Process process) {
    return !process.startedAt.plus(process.boot).isAfter(node.time.steady());
  }

  /// Whether some container of the service is well, whatever the agent believes.
  boolean isWell(String service) {
    return processes.entrySet().stream()
        .anyMatch(
            e -> e.getValue().service.equals(service) && standing(e.getKey()) == Standing.WELL);
  }

  /// Whether another of its containers is well.
  boolean isWellBeside(String service, String id) {
    return processes.entrySet().stream()
        .anyMatch(e ->
            !e.getKey().equals(id)
                && e.getValue().service.equals(service)
                && standing(e.getKey()) == Standing.WELL);
  }

  /// Whether a container of the service is well that its peers find by the service's name.
  boolean isFound(String service) {
    return node.engine.containers().stream()
        .filter(c -> c.service().equals(service) && standing(c.id()) == Standing.WELL)
        .flatMap(c -> c.networks().values().stream())
        .anyMatch(end -> end.aliases().contains(service));
  }

  /// Whether some container of the service is of a version that cannot stay well.
  boolean isFlawed(String service) {
    return processes.values().stream()
        .anyMatch(p -> p.service.equals(service) && flaws.containsKey(p.version));
  }

  /// A JVM that boots uses its processor; one that hangs does not.
  Optional<Duration> processorTime(String id) {
    var process = processes.get(id);
    return process == null || !process.runs
        ? Optional.empty()
        : Optional.of(
            process.hangs
                ? Duration.ofMillis(1)
                : Duration.between(process.startedAt, node.time.steady()));
  }

  /// How long an engine takes for it.
  Duration durationOf(Action action) {
    return switch (action) {
      case Action.PullImage _ -> node.between(action.describe(), 1000, 40_000);
      case Action.StopContainer _, Action.RestartContainer _ ->
          node.between(action.describe(), 200, 12_000);
      case Action.StartContainer _ -> node.between(action.describe(), 150, 700);
      case Action.CreateContainer _, Action.RemoveContainer _ ->
          node.between(action.describe(), 30, 400);
      case Action.CreateNetwork _,
          Action.TryNetwork _,
          Action.RemoveNetwork _,
          Action.CreateVolume _,
          Action.RunHooks _,
          Action.UnpauseContainer _,
          Action.RenameContainer _,
          Action.ConnectNetwork _,
          Action.DisconnectNetwork _,
          Action.SetNames _,
          Action.SetRestartPolicy _ ->
          node.between(action.describe(), 10, 200);
    };
  }
}
