package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// Three nodes that share a Redis and elect one poller, under constant requests, told in order:
/// what may happen to such a group happens to it, and never do two nodes poll.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HighAvailabilityE2E {
  private static final Duration MOVED = Duration.ofSeconds(30);

  /// Two checks 2 s apart, their time-outs, and the requests under way.
  private static final Duration CHECKS = Duration.ofSeconds(10);

  /// The agent has seen twice that Redis does not answer.
  private static final Duration NOTICED = Duration.ofSeconds(8);

  @TempDir static Path files;
  private static final PollerCount POLLERS = new PollerCount();
  private static @Nullable HaCluster started;
  private static @Nullable Traffic people;

  @BeforeAll
  static void boot() {
    var cluster = HaCluster.boot(files, 3, "2s");
    started = cluster;
    cluster.nodes().forEach(POLLERS::follow);
  }

  @AfterAll
  static void end() {
    POLLERS.close();
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

  private static Traffic traffic() {
    return Objects.requireNonNull(people);
  }

  @AfterEach
  void never_two() {
    POLLERS.assertNeverTwo();
  }

  /// Nobody is behind the load balancer, and the nodes know its name: none waits for another, nor
  /// for itself.
  @Test
  @Order(1)
  void a_whole_group_starts_from_nothing_behind_its_load_balancer_and_elects_one_poller() {
    await("nobody is behind the load balancer")
        .atMost(CHECKS)
        .until(() -> cluster().nodes().stream().noneMatch(cluster().balancer()::sends));
    cluster().nodes().parallelStream().forEach(HaNode::startAgent);
    cluster().awaitReady();
    cluster().nodes().forEach(cluster().balancer()::register);
    awaitPoller(Map.of());
    awaitBalanced();
    await("each internal port is well by its own service's answer")
        .atMost(CHECKS)
        .until(() -> cluster().nodes().stream().allMatch(cluster().balancer()::sendsInside));
    people = new Traffic(URI.create("http://" + HaCluster.BALANCER + ":18084/health"));
    var said = poller().agent("status").out();
    assertThat(said).contains(poller().name());
  }

  @Test
  @Order(2)
  void the_polling_of_a_node_whose_agent_is_killed_moves() {
    var from = Instant.now();
    var holder = poller();
    holder.signalAgent("KILL");
    awaitPoller(Map.of(holder.name(), "killed"));
    holder.startAgent();
    assertThat(traffic().failures(from)).isEmpty();
  }

  @Test
  @Order(3)
  void the_polling_of_a_node_whose_agent_is_paused_moves_and_stays_when_it_goes_on() {
    moves(n -> n.signalAgent("STOP"), n -> n.signalAgent("CONT"));
  }

  /// Its own services say that they are not well, and are left out for it: nobody else's are.
  @Test
  @Order(4)
  void the_polling_of_a_node_that_is_cut_off_from_redis_moves() {
    losesRedis();
  }

  private static void losesRedis() {
    var from = Instant.now();
    var holder = poller();
    holder.cutOffFromRedis();
    awaitPoller(Map.of(holder.name(), "cut off"));
    await("the load balancer leaves it out")
        .atMost(NOTICED.plus(CHECKS))
        .until(() -> !cluster().balancer().sends(holder));
    var out = Instant.now();
    assertThat(holder.health().path("ready").toString()).contains("the remote Redis");
    holder.joinRedis();
    holder.awaitReady();
    assertThat(traffic().failures(out)).isEmpty();
    assertThat(traffic().failures(from).size())
        .as("the share of the node that is cut off, until it was left out")
        .isLessThan((int) (NOTICED.plus(CHECKS).toSeconds() * 10 / 2));
    awaitBalanced();
  }

  @Test
  @Order(5)
  void the_polling_of_a_node_that_is_drained_moves_at_once_and_nobody_notices() {
    moves(
        n -> assertThat(n.agent("drain").exit()).isZero(),
        n -> assertThat(n.agent("start").exit()).isZero());
  }

  @Test
  @Order(6)
  void a_failover_of_the_redis_restarts_no_service_and_leaves_one_poller() {
    var before = lives();
    var from = Instant.now();
    var old = cluster().redis().primary();
    var next = cluster().redis().failOver();
    cluster().balancer().moveRedis(old, next);

    await("the agents see the new primary")
        .atMost(Duration.ofSeconds(30))
        .until(() -> cluster().nodes().stream().allMatch(HaNode::isReady));
    awaitPoller(Map.of());

    assertThat(lives()).as("no service was restarted").isEqualTo(before);
    assertThat(traffic().failures(from)).isEmpty();
    cluster().redis().repair();
  }

  @Test
  @Order(7)
  void nodes_are_lost_one_after_another_and_come_back() {
    var other =
        cluster().nodes().stream().filter(n -> !n.equals(poller())).findFirst().orElseThrow();
    loses(other);
    loses(poller());
  }

  private static void loses(HaNode node) {
    var from = Instant.now();
    node.lose();
    awaitPoller(Map.of(node.name(), "lost"));
    await("the load balancer leaves it out")
        .atMost(CHECKS)
        .until(() -> !cluster().balancer().sends(node));
    var out = Instant.now();
    node.bootAgain();
    node.awaitReady();
    awaitBalanced();
    assertThat(traffic().failures(out)).as("after it was left out").isEmpty();
    assertThat(traffic().failures(from))
        .as("the share of the lost node, until it was left out")
        .hasSizeLessThan((int) (CHECKS.toSeconds() * 10 / 2));
  }

  @Test
  @Order(8)
  void a_node_is_added_under_load() {
    var from = Instant.now();
    var node = cluster().add(4);
    POLLERS.follow(node);
    node.startAgent();
    node.awaitReady();
    awaitBalanced();
    assertThat(traffic().failures(from)).isEmpty();
    assertThat(traffic().sent()).isGreaterThan(500);
  }

  @Test
  @Order(9)
  @EnabledIfSystemProperty(
      named = "armory.long",
      matches = "true",
      disabledReason = "./dev test --long")
  void fifty_failovers_at_random_never_have_two_poll() {
    var seed = new Random().nextInt();
    var random = new Random(seed);
    for (var n = 0; n < 50; n++) {
      switch (random.nextInt(5)) {
        case 0 -> moves(i -> i.signalAgent("KILL"), HaNode::startAgent);
        case 1 -> moves(i -> i.signalAgent("STOP"), i -> i.signalAgent("CONT"));
        case 2 -> losesRedis();
        case 3 -> moves(i -> i.agent("drain"), i -> i.agent("start"));
        default -> {
          var old = cluster().redis().primary();
          cluster().balancer().moveRedis(old, cluster().redis().failOver());
          awaitPoller(Map.of());
          cluster().redis().repair();
        }
      }
      assertThat(POLLERS.twos()).as("seed %d, failover %d", seed, n).isEmpty();
    }
  }

  /// What befalls the poller's node makes another one poll within 30 s, with no request failed, and
  /// stays without a second poller when it is over.
  private static void moves(Consumer<HaNode> fault, Consumer<HaNode> mended) {
    var from = Instant.now();
    var holder = poller();
    fault.accept(holder);
    awaitPoller(Map.of(holder.name(), "out"));
    mended.accept(holder);
    holder.awaitReady();
    awaitBalanced();
    assertThat(POLLERS.poller()).isPresent();
    assertThat(traffic().failures(from)).isEmpty();
  }

  private static void awaitBalanced() {
    await("the load balancer sends to all nodes")
        .atMost(Duration.ofSeconds(60))
        .until(() -> cluster().nodes().stream().allMatch(cluster().balancer()::sends));
  }

  private static HaNode poller() {
    var name = POLLERS.poller().orElseThrow(() -> new AssertionError("nobody polls"));
    return cluster().nodes().stream().filter(n -> n.name().equals(name)).findFirst().orElseThrow();
  }

  /// @param not the nodes that do not count
  private static void awaitPoller(Map<String, String> not) {
    try {
      await("a poller that is not on " + not)
          .atMost(MOVED)
          .pollInterval(Duration.ofMillis(100))
          .until(() -> POLLERS.poller().filter(p -> !not.containsKey(p)).isPresent());
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new AssertionError(cluster().text(), e);
    }
  }

  private static Map<String, Map<String, String>> lives() {
    return cluster().nodes().stream().collect(Collectors.toMap(HaNode::name, HaNode::lives));
  }
}
