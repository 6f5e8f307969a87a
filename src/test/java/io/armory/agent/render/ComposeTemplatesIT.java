package io.armory.agent.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.stack.ComposeGeneration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The shipped templates as the real `docker compose` sees them, without any agent.
class ComposeTemplatesIT {
  private static final Path TEMPLATES = Path.of("compose-templates").toAbsolutePath();
  private static final List<String> ALWAYS =
      List.of("front50", "clouddriver", "orca", "rosco", "echo", "igor", "gate", "deck");
  private static final Map<String, String> NODE =
      Map.of(
          "NODE_PRIVATE_IP", "10.0.0.5",
          "REDIS_HOST", "redis.internal",
          "ARMORYSPINNAKER_S3_BUCKET", "pipelines",
          "SPINNAKER_AWS_DEFAULT_REGION", "eu-central-1",
          "DEFAULT_DNS_NAME", "spinnaker.internal");

  static Stream<String> roles() throws IOException {
    return names(TEMPLATES.resolve("roles"));
  }

  static Stream<String> loggingProfiles() throws IOException {
    return names(TEMPLATES).filter(n -> n.startsWith("logging-"));
  }

  private static Stream<String> names(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(n -> n.endsWith(".yml"))
          .map(n -> n.substring(0, n.length() - ".yml".length()))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("roles")
  void docker_compose_accepts_every_role_and_runs_what_it_says(String role) throws Exception {
    var expected = new ArrayList<String>();
    switch (role) {
      case "standalone" -> {
        expected.addAll(ALWAYS);
        expected.addAll(List.of("redis", "postgres"));
      }
      case "ha", "ha-polling", "ha-nonpolling" -> expected.addAll(ALWAYS);
      default -> expected.add(role);
    }

    var answer =
        config(
            NODE,
            "roles/" + role + ".yml",
            "logging-json.yml",
            "--profile",
            "postgres",
            "config",
            "--services");

    assertThat(answer.exit()).as(answer.errors()).isZero();
    assertThat(answer.errors()).isEmpty();
    assertThat(answer.output().lines()).containsExactlyInAnyOrderElementsOf(expected);
  }

  @ParameterizedTest
  @MethodSource("loggingProfiles")
  void and_every_logging_profile_with_all_services(String profile) throws Exception {
    var answer = config(NODE, "roles/ha.yml", profile + ".yml", "--profile", "*", "config", "-q");

    assertThat(answer.exit()).as(answer.errors()).isZero();
    assertThat(answer.errors()).isEmpty();
  }

  @Test
  void a_role_that_lacks_a_parameter_is_refused_by_name() throws Exception {
    var answer = config(Map.of(), "roles/ha.yml", "logging-json.yml", "config", "-q");

    assertThat(answer.exit()).isNotZero();
    // Compose tells one of them, whichever it meets first.
    assertThat(answer.errors())
        .containsAnyOf(
            "REDIS_HOST is missing a value: this role keeps its state in a remote Redis",
            "ARMORYSPINNAKER_S3_BUCKET is missing a value: front50 keeps the pipelines in S3",
            "NODE_PRIVATE_IP is missing a value: the instance metadata did not give this node's"
                + " private address, write it as identity.private_ip in agent.yaml");
  }

  @ParameterizedTest
  @MethodSource("roles")
  void docker_compose_reads_what_was_rendered_as_the_same_services(
      String role, @TempDir Path directory) throws Exception {
    var revision = ShippedRolesTest.node(role).rendered();
    Files.writeString(directory.resolve("docker-compose.yml"), revision.composeYaml());

    var hashes =
        ComposePeer.run(
            directory, Map.of(), List.of("-f", "docker-compose.yml", "config", "--hash", "*"));

    assertThat(hashes.exit()).as(hashes.errors()).isZero();
    assertThat(hashes.output().lines())
        .containsExactlyInAnyOrderElementsOf(
            revision.stack().services().values().stream()
                .map(s -> s.name() + " " + s.configHashes().of(ComposeGeneration.V2_26, Map.of()))
                .toList());
  }

  private static ComposePeer.Answer config(
      Map<String, String> environment, String role, String logging, String... rest)
      throws Exception {
    var arguments = new ArrayList<String>();
    for (var file : List.of("spinnaker.yml", role, logging)) {
      arguments.addAll(List.of("-f", file));
    }
    arguments.addAll(List.of(rest));
    return ComposePeer.run(TEMPLATES, environment, arguments);
  }
}
