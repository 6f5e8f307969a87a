package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.Sheet;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// Releases of the shipped stand-alone stack, whose services boot for seconds and are asked by
/// their names from inside its network all the time: by one that resolves the name at each
/// question, and by one that remembers the address for 30 s, as a JVM does. The short form has
/// three of the services that start first, and the two that publish a port; the long one has them
/// all, and release after release.
@TestMethodOrder(MethodOrderer.MethodName.class)
class StartFirstE2E {
  private static final boolean LONG = Boolean.getBoolean("armory.long");
  private static final int RELEASES = Sheet.size("releases", LONG ? 20 : 1);
  private static final String SUBNET = SmallStack.subnet();
  private static final Duration BOOT = Duration.ofSeconds(1);

  /// What the engine may take to stop one container and start another, on a busy machine.
  private static final Duration ENGINE = Duration.ofSeconds(9);

  /// Service → port.
  private static final Map<String, Integer> START_FIRST = startFirst();

  private static final Map<String, Integer> STOP_FIRST =
      LONG
          ? Map.of("echo", 8089, "igor", 8088, "gate", 8084, "deck", 9000)
          : Map.of("gate", 8084, "deck", 9000);

  private static final String ASK =
      """
      ask() {
        case $1 in deck) path=;; *) path=health;; esac
        if wget -q -O /dev/null "http://$2:$3/$path"; then said=ok; else said=lost; fi
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
      for each; do
        case $each in
          +*) each=${each#+} && remembering "${each%:*}" "${each#*:}" & ;;
          *) anew "${each%:*}" "${each#*:}" & ;;
        esac
      done
      wait
      """;

  @TempDir static Path root;
  private static @Nullable Node started;

  private static Map<String, Integer> startFirst() {
    var some = new TreeMap<>(Map.of("front50", 8080, "orca", 8083, "rosco", 8087));
    if (LONG) {
      some.putAll(Map.of("clouddriver", 7002, "fiat", 7003, "kayenta", 8090));
    }
    return some;
  }

  @BeforeAll
  static void up() {
    var node = new Node(root, "e2e-startfirst-" + ProcessHandle.current().pid());
    started = node;
    var settings = "etc/armory-agent/agent.yaml";
    node.write(settings, node.read(settings) + "  timeout: 25s\n");
    SmallStack.overlay(node, overlay());
    parameters(0);
    node.startAgent();
    node.awaitReady();
  }

  private static String overlay() {
    var text =
        new StringBuilder(
            """
            x-slow: &slow {interval: 200ms, timeout: 1s, start_period: 10s, failure_threshold: 3}
            x-check: &check {interval: 60s, timeout: 5s, start_period: 1s}
            services:
            """);
    replaced()
        .forEach(s ->
            text.append(
                """
                  %s:
                    environment: {START_DELAY: %dms, RELEASE: "${JAVA_RAM_PERCENTAGE}"}
                    healthcheck: *check
                    x-armory: {probe: *slow}
                """
                    .formatted(s, BOOT.toMillis())));
    if (!LONG) {
      for (var service : List.of("clouddriver", "echo", "igor")) {
        text.append("  %s: {profiles: [\"off\"]}%n".formatted(service));
      }
    }
    return text.toString();
  }

  private static Stream<String> replaced() {
    return Stream.concat(START_FIRST.keySet().stream(), STOP_FIRST.keySet().stream());
  }

  /// @param release every service of it has another definition than those of the one before
  private static void parameters(int release, String... more) {
    var all = new ArrayList<>(List.of("DECK_PUBLISHED_PORT=" + node().deckPort));
    for (var service :
        List.of(
            "FRONT50", "CLOUDDRIVER", "FIAT", "ORCA", "ROSCO", "ECHO", "IGOR", "GATE", "KAYENTA")) {
      all.add(service + "_MEMORY=64m");
    }
    all.addAll(List.of("FIAT_ENABLED=" + LONG, "KAYENTA_ENABLED=" + LONG));
    all.add("JAVA_RAM_PERCENTAGE=" + (50 + release % 40));
    all.addAll(List.of(more));
    SmallStack.parameters(node(), SUBNET, "dev", all.toArray(String[]::new));
  }

  @AfterAll
  static void down() {
    if (started != null) {
      started.close();
    }
  }

  private static Node node() {
    return Objects.requireNonNull(started);
  }

