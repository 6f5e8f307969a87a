package io.armory.agent.adapter.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.rig.ImdsStandIn;
import io.armory.agent.rig.MotoServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// A node whose only input is an IMDS endpoint and an SSM endpoint, by AWS's own variables: its
/// credentials are the instance profile's, its region is the instance's.
class EnvironmentIT {
  private static final String PASSWORD = "planted-secret-of-redis";

  @Test
  void two_endpoints_are_all_a_node_needs() throws Exception {
    try (var imds = new ImdsStandIn();
        var aws = new MotoServer()) {
      aws.cli(
          "ssm",
          "put-parameter",
          "--name",
          "/armory/spinnaker/preprod/role",
          "--value",
          "ha",
          "--type",
          "String");
      aws.putSecret("/armory/spinnaker/preprod/env/REDIS_PASSWORD", PASSWORD);

      var output =
          run(
              Map.of(
                  "AWS_EC2_METADATA_SERVICE_ENDPOINT", imds.endpoint().toString(),
                  "AWS_ENDPOINT_URL_SSM", aws.endpoint().toString()));

      assertThat(output)
          .contains("stack preprod")
          .contains("value=ha, origin=ssm /armory/spinnaker/preprod/role (version 1)")
          .contains("name=REDIS_PASSWORD")
          .contains("called ssm:GetParametersByPath true")
          .doesNotContain(PASSWORD)
          .doesNotContain("stand-in-secret-key")
          .doesNotContain("stand-in-session-token");
      assertThat(imds.requestsFor("iam/security-credentials/spinnaker-node")).isPositive();
      assertThat(imds.requests("without-token")).isZero();
      assertThat(IamPolicyTest.actions()).containsAll(called(output));
    }
  }

  private static Set<String> called(String output) {
    return output
        .lines()
        .filter(l -> l.startsWith("called "))
        .map(l -> l.substring("called ".length(), l.lastIndexOf(' ')))
        .collect(Collectors.toSet());
  }

  private static String run(Map<String, String> environment)
      throws IOException, InterruptedException {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var builder =
        new ProcessBuilder(
                java,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                EnvironmentProbe.class.getName())
            .redirectErrorStream(true);
    builder.environment().keySet().removeIf(k -> k.startsWith("AWS_"));
    builder.environment().putAll(environment);
    // No profile of whoever runs the tests.
    builder.environment().put("HOME", "/nonexistent");
    var process = builder.start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
