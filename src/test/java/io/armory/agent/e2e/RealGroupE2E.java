package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// A group of real Spinnaker behind a load balancer, told in order.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@EnabledIfSystemProperty(named = RealRun.PROPERTY, matches = ".+", disabledReason = RealRun.HOW)
class RealGroupE2E {
  private static final RealRun REAL = RealRun.found();

  /// All nodes at once, on the cores of one machine.
  private static final Duration BOOT = Duration.ofMinutes(45);

  @TempDir static Path files;
  private static @Nullable RealGroup started;
  private static boolean isUp;

  @BeforeAll
  static void prepare() {
    started = new RealGroup(files, REAL);
  }

  @AfterAll
  static void down() {
    if (started != null) {
      started.close();
    }
  }

  private static RealGroup group() {
    return Objects.requireNonNull(started);
  }

  @Test
  @Order(1)
  void a_group_comes_up_behind_a_load_balancer_from_zero_nodes() {
    REAL.part(
        "%d nodes behind haproxy, from zero".formatted(REAL.nodes()),
        Set.of(),
        () -> {
          var begun = Instant.now();
          await("haproxy has nobody to send to").until(() -> group().answer() == 503);
          group().nodes().forEach(n -> n.startAgent());
          group()
              .nodes()
              .forEach(n ->
                  await(n.project + " is ready").atMost(BOOT).ignoreExceptions().until(n::isReady));
          await("haproxy sends").atMost(Duration.ofMinutes(1)).until(() -> group().answer() == 200);
          isUp = true;
          return "all READY after %d s".formatted(secondsSince(begun));
        });
  }

  @Test
  @Order(2)
  void a_pipeline_runs_through_the_load_balancer() {
    REAL.part(
        "a pipeline through the load balancer",
        Set.of("gate", "orca", "front50"),
        isUp,
        () -> {
          var execution =
              group().gate().start("in-the-group", "\"type\": \"wait\", \"waitTime\": 5");
          await("the pipeline ends")
              .atMost(Duration.ofMinutes(5))
              .until(() -> group().gate().status(execution).equals("SUCCEEDED"));
          return "SUCCEEDED";
        });
  }

  @Test
  @Order(3)
  void the_pollers_move_to_another_node_when_their_node_is_lost() {
    REAL.part(
        "pollers' failover",
        Set.of("igor", "echo"),
        isUp,
        () -> {
          var first = group().awaitPoller(Duration.ofMinutes(10), List.of());
          assertThat(group().running("igor-poller")).containsExactly(first);
          var begun = Instant.now();
          first.killAgent();
          await("the pollers end by themselves")
              .atMost(Duration.ofSeconds(30))
              .until(() ->
                  SmallStack.running(first).getOrDefault("igor-poller", 0) == 0
                      && SmallStack.running(first).getOrDefault("echo-scheduler", 0) == 0);
          var ended = secondsSince(begun);
          var second = group().awaitPoller(Duration.ofMinutes(10), List.of(first));
          var polls = secondsSince(begun);
          assertThat(group().running("igor-poller")).containsExactly(second);
          return "ended after %d s, another node polls after %d s".formatted(ended, polls);
        });
  }

  private static long secondsSince(Instant begun) {
    return Duration.between(begun, Instant.now()).toSeconds();
  }
}
