package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.adapter.docker.FaultySocket;
import io.armory.agent.rig.ImdsStandIn;
import io.armory.agent.rig.MotoServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// A node of deck alone whose images are ECR's, while ECR throttles its logins or refuses them, and
/// whose network lies in its VPC. No engine can reach that registry here, so that the refusal is
/// given on the way to the engine.
@EnabledIfSystemProperty(
    named = "armory.long",
    matches = "true",
    disabledReason = "./dev test --long")
class EcrE2E {
  private static final String PREPROD = "/armory/spinnaker/preprod/";
  private static final String ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
  private static final String LOGIN = "ecr:GetAuthorizationToken";
  private static final String EXPIRED =
      "{\"message\":\"denied: Your authorization token has expired. Reauthenticate.\"}";
  private static final String VPC = "network/interfaces/macs/0e:49:61:0f:c3:11/";

  @TempDir static Path root;
  private static final ImdsStandIn IMDS = new ImdsStandIn();
  private static final MotoServer AWS = new MotoServer();
  private static @Nullable FaultySocket engine;
  private static @Nullable Node started;

  @BeforeAll
  static void up() {
    engine = FaultySocket.before(EngineSocket.PATH, root.resolve("engine.sock"));
    var node =
        Node.inAws(
            root,
            "e2e-ecr-" + ProcessHandle.current().pid(),
            Map.of(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT", IMDS.endpoint().toString(),
                "AWS_ENDPOINT_URL", AWS.endpoint().toString(),
                "AWS_CONFIG_FILE", root.resolve("none").toString(),
                "AWS_SHARED_CREDENTIALS_FILE", root.resolve("none").toString()));
    started = node;
    node.settings(
        """
        aws: on
        identity: {stack: preprod, role: edge, region: us-east-1}
        parameters: {poll_interval: 1s}
        rollout: {timeout: 10s, bake: 1s}
        docker: {socket: %s}
        """
            .formatted(root.resolve("engine.sock")));
    node.write("etc/armory-agent/compose/roles/edge.yml", AwsFaultsE2E.role(node.deckPort));
    IMDS.set(VPC + "vpc-ipv4-cidr-blocks", "10.192.0.0/10");
    AWS.put(
        Map.of(
            PREPROD + "env/SPINNAKER_REGISTRY", "armory-standin",
            PREPROD + "env/STACK_SUBNET", SmallStack.subnet(),
            PREPROD + "env/DECK_IMAGE", "armory-standin/deck:dev",
            PREPROD + "version", "dev"));
    node.startAgent();
    node.awaitReady();
    await().until(() -> node.get("/health").json().path("phase").asText().equals("steady"));
  }

  @AfterAll
  static void down() {
    if (started != null) {
      started.close();
    }
    if (engine != null) {
      engine.close();
    }
    IMDS.close();
    AWS.close();
  }

  private static Node node() {
    return Objects.requireNonNull(started, "the node was not started");
  }

  /// Something that is asked may be there, or the range was kept for the stack.
  @Test
  void a_range_of_the_vpc_is_warned_of_and_used() {
    // SmallStack's ranges are 10.216 to 10.239.
    var said = node().cli("validate");
    assertThat(said.exit()).as(said.err()).isZero();
    assertThat(said.out() + said.err())
        .contains(
            "overlaps 10.192.0.0/10, a range of this node's VPC, by IMDS vpc-ipv4-cidr-blocks",
            "is free");
  }

  @Test
  void an_ecr_that_throttles_logins_has_nothing_rejected_and_an_image_that_is_here_needs_none() {
    var image = ECR + "/throttled/deck:" + ProcessHandle.current().pid();
    var before = node().containers();
    AWS.fault(Set.of(LOGIN), "throttle", 100_000);
    try {
      AWS.put(Map.of(PREPROD + "env/DECK_IMAGE", image));
      var waited = node().cli("sync");
      assertThat(waited.exit()).as(waited.out()).isEqualTo(1);
      assertThat(waited.err()).contains("no credentials for " + ECR).contains("Rate exceeded");
      assertThat(revision().hasNonNull("rejected")).isFalse();
      assertThat(node().isReady()).isTrue();
      assertThat(node().containers()).isEqualTo(before);

      Shell.must("docker", "tag", "armory-standin/deck:next", image);
      awaitImage(image);
    } finally {
      AWS.noFaults();
      AWS.put(Map.of(PREPROD + "env/DECK_IMAGE", "armory-standin/deck:dev"));
      SmallStack.synced(node());
      Shell.run(List.of("docker", "rmi", image));
    }
  }

  @Test
  void a_refused_login_is_renewed_once_at_once_and_sync_retry_lifts_the_rejection() {
    var image = ECR + "/refused/deck:" + ProcessHandle.current().pid();
    var logins = AWS.calls(LOGIN);
    engine().fault("/images/create", FaultySocket.answer(500, EXPIRED));
    try {
      AWS.put(Map.of(PREPROD + "env/DECK_IMAGE", image));
      var rejected = node().cli("sync");
      assertThat(rejected.exit()).as(rejected.out()).isEqualTo(1);
      assertThat(rejected.err()).contains("was rolled back", "authorization token has expired");
      assertThat(AWS.calls(LOGIN))
          .as("a new one for each that was refused")
          .isGreaterThan(logins + 1);
      assertThat(node().isReady()).isTrue();
      engine().mend();
      Shell.must("docker", "tag", "armory-standin/deck:next", image);
      assertThat(node().cli("sync").exit()).as("it is rejected").isEqualTo(1);

      SmallStack.synced(node(), "--retry");

      awaitImage(image);
    } finally {
      engine().mend();
      AWS.put(Map.of(PREPROD + "env/DECK_IMAGE", "armory-standin/deck:dev"));
      SmallStack.synced(node());
      Shell.run(List.of("docker", "rmi", image));
    }
  }

  /// Readiness outlasts the change, and the report names what is wanted.
  private static void awaitImage(String image) {
    await().atMost(2, TimeUnit.MINUTES).until(() -> image().equals(image) && node().isReady());
  }

  private static String image() {
    return EngineSocket.container(node().container("deck")).path("Config").path("Image").asText();
  }

  private static JsonNode revision() {
    return node().get("/health").json().path("revision");
  }

  private static FaultySocket engine() {
    return Objects.requireNonNull(engine, "the socket was not opened");
  }
}
