package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.rig.MotoServer;
import io.armory.agent.rig.Relay;
import io.armory.agent.rig.Sheet;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// As [FleetE2E], with services that boot in 12 s and all that may come in between: each bad
/// release, a node that freezes, a Redis that is away, EC2 that takes nodes and gives others, and
/// release after release (`-Dprove.fleet=N`).
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@EnabledIfSystemProperty(
    named = "armory.long",
    matches = "true",
    disabledReason = "./dev test --long")
class FleetLongE2E {
  private static final int RELEASES = Sheet.size("fleet", 100);

  @TempDir static Path files;
  private static final MotoServer AWS = new MotoServer();
  private static @Nullable Fleet started;
  private static @Nullable Relay aws;

  private static final String SETTINGS =
      """
      rollout: {bake: 50s, timeout: 40s}
      repair: {backoff_initial: 200ms}
      drain: {load_balancer: 5s, timeout: 1m}
      parameters: {poll_interval: 2s}
      """;

  @BeforeAll
  static void boot() {
    started = Fleet.boot(files, SETTINGS, "RELEASE: one, START_DELAY: 12s");
  }

  @AfterAll
  static void end() {
    if (started != null) {
      started.close();
    }
    if (aws != null) {
      aws.close();
    }
    AWS.close();
  }

  private static Fleet fleet() {
    return Objects.requireNonNull(started);
  }

  @Test
  @Order(1)
  void a_release_that_is_never_healthy() {
    fleet().triesOnOne("RELEASE: never, START_DELAY: 12s, DOWN: '1'");
  }

  @Test
  @Order(2)
  void a_release_that_crashes() {
    fleet().triesOnOne("RELEASE: crashes, CRASH_AFTER: 100ms");
  }

  @Test
  @Order(3)
  void a_release_that_is_healthy_for_20_s_and_then_dead() {
    fleet().triesOnOne("RELEASE: dies, START_DELAY: 12s, CRASH_AFTER: 32s");
  }

  /// Its own Docker Engine and agent stand still, and go on later in the middle of what they did.
  @Test
  @Order(4)
  void a_node_that_freezes_in_its_turn_holds_nobody_up_and_goes_on_later() {
    var mark = fleet().mark();
    fleet().release("RELEASE: frozen, START_DELAY: 12s");
    var frozen = fleet().awaitChanging();
    Shell.must("docker", "pause", frozen.id());
    var others = fleet().nodes().stream().filter(n -> !n.equals(frozen)).toList();
    fleet()
        .await(
            "another one has changed",
            () -> others.stream().anyMatch(n -> Fleet.said(n, mark).contains("passes the turn")));
    Shell.must("docker", "unpause", frozen.id());
    fleet().await("all have it", () -> fleet().haveChanged(mark));
    assertThat(fleet().failures(mark)).as("it was out of the load balancer").isEmpty();
  }

  /// Nobody can be sent to then: every service of the stack needs it.
  @Test
  @Order(5)
  void without_the_redis_no_rollout_begins_and_the_one_under_way_goes_on() {
    var mark = fleet().mark();
    fleet().release("RELEASE: cut, START_DELAY: 12s");
    var changes = fleet().awaitChanging();
    var others = fleet().nodes().stream().filter(n -> !n.equals(changes)).toList();
    fleet().nodes().forEach(HaNode::cutOffFromRedis);
    fleet()
        .await(
            "the others say why they do not begin",
            () ->
                others.stream()
                    .allMatch(n -> Fleet.whyNot(n).contains("the group cannot be asked")));
    fleet()
        .await(
            "it has been away for longer than a rollout may take",
            () -> mark.at().plusSeconds(75).isBefore(Instant.now()));
    assertThat(others).allMatch(n -> Fleet.revision(n).equals(mark.revisions().get(n)));
    assertThat(Fleet.revision(changes)).isNotEqualTo(mark.revisions().get(changes));
    fleet().nodes().forEach(HaNode::joinRedis);
    fleet().await("all have it", () -> fleet().haveChanged(mark));
    fleet().awaitBalanced();
  }

  @Test
  @Order(6)
  void sync_now_beside_the_polls_goes_without_its_turn_and_takes_nobody_else_along() {
    var mark = fleet().mark();
    fleet().release("RELEASE: hurried, START_DELAY: 12s");
    var changes = fleet().awaitChanging();
    var other = fleet().nodes().stream().filter(n -> !n.equals(changes)).findFirst().orElseThrow();
    var now = other.agent("sync --now --timeout 5m");
    assertThat(now.exit()).as(now.text()).isZero();
    fleet().await("all have it", () -> fleet().haveChanged(mark));
    assertThat(fleet().fewest()).as("ready at once").isEqualTo(1);
    assertThat(Fleet.said(other, mark)).contains("asked for by");
    assertThat(fleet().failures(mark)).isEmpty();
  }

