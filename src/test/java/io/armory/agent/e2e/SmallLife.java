package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.rig.Sheet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.awaitility.core.ConditionTimeoutException;

/// The long life of a small stack under chance: what is done to it, and at which moment a fault
/// falls on that, comes from one seed. However it went, it ends as the sources say.
final class SmallLife {
  /// What is to be done at a certain event is done without it, if it does not come.
  private static final Duration LATEST = Duration.ofMinutes(1);

  private static final Duration AGAIN = Duration.ofMillis(200);

  private static final String TOKEN = "/run/secrets/token";

  /// What an overlay goes on with: nothing, a network, a volume, and a secret in two contents.
  private static final List<String> MORE =
      List.of(
          "}}\n",
          ", networks: [side]}}\nnetworks: {side: {}}\n",
          ", volumes: ['more:/more']}}\nvolumes: {more: {}}\n",
          ", secrets: [token]}}\nsecrets: {token: {environment: FIRST_TOKEN}}\n",
          ", secrets: [token]}}\nsecrets: {token: {environment: SECOND_TOKEN}}\n");

  /// The least that a stack of this kind needs of `agent.yaml`.
  static final String SETTINGS =
      "rollout: {timeout: 40s, bake: 1s}\nparameters: {poll_interval: 1s}\n";

  final Node node;
  final Random random;
  private final long seed;
  private final String subnet = SmallStack.subnet();
  private final Map<String, String> hashes = new HashMap<>();
  private Wanted wanted = new Wanted("dev", 1, 0);
  String story = "";

  /// What the stack is to look like.
  ///
  /// @param release of front50, orca and gate
  /// @param orcas how many
  /// @param more what else orca has, by its place in [#MORE]
  private record Wanted(String release, int orcas, int more) {
    String overlay() {
      return "services: {orca: {scale: %d%s".formatted(orcas, MORE.get(more));
    }
  }

  /// One round: something is done, a fault falls on it, and all is well again.
  interface Round {
    void live() throws IOException;
  }

  SmallLife(Node node, long seed) {
    this.node = node;
    this.seed = seed;
    this.random = new Random(seed);
  }

  /// Up, with something in its volume that must outlive it all.
  void begin() {
    write();
    node.startAgent();
    converged();
    Shell.must("docker", "exec", node.container("redis"), "redis-cli", "set", "marker", "kept");
  }

  /// Lives so many rounds; one that fails tells its story.
  void live(int rounds, Round round) throws IOException {
    live(seed, rounds, () -> story + "\nlog:\n" + tail(node.logText()), round);
  }

  /// As [#live], of anything else that begins with a seed.
  static void live(long seed, int rounds, java.util.function.Supplier<String> story, Round round)
      throws IOException {
    for (var i = 0; i < rounds; i++) {
      try {
        round.live();
      } catch (AssertionError | RuntimeException e) {
        var what = "round %d of seed %d (-Darmory.seed), %s".formatted(i, seed, story.get());
        throw new AssertionError(what, e);
      }
    }
  }

  void count(String part, String what, long times) {
    Sheet.count(part, what, times, seed);
  }

  /// One after another in an order drawn at random, each as often as the others.
  static <T> Supplier<T> dealt(List<T> all, Random random) {
    var left = new ArrayList<T>();
    return () -> {
      if (left.isEmpty()) {
        left.addAll(all);
        Collections.shuffle(left, random);
      }
      return left.removeLast();
    };
  }

  <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  void release() {
    want(new Wanted(other(), wanted.orcas, wanted.more));
  }

  void scale() {
    want(new Wanted(wanted.release, 1 + random.nextInt(3), wanted.more));
  }

  /// Another network, volume or secret.
  void define() {
    var more = (wanted.more + 1 + random.nextInt(MORE.size() - 1)) % MORE.size();
    want(new Wanted(wanted.release, wanted.orcas, more));
  }

  /// The secret has the other content.
  void secret() {
    want(new Wanted(wanted.release, wanted.orcas, wanted.more == 3 ? 4 : 3));
  }

  /// A release that the engine refuses: it asks for a processor that no node has.
  ///
  /// @param attempt makes each another one
  void refused(int attempt) {
    parameters(other(), "ATTEMPT=" + attempt);
    SmallStack.overlay(
        node,
        wanted
            .overlay()
            .replaceFirst(
                "\\}\\}\n",
                "}, gate: {cpuset: '9999', environment: {ATTEMPT: '%d'}}}\n".formatted(attempt)));
  }

