package io.armory.agent.doctor;

import io.armory.agent.config.Environment;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.report.Check;
import io.armory.agent.domain.stack.Observation.Container;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.port.ContainerEngine;
import io.armory.agent.port.ContainerEngine.ExecRequest;
import io.armory.agent.port.ContainerEngine.ExecResult;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Whether containers on a bridge network get a token of IMDS: the answer's hop limit, 1 unless
/// told otherwise, ends it at the bridge. Only a container can tell, so one of the stack's is
/// asked.
record HopLimit(ContainerEngine engine, Observed observed, Environment environment) {
  private static final String USUAL = "http://169.254.169.254";

  /// As the engine and as a shell say it.
  private static final int CANNOT_RUN = 126;

  private static final int NO_SUCH_COMMAND = 127;

  /// curl(1), EXIT CODES.
  private static final int CURL_TIMED_OUT = 28;

  Check check() {
    var endpoint = environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT").orElse(USUAL);
    if (isLoopback(endpoint)) {
      return Check.fine("hop limit", "not looked at: IMDS is " + endpoint + ", of this node alone");
    }
    return observed.containers().stream()
        .filter(Container::running)
        .filter(c -> !c.networks().isEmpty() && !c.networks().containsKey("host"))
        .findFirst()
        .map(c -> ask(c, endpoint))
        .orElseGet(() ->
            Check.advice(
                "hop limit",
                "no container runs that could tell",
                "look again once the stack runs"));
  }

  private Check ask(Container container, String endpoint) {
    var command =
        List.of(
            "curl",
            "--silent",
            "--max-time",
            "3",
            "--output",
            "/dev/null",
            "--request",
            "PUT",
            "--header",
            "X-aws-ec2-metadata-token-ttl-seconds: 1",
            endpoint + "/latest/api/token");
    var request = new ExecRequest(command, null, false, null, Map.of(), Duration.ofSeconds(6));
    return switch (engine.exec(container.id(), request)) {
      case Outcome.Done<ExecResult>(var result) -> judged(container.service(), result.exitCode());
      case Outcome.Failed<ExecResult>(var failure) ->
          unknown(container.service(), failure.message());
    };
  }

  static Check judged(String service, int exit) {
    return switch (exit) {
      case 0 -> Check.fine("hop limit", service + "'s container reaches IMDS");
      case CURL_TIMED_OUT ->
          Check.advice(
              "hop limit",
              "containers get no token of IMDS, so no credentials of the instance profile",
              "if they need them: aws ec2 modify-instance-metadata-options"
                  + " --http-put-response-hop-limit 2");
      case CANNOT_RUN, NO_SUCH_COMMAND -> unknown(service, "it has no curl");
      default -> unknown(service, "curl ended with " + exit);
    };
  }

  private static Check unknown(String service, String why) {
    return Check.advice(
        "hop limit",
        "cannot be told from " + service + "'s container: " + why,
        "containers that need credentials of the instance profile need hop limit 2");
  }

  private static boolean isLoopback(String endpoint) {
    try {
      var host = URI.create(endpoint).getHost();
      return host != null && (host.startsWith("127.") || host.equals("localhost"));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
