package io.armory.agent.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.armory.agent.rig.MotoServer;
import io.armory.agent.rig.Relay;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A path with 10,000 parameters, in the heap that the launcher gives the agent: read, looked at
/// again, and remembered over a restart without AWS. What it costs is told by `./dev bench
/// parameters`.
class ManyParametersE2E {
  private static final int MANY = 10_000;
  private static final Pattern NAME = Pattern.compile("\"P0[0-9]{4}\"");

  @TempDir static Path root;

  @Test
  void ten_thousand_parameters_are_read_and_kept_by_an_agent_of_the_usual_size() {
    try (var aws = new MotoServer(MANY, "/armory/spinnaker/default");
        var services = new Relay(aws.endpoint());
        var node = node(services)) {
      node.startAgent();
      node.awaitReady();
      awaitStale(node, false);
      var before = node.containers();
      var values = aws.calls("ssm:GetParametersByPath");

      var sync = node.cli("sync");
      assertThat(sync.exit()).as(sync.err() + node.logText()).isZero();
      assertThat(aws.calls("ssm:GetParametersByPath")).as("nothing changed").isEqualTo(values);
      assertThat(node.get("/health").json().path("identity").path("stack").path("value").asText())
          .isEqualTo("default");
      var json = node.cli("config", "--json").out();
      assertThat(json).doesNotContain("value 9990 ");
      assertThat(NAME.matcher(json).results().map(MatchResult::group).distinct()).hasSize(MANY);

      node.stopAgent();
      services.cut();
      node.startAgent();
      awaitStale(node, true);
      assertThat(node.cli("config", "--json").out()).contains("\"P09999\"");
      assertThat(node.containers()).isEqualTo(before);
      assertThat(node.isAlive()).isTrue();
    }
  }

  private static Node node(Relay services) {
    var node =
        Node.inAws(
            root,
            "e2e-many-" + ProcessHandle.current().pid(),
            Map.of(
                "AWS_EC2_METADATA_DISABLED", "true",
                "AWS_ACCESS_KEY_ID", "test",
                "AWS_SECRET_ACCESS_KEY", "test",
                "AWS_ENDPOINT_URL", services.endpoint().toString()));
    node.settings("aws: on\nidentity: {stack: default, role: edge, region: us-east-1}\n");
    node.write(
        "etc/armory-agent/env/default.env",
        "SPINNAKER_REGISTRY=armory-standin\nSPINNAKER_RELEASE=dev\nSTACK_SUBNET="
            + SmallStack.subnet()
            + "\n");
    node.write("etc/armory-agent/compose/roles/edge.yml", AwsFaultsE2E.role(node.deckPort));
    return node;
  }

  private static void awaitStale(Node node, boolean stale) {
    await("stale: " + stale)
        .atMost(Duration.ofMinutes(2))
        .ignoreExceptions()
        .until(() -> {
          var revision = node.get("/health").json().path("revision");
          return revision.path("state").asText().equals("current")
              && revision.path("stale").asBoolean() == stale
              && node.isReady();
        });
  }
}
