package io.armory.agent.compose.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.compose.Loading;
import io.armory.agent.domain.stack.ProbeSpec;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbeMappingTest {
  private static String service(String extension) {
    return "services:\n  a:\n    image: i\n    x-armory: " + extension + "\n";
  }

  @Test
  void all_is_said() {
    String yaml =
        service(
            "{optional: true, probe: {http: {port: \"${PORT}\", path: /health}, interval: 5s,"
                + " timeout: 2s, start_period: 1m, failure_threshold: 4, success_threshold: 2}}");
    var loaded = Loading.loaded(Loading.load(Map.of(Loading.FILE, yaml), Map.of("PORT", "8083")));
    assertThat(Loading.service(loaded, "a").optional()).isTrue();
    assertThat(Loading.service(loaded, "a").probe())
        .contains(
            new ProbeSpec(
                new ProbeSpec.Http(8083, "/health"),
                Duration.ofSeconds(5),
                Duration.ofSeconds(2),
                Duration.ofMinutes(1),
                4,
                2));
  }

  @Test
  void a_postgres_is_asked_as_one() {
    assertThat(Loading.service(service("{probe: {postgres: {port: 5432}}}")).probe().orElseThrow())
        .satisfies(p -> assertThat(p.check()).isEqualTo(new ProbeSpec.Postgres(5432)));
  }

  @Test
  void timings_default_to_the_healthcheck_then_to_dockers() {
    String yaml =
        service("{probe: {redis: {port: 6379}}}")
            + "    healthcheck: {test: x, interval: 7s, retries: 9}\n";
    assertThat(Loading.service(yaml).probe())
        .contains(
            new ProbeSpec(
                new ProbeSpec.Redis(6379),
                Duration.ofSeconds(7),
                Duration.ofSeconds(30),
                Duration.ZERO,
                9,
                1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{probe: {tcp: {prot: 1}}}|services.a.x-armory.probe.tcp.prot: unknown key 'prot'; did you"
            + " mean 'port'?",
        "{prob: {}}|services.a.x-armory.prob: unknown key 'prob'; did you mean 'probe'?",
        "{probe: {interval: 5s}}|services.a.x-armory.probe: needs exactly one check",
        "{probe: {tcp: {port: 1}, redis: {port: 1}}}|services.a.x-armory.probe: needs exactly one",
        "{probe: {tcp: {port: 70000}}}|services.a.x-armory.probe.tcp.port: must be from 1 to 65535",
        "{probe: {tcp: {port: 1}, interval: 0s}}|services.a.x-armory.probe.interval: must be"
            + " positive",
        "{probe: {tcp: {port: 1}, timeout: 5}}|services.a.x-armory.probe.timeout: must be a string",
        "{optional: perhaps}|services.a.x-armory.optional: must be true or false",
        "true|services.a.x-armory: must be a mapping",
      })
  void what_is_wrong_is_said(String extension, String problem) {
    assertThat(Loading.problems(service(extension)))
        .anySatisfy(p -> assertThat(p).contains(problem));
  }
}
