package io.armory.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.config.ConfigFile;
import io.armory.agent.config.Environment;
import io.armory.agent.config.Paths;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.SampleStack;
import io.armory.agent.domain.report.Check;
import io.armory.agent.domain.report.Check.Result;
import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Observation.Observed;
import io.armory.agent.domain.stack.Revision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostChecksTest {
  private static final Instant NOW = Instant.parse("2026-08-01T12:00:00Z");
  private static final Observation SEEN =
      new Observed(
          NOW,
          new Observation.Engine("Docker", "27", "1.47"),
          List.of(),
          List.of(),
          List.of(),
          Map.of(),
          List.of());
  private static final Observation SILENT =
      new Observation.Unavailable(
          NOW,
          new Failure(Failure.Kind.TIMEOUT, "the engine does not answer", Failure.Blame.ENGINE));

  @TempDir Path root;

  @Test
  void a_node_without_a_stack_is_told_that_nothing_could_be_looked_at_yet() {
    var checks = checks(Optional.empty(), SEEN).all(true);
    assertThat(checks)
        .filteredOn(c -> !c.subject().equals("firewall"))
        .hasSize(3)
        .allMatch(c -> c.result() == Result.ADVICE)
        .allMatch(c -> c.words().contains("no stack to be run yet"))
        .allMatch(c -> c.todo().contains("mend what is wrong with its sources"));
  }

  @Test
  void what_does_not_depend_on_the_stack_is_looked_at_all_the_same() {
    var port = "19437";
    write("http: {port: " + port + "}");
    assertThat(checks(Optional.empty(), SEEN).ports(false))
        .singleElement()
        .matches(c -> c.words().startsWith("free: " + port + " (the health port)"))
        .matches(c -> c.words().contains("the stack's are not looked at"));
  }

  @Test
  void an_engine_that_does_not_answer_is_the_reason_why_ports_and_registries_are_not_told() {
    var checks = checks(Optional.of(revision()), SILENT).all(true);
    assertThat(checks)
        .filteredOn(c -> !c.subject().equals("firewall"))
        .extracting(Check::subject)
        .containsExactly("ports", "redis", "dns");
    assertThat(checks)
        .filteredOn(c -> c.result() == Result.ADVICE)
        .allMatch(c -> c.words().contains("the engine does not say what runs"));
  }

  @Test
  void a_stack_that_the_engine_shows_is_looked_at() {
    assertThat(checks(Optional.of(revision()), SEEN).names())
        .singleElement()
        .matches(c -> !c.words().contains("not looked at"));
  }

  private static Revision revision() {
    var stack = SampleStack.of("spinnaker").service("redis", "localhost/redis:7", s -> {}).build();
    return new Revision(
        "r1", "standalone", stack, List.of(), "", "", List.of(), Optional.empty(), Map.of());
  }

  private HostChecks checks(Optional<Revision> revision, Observation observation) {
    var read = ConfigFile.read(new Paths(root), new Environment(Map.of()));
    assertThat(read).isInstanceOf(ConfigFile.Reading.Valid.class);
    var config = ((ConfigFile.Reading.Valid) read).config();
    return new HostChecks(config, revision, observation, Parameters.NONE);
  }

  private void write(String yaml) {
    try {
      Files.createDirectories(root.resolve("etc/armory-agent"));
      Files.writeString(root.resolve("etc/armory-agent/agent.yaml"), yaml + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "redis:7, registry-1.docker.io",
    "armory/gate:1, registry-1.docker.io",
    "ghcr.io/spinnaker/gate:1, ghcr.io",
    "localhost/gate, localhost",
    "127.0.0.1:5000/gate@sha256:00, 127.0.0.1",
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/gate, 123456789012.dkr.ecr.eu-west-1.amazonaws.com"
  })
  void an_images_registry_is_what_looks_like_a_host_before_the_first_slash(
      String image, String registry) {
    assertThat(HostChecks.registry(image)).isEqualTo(registry);
  }

  @ParameterizedTest
  @CsvSource({
    "0, FINE, reaches IMDS",
    "28, ADVICE, get no token",
    "126, ADVICE, has no curl",
    "127, ADVICE, has no curl",
    "7, ADVICE, curl ended with 7"
  })
  void what_curl_says_in_a_container_tells_the_hop_limit(int exit, Result result, String words) {
    var check = HopLimit.judged("gate", exit);
    assertThat(check.result()).isEqualTo(result);
    assertThat(check.words()).contains(words);
  }
}
