package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// A `STACK_SUBNET` that holds what the node has to reach. The node's own routes and resolvers are
/// those of a network namespace of the agent's own; the engine is the machine's.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SubnetE2E {
  /// Routes over a pair of devices, and a file of name servers.
  private static final String SURROUNDINGS =
      """
      set -e
      ip link set lo up
      ip link add need0 type veth peer name need1
      ip link set need1 up
      ip link set need0 up
      ip addr add 10.197.8.2/24 dev need0
      ip -6 addr add fd97:8::2/64 dev need0 nodad
      ip route add 10.198.0.0/16 via 10.197.8.1
      ip route add default via 10.197.8.1
      mount --bind "$0" /etc/resolv.conf
      exec "$@"
      """;

  @TempDir static Path root;
  private static @Nullable Node started;

  @BeforeAll
  static void start() {
    var node = Node.inAws(root, "e2e-subnet-" + ProcessHandle.current().pid(), Map.of());
    started = node;
    node.settings(
        "aws: off\nidentity: {stack: e2e, role: edge}\nparameters: {poll_interval: 1s}\n");
    node.write("etc/armory-agent/compose/roles/edge.yml", AwsFaultsE2E.role(node.deckPort));
    node.write("resolv.conf", "nameserver 10.199.0.2\n");
  }

  @AfterAll
  static void end() {
    if (started != null) {
      started.close();
    }
  }

  private static Node node() {
    var node = started;
    if (node == null) {
      throw new AssertionError("the node was not started");
    }
    return node;
  }

  private static void subnet(String range, String... more) {
    node()
        .write(
            "etc/armory-agent/env/default.env",
            "SPINNAKER_REGISTRY=armory-standin\nSPINNAKER_RELEASE=dev\nSTACK_SUBNET=%s\n%s\n"
                .formatted(range, String.join("\n", more)));
  }

  /// The agent's command where the surroundings are those of this test.
  private static List<String> there(String... arguments) {
    var command = new ArrayList<>(List.of("unshare", "--net", "--mount", "sh", "-c", SURROUNDINGS));
    command.add(root.resolve("resolv.conf").toString());
    command.addAll(Node.command(arguments));
    return command;
  }

  private static void refused(String range, String with) {
    for (var command : List.of("validate", "doctor")) {
      var said = Shell.run(there(command), node().environment());
      assertThat(said.exit()).as(said.out() + said.err()).isNotZero();
      assertThat((said.out() + said.err()).lines())
          .as(command)
          .filteredOn(l -> l.contains("overlaps"))
          .singleElement()
          .asString()
          .contains(range + " overlaps " + with, "parameter STACK_SUBNET (" + root, " to 1");
    }
  }

  @Test
  @Order(1)
  void what_the_node_reaches_is_refused_by_validate_and_doctor() {
    subnet("10.197.0.0/16");
    refused("10.197.0.0/16", "10.197.8.0/24, a route of this node, by need0");
    subnet("10.198.4.0/24");
    refused("10.198.4.0/24", "10.198.0.0/16, a route of this node, by need0");
    subnet("10.199.0.0/24");
    refused("10.199.0.0/24", "10.199.0.2, a name server of this node, by /etc/resolv.conf");
    subnet("169.254.169.0/24");
    refused("169.254.169.0/24", "169.254.169.254, EC2's metadata service");
    subnet("10.196.0.0/24", "REDIS_HOST=10.196.0.7");
    refused("10.196.0.0/24", "10.196.0.7, REDIS_HOST 10.196.0.7");
    // Wider, it might be another of the engine's networks that is named.
    subnet("172.17.0.0/16");
    refused("172.17.0.0/16", "172.17.0.0/16 of the engine's network bridge");
    subnet("10.196.0.0/24");
    assertThat(Shell.run(there("validate"), node().environment()).exit()).isZero();
  }

  @Test
  @Order(2)
  void the_agent_creates_nothing_for_it() {
    subnet("10.198.4.0/24");
    var agent = node().launch(root.resolve("refused.log"), there("run"));
    try {
      await()
          .atMost(60, TimeUnit.SECONDS)
          .pollInterval(Duration.ofMillis(500))
          .until(() ->
              node()
                  .cli("status")
                  .out()
                  .replaceAll("\\s+", " ")
                  .contains("10.198.4.0/24 overlaps"));
      assertThat(node().containers()).isEmpty();
      assertThat(networks()).isEmpty();
    } finally {
      agent.destroy();
    }
    await().atMost(30, TimeUnit.SECONDS).until(() -> !agent.isAlive());
  }

  @Test
  @Order(3)
  void a_stack_that_runs_is_never_refused_for_its_own_bridge() {
    subnet(SmallStack.subnet());
    node().startAgent();
    node().awaitReady();
    assertThat(node().cli("validate").exit()).isZero();
    assertThat(node().cli("sync").exit()).isZero();
    node().stopAgent();
    node().startAgent();
    node().awaitReady();
    assertThat(node().cli("sync").exit()).isZero();
  }

  @Test
  @Order(4)
  void a_running_stack_keeps_its_network_when_another_one_is_refused() {
    var before = node().containers();
    var network = networks();
    subnet("172.17.0.0/16");
    var sync = node().cli("sync");
    assertThat(sync.exit()).as(sync.out() + sync.err()).isNotZero();
    assertThat(sync.err()).contains("172.17.0.0/16 of the engine's network bridge");
    assertThat(node().containers()).isEqualTo(before);
    assertThat(networks()).isEqualTo(network);
    assertThat(node().isReady()).isTrue();
  }

  private static List<String> networks() {
    return Shell.must(
            "docker",
            "network",
            "ls",
            "-q",
            "--filter",
            "label=com.docker.compose.project=" + node().project)
        .lines();
  }
}
