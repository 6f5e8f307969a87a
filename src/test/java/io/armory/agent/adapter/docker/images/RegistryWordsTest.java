package io.armory.agent.adapter.docker.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Sentences of Docker 20.10 and 26.1 and of Podman.
class RegistryWordsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Get \"https://r:5000/v2/\": dial tcp 10.0.0.1:5000: connect: connection refused",
        "Get \"https://r/v2/\": dial tcp: lookup r on 10.0.0.2:53: no such host",
        "Get \"https://r/v2/\": net/http: request canceled while waiting for connection"
            + " (Client.Timeout exceeded while awaiting headers)",
        "Get \"https://r/v2/\": net/http: TLS handshake timeout",
        "error pulling image configuration: unexpected EOF",
        "received unexpected HTTP status: 503 Service Unavailable",
        "toomanyrequests: You have reached your pull rate limit.",
        "initializing source docker://r/x:1: pinging container registry r: Get \"https://r/v2/\":"
            + " dial tcp 10.0.0.1:443: connect: no route to host",
      })
  void an_outage_says_nothing_about_the_image(String words) {
    assertThat(RegistryWords.kind(words)).isEqualTo(Failure.Kind.TRANSIENT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "manifest for r/x:1 not found: manifest unknown: manifest unknown",
        "pull access denied for x, repository does not exist or may require 'docker login'",
        "Head \"https://r/v2/x/manifests/1\": no basic auth credentials",
        "unauthorized: authentication required",
        "no matching manifest for linux/arm64 in the manifest list entries",
        "invalid reference format",
      })
  void a_refusal_is_about_the_image(String words) {
    assertThat(RegistryWords.kind(words)).isEqualTo(Failure.Kind.IMAGE_UNAVAILABLE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Get \"https://r/v2/\": x509: certificate signed by unknown authority",
        "Get \"https://r/v2/\": http: server gave HTTP response to HTTPS client",
        "failed to register layer: write /usr/lib/x: input/output error",
        "ThrottlingException: Rate exceeded",
        "something that nobody has seen before",
        "",
      })
  void what_is_the_way_to_it_or_not_understood_says_nothing_about_it_either(String words) {
    assertThat(RegistryWords.kind(words)).isEqualTo(Failure.Kind.TRANSIENT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Head \"https://r/v2/x/manifests/1\": no basic auth credentials",
        "unauthorized: authentication required",
        "denied: Your authorization token has expired. Reauthenticate and try again.",
        "denied: User: arn:aws:sts::1:assumed-role/x is not authorized",
        "unexpected status from HEAD request to https://r/v2/x/manifests/1: 403 Forbidden",
        "pull access denied for x, repository does not exist or may require 'docker login'",
      })
  void a_refused_login_is_renewed_once(String words) {
    assertThat(RegistryWords.isRefusal(words)).isTrue();
  }
}
