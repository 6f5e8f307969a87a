package io.armory.agent.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Check.Result;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostChecksTest {
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
