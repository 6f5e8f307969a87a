package io.armory.agent.adapter.docker.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PathsTest {
  @Test
  void a_name_is_one_name_whatever_it_contains() {
    assertThat(Paths.container("a/../b?c=d e", "/json"))
        .isEqualTo("/containers/a%2F..%2Fb%3Fc%3Dd%20e/json");
    assertThat(Paths.image("r:5000/a/b:x@sha256:00", "/json"))
        .isEqualTo("/images/r:5000/a/b:x@sha256:00/json");
    assertThat(Paths.image("a b\n?", "")).isEqualTo("/images/a%20b%0A%3F");
    assertThat(Paths.volume("a b")).isEqualTo("/volumes/a%20b");
  }
}
