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
        "manifest for r/timeout/throttle:1 not found: manifest unknown",
        "Head \"https://ghcr.io/v2/x/manifests/1\": denied",
        "denied: Permission denied for \"latest\" from request \"/v2/x/manifests/1\".",
        "denied: permission denied",
        "unexpected status from HEAD request to https://r/v2/x/manifests/1: 403 Forbidden",
        "failed to resolve reference \"r/x:1\": r/x:1: not found",
        "manifest for r/x:snapshot not found: manifest unknown: The image does not exist",
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
        "failed to extract layer sha256:1: mount callback failed on /var/lib/containerd/tmpmounts/1:"
            + " open /x: permission denied: unknown",
        "failed to prepare extraction snapshot \"extract-1\": parent snapshot sha256:1 does not"
            + " exist: not found",
        "failed to get reader from content store: content digest sha256:1: not found",
        "lease \"1\": not found",
        "snapshotter overlayfs was not found",
        "Get \"https://r/v2/\": Forbidden",
        "pinging container registry r: Get \"https://r/v2/\": Not Found",
        "Get \"https://r/v2/\": Proxy Authentication Required",
        "error getting credentials - err: exit status 1, out: credentials not found",
        "denied: Quota exceeded for quota metric 'Requests per project per region per minute'",
        "denied: Rate exceeded",
        "failed to fetch oauth token: unexpected status from GET request to"
            + " https://r/token?scope=x: 403 Forbidden: 429 Too Many Requests",
        "Get \"https://r/v2/forbidden/x/manifests/unauthorized-not-found\": nobody knows",
        "unexpected status from HEAD request to https://r/v2/x/manifests/unauthorized: 418",
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