  /// Two containers are killed, stopped or removed by somebody else.
  void kill() {
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

  private void want(Wanted next) {
    wanted = next;
    write();
  }

  /// Writes what is wanted to where the agent reads it.
  void write() {
    parameters(wanted.release);
    SmallStack.overlay(node, wanted.overlay());
  }

  private void parameters(String release, String... more) {
    var all = new ArrayList<>(List.of("FIRST_TOKEN=first", "SECOND_TOKEN=second"));
    Collections.addAll(all, more);
    SmallStack.parameters(node, subnet, release, all.toArray(String[]::new));
  }

  private String other() {
    return wanted.release.equals("dev") ? "next" : "dev";
  }

  /// Until the engine has said so many things of the stack since the last time: at which of them is
  /// the point of it all. A rollout of three services has some twenty.
  ///
  /// @param over nothing more will happen
  void awaitMoment(EventTape tape, BooleanSupplier over) {
    var events = random.nextInt(16);
    story += ", at event " + events;
    var latest = System.nanoTime() + LATEST.toNanos();
    while (!tape.happened(events, AGAIN) && !over.getAsBoolean() && System.nanoTime() < latest) {}
  }

  /// It looks as it is to, also inside.
  boolean hasShape() {
    return shape().equals(shapeOf(wanted))
        && EngineSocket.containers(node.project).entrySet().stream()
            .filter(c -> c.getKey().startsWith(node.project + "-orca-"))
            .allMatch(c -> hasMore(c.getValue()));
  }

  private boolean hasMore(JsonNode orca) {
    var parts = new TreeSet<String>();
    orca.path("Mounts").forEach(m -> parts.add(m.path("Destination").asText()));
    orca.path("NetworkSettings").path("Networks").fieldNames().forEachRemaining(parts::add);
    parts.retainAll(Set.of("/more", TOKEN, node.project + "_side"));
    return switch (wanted.more) {
      case 0 -> parts.isEmpty();
      case 1 -> parts.equals(Set.of(node.project + "_side"));
      case 2 -> parts.equals(Set.of("/more"));
      default ->
          parts.equals(Set.of(TOKEN)) && token(orca).equals(wanted.more == 3 ? "first" : "second");
    };
  }

  /// As the process in the container reads it.
  private static String token(JsonNode orca) {
    var pid = EngineSocket.container(orca.path("Id").asText()).path("State").path("Pid").asText();
    try {
      return Files.readString(Path.of("/proc/" + pid + "/root" + TOKEN)).strip();
    } catch (IOException e) {
      return "cannot be read: " + e;
    }
  }

  /// The agent, if it serves already, reports this problem.
  boolean says(String problem) {
    try {
      return node.get("/health").json().path("problems").toString().contains(problem);
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  boolean isSteady() {
    return isSteady(node);
  }

  /// An agent that has not read the sources yet runs what was good before, and is steady at that.
  static boolean isSteady(Node node) {
    JsonNode health = node.get("/health").json();
    return health.path("phase").asText().equals("steady")
        && !health.path("revision").path("stale").asBoolean()
        && health.path("plan").path("steps").isEmpty()
        && health.path("plan").path("waits").isEmpty();
  }

  void converged() {
    try {
      await()
          .atMost(Duration.ofSeconds(150))
          .ignoreExceptions()
          .until(() -> hasShape() && isSteady());
    } catch (ConditionTimeoutException e) {
      assertThat(shape()).as(node.get("/health").body()).isEqualTo(shapeOf(wanted));
      assertThat(hasShape()).as("%s: orca has what it is to have", wanted).isTrue();
      throw new AssertionError("not steady: " + node.get("/health").body(), e);
    }
    assertThat(EngineSocket.named(node.project))
        .as("nothing else has a name of the project")
        .hasSize(shapeOf(wanted).size());
  }

  /// Nothing was lost, and each container is what its definition always was.
  void check() {
    var kept = Shell.must("docker", "exec", node.container("redis"), "redis-cli", "get", "marker");
    assertThat(kept.trimmed()).as("the volume").isEqualTo("kept");
    for (var c : EngineSocket.containers(node.project).values()) {
      var labels = c.path("Labels");
      var service = labels.path("com.docker.compose.service").asText();
      var definition =
          service + " of " + wanted.release + (service.equals("orca") ? wanted.more : "");
      var hash = labels.path("com.docker.compose.config-hash").asText();
      assertThat(hashes.computeIfAbsent(definition, d -> hash)).as(definition).isEqualTo(hash);
      var policy = EngineSocket.container(c.path("Id").asText()).path("HostConfig");
      assertThat(policy.path("RestartPolicy").path("Name").asText()).isEqualTo("no");
    }
  }

  /// Name → image and state of everything the project has.
  private Map<String, String> shape() {
    var all = new TreeMap<String, String>();
    EngineSocket.containers(node.project)
        .forEach(
            (name, c) -> all.put(name, c.path("Image").asText() + " " + c.path("State").asText()));
    return all;
  }

  private Map<String, String> shapeOf(Wanted stack) {
    var all = new TreeMap<String, String>();
    for (var service : new TreeSet<>(SmallStack.SERVICES)) {
      var release = service.equals("redis") ? "dev" : stack.release;
      for (int n = 1; n <= (service.equals("orca") ? stack.orcas : 1); n++) {
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
