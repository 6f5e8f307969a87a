import io.armory.agent.adapter.docker.DockerEngine;
import java.util.Optional;
import io.armory.agent.adapter.files.DiskFiles;
import io.armory.agent.compose.ComposeLoader;
import io.armory.agent.compose.ComposeRequest;
import io.armory.agent.compose.ComposeResult;
import io.armory.agent.domain.Intents;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.plan.PlanInput;
import io.armory.agent.plan.Planner;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.RegistryCredentials;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Rounds of the loop in which there is nothing to do: a look at the engine, and a plan from it.
///
/// `java NoOpReconcile.java PROJECT COMPOSE_FILE ROUNDS` prints in microseconds the first round, and
/// the medians of rounds with a look in full, of those with a routine look, and of the plan alone;
/// and fails if a plan has anything to do.
final class NoOpReconcile {
  private static final int WARM = 200;

  private NoOpReconcile() {}

  public static void main(String[] args) throws Exception {
    var rounds = Integer.parseInt(args[2]);
    var stack = stack(args[0], args[1]);
    var images =
        stack.services().values().stream()
            .map(s -> s.container().image())
            .collect(Collectors.toSet());
    var networks = stack.networks().values().stream().map(n -> n.name()).collect(Collectors.toSet());
    var scope = new ContainerEngine.Scope(stack.project(), images, networks, Set.of());
    try (var engine =
            DockerEngine.open(DockerEngine.DEFAULT_SOCKET, RegistryCredentials.ANONYMOUS);
        var watch = engine.watch(stack.project(), event -> {})) {
      var first = micros(stack, () -> engine.observe(scope));
      // A daemon's code has run for long.
      for (int i = 0; i < WARM; i++) {
        micros(stack, () -> engine.glance(scope));
      }
      var full = new long[rounds];
      var routine = new long[rounds];
      var plan = new long[rounds];
      for (int i = 0; i < rounds; i++) {
        full[i] = micros(stack, () -> engine.observe(scope));
        routine[i] = micros(stack, () -> engine.glance(scope));
        var seen = engine.glance(scope);
        plan[i] = micros(stack, () -> seen);
      }
      System.out.println(first + " " + median(full) + " " + median(routine) + " " + median(plan));
    }
  }

  private static Stack stack(String project, String file) {
    var request = ComposeRequest.of("/", List.of(file)).withProjectName(project);
    return switch (ComposeLoader.load(request, new DiskFiles())) {
      case ComposeResult.Loaded loaded -> loaded.stack();
      case ComposeResult.Rejected(var problems, _) -> throw new IllegalArgumentException(problems.toString());
    };
  }

  private static long micros(Stack stack, java.util.function.Supplier<Observation> look) {
    var began = System.nanoTime();
    var seen = look.get();
    // On a machine with much else to do, a call may not end in its time.
    for (int i = 0; i < 5 && seen instanceof Observation.Unavailable; i++) {
      began = System.nanoTime();
      seen = look.get();
    }
    if (!(seen instanceof Observation.Observed observed)) {
      throw new IllegalStateException(seen.toString());
    }
    var now = Instant.now();
    var plan =
        Planner.plan(
            new PlanInput(stack, observed, Map.of(), Set.of(), Intents.NONE, Map.of(), Map.of(), now, Map.of(), Map.of(), Set.of(), Map.of(), Optional.empty(), Optional.empty(), Map.of(), new PlanInput.Beside(0, Map.of()), now));
    var took = (System.nanoTime() - began) / 1000;
    if (!plan.steps().isEmpty()) {
      throw new IllegalStateException("there is something to do: " + plan.steps().getFirst());
    }
    return took;
  }

  private static long median(long[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }
}
