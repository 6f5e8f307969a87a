package io.armory.agent.e2e;

import static io.armory.agent.e2e.SmallStack.lives;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.render.ComposePeer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// The real `docker compose` beside the agent, on the same stack, with the rendered file.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ComposeInterop {
  private Path root = Path.of("/dev/null");
  private final ComposePeer peer;
  private @Nullable Node started;

  ComposeInterop(ComposePeer peer) {
    this.peer = peer;
  }

  @BeforeAll
  void up(@TempDir Path own) {
    root = own;
    var node = SmallStack.forCompose(peer, root, "interop", "");
    started = node;
    SmallStack.parameters(node, SmallStack.subnet(), "dev");
    node.startAgent();
    node.awaitReady();
  }

  @AfterAll
  void down() {
    if (started != null) {
      started.close();
    }
  }

  @BeforeEach
  void ready() {
    node().awaitReady();
  }

  @Test
  void its_up_changes_nothing_and_neither_does_the_agent_after_it() throws Exception {
    var before = lives(node());

    var up = compose("up", "-d");

    assertThat(up.exit()).as(up.errors()).isZero();
    assertThat(up.errors()).doesNotContain("Recreate", "Started", "orphan");
    assertThat(lives(node())).isEqualTo(before);
    SmallStack.synced(node());
    assertThat(node().cli("plan").out()).contains("Nothing to do");
    assertThat(lives(node())).isEqualTo(before);
  }

  @Test
  void a_stack_it_brought_up_is_taken_over_as_it_is() throws Exception {
    node().stopAgent();
    var down = compose("down");
    assertThat(down.exit()).as(down.errors()).isZero();
    assertThat(lives(node())).isEmpty();
    var up = compose("up", "-d");
    assertThat(up.exit()).as(up.errors()).isZero();
    var theirs = lives(node());

    node().startAgent();
    node().awaitReady();
    SmallStack.synced(node());

    assertThat(node().cli("plan").out()).contains("Nothing to do");
    assertThat(lives(node())).isEqualTo(theirs);
    assertThat(policy("gate")).as("one restarter").isEqualTo("no");
  }

  @Test
  void its_ps_and_logs_know_the_stack() throws Exception {
    assertThat(compose("ps", "--services").output().lines())
        .containsExactlyInAnyOrderElementsOf(SmallStack.SERVICES);
    assertThat(compose("ps").output()).contains(node().container("gate"), "Up");
    assertThat(compose("logs", "gate").output()).contains("Started gate");
  }

  @Test
  void its_restart_restarts_and_the_agent_takes_it_for_no_fault_of_the_service() throws Exception {
    var ids = node().containers();
    var restart = compose("restart", "gate");
    assertThat(restart.exit()).as(restart.errors()).isZero();
    node().awaitReady();
    assertThat(node().containers()).isEqualTo(ids);
  }

  @Test
  void what_it_stops_is_started_again_and_the_cause_is_told() throws Exception {
    var ids = node().containers();
    var stop = compose("stop", "orca");
    assertThat(stop.exit()).as(stop.errors()).isZero();
    await().until(() -> SmallStack.running(node()).getOrDefault("orca", 0) == 1);
    node().awaitReady();
    assertThat(node().containers()).isEqualTo(ids);
    assertThat(node().cli("events", "--since", "1m").out())
        .containsPattern("start container " + node().container("orca") + ".*stopped by hand");
  }

  @Test
  void what_it_takes_down_is_made_again_and_the_cause_is_told() throws Exception {
    // Whether its `down` ends well while somebody brings the stack up again is not for us to say.
    compose("down");
    // Readiness outlasts so short an absence.
    await().until(() -> isUpAlone() && node().isReady());
    assertThat(node().containers().keySet())
        .containsExactlyInAnyOrderElementsOf(
            SmallStack.SERVICES.stream().map(node()::container).toList());
    assertThat(node().cli("events", "--since", "1m").out())
        .containsPattern("create container .*removed by hand");
  }

  private ComposePeer.Answer compose(String... arguments) throws IOException, InterruptedException {
    var all =
        new ArrayList<>(
            List.of(
                "-f", root.resolve("var/lib/armory-agent/rendered/docker-compose.yml").toString()));
    all.addAll(List.of(arguments));
    return peer.answer(root, Map.of(), all);
  }

  /// One container of each service runs.
  private boolean isUpAlone() {
    var running = SmallStack.running(node());
    return running.keySet().equals(Set.copyOf(SmallStack.SERVICES))
        && running.values().stream().allMatch(n -> n == 1);
  }

  private String policy(String service) {
    return EngineSocket.container(node().container(service))
        .path("HostConfig")
        .path("RestartPolicy")
        .path("Name")
        .asText();
  }

  private Node node() {
    var node = started;
    if (node == null) {
      throw new AssertionError("the node was not started");
    }
    return node;
  }
}
