package io.armory.agent.app;

import io.armory.agent.cli.UnixSockets;
import io.armory.agent.config.Paths;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.port.ContainerEngine;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The engine, unless an agent of another root directory keeps the same project on it: two that
/// each know what the project should be would replace each other's containers for ever. Every
/// container says in a label of Compose where its file lies, hence whose it is; that agent lives
/// while its control socket accepts. Who has no container there yet stands back; of two that both
/// have, the one whose file is later in the alphabet. It looks again all the time, so it takes over
/// when the other ends.
record SingleOwnerEngine(ContainerEngine engine, Paths paths, String composeFile)
    implements ForwardingEngine {
  private static final String FILES = "com.docker.compose.project.config_files";

  @Override
  public Observation observe(Scope scope) {
    return unshared(engine.observe(scope), scope);
  }

  @Override
  public Observation glance(Scope scope) {
    return unshared(engine.glance(scope), scope);
  }

  private Observation unshared(Observation observation, Scope scope) {
    return observation instanceof Observed observed
        ? rival(observed)
            .<Observation>map(r ->
                new Observation.Unavailable(
                    observed.at(),
                    new Failure(
                        Failure.Kind.CONFLICT,
                        "another armory-agent, of %s, keeps project %s; stop it, or give one of the two another project in agent.yaml"
                            .formatted(r, scope.project()))))
            .orElse(observation)
        : observation;
  }

  private Optional<Path> rival(Observed observed) {
    Map<String, Long> owners =
        observed.containers().stream()
            .filter(Container::running)
            .map(c -> c.labels().getOrDefault(FILES, composeFile))
            .collect(Collectors.groupingBy(f -> f, TreeMap::new, Collectors.counting()));
    var own = owners.containsKey(composeFile);
    return owners.keySet().stream()
        .filter(f -> !f.equals(composeFile) && (!own || f.compareTo(composeFile) < 0))
        .flatMap(f -> root(f).stream())
        .filter(this::isAlive)
        .findFirst();
  }

  /// The root of the agent that renders to a file; empty: no agent's file is called so.
  private Optional<Path> root(String file) {
    var inside = paths.root().relativize(Path.of(composeFile));
    var path = Path.of(file);
    if (!path.isAbsolute() || !path.endsWith(inside)) {
      return Optional.empty();
    }
    var root = path;
    for (int i = 0; i < inside.getNameCount() && root != null; i++) {
      root = root.getParent();
    }
    return Optional.ofNullable(root);
  }

  private boolean isAlive(Path root) {
    return UnixSockets.accepts(root.resolve(paths.root().relativize(paths.controlSocket())));
  }
}