  /// From here on the nodes hear EC2.
  private static Relay heardEc2() throws UnknownHostException {
    var heard = aws;
    if (heard != null) {
      return heard;
    }
    var relay = new Relay(InetAddress.getByName(HaCluster.BALANCER), AWS.endpoint());
    aws = relay;
    fleet().nodes().forEach(n -> n.hearsEc2(relay.endpoint()));
    fleet().settings(SETTINGS);
    return relay;
  }

  @Test
  @Order(7)
  void nodes_with_the_same_hour_in_ec2s_calendar_leave_one_at_a_time_and_the_last_serves_on()
      throws UnknownHostException {
    var _ = heardEc2();
    var mark = fleet().mark();
    var begins = Instant.now().plus(Duration.ofMinutes(4));
    fleet().nodes().forEach(n -> n.ec2Says("events/maintenance/scheduled", reboot(begins)));
    fleet()
        .await(
            "two have left", () -> fleet().nodes().stream().filter(n -> !n.isReady()).count() == 2);
    var at =
        fleet().nodes().stream()
            .map(FleetLongE2E::drainedSince)
            .filter(Objects::nonNull)
            .sorted()
            .toList();
    assertThat(at).hasSize(2);
    assertThat(Duration.between(at.getFirst(), at.getLast())).isGreaterThan(Duration.ofSeconds(5));
    fleet().nodes().forEach(n -> n.ec2Says("events/maintenance/scheduled", "[]"));
    fleet().await("all are back", fleet()::isQuiet);
    fleet().awaitBalanced();
    assertThat(fleet().failures(mark)).isEmpty();
  }

  private static @Nullable Instant drainedSince(HaNode node) {
    var since = node.health().path("lifecycle").path("drain").path("since").asText();
    return since.isEmpty() ? null : Instant.parse(since);
  }

  private static String reboot(Instant at) {
    return """
    [{"NotBefore": "%s", "Code": "system-reboot", "Description": "scheduled reboot", \
    "EventId": "instance-event-0ab", "State": "active"}]\
    """
        .formatted(
            DateTimeFormatter.ofPattern("d MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH)
                .withZone(ZoneOffset.UTC)
                .format(at));
  }

  /// As an Auto Scaling group does it: a node ends by its hook, and a fresh one joins.
  @Test
  @Order(8)
  void an_instance_refresh_beside_a_release_fails_no_request() throws UnknownHostException {
    var relay = heardEc2();
    var mark = fleet().mark();
    fleet().release("RELEASE: refreshed, START_DELAY: 12s");
    var changes = fleet().awaitChanging();
    var ends = fleet().nodes().stream().filter(n -> !n.equals(changes)).findFirst().orElseThrow();
    ends.ec2Says("autoscaling/target-lifecycle-state", "Terminated");
    fleet()
        .await(
            "it is drained",
            () ->
                ends.health()
                    .path("lifecycle")
                    .path("drain")
                    .path("step")
                    .asText()
                    .equals("stopped"));
    fleet().cluster().remove(ends);
    var fresh = fleet().cluster().add(4);
    fresh.settings(SETTINGS);
    fresh.alike();
    fresh.release("RELEASE: refreshed, START_DELAY: 12s");
    fresh.hearsEc2(relay.endpoint());
    fresh.startAgent();
    fleet().await("all have it", () -> fleet().haveChanged(mark));
    fleet().awaitBalanced();
    assertThat(fleet().failures(mark)).isEmpty();
    assertThat(Fleet.said(ends, mark)).doesNotContain("changes to revision");
  }

  @Test
  @Order(9)
  void release_after_release() {
    fleet()
        .settings(
            """
            rollout: {bake: 3s, timeout: 1m}
            repair: {backoff_initial: 200ms}
            drain: {load_balancer: 3s}
            parameters: {poll_interval: 2s}
            """);
    var from = fleet().mark();
    for (var n = 1; n <= RELEASES; n++) {
      var mark = fleet().mark();
      fleet().release("RELEASE: 'n%d', START_DELAY: %ds".formatted(n, n == 1 ? 12 : 1));
      fleet().await("release " + n, () -> fleet().haveChanged(mark));
      assertThat(fleet().failures(from)).as("in release " + n).isEmpty();
      assertThat(fleet().fewest()).as("ready at once, in release " + n).isEqualTo(2);
    }
    var seed = System.nanoTime();
    Sheet.count("fleet", "releases in a row through three nodes", RELEASES, seed);
    Sheet.count("fleet", "requests through their load balancer, none failed", fleet().sent(), seed);
  }
}
