package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// A change travels through three nodes that share a Redis with a password and TLS, behind a load
/// balancer, with requests all the time, told in order: nobody notices a good one, and a bad one
/// runs on one node alone.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@EnabledIfSystemProperty(
    named = "armory.long",
    matches = "true",
    disabledReason = "./dev test --long")
class FleetE2E {
  @TempDir static Path files;
  private static @Nullable HaCluster started;
  private static @Nullable Traffic people;

  /// The fewest nodes that were ready in one moment.
  private int fewest = 3;

  @BeforeAll
  static void boot() {
    var cluster = HaCluster.boot(files, 3, "1s");
    started = cluster;
    for (var node : cluster.nodes()) {
      node.settings(
          """
          rollout: {bake: 4s, timeout: 1m}
          repair: {backoff_initial: 200ms}
          drain: {load_balancer: 5s}
          parameters: {poll_interval: 2s}
          """);
      node.alike();
      node.release("RELEASE: one");
    }
    cluster.nodes().parallelStream().forEach(HaNode::startAgent);
    cluster.awaitReady();
    await(
        "the load balancer sends to all, and all know each other",
        () ->
            cluster.nodes().stream().allMatch(cluster.balancer()::sends)
                && cluster.nodes().stream().allMatch(n -> members(n).size() == 3));
    people = new Traffic(URI.create("http://" + HaCluster.BALANCER + ":18084/health"));
  }

  @AfterAll
  static void end() {
    if (people != null) {
      people.close();
    }
    if (started != null) {
      started.close();
    }
  }

  private static HaCluster cluster() {
    return Objects.requireNonNull(started);
  }

  private static List<JsonNode> members(HaNode node) {
    return node.health().path("group").path("nodes").valueStream().toList();
  }

  private static String revision(HaNode node) {
    return node.health().path("revision").path("id").asText();
  }

  private static Set<String> revisions() {
    return cluster().nodes().stream().map(FleetE2E::revision).collect(Collectors.toSet());
  }

  private static void await(String what, java.util.concurrent.Callable<Boolean> condition) {
    try {
      org.awaitility.Awaitility.await(what)
          .atMost(Duration.ofMinutes(3))
          .pollInterval(Duration.ofMillis(200))
          .until(condition);
    } catch (ConditionTimeoutException e) {
      var said = cluster().nodes().stream().map(n -> n.agent("status").out()).toList();
      throw new AssertionError(String.join("\n", said) + cluster().text(), e);
    }
  }

  private void count() {
    fewest = Math.min(fewest, (int) cluster().nodes().stream().filter(HaNode::isReady).count());
  }

  private boolean isOver() {
    return cluster().nodes().stream()
        .allMatch(
            n -> n.isReady() && members(n).stream().allMatch(m -> m.path("changesTo").isNull()));
  }

  @Test
  @Order(1)
  void a_good_change_reaches_all_nodes_and_nobody_notices() {
    var from = Instant.now();
    var before = cluster().nodes().stream().collect(Collectors.toMap(n -> n, FleetE2E::revision));
    cluster().nodes().forEach(n -> n.release("RELEASE: two"));
    await(
        "all have it",
        () -> {
          count();
          return before.entrySet().stream()
                  .noneMatch(e -> revision(e.getKey()).equals(e.getValue()))
              && isOver();
        });

    assertThat(fewest).as("ready at once").isEqualTo(2);
    assertThat(Objects.requireNonNull(people).failures(from)).isEmpty();
    for (var node : cluster().nodes()) {
      assertThat(node.journal())
          .contains("leaves the load balancers", "this node has the turn", "passes the turn on");
    }
  }

  @Test
  @Order(2)
  void a_bad_change_runs_on_one_node_and_the_others_say_where_it_failed() {
    var from = Instant.now();
    var before = revisions();
    var tried = new HashSet<String>();
    cluster().nodes().forEach(n -> n.release("RELEASE: three, CRASH_AFTER: 100ms"));
    await(
        "two hold it back",
        () -> {
          count();
          for (var node : cluster().nodes()) {
            if (!before.contains(revision(node))) {
              tried.add(node.name());
            }
          }
          return isOver() && cluster().nodes().stream().filter(FleetE2E::holdsBack).count() == 2;
        });

    assertThat(tried).hasSize(1);
    assertThat(fewest).as("ready at once").isEqualTo(2);
    assertThat(revisions()).isEqualTo(before);
    assertThat(Objects.requireNonNull(people).failures(from)).isEmpty();
    var other =
        cluster().nodes().stream().filter(n -> !tried.contains(n.name())).findFirst().orElseThrow();
    var sync = other.agent("sync --timeout 30s");
    assertThat(sync.exit()).isEqualTo(1);
    assertThat(sync.out() + sync.err())
        .contains("is held back, as it failed on " + tried.iterator().next(), "gate", "--retry");
    assertThat(other.agent("status").out()).contains("group of 3");
  }

  private static boolean holdsBack(HaNode node) {
    return node.health().path("revision").path("rejected").asText().contains("as it failed on n");
  }
}
