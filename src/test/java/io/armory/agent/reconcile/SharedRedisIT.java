package io.armory.agent.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.adapter.files.LeaseFile;
import io.armory.agent.adapter.redis.RedisClient;
import io.armory.agent.domain.Drain.Step;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.SampleService;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.report.ServiceReport;
import io.armory.agent.domain.report.SharedReport.PollerReport;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.port.FakeEngine;
import io.armory.agent.reconcile.election.LeaseTimes;
import io.armory.agent.reconcile.lifecycle.LifecyclePoller;
import io.armory.agent.reconcile.lifecycle.LifecycleSettings;
import io.armory.agent.reconcile.shared.ClusterPorts;
import io.armory.agent.rig.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Nodes on engines in memory that share a real Redis: what its outage does to them, and who of
/// them polls.
@Timeout(300)
class SharedRedisIT {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final String PASSWORD = "a-password-of-the-test";
  private static final List<String> SERVICES = List.of("deck", "orca", "gate", "igor-poller");
  private static final LeaseTimes TIMES = new LeaseTimes(Duration.ofSeconds(8));

  @TempDir Path directory;
  private final RedisServer redis = new RedisServer(PASSWORD);
  private final List<Node> nodes = new ArrayList<>();

  /// One node, with a group and a clock of its own.
  private final class Node {
    final String name = "i-" + nodes.size();
    final FakeLifecycle group = new FakeLifecycle();
    final TurnedClock clock = new TurnedClock(InstantSource.system());
    final Rig rig =
        Rig.inRealTime(
            LONG,
            name,
            Optional.of(
                new ClusterPorts(
                    new RedisClient(),
                    new LeaseFile(directory.resolve(name)),
                    Optional.of(TIMES),
                    Optional.empty())));
    final LifecyclePoller watch =
        new LifecyclePoller(
            rig.loop,
            rig.parts,
            rig.drainer,
            group,
            new LifecycleSettings(
                Duration.ofMillis(50), LONG, true, true, Duration.ZERO, () -> Instant.EPOCH));

    Node() {
      this(
          List.of(
              TestStacks.service("deck", "1", List.of()),
              TestStacks.service("orca", "1", List.of()),
              TestStacks.service("gate", "1", List.of("orca")),
              elected(TestStacks.service("igor-poller", "1", List.of()))));
    }

    Node(List<Service> services) {
      nodes.add(this);
      rig.clock = clock;
      SERVICES.forEach(s -> rig.engine.image("image/" + s + ":1"));
      rig.give(revision(services));
      rig.loop.start();
      rig.drainer.start();
      watch.start();
    }

    boolean isReady() {
      return rig.isReady();
    }

    boolean polls() {
      return rig.engine.containers().stream()
          .anyMatch(c -> c.service().equals("igor-poller") && c.running());
    }

    PollerReport poller() {
      return rig.report().shared().poller().orElseThrow();
    }

    /// Stops, starts and restarts so far.
    List<String> turns() {
      return rig.engine.actions().stream()
          .filter(a ->
              a instanceof Action.StartContainer
                  || a instanceof Action.StopContainer
                  || a instanceof Action.RestartContainer)
          .filter(a -> !a.subject().equals("igor-poller"))
          .map(a -> a.getClass().getSimpleName() + " " + a.subject())
          .toList();
    }

    void turn(Duration by) {
      clock.turn(by);
      var seen = clock.instant();
      await().until(() -> !rig.report().at().isBefore(seen));
    }
  }

  @AfterEach
  void down() {
    nodes.forEach(n -> {
      n.watch.close();
      n.rig.close();
    });
    redis.close();
  }

  @Test
  void a_short_outage_makes_not_ready_restarts_nothing_and_ends_by_itself() {
    var node = steady(new Node());
    var before = node.turns();
    node.rig.sick.addAll(List.of("orca", "gate"));
    redis.kill();
    await().until(() -> !node.isReady());
    node.turn(Duration.ofSeconds(50));
    assertThat(node.rig.report().ready().reason())
        .contains("the remote Redis, which all nodes share, is out")
        .contains("refuses the connection");
    assertThat(node.rig.service("orca").orElseThrow().doing())
        .contains("not restarted, the remote Redis is not available");

    redis.startAnew();
    node.rig.sick.clear();

    await().until(node::isReady);
    assertThat(node.turns()).isEqualTo(before);
    assertThat(node.rig.events).anyMatch(e -> e.what().startsWith("the remote Redis is back"));
  }

  @Test
  void services_that_say_they_are_well_make_no_node_ready_whose_redis_hangs() {
    var node = steady(new Node());
    var paused = node.clock.instant();
    redis.pause();
    await().until(() -> !node.isReady());
    assertThat(node.rig.report().ready().since())
        .as("two checks of a load balancer")
        .isBefore(paused.plusSeconds(10));
    assertThat(node.rig.report().services())
        .filteredOn(s -> !s.name().equals("igor-poller"))
        .allMatch(ServiceReport::isUp);
    assertThat(node.rig.report().ready().reason()).contains("does not answer within 2 s");

    redis.goOn();

    await().until(node::isReady);
  }

  @Test
  void nothing_that_needs_the_redis_is_started_before_it_answers() {
    redis.kill();
    var node = new Node();
    await().until(() -> node.rig.service("deck").filter(ServiceReport::isUp).isPresent());
    assertThat(node.turns()).containsExactly("StartContainer deck");
    assertThat(node.rig.service("orca").orElseThrow().doing())
        .startsWith("waits for the remote Redis: ");

    redis.startAnew();

    steady(node);
    assertThat(node.turns())
        .containsExactly("StartContainer deck", "StartContainer orca", "StartContainer gate");
  }