  @Test
  void a_release_is_not_noticed_by_the_peers_of_what_starts_first() {
    var before = SmallStack.lives(node());
    try (var asker = new Asker()) {
      for (var release = 1; release <= RELEASES; release++) {
        parameters(release);
        SmallStack.synced(node());
        if (release % 4 == 1) {
          SmallStack.awaitOneOfEach(node());
        }
      }
      SmallStack.awaitOneOfEach(node());
      // What would notice that the predecessors are gone has had the time to.
      asker.awaitMore();

      asker.assertNobodyLost();
      Sheet.count("releases", "releases under requests", RELEASES, System.nanoTime());
      Sheet.count("releases", "requests by name, none lost", asker.answers(), System.nanoTime());
      for (var service : new TreeSet<>(STOP_FIRST.keySet())) {
        var gap = asker.longestGap(service);
        System.out.printf(
            "%s, which makes way first, was away for %d ms%n", service, gap.toMillis());
        assertThat(gap).as(service + "\n" + node().logText()).isBetween(BOOT, BOOT.plus(ENGINE));
      }
    }
    assertThat(SmallStack.lives(node()).values()).doesNotContainAnyElementsOf(changed(before));
  }

  /// The lives of what every release replaces.
  private static List<String> changed(Map<String, String> lives) {
    return replaced().map(s -> Objects.requireNonNull(lives.get(node().container(s)))).toList();
  }

  @Test
  @EnabledIfSystemProperty(
      named = "armory.long",
      matches = "true",
      disabledReason = "./dev test --long")
  void b_release_that_never_gets_healthy_is_not_noticed_either() {
    var before = SmallStack.lives(node());
    try (var asker = new Asker()) {
      parameters(RELEASES, "ORCA_IMAGE=armory-standin/orca:broken");
      var failed = node().cli("sync");
      assertThat(failed.exit()).as(failed.out() + failed.err()).isEqualTo(1);
      assertThat(failed.err()).contains("was rolled back", "orca");
      SmallStack.awaitOneOfEach(node());

      asker.awaitMore();
      asker.assertNobodyLost();
      assertThat(asker.lost("gate")).isEmpty();
    }
    assertThat(SmallStack.lives(node())).isEqualTo(before);
  }

  /// Asks for ever from inside the network.
  private static final class Asker implements AutoCloseable {
    private final String name = node().project + "-asker";

    Asker() {
      var command =
          new ArrayList<>(
              List.of(
                  "docker",
                  "run",
                  "-d",
                  "--name",
                  name,
                  "--network",
                  node().project + "_spinnaker",
                  // A name that is away for a moment is asked of nobody else, who may take 20 s.
                  "--dns",
                  "127.0.0.1",
                  "armory-standin/redis:dev",
                  "sh",
                  "-c",
                  ASK,
                  "asker"));
      START_FIRST.forEach(
          (s, port) -> command.addAll(List.of(s + ":" + port, "+" + s + ":" + port)));
      STOP_FIRST.forEach((s, port) -> command.add(s + ":" + port));
      Shell.must(command.toArray(String[]::new));
      awaitMore();
    }

    private List<String> heard() {
      return Shell.must("docker", "logs", name).lines();
    }

    /// Until each has asked ten times more.
    void awaitMore() {
      var before = heard().size();
      var askers = 2 * START_FIRST.size() + STOP_FIRST.size();
      await().atMost(Duration.ofSeconds(60)).until(() -> heard().size() > before + 10 * askers);
    }

    List<String> lost(String who) {
      return heard().stream().filter(l -> l.startsWith(who + " lost ")).toList();
    }

    /// Of what starts first.
    long answers() {
      var stopFirst = STOP_FIRST.keySet().stream().map(s -> s + " ").toList();
      return heard().stream()
          .filter(l -> l.contains(" ok ") && stopFirst.stream().noneMatch(l::startsWith))
          .count();
    }

    void assertNobodyLost() {
      for (var service : START_FIRST.keySet()) {
        for (var who : List.of(service, service + "-remembered")) {
          var answers = heard().stream().filter(l -> l.startsWith(who + " ok ")).count();
          assertThat(answers).as(who).isPositive();
          assertThat(lost(who)).as(who + "\n" + node().logText()).isEmpty();
          var slowest = longestGap(who);
          System.out.printf(
              "%s: %d answers, none lost, waited for %d ms at most%n",
              who, answers, slowest.toMillis());
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
