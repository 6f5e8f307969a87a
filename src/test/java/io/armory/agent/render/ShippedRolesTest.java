package io.armory.agent.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.adapter.files.DiskFiles;
import io.armory.agent.adapter.files.DiskTemplates;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.TemplateFiles;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.reconcile.turn.ChangeDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What each shipped role renders to, beside `src/test/resources/render/ROLE/stack.txt`.
///
/// `mvn test -Dtest=ShippedRolesTest -Darmory.golden=write` writes them anew, for review.
class ShippedRolesTest {
  private static final Path GOLDEN = Path.of("src/test/resources/render");
  private static final TemplateFiles TEMPLATES = templates();

  static Stream<String> roles() {
    return new TreeSet<>(TEMPLATES.roles().keySet()).stream();
  }

  static Workbench node(String role) {
    var bench = new Workbench().shipped(TEMPLATES, new DiskFiles()).inRole(role);
    bench.memory(16L << 30).fact("private-ip", "10.0.0.5");
    return role.equals("standalone")
        ? bench
        : bench
            .set("REDIS_HOST", "redis.internal")
            .set("REDIS_TLS", "true")
            .secret("REDIS_PASSWORD", "hunter2")
            .set("ARMORYSPINNAKER_S3_BUCKET", "pipelines")
            .set("DEFAULT_DNS_NAME", "spinnaker.internal");
  }

  @ParameterizedTest
  @MethodSource("roles")
  void renders_as_reviewed(String role) throws IOException {
    var revision = node(role).rendered();

    var text = StackText.of(revision);
    var golden = GOLDEN.resolve(role).resolve("stack.txt");
    if ("write".equals(System.getProperty("armory.golden"))) {
      Files.createDirectories(Objects.requireNonNull(golden.getParent()));
      Files.writeString(golden, text);
    }
    assertThat(text).isEqualTo(Files.readString(golden));
    assertThat(text + revision.composeYaml() + revision.resolvedEnv()).doesNotContain("hunter2");
  }

  /// What a group recognises the same change by: another address, key and machine make no other.
  @ParameterizedTest
  @MethodSource("roles")
  void the_same_change_is_recognised_on_all_nodes_of_a_role(String role) {
    if (role.equals("standalone")) {
      // It shares nothing.
      return;
    }
    var one = digest(node(role).digestKey("one"), "10.0.0.5");
    assertThat(digest(node(role).digestKey("two"), "10.9.8.7")).isEqualTo(one);
    assertThat(digest(node(role).digestKey("two").set("SPINNAKER_RELEASE", "next"), "10.9.8.7"))
        .isNotEqualTo(one);
    if (node(role).rendered().redis().isPresent()) {
      var other = node(role).digestKey("two").secret("REDIS_PASSWORD", "other");
      assertThat(digest(other, "10.9.8.7")).isNotEqualTo(one);
    }
  }

  private static String digest(Workbench bench, String ip) {
    var fact = new NodeIdentity.Fact("preprod", "test");
    var facts = Map.of(NodeIdentity.PRIVATE_IP, new NodeIdentity.Fact(ip, "test"));
    var identity = new NodeIdentity(fact, Optional.of(fact), fact, facts, Map.of(), List.of());
    return ChangeDigest.of(bench.fact("private-ip", ip).rendered(), Optional.of(identity));
  }

  @ParameterizedTest
  @MethodSource("roles")
  void limits_fit_the_node_with_the_optional_services_too(String role) {
    for (var gib : new long[] {8, 16, 32, 64}) {
      var stack =
          node(role)
              .memory(gib << 30)
              .set("FIAT_ENABLED", "true")
              .set("KAYENTA_ENABLED", "true")
              .rendered()
              .stack();

      var sum =
          stack.services().values().stream()
              .mapToLong(s -> Objects.requireNonNull(s.container().resources().memory()))
              .sum();

      assertThat(sum).isLessThan(gib << 30);
    }
  }

  @ParameterizedTest
  @MethodSource("roles")
  void nothing_but_deck_and_gate_is_published_to_everybody(String role) {
    assertThat(node(role).rendered().stack().services().values())
        .filteredOn(
            s -> s.container().networking().ports().stream().anyMatch(p -> p.hostIp() == null))
        .extracting(Service::name)
        .isSubsetOf("deck", "gate");
  }

  @Test
  void a_node_that_is_too_small_is_warned_of() {
    assertThat(node("standalone").memory(4L << 30).rendered().warnings())
        .singleElement()
        .asString()
        .contains("this node has 4096 MiB of memory, and 10 services need at least 5248");
  }

  @Test
  void every_service_of_the_stack_is_in_every_logging_profile() {
    for (var profile : TEMPLATES.loggingProfiles().keySet()) {
      var services =
          node("ha")
              .set("LOGGING_PROFILE", profile)
              .set("SPINNAKER_AWS_DEFAULT_REGION", "eu-central-1")
              .set("COMPOSE_PROFILES", "fiat,kayenta,poller")
              .rendered()
              .stack()
              .services();

      assertThat(services).hasSize(12);
      assertThat(services.values())
          .extracting(s -> Objects.requireNonNull(s.container().logging()).driver())
          .containsOnly(
              switch (profile) {
                case "json" -> "json-file";
                default -> profile;
              });
    }
  }

  @Test
  void an_unknown_logging_profile_is_refused_with_the_known_ones() {
    assertThat(node("standalone").set("LOGGING_PROFILE", "splunk").problems())
        .containsExactly(
            "/env/default.env:1: LOGGING_PROFILE splunk is not known; use one of awslogs, journald,"
                + " json");
  }

  @Test
  void a_role_without_what_it_needs_says_what_that_is() {
    var bench = new Workbench().shipped(TEMPLATES, new DiskFiles()).inRole("ha");

    assertThat(bench.problems())
        .allMatch(p -> p.contains("ha.yml:"))
        .satisfiesExactly(
            p -> assertThat(p).contains("REDIS_HOST is not set: this role keeps"),
            p -> assertThat(p).contains("ARMORYSPINNAKER_S3_BUCKET is not set: front50 keeps"),
            p -> assertThat(p).contains("NODE_PRIVATE_IP is not set", "identity.private_ip"));
  }

  @Test
  void a_sub_service_finds_its_peers_one_by_one_without_a_load_balancer() {
    var bench =
        new Workbench()
            .shipped(TEMPLATES, new DiskFiles())
            .inRole("deck")
            .fact("private-ip", "10.0.0.5");

    assertThat(bench.problems())
        .singleElement()
        .satisfies(p -> assertThat(p).contains("DEFAULT_DNS_NAME", "GATE_BASE_URL and so on"));
    assertThat(bench.set("GATE_BASE_URL", "http://gate.internal").rendered().stack().services())
        .containsOnlyKeys("deck");
  }

  private static TemplateFiles templates() {
    var shipped = Path.of("compose-templates").toAbsolutePath();
    var nothing = Path.of("target/no-such-directory").toAbsolutePath();
    return switch (new DiskTemplates(shipped, nothing, nothing).read()) {
      case Outcome.Done<TemplateFiles>(var files) -> files;
      case Outcome.Failed<TemplateFiles>(var failure) ->
          throw new AssertionError(failure.message());
    };
  }
}