  @Test
  void an_hour_of_outage_on_three_nodes_costs_none_of_them_and_a_broken_engine_costs_its_own() {
    var three = Stream.generate(Node::new).limit(3).toList();
    three.forEach(this::steady);
    redis.kill();
    three.forEach(n -> n.rig.sick.addAll(List.of("orca", "gate")));
    await().until(() -> three.stream().noneMatch(Node::isReady));
    for (var minute = 0; minute < 60; minute += 10) {
      three.forEach(n -> n.turn(Duration.ofMinutes(10)));
    }
    var broken = three.getFirst();
    broken.rig.engine.unavailable("no answer");
    await().until(() -> broken.rig.report().phase() == Phase.BLIND);
    broken.turn(Duration.ofMinutes(20));
    assertThat(broken.rig.report().replace().reason())
        .contains("not this node's fault alone: the remote Redis is out");
    await().during(Duration.ofMillis(300)).until(() -> reported().isEmpty());

    // On the broken one services are down that its engine cannot start again.
    redis.startAnew();
    three.stream().filter(n -> n != broken).forEach(n -> n.rig.sick.clear());

    await().until(() -> reported().equals(Set.of(broken.name)));
    await().until(() -> three.stream().filter(n -> n != broken).allMatch(Node::isReady));
    await().during(Duration.ofMillis(300)).until(() -> reported().equals(Set.of(broken.name)));
  }

  @Test
  void a_drained_node_stops_its_poller_first_and_another_polls_until_it_drains_too() {
    // As after a poller that gave its lease back: it may be taken at once.
    var key = "armory-agent:{standalone}:poller:";
    redis.command("MSET", key + "token", "1", key + "released", "1");
    var one = steady(new Node());
    await().until(one::polls);
    var two = steady(new Node());
    await().until(() -> two.poller().holder().equals(one.name));
    assertThat(two.polls()).isFalse();
    assertThat(two.rig.service("igor-poller").orElseThrow().reason()).contains("i-0 was elected");
    one.rig.workload.tasks.set(1);
    var before = one.turns();

    var drain = one.rig.desk.drain(LONG, "ann", l -> {});

    await().atMost(30, TimeUnit.SECONDS).until(two::polls);
    assertThat(one.polls()).isFalse();
    assertThat(step(one)).contains(Step.WAITING);
    assertThat(one.turns()).as("the rest runs on while it works").isEqualTo(before);
    one.rig.workload.tasks.set(0);
    assertThat(drain.join()).isInstanceOf(Outcome.Done.class);
    assertThat(one.poller().here()).isFalse();

    assertThat(one.rig.desk.start("", "bob").join()).isInstanceOf(Outcome.Done.class);
    await().until(one::isReady);
    assertThat(one.polls()).as("the one that polls goes on").isFalse();
    assertThat(two.polls()).isTrue();

    assertThat(two.rig.desk.drain(LONG, "ann", l -> {}).join()).isInstanceOf(Outcome.Done.class);
    await().atMost(30, TimeUnit.SECONDS).until(one::polls);
    assertThat(two.polls()).isFalse();
    assertThat(one.poller().token()).isGreaterThanOrEqualTo(3);
  }

  @Test
  void a_node_whose_poller_ends_whenever_it_is_started_lets_another_one_poll() {
    var key = "armory-agent:{standalone}:poller:";
    redis.command("MSET", key + "token", "1", key + "released", "1");
    var one = new Node();
    one.rig.engine.script("igor-poller", FakeEngine.Behaviour.exits(1));
    await().until(() -> one.poller().here());
    var two = steady(new Node());

    await().atMost(60, TimeUnit.SECONDS).until(two::polls);

    assertThat(one.poller().here()).isFalse();
    assertThat(one.isReady()).as("it is not needed for that").isTrue();
    assertThat(one.rig.service("igor-poller").orElseThrow().reason()).contains("i-1 was elected");
  }

  @Test
  void a_node_without_elected_services_says_nothing_of_a_poller() {
    var node = new Node(List.of(TestStacks.service("orca", "1", List.of())));

    steady(node);

    assertThat(node.rig.report().shared().redis()).isPresent();
    assertThat(node.rig.report().shared().poller()).isEmpty();
  }

  private Node steady(Node node) {
    await().untilAsserted(() -> assertThat(words(node)).startsWith("STEADY true"));
    return node;
  }

  private static String words(Node node) {
    var report = node.rig.report();
    var services =
        report.services().stream()
            .map(s -> s.name() + " " + s.state() + ": " + s.reason() + "; " + s.doing())
            .toList();
    return "%s %s, %s %s %s"
        .formatted(
            report.phase(),
            report.ready().holds(),
            report.ready().reason(),
            services,
            report.problems());
  }

  private Set<String> reported() {
    var names = new LinkedHashSet<String>();
    nodes.stream().filter(n -> n.group.told.contains("unhealthy")).forEach(n -> names.add(n.name));
    return names;
  }

  private static Optional<Step> step(Node node) {
    return node.rig.report().lifecycle().drain().map(d -> d.step());
  }

  private Revision revision(List<Service> services) {
    var made = TestStacks.revision("r1", services.toArray(Service[]::new));
    return new Revision(
        made.id(),
        made.role(),
        made.stack(),
        made.files(),
        made.composeYaml(),
        made.resolvedEnv(),
        made.warnings(),
        Optional.of(
            new RemoteRedis(
                "127.0.0.1",
                redis.port(),
                false,
                "",
                new Secret(PASSWORD),
                Optional.empty(),
                Set.of("orca", "gate", "igor-poller"),
                false)),
        Map.of());
  }

  private static Service elected(Service s) {
    return SampleService.like(s).elected().build();
  }
}
