package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.render.ComposePeer;
import io.armory.agent.rig.FreePort;
import io.armory.agent.rig.Sheet;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An agent that is killed at any instant of anything, and others who work on the same stack at the
/// same time: it always ends as the sources say.
class CrashE2E {
  /// Each of the operations takes place as often as any other.
  private static final int ITERATIONS =
      Sheet.size("kills", Boolean.getBoolean("armory.long") ? 231 : 4);

  @TempDir Path root;

  private enum Operation {
    FIRST_UP,
    ROLLOUT,
    ROLLBACK,
    SCALE,
    DEFINITION,
    STOP_AND_START,
    KILLS_FROM_OUTSIDE
  }

  @Test
  void killed_at_any_instant_of_any_operation_it_converges_to_the_same() throws IOException {
    try (var node = SmallStack.node(root, "crash", SmallLife.SETTINGS)) {
      var run = new Run(new SmallLife(node, Sheet.seed("kills")));
      run.life.begin();
      run.life.live(ITERATIONS, run::iterate);
      run.life.count("kills", "SIGKILLs of the agent", run.kills);
    }
  }

  @Test
  void a_second_agent_on_the_same_root_is_refused_and_disturbs_nothing() {
    try (var node = SmallStack.node(root, "twice", "")) {
      SmallStack.parameters(node, SmallStack.subnet(), "dev");
      node.startAgent();
      node.awaitReady();
      var before = SmallStack.lives(node);
      // Another port, so that it is the control socket that is taken.
      var config = node.read("etc/armory-agent/agent.yaml");
      node.write(
          "etc/armory-agent/agent.yaml",
          config.replace("port: " + node.port, "port: " + FreePort.next()));

      var second = node.cli("run");

      assertThat(second.exit()).isEqualTo(1);
      assertThat(second.err()).contains("another armory-agent (pid ");
      assertThat(node.cli("status").exit()).as("the first one serves on").isZero();
      assertThat(SmallStack.lives(node)).isEqualTo(before);
    }
  }

  @Test
  void a_second_agent_of_another_root_stands_back_until_the_first_ends(@TempDir Path other) {
    try (var first = SmallStack.node(root, "two", "");
        var second = SmallStack.node(other, "two", "")) {
      var subnet = SmallStack.subnet();
      SmallStack.parameters(first, subnet, "dev");
      SmallStack.parameters(second, subnet, "dev");
      first.startAgent();
      first.awaitReady();
      var before = SmallStack.lives(first);

      second.startAgent();
      await("it says why")
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() ->
              second.get("/health/ready").body().contains("another armory-agent, of " + root));
      assertThat(SmallStack.lives(first)).isEqualTo(before);
      assertThat(first.isReady()).isTrue();

      first.killAgent();
      await("it takes over")
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> second.isReady() && SmallLife.isSteady(second));
      assertThat(SmallStack.lives(second).keySet()).isEqualTo(before.keySet());
    }
  }

  @Test
  void an_agent_and_compose_up_at_the_same_time_end_with_one_stack() throws Exception {
    try (var node = SmallStack.forCompose(root, "both", SmallLife.SETTINGS)) {
      var life = new SmallLife(node, Sheet.seed("kills"));
      life.begin();
      var file = node.root.resolve("var/lib/armory-agent/rendered/docker-compose.yml").toString();
      for (int begun : new int[] {1, 5}) {
        node.killAgent();
        node.containers().values().forEach(id -> Shell.must("docker", "rm", "-f", id));
        try (var tape = EventTape.of(node.project)) {
          node.launchAgent();
          assertThat(tape.happened(begun, Duration.ofMinutes(1))).as("it is at work").isTrue();
        }
        // It may lose a race for a name, and says so then: the stack is what counts.
        ComposePeer.run(root, Map.of(), List.of("-f", file, "up", "-d"));
        life.converged();
      }
    }
  }

  /// A node whose agent is killed again and again.
  private static final class Run {
    private final SmallLife life;
    private final Node node;
    private int attempts;
    private int kills;
    private final List<Operation> left = new ArrayList<>();
    private @Nullable Thread stopping;

    Run(SmallLife life) {
      this.life = life;
      this.node = life.node;
    }

    void iterate() {
      var operation = next();
      life.story = operation.toString();
      String problem;
      try (var tape = EventTape.of(node.project)) {
        problem = operate(operation);
        kill(tape, () -> isOver(operation, problem));
        if (life.random.nextInt(4) == 0) {
          node.launchAgent();
          kill(tape, () -> isOver(operation, problem));
        }
      }
      node.launchAgent();
      if (!problem.isEmpty()) {
        await("the revision that is refused is tried, and reported")
            .atMost(Duration.ofSeconds(150))
            .until(() -> life.says(problem));
      }
      if (operation == Operation.STOP_AND_START) {
        awaitStop();
        await("the agent")
            .atMost(Duration.ofSeconds(150))
            .ignoreExceptions()
            .until(() -> !node.get("/health").json().path("services").isEmpty());
        var started = node.cli("start", "orca");
        assertThat(started.exit()).as(started.err()).isZero();
      }
      life.converged();
      life.check();
      if (!problem.isEmpty()) {
        life.write();
      }
    }

    private String operate(Operation operation) {
      switch (operation) {
        case FIRST_UP -> {
          node.killAgent();
          node.containers().values().forEach(id -> Shell.must("docker", "rm", "-f", id));
          node.launchAgent();
        }
        case ROLLOUT -> life.release();
        case ROLLBACK -> {
          life.refused(++attempts);
          return "was rolled back";
        }
        case SCALE -> life.scale();
        case DEFINITION -> life.define();
        case STOP_AND_START ->
            stopping = Thread.ofPlatform().daemon().start(() -> node.cli("stop", "orca"));
        case KILLS_FROM_OUTSIDE -> life.kill();
      }
      return "";
    }

    /// On a busy machine the command may not have asked yet when the agent is killed, and would ask
    /// the next one: after the `start`, it would have the last word.
    private void awaitStop() {
      try {
        if (stopping != null) {
          stopping.join();
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    /// Each operation as often as every other, in an order of chance.
    private Operation next() {
      if (left.isEmpty()) {
        left.addAll(List.of(Operation.values()));
        Collections.shuffle(left, life.random);
      }
      return left.removeLast();
    }

    /// @param over nothing more will happen
    private void kill(EventTape tape, BooleanSupplier over) {
      life.awaitMoment(tape, over);
      node.killAgent();
      kills++;
    }

    private boolean isOver(Operation operation, String problem) {
      return switch (operation) {
        case STOP_AND_START -> stopping == null || !stopping.isAlive();
        case ROLLBACK -> life.says(problem);
        case FIRST_UP, ROLLOUT, SCALE, DEFINITION, KILLS_FROM_OUTSIDE -> life.hasShape();
      };
    }
  }
}
