package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.adapter.docker.LocalRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Releases come and go from a real registry, on a disk with room and on one that is called full.
class ImageRoomE2E {
  @TempDir Path root;
  @TempDir Path registryHome;
  private String repository = "";
  private final String stranger = "e2e-room-" + ProcessHandle.current().pid() + "/other:1";

  @AfterEach
  void removeImages() {
    for (var tag : List.of("r1", "r2", "r3", "shared", "mine")) {
      Shell.run(List.of("docker", "rmi", "-f", repository + ":" + tag));
    }
    Shell.run(List.of("docker", "rmi", "-f", stranger));
  }

  @Test
  void images_of_old_releases_go_only_when_the_disk_is_full() throws Exception {
    try (var registry = new LocalRegistry(registryHome, true)) {
      repository = registry.address() + "/room/deck";
      var login = registry.login().toString();
      for (var release : List.of("r1", "r2", "r3", "shared")) {
        build(release);
        Shell.must("docker", "--config", login, "push", "-q", repository + ":" + release);
      }
      build("mine");
      Shell.must("docker", "tag", repository + ":shared", stranger);
      Shell.must("docker", "rmi", repository + ":r1", repository + ":r2", repository + ":r3");
      try (var node = node(login)) {
        release(node, "r1", 100);
        node.startAgent();
        node.awaitReady();
        release(node, "r2", 100);
        synced(node);
        assertThat(here("r1")).as("there is room").isTrue();

        node.stopAgent();
        release(node, "r2", 1);
        node.startAgent();
        await().atMost(Duration.ofSeconds(40)).until(() -> !here("r1"));
        assertThat(here("r2")).as("in use").isTrue();
        assertThat(here("mine")).as("cannot be pulled again").isTrue();
        assertThat(here("shared")).as("somebody else has a name for it").isTrue();
        assertThat(node.cli("events").out())
            .contains("image " + repository + ":r1", "removed", "no revision needs it");

        release(node, "r3", 1);
        synced(node);
        await().atMost(Duration.ofSeconds(40)).until(() -> !here("r2"));
        assertThat(here("r3")).isTrue();
        assertThat(node.isReady()).isTrue();
      }
    }
  }

  private void build(String release) throws Exception {
    var context = Files.createDirectories(root.resolve("build-" + release));
    Files.writeString(
        context.resolve("Dockerfile"),
        "FROM armory-standin/deck:dev\nLABEL release=" + release + "-" + stranger + "\n");
    Shell.must("docker", "build", "-q", "-t", repository + ":" + release, context.toString());
  }

  private boolean here(String tag) {
    return Shell.run(List.of("docker", "image", "inspect", repository + ":" + tag)).exit() == 0;
  }

  private Node node(String login) {
    var node =
        Node.inAws(
            root, "e2e-room-" + ProcessHandle.current().pid(), Map.of("DOCKER_CONFIG", login));
    node.write("etc/armory-agent/compose/roles/edge.yml", AwsFaultsE2E.role(node.deckPort));
    return node;
  }

  private void release(Node node, String release, int full) {
    node.write(
        "etc/armory-agent/agent.yaml",
        """
        project: %s
        identity: {stack: e2e, role: edge}
        aws: off
        http: {address: 127.0.0.1, port: %d}
        health: {disk: %d}
        rollout: {bake: 1s}
        """
            .formatted(node.project, node.port, full));
    node.write(
        "etc/armory-agent/env/default.env",
        "SPINNAKER_REGISTRY=%s%nSPINNAKER_RELEASE=%s%nSTACK_SUBNET=10.206.41.0/24%n"
            .formatted(repository.substring(0, repository.lastIndexOf('/')), release));
  }

  private static void synced(Node node) {
    var sync = node.cli("sync");
    assertThat(sync.exit()).as(sync.err() + node.logText()).isZero();
  }
}
