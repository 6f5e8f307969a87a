package io.armory.agent.app;

import io.armory.agent.config.AgentConfig;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.ContainerEngine.Scope;
import io.armory.agent.sources.NodeSources;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/// Removes what `up` made, when its agent has ended: containers and networks of its own files,
/// found by their labels. Volumes stay: they hold data.
record StackRemoval(AgentConfig config, ContainerEngine engine, Consumer<String> progress) {
  private static final String FILES = "com.docker.compose.project.config_files";
  private static final Duration GRACE = Duration.ofSeconds(10);

  Outcome<String> run() {
    return switch (look()) {
      case Observation.Unavailable u ->
          Outcome.failed(Failure.Kind.UNREACHABLE, "the stack is not removed: " + u.reason());
      case Observation.Observed observed -> removed(observed);
    };
  }

  private Observation look() {
    return engine.observe(new Scope(config.project(), Set.of(), Set.of(), Set.of()));
  }

  private Outcome<String> removed(Observation.Observed observed) {
    var file = NodeSources.composeFile(config).toString();
    var ours =
        observed.containers().stream().filter(c -> file.equals(c.labels().get(FILES))).toList();
    progress.accept("removing the stack: " + ours.size() + " containers");
    var failed = together(ours);
    if (failed.isEmpty() && ours.size() == observed.containers().size()) {
      for (var n : observed.networks()) {
        if (n.project().isPresent() && failed.isEmpty()) {
          var removal = new Action.RemoveNetwork(n.key().orElse(n.name()), n.name(), n.id());
          failed = engine.execute(removal, _ -> {}).whyFailed().map(Outcome::failed);
        }
      }
    }
    return failed.orElseGet(
        () -> Outcome.done("the stack is removed; its volumes are kept (docker volume ls)"));
  }

  private Optional<Outcome<String>> together(List<Container> containers) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var all =
          containers.stream()
              .map(c -> CompletableFuture.supplyAsync(() -> remove(c), threads))
              .toList();
      return all.stream()
          .map(CompletableFuture::join)
          .filter(o -> o.whyFailed().isPresent())
          .findFirst();
    }
  }

  private Outcome<String> remove(Container c) {
    var stopped =
        engine.execute(
            new Action.StopContainer(c.service(), c.name(), c.id(), GRACE, List.of()), _ -> {});
    return stopped.whyFailed().isPresent()
        ? stopped
        : engine.execute(new Action.RemoveContainer(c.service(), c.name(), c.id(), true), _ -> {});
  }
}
