package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// Services that start first boot for seconds, and are asked by their names from inside the stack's
/// network all the time: by one that resolves the name at each question, and by one that remembers
/// the address for 30 s, as a JVM does.
@TestMethodOrder(MethodOrderer.MethodName.class)
@EnabledIfSystemProperty(
    named = "armory.long",
    matches = "true",
    disabledReason = "./dev test --long")
class StartFirstE2E {
  private static final String SUBNET = SmallStack.subnet();
  private static final Set<String> START_FIRST = Set.of("front50", "orca");

  private static final String ASK =
      """
      ask() {
        if wget -q -O /dev/null "http://$2:$3/health"; then said=ok; else said=lost; fi
        read -r now _ </proc/uptime
        echo "$1 $said $now"
        sleep 0.1
      }
      anew() { while :; do ask "$1" "$1" "$2"; done; }
      remembering() {
        while :; do
          address=$(nslookup "$1" | grep Address | tail -n 1)
          read -r now _ </proc/uptime
          until=$((${now%.*} + 30))
          while [ "${now%.*}" -lt "$until" ]; do ask "$1-remembered" "${address##*[!0-9.]}" "$2"; done
        done
      }
      for each in front50:8080 orca:8083 gate:8084; do anew "${each%:*}" "${each#*:}" & done
      for each in front50:8080 orca:8083; do remembering "${each%:*}" "${each#*:}" & done
      wait
      """;

  @TempDir static Path root;
  private static @Nullable Node started;

  @BeforeAll
  static void up() {
    var node = SmallStack.node(root, "startfirst", "rollout: {timeout: 25s, bake: 1s}");
    started = node;
    SmallStack.overlay(
        node,
        """
        x-slow: &slow {interval: 200ms, timeout: 1s, start_period: 10s, failure_threshold: 3}
        services:
          front50:
            environment: {START_DELAY: 5s}
            deploy: {update_config: {order: start-first}}
            x-armory: {probe: *slow}
          orca:
            environment: {START_DELAY: 5s}
            deploy: {update_config: {order: start-first}}
            x-armory: {probe: *slow}
          gate: {environment: {START_DELAY: 5s}, x-armory: {probe: *slow}}
        """);
    parameters("dev");
    node.startAgent();
    node.awaitReady();
  }

  private static void parameters(String release, String... more) {
    var all = new ArrayList<>(List.of("FRONT50_MEMORY=64m", "ORCA_MEMORY=64m", "GATE_MEMORY=64m"));
    all.addAll(List.of(more));
    SmallStack.parameters(node(), SUBNET, release, all.toArray(String[]::new));
  }

  @AfterAll
  static void down() {
    if (started != null) {
      started.close();
    }
  }

  private static Node node() {
    return java.util.Objects.requireNonNull(started);
  }

  @Test
  void a_release_is_not_noticed_by_the_peers_of_what_starts_first() {
    try (var asker = new Asker()) {
      parameters("next");
      SmallStack.synced(node());
      awaitOneOfEach();
      // What would notice that the predecessors are gone has had the time to.
      asker.awaitMore();

      asker.assertNobodyLost();
      var gap = asker.longestGap("gate");
      System.out.printf("gate, which publishes a port, was away for %d ms%n", gap.toMillis());
      assertThat(gap).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(30));
    }
    for (var service : List.of("front50", "orca", "gate")) {
      assertThat(image(service)).isEqualTo("armory-standin/" + service + ":next");
    }
  }

  @Test
  void b_release_that_never_gets_healthy_is_not_noticed_either() {
    var before = SmallStack.lives(node());
    try (var asker = new Asker()) {
      parameters("next", "ORCA_IMAGE=armory-standin/orca:broken");
      var failed = node().cli("sync");
      assertThat(failed.exit()).as(failed.out() + failed.err()).isEqualTo(1);
      assertThat(failed.err()).contains("was rolled back", "orca");
      awaitOneOfEach();

      asker.awaitMore();
      asker.assertNobodyLost();
      assertThat(asker.lost("gate")).isEmpty();
    }
    assertThat(SmallStack.lives(node())).isEqualTo(before);
  }

  private static String image(String service) {
    return Objects.requireNonNull(
            EngineSocket.containers(node().project).get(node().container(service)))
        .path("Image")
        .asText();
  }

  private static void awaitOneOfEach() {
    await()
        .atMost(Duration.ofSeconds(120))
        .pollInterval(Duration.ofSeconds(1))
        .until(() ->
            EngineSocket.containers(node().project)
                .keySet()
                .equals(
                    Set.of(
                        node().container("front50"),
                        node().container("orca"),
                        node().container("gate"),
                        node().container("redis"))));
  }

  /// Asks for ever from inside the network.
  private static final class Asker implements AutoCloseable {
    private final String name = node().project + "-asker";

    Asker() {
      Shell.must(
          "docker",
          "run",
          "-d",
          "--name",
          name,
          "--network",
          node().project + "_spinnaker",
          "armory-standin/redis:dev",
          "sh",
          "-c",
          ASK);
      awaitMore();
    }

    private List<String> heard() {
      return Shell.must("docker", "logs", name).lines();
    }

    /// Until each has asked ten times more.
    void awaitMore() {
      var before = heard().size();
      await().atMost(Duration.ofSeconds(60)).until(() -> heard().size() > before + 50);
    }

    List<String> lost(String who) {
      return heard().stream().filter(l -> l.startsWith(who + " lost ")).toList();
    }

    void assertNobodyLost() {
      for (var service : START_FIRST) {
        for (var who : List.of(service, service + "-remembered")) {
          assertThat(heard()).as(who).anyMatch(l -> l.startsWith(who + " ok "));
          assertThat(lost(who)).as(who + "\n" + node().logText()).isEmpty();
          var slowest = longestGap(who);
          System.out.printf("%s waited for %d ms at most%n", who, slowest.toMillis());
          assertThat(slowest).as(who).isLessThan(Duration.ofSeconds(5));
        }
      }
    }

    /// Between two answers with none between them.
    Duration longestGap(String who) {
      var longest = 0.0;
      var last = Double.NaN;
      for (var line : heard()) {
        if (line.startsWith(who + " ok ")) {
          var at = Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
          longest = Double.isNaN(last) ? longest : Math.max(longest, at - last);
          last = at;
        }
      }
      return Duration.ofMillis(Math.round(longest * 1000));
    }

    @Override
    public void close() {
      Shell.must("docker", "rm", "-f", name);
    }
  }
}
