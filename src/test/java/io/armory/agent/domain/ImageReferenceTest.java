package io.armory.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis",
        "redis:7.4-alpine",
        "library/redis",
        "ghcr.io/spinnaker/gate:2026.2.3",
        "localhost:5000/a/b_c/d--e:T_1.x",
        "127.0.0.1:5000/gate@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/gate:x",
        "Registry.Example.com/gate",
        "[::1]:5000/gate",
      })
  void an_engine_may_be_asked_for_it(String reference) {
    assertThat(ImageReference.isValid(reference)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "Foo/Gate:x",
        "gate x",
        "armory-standin /gate:dev",
        "armory-standin\n/gate:dev",
        "gate:",
        "gate:a b",
        "gate\n",
        "/gate",
        "gate/",
        "a//b",
        "../../containers/json",
        "gate?x=1",
        "gate#x",
        "gate%2f",
        "gate@sha256:short",
        "https://r/gate",
        "gäte",
        "-gate",
        "gate:-x",
      })
  void none_is_asked_for_it(String reference) {
    assertThat(ImageReference.isValid(reference)).isFalse();
    assertThat(ImageReference.wrong(reference)).doesNotContain("\n").contains("correct `image`");
  }
}
