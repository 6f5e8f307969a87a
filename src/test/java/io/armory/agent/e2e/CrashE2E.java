package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.render.ComposePeer;
import io.armory.agent.rig.FreePort;
import io.armory.agent.rig.Sheet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An agent that is killed at any instant of anything, and others who work on the same stack at the
/// same time: it always ends as the sources say.
class CrashE2E {
  /// Each of the operations takes place as often as any other.
  private static final int ITERATIONS =
      Sheet.size("kills", Boolean.getBoolean("armory.long") ? 231 : 7);

  /// What is to be done at a certain event is done without it, if it does not come.
  private static final Duration LATEST = Duration.ofMinutes(1);

  private static final String SETTINGS =
      "rollout: {timeout: 40s, bake: 1s}\nparameters: {poll_interval: 1s}\n";

  @TempDir Path root;

  /// What the stack is to look like.
  ///
  /// @param release of front50, orca and gate
  /// @param orcas how many
  /// @param more what else orca has, by its place in [#MORE]
  private record Expected(String release, int orcas, int more) {
    String overlay() {
      return "services: {orca: {scale: %d%s".formatted(orcas, MORE.get(more));
    }
  }

  /// What an overlay goes on with: nothing, a network, a volume, and a secret in two contents.
  private static final List<String> MORE =
      List.of(
          "}}\n",
          ", networks: [side]}}\nnetworks: {side: {}}\n",
          ", volumes: ['more:/more']}}\nvolumes: {more: {}}\n",
          ", secrets: [token]}}\nsecrets: {token: {environment: FIRST_TOKEN}}\n",
          ", secrets: [token]}}\nsecrets: {token: {environment: SECOND_TOKEN}}\n");

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
    var seed = Sheet.seed("kills");
    try (var node = SmallStack.node(root, "crash", SETTINGS)) {
      var run = new Run(node, new Random(seed));
      run.begin();
      for (int i = 0; i < ITERATIONS; i++) {
        try {
          run.iterate();
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError(
              "iteration %d of seed %d (-Darmory.seed), %s%nlog:%n%s"
                  .formatted(i, seed, run.story, tail(node.logText())),
              e);
        }
      }
      Sheet.count("kills", "SIGKILLs of the agent", run.kills, seed);
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
          .until(() -> second.isReady() && isSteady(second));
      assertThat(SmallStack.lives(second).keySet()).isEqualTo(before.keySet());
    }
  }

  @Test
  void an_agent_and_compose_up_at_the_same_time_end_with_one_stack() throws Exception {
    try (var node = SmallStack.forCompose(root, "both", SETTINGS)) {
      var subnet = SmallStack.subnet();
      SmallStack.parameters(node, subnet, "dev");
      node.startAgent();
      node.awaitReady();
      var file = node.root.resolve("var/lib/armory-agent/rendered/docker-compose.yml").toString();
      for (int begun : new int[] {1, 5}) {
        node.killAgent();
        node.containers().values().forEach(id -> Shell.must("docker", "rm", "-f", id));
        try (var tape = EventTape.of(node.project)) {
          node.launchAgent();
          assertThat(tape.happened(begun, LATEST)).as("the agent is at work").isTrue();
        }
        // It may lose a race for a name, and says so then: the stack is what counts.
        ComposePeer.run(root, Map.of(), List.of("-f", file, "up", "-d"));
        converged(node, new Expected("dev", 1, 0));
      }
    }
  }

  /// One long life of a node whose agent is killed again and again.
  private static final class Run {
    private static final Duration AGAIN = Duration.ofMillis(200);

    private final Node node;
    private final Random random;
    private final String subnet = SmallStack.subnet();
    private final Map<String, String> hashes = new HashMap<>();
    private Expected expected = new Expected("dev", 1, 0);
    private int attempts;
    int kills;
    private final List<Operation> left = new ArrayList<>();
    private @Nullable Thread stopping;
    String story = "";

    Run(Node node, Random random) {
      this.node = node;
      this.random = random;
    }

    void begin() {
      write();
      node.startAgent();
      converged(node, expected);
      Shell.must("docker", "exec", node.container("redis"), "redis-cli", "set", "marker", "kept");
    }

    void iterate() throws IOException {
      var operation = next();
      story = operation + " from " + expected;
      String problem;
      try (var tape = EventTape.of(node.project)) {
        problem = operate(operation);
        kill(tape, () -> isOver(operation, problem));
        if (random.nextInt(4) == 0) {
          node.launchAgent();
          kill(tape, () -> isOver(operation, problem));
          story += ", killed twice";
        }
      }
      node.launchAgent();
      if (!problem.isEmpty()) {
        await("the revision that is refused is tried, and reported")
            .atMost(Duration.ofSeconds(150))
            .until(() -> says(problem));
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
      converged(node, expected);
      check();
      if (!problem.isEmpty()) {
        write();
      }
    }

    private String operate(Operation operation) throws IOException {
      switch (operation) {
        case FIRST_UP -> {
          node.killAgent();
          node.containers().values().forEach(id -> Shell.must("docker", "rm", "-f", id));
          node.launchAgent();
        }
        case ROLLOUT -> {
          expected = new Expected(other(), expected.orcas, expected.more);
          write();
        }
        case ROLLBACK -> {
          attempts++;
          SmallStack.parameters(
              node,
              subnet,
              other(),
              "FIRST_TOKEN=first",
              "SECOND_TOKEN=second",
              "ATTEMPT=" + attempts);
          // The engine refuses a processor that no node has.
          SmallStack.overlay(
              node,
              expected
                  .overlay()
                  .replaceFirst(
                      "\\}\\}\n",
                      "}, gate: {cpuset: '9999', environment: {ATTEMPT: '%d'}}}\n"
                          .formatted(attempts)));
          return "was rolled back";
        }
        case SCALE -> {
          expected = new Expected(expected.release, 1 + random.nextInt(3), expected.more);
          write();
        }
        case DEFINITION -> {
          var more = (expected.more + 1 + random.nextInt(MORE.size() - 1)) % MORE.size();
          expected = new Expected(expected.release, expected.orcas, more);
          write();
        }
        case STOP_AND_START ->
            stopping = Thread.ofPlatform().daemon().start(() -> node.cli("stop", "orca"));
        case KILLS_FROM_OUTSIDE -> kill();
      }
      return "";
    }

    private void kill() {
      var all = new ArrayList<>(node.containers().keySet());
      for (int i = 0; i < 2; i++) {
        var victim = all.remove(random.nextInt(all.size()));
        switch (random.nextInt(3)) {
          case 0 -> Shell.run(List.of("docker", "kill", victim));
          case 1 -> Shell.run(List.of("docker", "rm", "-f", victim));
          default -> Shell.run(List.of("docker", "stop", victim));
        }
      }
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

    private void write() {
      SmallStack.parameters(
          node, subnet, expected.release, "FIRST_TOKEN=first", "SECOND_TOKEN=second");
      SmallStack.overlay(node, expected.overlay());
    }

    private String other() {
      return expected.release.equals("dev") ? "next" : "dev";
    }

    /// Each operation as often as every other, in an order of chance.
    private Operation next() {
      if (left.isEmpty()) {
        left.addAll(List.of(Operation.values()));
        Collections.shuffle(left, random);
      }
      return left.removeLast();
    }

    /// Kills the agent when the engine has said so many things of the stack since the last time: at
    /// which of them is the point of it all. A rollout of three services has some twenty.
    ///
    /// @param over nothing more will happen
    private void kill(EventTape tape, BooleanSupplier over) {
      var events = random.nextInt(16);
      story += ", killed at event " + events;
      var latest = System.nanoTime() + LATEST.toNanos();
      while (!tape.happened(events, AGAIN) && !over.getAsBoolean() && System.nanoTime() < latest) {}
      node.killAgent();
      kills++;
    }

    private boolean isOver(Operation operation, String problem) {
      return switch (operation) {
        case STOP_AND_START -> stopping == null || !stopping.isAlive();
        case ROLLBACK -> says(problem);
        case FIRST_UP, ROLLOUT, SCALE, DEFINITION, KILLS_FROM_OUTSIDE ->
            shape(node).equals(shape(node, expected));
      };
    }

    /// The agent, if it serves already, reports this problem.
    private boolean says(String problem) {
      try {
        return node.get("/health").json().path("problems").toString().contains(problem);
      } catch (UncheckedIOException e) {
        return false;
      }
    }

    private void check() {
      var kept =
          Shell.must("docker", "exec", node.container("redis"), "redis-cli", "get", "marker");
      assertThat(kept.trimmed()).as("the volume").isEqualTo("kept");
      for (var c : EngineSocket.containers(node.project).values()) {
        var labels = c.path("Labels");
        var service = labels.path("com.docker.compose.service").asText();
        var definition =
            service + " of " + expected.release + (service.equals("orca") ? expected.more : "");
        var hash = labels.path("com.docker.compose.config-hash").asText();
        assertThat(hashes.computeIfAbsent(definition, d -> hash)).as(definition).isEqualTo(hash);
        assertThat(
                EngineSocket.container(c.path("Id").asText())
                    .path("HostConfig")
                    .path("RestartPolicy")
                    .path("Name")
                    .asText())
            .isEqualTo("no");
      }
    }
  }

  private static void converged(Node node, Expected expected) {
    try {
      await()
          .atMost(Duration.ofSeconds(150))
          .ignoreExceptions()
          .until(() -> shape(node).equals(shape(node, expected)) && isSteady(node));
    } catch (ConditionTimeoutException e) {
      assertThat(shape(node)).as(node.get("/health").body()).isEqualTo(shape(node, expected));
      throw new AssertionError("not steady: " + node.get("/health").body(), e);
    }
    assertThat(EngineSocket.named(node.project))
        .as("nothing else has a name of the project")
        .hasSize(shape(node, expected).size());
  }

  /// An agent that has not read the sources yet runs what was good before, and is steady at that.
  private static boolean isSteady(Node node) {
    JsonNode health = node.get("/health").json();
    return health.path("phase").asText().equals("steady")
        && !health.path("revision").path("stale").asBoolean()
        && health.path("plan").path("steps").isEmpty()
        && health.path("plan").path("waits").isEmpty();
  }

  /// Name → image and state of everything the project has.
  private static Map<String, String> shape(Node node) {
    var all = new TreeMap<String, String>();
    EngineSocket.containers(node.project)
        .forEach(
            (name, c) -> all.put(name, c.path("Image").asText() + " " + c.path("State").asText()));
    return all;
  }

  private static Map<String, String> shape(Node node, Expected expected) {
    var all = new TreeMap<String, String>();
    for (var service : new TreeSet<>(SmallStack.SERVICES)) {
      var release = service.equals("redis") ? "dev" : expected.release;
      for (int n = 1; n <= (service.equals("orca") ? expected.orcas : 1); n++) {
        all.put(
            node.project + "-" + service + "-" + n,
            "armory-standin/" + service + ":" + release + " running");
      }
    }
    return all;
  }

  private static String tail(String text) {
    return text.substring(Math.max(0, text.length() - 20_000));
  }
}
